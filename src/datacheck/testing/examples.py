"""Profiles from small tables, and the tests that every checker must pass."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pyarrow as pa

from .._batch import Origin
from .._format import plain
from .._split_names import canonical
from ..checkers.base import Checker, Example
from ..checking import measured
from ..dataset import find_label
from ..dataset_profile import DatasetProfile
from ..engines.assemble import settle
from ..errors import NotApplicable
from ..finding import Finding
from ..profiles import Profile, merge
from ..report import finding_json
from ..schema import Training


def make_profile(
    splits: Mapping[str, Any],
    *,
    label: str | None = None,
    task: str | None = None,
    training: Training | None = None,
    batch_rows: int | None = None,
    backwards: bool = False,
    seed: int = 0,
) -> DatasetProfile:
    """The profile of small tables, given as columns, dataframes or Arrow tables, by split.

    `batch_rows` cuts every table into batches of so many rows; `backwards` adds the batches in reverse.

    >>> make_profile({"train": {"x": [1, 2]}}).train.rows
    2
    """
    tables = {canonical(name): pa.table(table) for name, table in splits.items()}
    first = next(iter(tables.values()))
    found = find_label(first.column_names, label)
    profiles = {
        name: merge(_batches(table, name, found, batch_rows or max(len(table), 1), backwards, seed))
        for name, table in tables.items()
    }
    schema = settle(profiles, found, given=label is not None, task=task)
    return DatasetProfile(splits=profiles, schema=schema, training=training or Training(), seed=seed)


def _batches(
    table: pa.Table, name: str, label: str | None, rows: int, backwards: bool, seed: int
) -> Iterator[Profile]:
    starts = range(0, len(table), rows)
    own = label if label in table.column_names else None
    for start in reversed(starts) if backwards else starts:
        batch = table.slice(start, rows).combine_chunks().to_batches()[0]
        origin = Origin(part=name, fingerprint=name, row=start, label=own, seed=seed)
        yield Profile.of(origin.stamp(batch))


def run_checker(checker: Checker, data: DatasetProfile) -> list[Finding]:
    """All findings of a checker, its probes included; a split that it cannot judge gives none."""
    found: list[Finding] = []
    data = measured(data, [checker])
    for split in checker.splits(data):
        try:
            found.extend(checker.check(data, split))
        except NotApplicable:
            continue
    return found


def check_checker(cls: type[Checker]) -> None:
    """Asserts that a checker judges its own examples rightly, however the rows are cut into batches.

    `clean` must give no finding above info; `dirty` must name exactly the columns in its `finds`.
    """
    assert not _named(cls(), cls.clean, None), f"{cls.name} finds something in its clean example"
    assert _named(cls(), cls.dirty, None) == set(cls.dirty.finds or ()), (
        f"{cls.name} misjudges its dirty example"
    )
    for example in (cls.clean, cls.dirty):
        whole = _answers(cls(), example, None, False)
        for rows, backwards in _cuts(example):
            assert _answers(cls(), example, rows, backwards) == whole, (
                f"{cls.name}: batches of {rows} change it"
            )


def _cuts(example: Example) -> Sequence[tuple[int, bool]]:
    most = max(len(next(iter(columns.values()))) for columns in example.splits.values())
    third, tenth = -(-most // 3), -(-most // 10)
    return [(third, False), (third, True), (tenth, True)] + ([(1, False)] if most <= 60 else [])


def _profile(example: Example, rows: int | None, backwards: bool) -> DatasetProfile:
    made = make_profile(
        example.splits,
        label=example.label,
        task=example.task,
        training=example.training,
        batch_rows=rows,
        backwards=backwards,
    )
    return replace(made, unreadable=example.unreadable)


def _named(checker: Checker, example: Example, rows: int | None) -> set[str]:
    found = run_checker(checker, _profile(example, rows, False))
    return {column for f in found if f.severity.rank > 0 or example.finds for column in f.columns or ("*",)}


def _answers(checker: Checker, example: Example, rows: int | None, backwards: bool) -> list[Any]:
    return [
        _rounded(plain(finding_json(f))) for f in run_checker(checker, _profile(example, rows, backwards))
    ]


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _rounded(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_rounded(item) for item in value]
    return float(f"{value:.8g}") if isinstance(value, float) else value
