"""The five expectations; each asks the checkers that answer for `datacheck profile` and `datacheck check`."""

from typing import Any, ClassVar, Literal

from great_expectations.expectations.expectation import BatchExpectation
from great_expectations.validator.metric_configuration import MetricConfiguration

from ...errors import DatacheckError, InputError
from ...finding import Finding, Severity
from ...normalization.question import ContractQuestion
from ...report import Report, finding_json
from ..questions import QUESTIONS
from .metrics import ANSWERS, PROFILE
from .rendering import Rendered, observed

_RUNTIME = ("fail_on", "column")


class DatacheckExpectation(Rendered, BatchExpectation):
    """What the five have in common: a question, the label, and the severity from which they fail."""

    fail_on: Literal["error", "warning", "info"] = "error"
    label: str | None = None
    thresholds: dict[str, dict[str, Any]] | None = None

    question: ClassVar[str]
    success_keys: ClassVar[tuple[str, ...]] = ("fail_on", "label", "thresholds")

    @classmethod
    def is_abstract(cls) -> bool:
        """Whether the class asks nothing by itself; great_expectations registers those that do."""
        return not hasattr(cls, "question")

    def get_validation_dependencies(
        self, execution_engine: Any = None, runtime_configuration: Any = None
    ) -> Any:
        """The batch's profile and the answers; named by arguments, so that columns share them."""
        found = super().get_validation_dependencies(execution_engine, runtime_configuration)
        domain = {"batch_id": self.configuration.kwargs.get("batch_id")}
        kwargs = {key: getattr(self, key) for key in self.success_keys if key not in _RUNTIME}
        for name, value in ((PROFILE, {"label": self.label}), (ANSWERS, self._asked(kwargs))):
            found.set_metric_configuration(name, MetricConfiguration(name, domain, value))
        return found

    def _asked(self, kwargs: dict[str, Any]) -> dict[str, Any]:
        return {"question": self.question, "kwargs": kwargs}

    def _validate(
        self, metrics: dict[str, Any], runtime_configuration: Any = None, execution_engine: Any = None
    ) -> dict[str, Any]:
        report: Report = metrics[ANSWERS]
        column = getattr(self, "column", None)
        if column is not None and column not in metrics[PROFILE].train:
            raise InputError(f"the batch has no column {column!r}; expected the columns of the profile")
        found = [f for f in report.findings if column is None or column in f.columns]
        least = Severity(self.fail_on).rank
        open_question = _not_checked(report, self._decisive(report))
        met = open_question is None and all(finding.severity.rank < least for finding in found)
        shown = observed(found) if open_question is None or found else open_question
        return {"success": met, "result": {"observed_value": shown, "details": _details(report, found)}}

    def _decisive(self, report: Report) -> tuple[str, ...]:
        """The checkers of which one at least must have answered."""
        return QUESTIONS[self.question].checkers


def _not_checked(report: Report, decisive: tuple[str, ...]) -> str | None:
    """Why none of the decisive checkers answered, if so: what nobody checked has not passed."""
    if report.crashed:
        raise DatacheckError(f"{report.crashed[0].checker} crashed:\n{report.crashed[0].traceback}")
    answered = {one.checker for one in report.passed} | {one.checker for one in report.findings}
    if not answered.isdisjoint(decisive):
        return None
    reasons = [f"{one.checker}: {one.reason}" for one in report.not_checked if one.checker in decisive]
    return f"not checked: {'; '.join(reasons)}"


def _details(report: Report, found: list[Finding]) -> dict[str, Any]:
    shown = ("checker", "severity", "split", "columns", "message", "advice")
    return {
        "findings": [{key: finding_json(finding)[key] for key in shown} for finding in found],
        "not_checked": [
            {"checker": skipped.checker, "reason": skipped.reason} for skipped in report.not_checked
        ],
    }


class ExpectColumnStdToSurviveNormalization(DatacheckExpectation):
    """Expect the standard deviation of a column to be one that can be divided by.

    It is not where the values are constant in the training precision, infinite, of tails so heavy that the
    next batch has another one, or beyond what the precision holds. Without `column`, every feature is judged.
    """

    column: str | None = None
    precision: str = "float32"
    batch_size: int = 32

    question = "std_survives"
    success_keys = (*DatacheckExpectation.success_keys, "column", "precision", "batch_size")


class ExpectFeatureScalesToBeComparable(DatacheckExpectation):
    """Expect the spreads of all numeric features to lie within the orders of magnitude that training bears."""

    precision: str = "float32"

    question = "scales_comparable"
    success_keys = (*DatacheckExpectation.success_keys, "precision")


class ExpectLabelsToBeMixedAcrossBatches(DatacheckExpectation):
    """Expect batches in the order of the rows to hold the classes mixed, neither sorted nor one at a time.

    With `shuffled`, the loader shuffles, and the order is told as information only.
    """

    batch_size: int = 32
    shuffled: bool | None = None

    question = "labels_mixed"
    success_keys = (*DatacheckExpectation.success_keys, "batch_size", "shuffled")


class ExpectColumnDistributionToMatchProfile(DatacheckExpectation):
    """Expect a column, feature or label, to be distributed as in a profile that datacheck saved.

    `profile` is the path of its JSON, `profile_digest` what stands in it.
    """

    column: str
    profile: str
    profile_digest: str | None = None

    question = "distribution_matches"
    success_keys = (*DatacheckExpectation.success_keys, "column", "profile", "profile_digest")

    def _decisive(self, report: Report) -> tuple[str, ...]:
        return ("label-shift" if self.column == report.profile.schema.label else "covariate-shift",)


class ExpectTableToMatchNormalizationContract(DatacheckExpectation):
    """Expect the columns of a profile, raw or normalised with the contract, and with nothing else.

    `contract` is the path of a normalization.json, `profile` that of the training split's profile.
    """

    profile: str
    contract: str
    profile_digest: str | None = None
    contract_digest: str | None = None

    question = "contract_holds"
    success_keys = (
        *DatacheckExpectation.success_keys,
        "profile",
        "profile_digest",
        "contract",
        "contract_digest",
    )

    def _decisive(self, report: Report) -> tuple[str, ...]:
        return (ContractQuestion.name,)


EXPECTATIONS: dict[str, type[DatacheckExpectation]] = {
    cls.question: cls
    for cls in (
        ExpectColumnStdToSurviveNormalization,
        ExpectFeatureScalesToBeComparable,
        ExpectLabelsToBeMixedAcrossBatches,
        ExpectColumnDistributionToMatchProfile,
        ExpectTableToMatchNormalizationContract,
    )
}
assert EXPECTATIONS.keys() == QUESTIONS.keys()
