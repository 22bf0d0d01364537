"""The verdict on a split, asked like a checker's question, so that its answer stands among the findings."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from ..dataset_profile import DatasetProfile
from ..errors import ContractError, NotApplicable
from ..finding import Finding, Severity

if TYPE_CHECKING:
    from .contract import Normalization


@dataclass(frozen=True, kw_only=True)
class ContractQuestion:
    """Whether the splits that are not the reference are raw, or rightly normalised with a known contract.

    `datacheck verify` asks the same; this answers in findings, under the name `normalization-contract`.
    """

    name: ClassVar[str] = "normalization-contract"
    contract: "Normalization"

    def splits(self, data: DatasetProfile) -> tuple[str, ...]:
        """All splits but the reference; that one too where it is alone."""
        return data.others or (data.reference,)

    def check(self, data: DatasetProfile, split: str) -> Iterator[Finding]:
        """At most one error: rows that were normalised wrongly, or lack the contract's columns.

        Raises NotApplicable where too few rows, or rows like nothing known, allow no verdict.
        """
        try:
            verdict = self.contract.verify(data.splits[split])
        except ContractError as error:
            yield self._finding(split, str(error), (), {})
            return
        if verdict.correct is None:
            raise NotApplicable(verdict.detail)
        if not verdict.correct:
            columns = tuple(feature.name for feature in verdict.features if not feature.correct)
            evidence = {"state": verdict.state, "confidence": verdict.confidence, "factor": verdict.constant}
            known = {key: value for key, value in evidence.items() if value is not None}
            yield self._finding(split, f"{verdict.state}: {verdict.detail}", columns, known)

    def detectable(self, data: DatasetProfile, split: str) -> None:
        """Not known: a verdict is a choice among readings."""

    def _finding(
        self, split: str, message: str, columns: tuple[str, ...], evidence: dict[str, Any]
    ) -> Finding:
        return Finding(
            checker=self.name,
            severity=Severity.ERROR,
            split=split,
            message=message,
            columns=columns,
            evidence=evidence,
            advice="Give the columns of the contract, raw, and normalise them with it, once.",
            fix='features = Normalization.load("normalization.json").transform(raw)',
        )
