"""datacheck as a task of Airflow 3: `DatacheckOperator`, and `check_data` for functions under `@task`.

What another try cannot change (findings, a setting that does not exist, a checker that crashed) fails the task
at once. What it can (a folder that is not there yet, a full disk) fails it as any error does, with its retries.
Nothing but Airflow is imported where a DAG is parsed: the work and its imports happen on execution.
"""

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from ..errors import ConfigError, InputError, MissingExtraError
from . import need

if TYPE_CHECKING:
    from ..finding import Finding
    from ..report import Report

BaseOperator: Any = need("airflow.sdk", "airflow").BaseOperator
NAMED = 5
"""Findings that the exception names: it is one line of a log; the report holds all of them."""
LONGEST = 2000
"""Characters of the exception's message."""
log = logging.getLogger(__name__)


class DatacheckOperator(BaseOperator):  # type: ignore[misc]  # without Airflow, as where types are checked, Any
    """Checks data, writes the report, and fails on findings at or above `fail_on`.

    The fields are the parameters of `check_data`, and all of them are templated. The XCom is what it returns;
    it is there when the task has failed on findings, too, for callbacks and for tasks that run all the same.

    >>> task = DatacheckOperator(task_id="check", data="{{ params.data }}", report="reports/{{ ds }}")
    >>> task.template_fields
    ('data', 'report', 'reference', 'contract', 'config', 'fail_on', 'options')
    """

    template_fields = ("data", "report", "reference", "contract", "config", "fail_on", "options")
    template_fields_renderers: ClassVar = {"options": "json"}

    def __init__(
        self,
        *,
        data: str | Mapping[str, str],
        report: str,
        reference: str | None = None,
        contract: str | None = None,
        config: str | None = None,
        fail_on: str | None = None,
        options: Mapping[str, Any] | None = None,
        **task: Any,
    ) -> None:
        super().__init__(**task)
        self.data = data
        self.report = report
        self.reference = reference
        self.contract = contract
        self.config = config
        self.fail_on = fail_on
        self.options = options

    def execute(self, context: Mapping[str, Any]) -> dict[str, Any]:
        """The XCom; raises as `check_data` does."""
        return check_data(
            **{name: getattr(self, name) for name in self.template_fields}, ti=context.get("ti")
        )


def check_data(
    data: str | Mapping[str, str],
    report: str,
    *,
    reference: str | None = None,
    contract: str | None = None,
    config: str | None = None,
    fail_on: str | None = None,
    options: Mapping[str, Any] | None = None,
    ti: Any = None,
) -> dict[str, Any]:
    """Checks data, writes the report into the folder `report`, and returns the verdict with the paths.

    `data` is a folder, a file, or a mapping of split names to those. With `reference`, a saved profile, they
    are new rows, checked against it and against the `contract`, if one is given; then the report alone is
    written, without it also the profiles and a contract. `config` is a folder whose nearest pyproject.toml
    holds the settings; without it the defaults count, for the working folder of a worker says nothing about
    the data. `options` are keys of [tool.datacheck] (label, select, precision, ...) and go before `config`.
    `ti`, the task instance, gets the verdict as XCom where the task fails.

    Raises AirflowFailException (no retries) for findings at or above `fail_on`, a checker that crashed and a
    wrong setting; InputError, FormatError, ContractError and OSError, with retries, for files that are
    missing, damaged or cannot be written.
    """
    settings = {**(options or {}), **({"fail_on": fail_on} if fail_on else {}), "out": report}
    try:
        found = _found(data, reference, contract, config, settings)
    except (ConfigError, MissingExtraError) as error:
        raise _fail(str(error)) from error
    paths = _written(found, Path(report).resolve(), reference, contract)
    verdict = {
        **_counts(found),
        "data": str(Path(data).resolve()) if isinstance(data, str) else data,
        **paths,
    }
    log.info("datacheck: %s", verdict)
    if found.exit_code:
        if ti is not None:
            ti.xcom_push(key="return_value", value=verdict)
        raise _fail(_summary(found, verdict["report"]))
    return verdict


def _found(
    data: str | Mapping[str, str],
    reference: str | None,
    contract: str | None,
    folder: str | None,
    settings: dict[str, Any],
) -> "Report":
    from ..config import Config
    from ..run import compare, profile

    if contract and not reference:
        raise ConfigError("a contract is given without a reference; give the profile/train.json beside it")
    if folder and not Path(folder).is_dir():
        raise InputError(f"{folder} is no folder; give one at or below the pyproject.toml with the settings")
    config = Config.load(Path(folder)) if folder else Config()
    if reference:
        return compare(reference, data, contract=contract, config=config, **settings)
    return profile(data, config=config, **settings)


def _written(found: "Report", folder: Path, reference: str | None, contract: str | None) -> dict[str, Any]:
    """Writes the report; the absolute paths of what a later task needs."""
    from ..output import write_folder
    from ..reporters.base import write

    paths = {"report": str(folder / "report.html"), "json": str(folder / "report.json")}
    if reference:  # the contract and the profiles are the reference's own: a second copy could only mislead
        folder.mkdir(parents=True, exist_ok=True)
        write(found, "html", paths["report"])
        write(found, "json", paths["json"])
        known = Path(contract).resolve() if contract else None
        return {
            **paths,
            "normalization": known and str(known),
            "profiles": str(Path(reference).resolve().parent),
        }
    write_folder(found)
    return {
        **paths,
        "normalization": str(folder / "normalization.json"),
        "profiles": str(folder / "profile"),
    }


def _counts(found: "Report") -> dict[str, Any]:
    """What goes to XCom beside the paths: some bytes of JSON, however many findings there are."""
    from ..finding import Severity

    return {
        "verdict": ("passed", "findings", "crashed")[found.exit_code],
        "fail_on": found.fail_on,
        "findings": {severity.value: len(found.of(severity)) for severity in Severity},
        "not_checked": len(found.not_checked),
    }


def _summary(found: "Report", path: str) -> str:
    if found.crashed:
        first = found.crashed[0]
        return (
            f"{len(found.crashed)} checkers crashed, the first {first.checker} on {first.split}: see {path}"
        )
    from ..finding import Severity

    least = Severity(found.fail_on).rank
    serious = [finding for finding in found.findings if finding.severity.rank >= least]
    named = "; ".join(map(_named, serious[:NAMED]))
    more = f"; and {len(serious) - NAMED} more" if len(serious) > NAMED else ""
    return f"{len(serious)} findings at or above {found.fail_on!r}: {named}{more}. Read {path}"


def _named(finding: "Finding") -> str:
    columns = ", ".join(finding.columns[:NAMED]) + (", ..." if len(finding.columns) > NAMED else "")
    return f"{finding.checker} in {finding.split}" + (f" ({columns})" if columns else "")


def _fail(message: str) -> Exception:
    """AirflowFailException, of one line; 3.0 keeps it in another place than 3.3."""
    from ..reporters.visible import visible

    found = need("airflow.sdk.exceptions", "airflow")
    if not hasattr(found, "AirflowFailException"):
        found = need("airflow.exceptions", "airflow")
    failure: Exception = found.AirflowFailException(visible(" ".join(message.split()), LONGEST))
    return failure
