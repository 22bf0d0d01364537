"""Loading a suite whole, running it as a checkpoint, and reading what came of it."""

import json
import warnings
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NamedTuple

import great_expectations
import pyarrow as pa
from great_expectations.data_context.data_context.context_factory import project_manager
from great_expectations.data_context.types.base import ProgressBarsConfig
from great_expectations.exceptions.exceptions import DataContextRequiredError

from ...errors import FormatError, InputError, nearest
from ...finding import Severity
from .project import gx_folder

_PATHS = ("profile", "contract")
_NO_VALUES = {"result_format": "BASIC", "partial_unexpected_count": 0}
"""Counts alone: the lists of unexpected values are data, and great_expectations cuts them at 200."""
_LONGEST = 300  # characters of a message that are kept


class Found(NamedTuple):
    """A finding of our checkers, as the expectations returned it."""

    checker: str
    severity: str
    columns: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Unmet:
    """An expectation that the batch does not meet, or that could not be evaluated, and what was seen."""

    expectation: str
    column: str | None
    seen: str


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What a checkpoint found; `result` is the CheckpointResult of great_expectations.

    `errors` could not be evaluated, as an expectation of a column that is missing: they are neither met nor
    unmet. `findings` are what our checkers said, at every severity.
    """

    result: Any
    evaluated: int
    unmet: tuple[Unmet, ...]
    errors: tuple[Unmet, ...]
    findings: tuple[Found, ...]

    @property
    def exit_code(self) -> int:
        """0 every expectation is met, 1 some are not, 2 some could not be evaluated."""
        return 2 if self.errors else int(bool(self.unmet))

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values (`CheckpointResult.json()` of great_expectations raises TypeError)."""
        return {
            "exit_code": self.exit_code,
            "evaluated": self.evaluated,
            "unmet": [asdict(one) for one in self.unmet],
            "errors": [asdict(one) for one in self.errors],
            "findings": [{**found._asdict(), "columns": list(found.columns)} for found in self.findings],
        }


def load_suite(project: Path | str, suite: str) -> Any:
    """The ExpectationSuite in a project's file, whole.

    great_expectations drops what it does not know from a suite and validates the rest: FormatError where fewer
    expectations were loaded than the file has, InputError where there is no such project or suite.
    """
    root = gx_folder(Path(project))
    path = root / "expectations" / f"{suite}.json"
    if not path.is_file():
        others = [file.stem for file in path.parent.glob("*.json")]
        raise InputError(f"{path} does not exist; {nearest(suite, others)}")
    stored = _types_in(path)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # 1.13 tells that it leaves the project as it found it
        context = great_expectations.get_context(mode="file", context_root_dir=root)
    loaded = context.suites.get(suite)
    missing = stored - Counter(one.expectation_type for one in loaded.expectations)
    if missing:
        raise FormatError(
            f"{path} has {stored.total()} expectations, of which great_expectations loaded "
            f"{len(loaded.expectations)}; lost: {', '.join(sorted(missing))}: import what defines them first, "
            "or export the suite again"
        )
    return loaded


def _types_in(path: Path) -> Counter[str]:
    try:
        return Counter(one["type"] for one in json.loads(path.read_text("utf-8"))["expectations"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise FormatError(f"{path} is no suite of great_expectations: {error}; export it again") from error


def run(project: Path | str, suite: str, data: Any, *, docs: Path | str | None = None) -> Outcome:
    """Runs a suite of a project over a data frame, as a checkpoint of its own that leaves the project alone.

    `data` is a pandas or Spark frame, or anything with an Arrow C stream (polars, DuckDB, pyarrow). `docs` is a
    folder for Data Docs, which great_expectations writes. Raises as `load_suite` does.
    """
    root = gx_folder(Path(project)).absolute()
    before = _current()
    try:
        loaded = load_suite(project, suite)
        context = great_expectations.get_context(mode="ephemeral")
        context.variables.progress_bars = ProgressBarsConfig(globally=False)
        for one in loaded.expectations:
            _anchor(one, root)
        frame = _frame(data)
        result = _checkpoint(context, context.suites.add(loaded), frame)
        if docs is not None:
            _write_docs(context, Path(docs))
    finally:
        if before is not None:  # else ours stays, which the result asks when it is described
            project_manager.set_project(before)
    return _outcome(result, len(loaded.expectations), {*map(str, frame.columns)})


def _current() -> Any:
    """The context that the caller works with, if any: getting another makes that the current one."""
    try:
        return project_manager._project
    except DataContextRequiredError:
        return None


def _anchor(expectation: Any, root: Path) -> None:
    """Paths inside the project from its root: a context in memory does not know where it lies."""
    for name in _PATHS:
        path = getattr(expectation, name, None)
        if path is not None and (root / path).is_file():
            setattr(expectation, name, str(root / path))


def _checkpoint(context: Any, suite: Any, frame: Any) -> Any:
    sources = context.data_sources
    source = sources.add_spark("data") if _is_of(frame, "pyspark") else sources.add_pandas("data")
    batch = source.add_dataframe_asset("frame").add_batch_definition_whole_dataframe("all")
    definition = great_expectations.ValidationDefinition(name=suite.name, data=batch, suite=suite)
    checkpoint = great_expectations.Checkpoint(
        name=suite.name,
        validation_definitions=[context.validation_definitions.add(definition)],
        result_format=_NO_VALUES,
    )
    return context.checkpoints.add(checkpoint).run(batch_parameters={"dataframe": frame})


def _is_of(data: Any, package: str) -> bool:
    return type(data).__module__.split(".")[0] == package


def _frame(data: Any) -> Any:
    """A frame of pandas or Spark, the only ones that great_expectations takes."""
    if _is_of(data, "pandas") or _is_of(data, "pyspark"):
        return data
    try:
        return pa.table(data).to_pandas()
    except (pa.ArrowException, TypeError, ValueError) as error:
        raise InputError(
            f"the data are of type {type(data).__name__}; expected a data frame of pandas, Spark, polars, "
            "DuckDB or pyarrow"
        ) from error


def _write_docs(context: Any, folder: Path) -> None:
    site = {
        "class_name": "SiteBuilder",
        "show_how_to_buttons": False,
        "store_backend": {
            "class_name": "TupleFilesystemStoreBackend",
            "base_directory": str(folder.absolute()),
        },
        "site_index_builder": {"class_name": "DefaultSiteIndexBuilder"},
    }
    context.add_data_docs_site(site_name="datacheck", site_config=site)
    context.build_data_docs(site_names=["datacheck"])


def _outcome(result: Any, expected: int, columns: set[str]) -> Outcome:
    every = list(_results(result))
    if len(every) != expected:
        raise FormatError(f"great_expectations evaluated {len(every)} of {expected} expectations")
    errors = [one for one in every if _exception(one) is not None]
    unmet = [one for one in every if not one.success and one not in errors]
    return Outcome(
        result=result,
        evaluated=len(every),
        unmet=tuple(_unmet(one, _seen(one.result)) for one in unmet),
        errors=tuple(_unmet(one, _why(one, columns)) for one in errors),
        findings=tuple(findings(result)),
    )


def findings(result: Any) -> list[Found]:
    """What our checkers said, from a CheckpointResult or the result of one suite: each finding once, worst first.

    Expectations of great_expectations' own have none; read `Outcome.unmet` for them.
    """
    said = {
        Found(item["checker"], item["severity"], tuple(item["columns"]))
        for one in _results(result)
        for item in (one.result.get("details") or {}).get("findings", ())
    }
    return sorted(said, key=lambda found: (-Severity(found.severity).rank, found.checker, found.columns))


def _results(result: Any) -> Iterator[Any]:
    suites = result.run_results.values() if hasattr(result, "run_results") else [result]
    return (one for suite in suites for one in suite.results)


def _exception(one: Any) -> str | None:
    """The message of what was raised: of the expectation, or of one of its metrics, keyed by its name."""
    info: Mapping[str, Any] = one.exception_info or {}
    raised = [info] if "raised_exception" in info else [v for v in info.values() if isinstance(v, Mapping)]
    messages = (str(item.get("exception_message")) for item in raised if item.get("raised_exception"))
    return next(messages, None)


def _why(one: Any, columns: set[str]) -> str:
    """Why it could not be evaluated: great_expectations says "list index out of range" of a missing column."""
    column = one.expectation_config.kwargs.get("column")
    if column is not None and column not in columns:
        return f"the batch has no column {column!r}; expected the columns of the profile"
    return str(_exception(one))


def _seen(result: Mapping[str, Any]) -> str:
    """What was observed; of values, only how many are unexpected."""
    if "unexpected_count" in result:
        return f"{result['unexpected_count']:,} unexpected of {result.get('element_count', 0):,} values"
    return str(result.get("observed_value"))


def _unmet(one: Any, seen: str) -> Unmet:
    config = one.expectation_config
    return Unmet(expectation=config.type, column=config.kwargs.get("column"), seen=seen[:_LONGEST])
