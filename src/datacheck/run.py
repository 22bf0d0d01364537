"""The one place that orchestrates: data to profiles to findings to a report."""

import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

from .cache import Cache
from .checkers.base import Checker
from .config import Config
from .dataset import Dataset, find
from .dataset_profile import DatasetProfile
from .engines.assemble import engine_used, opened, profile_dataset, settle
from .errors import InputError, NotApplicable, nearest
from .finding import Finding, Severity
from .normalization import Normalization
from .normalization.files import normalize_files
from .normalization.question import ContractQuestion
from .normalization.verify import Verdict
from .profiles import Profile, merge
from .records.shift import Shift
from .report import Crashed, NotChecked, Passed, Report, Waived
from .saved import load
from .schema import Schema, Training
from .sources.opening import SKIP

Progress = Callable[[str, int | None, int], None]
PROBES = (
    "probes"  # the stage after the splits: `progress` is called with it, all measurements, and 1 for each
)


def profile(
    data: Any,
    *,
    label: str | None = None,
    config: Config | None = None,
    threads: int | None = None,
    progress: Progress | None = None,
    engine: str = "local",
    master: str | None = None,
    **options: Any,
) -> Report:
    """Profiles a dataset and checks it: the whole of `datacheck profile`, without the files.

    `data` is a folder, a file, a dataframe with an Arrow C stream, or a mapping of split names to those. Spark
    profiles its own dataframes where they are; with `engine="spark"` also files, Delta folders and tables, on
    the session there is or a new one on `master`.
    `options` are the keys of `Config` (task, batch_size, precision, select, ...) and go before `config`,
    whose default is the nearest pyproject.toml for a path and the defaults for a dataframe. Raises InputError
    for data that cannot be read and ConfigError for an option that does not exist.

    >>> import pyarrow as pa
    >>> report = profile(pa.table({"x": [1.0, 2.0, 3.0] * 20, "flat": [7.0] * 60}))
    >>> [(f.checker, f.columns) for f in report.findings if f.severity == "error"]
    [('constant-feature', ('flat',))]
    """
    settings = _settings(data, config).with_options(**_known({"label": label, **options}))
    data = opened(data, engine, master)
    dataset = find(data, split_column=settings.split_column, on_bad_file=settings.on_bad_file)
    profiled = profile_dataset(
        dataset,
        engine=engine,
        label=settings.label,
        task=settings.task,
        training=_training(settings),
        seed=settings.seed,
        threads=threads,
        progress=progress,
        skip=settings.on_bad_file == SKIP,
        cache=Cache.of_user() if settings.cache else None,
    )
    report = check(profiled, settings, progress)
    used = {**report.config, **engine_used(dataset, engine)}
    return replace(
        report, config=used, ignored=dataset.ignored, thumbnails=dataset.thumbnails(settings.thumbnails)
    )


def compare(
    reference: Any,
    new: Any,
    *,
    label: str | None = None,
    contract: Normalization | str | Path | None = None,
    config: Config | None = None,
    progress: Progress | None = None,
    **options: Any,
) -> Report:
    """Checks new data against a reference: data, or a saved profile (a path to its JSON), on either side.

    A `contract`, or its path, adds one question about the new data: raw, rightly normalised, or a mistake?

    >>> import pyarrow as pa
    >>> table = pa.table({"x": [float(i % 7) for i in range(100)]})
    >>> wider = table.append_column("y", [table["x"]])
    >>> [f.split for f in compare(table, wider).findings if f.checker == "schema-mismatch"]
    ['new']
    """
    settings = _settings(reference, config).with_options(**_known({"label": label, **options}))
    sides = {"reference": reference, "new": new}
    saved = {name: load(Path(side)) for name, side in sides.items() if _is_saved(side)}
    known = next((schema for _, schema in saved.values() if schema.label is not None), Schema())
    found = settings.label or known.label
    splits = {name: profile for name, (profile, _) in saved.items()}
    data = {name: side for name, side in sides.items() if name not in saved}
    unreadable: Mapping[str, Mapping[str, str]] = {}
    if data:
        profiled = profile_dataset(
            find(data, on_bad_file=settings.on_bad_file),
            label=found,
            task=settings.task,
            seed=settings.seed,
            progress=progress,
            skip=settings.on_bad_file == SKIP,
            cache=Cache.of_user() if settings.cache else None,
        )
        splits |= profiled.splits
        unreadable = profiled.unreadable
    schema = settle(splits, found, given=settings.label is not None, task=settings.task or known.task)
    ordered = {name: splits[name] for name in sides}
    both = DatasetProfile(
        splits=ordered,
        schema=schema,
        training=_training(settings),
        seed=settings.seed,
        unreadable=unreadable,
    )
    known_contract = None if contract is None else _contract(contract)
    return check(both, settings, progress, contract=known_contract)


def merge_saved(paths: Sequence[Path]) -> tuple[Profile, Schema]:
    """The sum of saved profiles, with the first one's schema; MergeError where rows would count twice."""
    loaded = [load(path) for path in paths]
    return merge(profile for profile, _ in loaded), loaded[0][1]


def verify(contract: Any, data: Any, *, progress: Progress | None = None) -> dict[str, Verdict]:
    """What was done to each split: raw, normalised with the contract, or a mistake, and how sure that is.

    `contract` is a Normalization or the path of one; `data` as for `profile`.
    """
    known = _contract(contract)
    label = known.label.name if known.label is not None else None
    splits = find(data).splits
    given = label if any(label in split.schema.names for split in splits.values()) else None
    profiled = profile_dataset(Dataset(splits=splits), label=given, progress=progress)
    return {name: known.verify(profile) for name, profile in profiled.splits.items()}


def normalize(
    data: Any, contract: Any, out: Path, *, ignore: Sequence[str] = (), progress: Progress | None = None
) -> list[Path]:
    """Writes every file of a dataset normalised, as Parquet below `out`; what is there already is kept.

    `contract` is a Normalization or the path of one; `data` as for `profile`. Raises ContractError, with the
    file named, where its columns do not fit.
    """
    known = _contract(contract)
    sources = [source for split in find(data).splits.values() for source in split.sources]
    report = partial(progress, "files", None) if progress else None
    return normalize_files(sources, known, out, ignore=ignore, progress=report)


def _contract(given: Any) -> Normalization:
    return given if isinstance(given, Normalization) else Normalization.load(given)


def _is_saved(side: Any) -> bool:
    return isinstance(side, (str, Path)) and Path(side).suffix == ".json" and Path(side).is_file()


def _training(settings: Config) -> Training:
    return Training(batch_size=settings.batch_size, precision=settings.precision, shuffled=settings.shuffled)


def check(
    data: DatasetProfile,
    config: Config | None = None,
    progress: Progress | None = None,
    contract: Normalization | None = None,
) -> Report:
    """Runs the selected checkers over finished profiles and fits the normalization contract.

    A known `contract` is one question more of the splits that are not the reference.
    """
    config = config or Config()
    outcomes = _Outcomes()
    checkers = config.make_checkers()
    data = measured(_with_groups(data, config), checkers, outcomes, progress)
    for checker in checkers:
        _run(checker, data, outcomes)
    if contract is not None:
        _run(ContractQuestion(contract=contract), data, outcomes)
    findings = sorted((_severity(f, config) for f in outcomes.findings), key=_order(data))
    waived = [Waived(finding=f, reason=r) for f in findings if (r := _waiver(f, config)) is not None]
    accepted = [w.finding for w in waived]
    return Report(
        profile=data,
        findings=tuple(f for f in findings if f not in accepted),
        waived=tuple(waived),
        passed=tuple(outcomes.passed),
        not_checked=tuple(outcomes.not_checked),
        crashed=tuple(outcomes.crashed),
        fail_on=config.fail_on,
        normalization=_fitted(data, config),
        config={
            "select": config.select,
            "ignore": config.ignore,
            "checkers": config.checkers,
            "out": config.out,
        },
    )


def _with_groups(data: DatasetProfile, config: Config) -> DatasetProfile:
    """The profile with the column that rows depend on each other by; InputError if a split lacks it."""
    for option, name in (("group", config.group), ("time", config.time)):
        for split in data.splits if name is not None else ():
            columns = data.splits[split].columns
            if name not in columns:
                raise InputError(
                    f"split {split!r} has no column {name!r}, which --{option} names; "
                    f"{nearest(str(name), columns)}"
                )
    return replace(data, group=config.group or data.group, time=config.time or data.time)


def _fitted(data: DatasetProfile, config: Config) -> Normalization:
    """The contract, with the class weights of splits that have another mix of classes."""
    contract = Normalization.of(data.train, data.schema, data.training, overrides=config.features)
    weights = {
        name: record.weights.classes
        for name, record in data.records.get("shift", {}).items()
        if isinstance(record, Shift) and record.weights.classes
    }
    if contract.label is None or not weights:
        return contract
    return replace(contract, label=contract.label.weighted(weights))


@dataclass(frozen=True)
class _Outcomes:
    findings: list[Finding] = field(default_factory=list)
    passed: list[Passed] = field(default_factory=list)
    not_checked: list[NotChecked] = field(default_factory=list)
    crashed: list[Crashed] = field(default_factory=list)


def measured(
    data: DatasetProfile,
    checkers: Sequence[Checker],
    outcomes: _Outcomes | None = None,
    progress: Progress | None = None,
) -> DatasetProfile:
    """The profile with the records that the checkers require and that it does not hold yet."""
    outcomes = outcomes or _Outcomes()
    wanted = sorted({name for checker in checkers for name in checker.requires} - {*data.records})
    records: dict[str, dict[str, Any]] = {name: {} for name in wanted}
    for name, split in ((name, split) for name in wanted for split in data.splits):
        records[name][split] = _measure(name, data, split, outcomes)
        if progress:
            progress(PROBES, len(wanted) * len(data.splits), 1)
    return replace(data, records={**data.records, **records})


def _measure(probe: str, data: DatasetProfile, split: str, outcomes: _Outcomes) -> Any:
    module = import_module(f"{__package__}.probes.measure.{probe}")
    return _attempt(partial(module.measure, data, split), probe, split, outcomes)


def _run(checker: Checker | ContractQuestion, data: DatasetProfile, outcomes: _Outcomes) -> None:
    splits = checker.splits(data)
    if not splits:
        reason = "there is only one split; it compares splits"
        outcomes.not_checked.append(NotChecked(checker=checker.name, split=data.reference, reason=reason))
    for split in splits:
        answer = _attempt(partial(_ask, checker, data, split), checker.name, split, outcomes)
        if isinstance(answer, NotApplicable):
            outcomes.not_checked.append(NotChecked(checker=checker.name, split=split, reason=str(answer)))
        elif isinstance(answer, Passed):
            outcomes.passed.append(answer)
        elif answer is not None:
            outcomes.findings.extend(answer)


def _ask(checker: Checker | ContractQuestion, data: DatasetProfile, split: str) -> list[Finding] | Passed:
    found = list(checker.check(data, split))
    return found or Passed(checker=checker.name, split=split, detectable=checker.detectable(data, split))


def _attempt(question: Callable[[], Any], name: str, split: str, outcomes: _Outcomes) -> Any:
    """The answer, or the NotApplicable that it raised; a fault is recorded as a crash and answered None."""
    try:
        return question()
    except NotApplicable as reason:
        return reason
    except Exception:  # a fault in one checker or probe must not hide what the others found
        outcomes.crashed.append(Crashed(checker=name, split=split, traceback=traceback.format_exc()))
        return None


def _settings(data: Any, config: Config | None) -> Config:
    if config is not None:
        return config
    return Config.load(Path.cwd()) if isinstance(data, (str, Path)) else Config()


def _known(options: dict[str, Any]) -> dict[str, Any]:
    """Options as the configuration spells and types them."""
    Config.of({key: value for key, value in options.items() if value is not None}, "options")
    return {key: tuple(value) if isinstance(value, list) else value for key, value in options.items()}


def _severity(finding: Finding, config: Config) -> Finding:
    wanted = config.severity.get(finding.checker)
    return replace(finding, severity=Severity(wanted)) if wanted else finding


def _waiver(finding: Finding, config: Config) -> str | None:
    return next((w.reason for w in config.waivers if w.covers(finding)), None)


def _order(data: DatasetProfile) -> Callable[[Finding], tuple[Any, ...]]:
    names = list(data.splits)
    return lambda f: (-f.severity.rank, f.checker, names.index(f.split), f.columns)
