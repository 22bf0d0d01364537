"""From a dataset to the profiles of its splits, with the label and the task settled."""

from collections.abc import Callable, Iterable
from functools import partial
from importlib import import_module
from typing import Any

import pyarrow as pa

from ..cache import Cache
from ..dataset import Dataset, Split, find_label
from ..dataset_profile import DatasetProfile
from ..errors import ConfigError, InputError, MissingExtraError
from ..kinds import Kind, kind_of
from ..profiles import ColumnProfile, Profile
from ..schema import Schema, Training
from ..sources.base import Source
from ..sources.opening import all_bad
from ..sources.spark import SparkFrame
from .local import profile_split

IN_FILE = " › "  # between split and file in a stage of progress
ENGINES = ("local", "spark")
TASKS = ("classification", "regression")
Progress = Callable[[str, int | None, int], None]
_LABEL_KINDS = (Kind.NUMERIC, Kind.TEXT, Kind.TIMESTAMP)
_FEW = 20  # different whole numbers that are taken for classes whatever they are


def profile_dataset(
    dataset: Dataset,
    *,
    label: str | None = None,
    task: str | None = None,
    training: Training | None = None,
    seed: int = 0,
    threads: int | None = None,
    progress: Progress | None = None,
    skip: bool = False,
    engine: str = "local",
    cache: Cache | None = None,
) -> DatasetProfile:
    """The profiles of all splits; `progress` is called with a split's name, its rows if known, rows done.

    Of several files in a split, it is called for each as well, with `split › file` as the name.

    Spark dataframes are always profiled by Spark, files where `engine` is "spark", which knows no `cache`.

    With `skip`, a file that cannot be read is left out and noted; InputError remains where no other is left.
    """
    schemas = {name: split.schema for name, split in dataset.splits.items()}
    reference = next(iter(schemas.values()))
    every = [column for schema in (reference, *schemas.values()) for column in schema.names]
    found = _label(dict.fromkeys(every), list(schemas.values()), label)
    profiles: dict[str, Profile] = {}
    unreadable = {name: dict(files) for name, files in dataset.unreadable.items()}
    for name, split in dataset.splits.items():
        report = _by_file(progress, name, split) if progress else None
        bad = unreadable.setdefault(name, {}) if skip else None
        profiles[name] = _engine(split, engine, cache)(
            split, label=found, seed=seed, threads=threads, progress=report, bad=bad
        )
        if bad and not profiles[name].parts:
            raise all_bad(name, bad)
        if not profiles[name].rows:
            files = ", ".join(source.name for source in split.sources[:3])
            raise InputError(
                f"split {name!r} has no rows ({files}); expected at least one row below the header"
            )
    schema = settle(profiles, found, given=label is not None, task=task)
    return DatasetProfile(
        splits=profiles,
        schema=schema,
        training=training or Training(),
        seed=seed,
        unreadable={name: files for name, files in unreadable.items() if files},
    )


def opened(data: Any, engine: str, master: str | None) -> Any:
    """The data as the engine opens them; Spark, which starts on `master`, makes a dataframe of a table's name."""
    return _spark().opened(data, master) if engine == "spark" else data


def engine_used(dataset: Dataset, engine: str) -> dict[str, Any]:
    """For the report: that Spark did it, and by what it knew the rows of each split; else nothing."""
    keys = {n: str(_spark().row_key(s)) for n, s in dataset.splits.items() if not _is_local(s, engine)}
    return {"engine": "spark", "row_keys": keys} if keys else {}


def _engine(split: Split, engine: str, cache: Cache | None) -> Callable[..., Profile]:
    """What profiles a split."""
    local = partial(profile_split, cache=cache)
    chosen: Callable[..., Profile] = local if _is_local(split, engine) else _spark().profile_split
    return chosen


def _is_local(split: Split, engine: str) -> bool:
    if engine not in ENGINES:
        raise ConfigError(f"engine {engine!r} is unknown; expected one of: {', '.join(ENGINES)}")
    return engine == "local" and not isinstance(split.sources[0], SparkFrame)


def _spark() -> Any:
    try:
        return import_module(f"{__package__}.spark")
    except ModuleNotFoundError as error:
        if error.name != "pyspark":
            raise
        raise MissingExtraError("pyspark", extra="spark") from error


def _by_file(progress: Progress, name: str, split: Split) -> Callable[[Source, int], None]:
    rows = {source.name: source.rows for source in split.sources}
    total = None if None in rows.values() else sum(n or 0 for n in rows.values())

    def report(source: Source, done: int) -> None:
        progress(name, total, done)
        if len(rows) > 1:
            progress(f"{name}{IN_FILE}{source.name}", rows[source.name], done)

    return report


def _label(names: Iterable[str], schemas: list[pa.Schema], given: str | None) -> str | None:
    """The label's column; one that holds lists or bytes is passed over by name and refused if given."""
    types = {field.name: field for schema in reversed(schemas) for field in schema}
    nested = {name: field.type for name, field in types.items() if not _may_label(field)}
    if given in nested:
        raise InputError(
            f"the label {given!r} is of type {nested[given]}; expected one number or text in each row: "
            "name another column, or write the label as such a column"
        )
    return find_label([name for name in names if name not in nested], given)


def _may_label(field: pa.Field) -> bool:
    return kind_of(field) in _LABEL_KINDS or pa.types.is_null(field.type)


def settle(profiles: dict[str, Profile], label: str | None, *, given: bool, task: str | None) -> Schema:
    """The schema: the label, and the task as given or inferred from the first split that has the label."""
    if task is not None and task not in TASKS:
        raise ConfigError(f"task {task!r} is unknown; expected one of: {', '.join(TASKS)}")
    if label is None:
        return Schema()
    column = next((profile[label] for profile in profiles.values() if label in profile), None)
    inferred, reason = infer_task(column) if column else (None, "")
    return Schema(
        label=label,
        label_source="given" if given else "found by name",
        task=task or inferred,
        task_source="given" if task else reason,
    )


def infer_task(label: ColumnProfile) -> tuple[str | None, str]:
    """Classification or regression, and why.

    Texts and two values are classes. Whole numbers are classes when they are few (20), or when they are
    exactly 0..K-1 with at least five rows each on average, as an encoder writes them.
    """
    if label.kind is Kind.TEXT:
        return "classification", "the labels are texts"
    if label.kind is not Kind.NUMERIC or not label.counts.finite:
        return None, "the label holds no numbers and no texts"
    distinct = label.distinct.estimate if label.distinct else 0
    if distinct <= 2:
        return "classification", "the labels have two values"
    levels = label.levels.counts if label.levels else None
    if levels is None or any(value != int(value) for value in levels):
        return "regression", "the labels are real numbers"
    if distinct <= _FEW:
        return "classification", f"the labels are {distinct} different whole numbers"
    low, high = min(levels), max(levels)
    if low == 0 and high == distinct - 1 and label.counts.finite >= 5 * distinct:
        return "classification", f"the labels are the whole numbers 0 to {high}"
    return "regression", f"the labels are {distinct} different whole numbers from {low} to {high}"
