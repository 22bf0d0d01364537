"""Every test of every feature of two splits, from their profiles alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from .._contingency import compare_levels, compare_rates
from .._two_sample import Ecdf, NumberShift, compare_distributions, compare_numbers, numbers_the_rows
from ..dataset_profile import DatasetProfile
from ..kinds import Kind
from ..profiles import ColumnProfile, Profile
from ..records.column_shift import ColumnShift, one_sided_levels
from .base import need

_CELLS = 20_000_000  # values compared per pair of splits; about 5 seconds


def feature_shifts(data: DatasetProfile, split: str) -> list[ColumnShift]:
    """Every test of every feature that both splits have, and of what describes their images."""
    train, test = data.train, data.splits[split]
    need(min(train.rows, test.rows) >= 30, f"{min(train.rows, test.rows)} rows in a split; 30 are needed")
    shared = [c.name for c in data.compared(split) if c.name in train and c.name in test]
    most = max(1000, _CELLS // max(2 * len(shared), 1))
    shifts = [shift for name in shared for shift in _column(name, train, test, most, data.seed)]
    need(bool(shifts), "no feature can be compared")
    return shifts


def _column(name: str, train: Profile, test: Profile, most: int, seed: int) -> Iterator[ColumnShift]:
    before, after = train[name], test[name]
    if Kind.TIMESTAMP in (before.kind, after.kind):
        return
    if before.measured and after.measured:
        yield from _rates(before, after)
        numbers = _number_shift(name, train, test, most, seed)
        if numbers is not None:
            yield ColumnShift.of_values(name, numbers)
    elif before.moments is after.moments is None and before.kind is after.kind is not Kind.OTHER:
        yield from _rates(before, after)
        yield from _levels(before, after)


def _rates(before: ColumnProfile, after: ColumnProfile) -> Iterator[ColumnShift]:
    sides = (before.counts, after.counts)
    for what, hits in (
        ("missing", [int(c.null + c.nan) for c in sides]),
        ("infinite", [int(c.infinite) for c in sides]),
    ):
        shift = compare_rates(hits[0], int(sides[0].rows), hits[1], int(sides[1].rows))
        if any(hits) and shift is not None:
            yield ColumnShift.of_missing(before.name, shift, what)


def _levels(before: ColumnProfile, after: ColumnProfile) -> Iterator[ColumnShift]:
    counts = [column.levels.counts if column.levels else None for column in (before, after)]
    if counts[0] is None or counts[1] is None:
        return
    mix = compare_levels(counts[0], counts[1])
    if mix is not None:
        yield ColumnShift.of_mix(before.name, mix)
        yield from one_sided_levels(before.name, counts[0], counts[1])


def _number_shift(name: str, train: Profile, test: Profile, most: int, seed: int) -> NumberShift | None:
    """From the row samples; from the quantiles where a side was saved without its rows."""
    if len(train.sample) and len(test.sample):
        before, after = (_some(side.values(name), most, seed) for side in (train, test))
        if _integer(train[name]) and numbers_the_rows(np.concatenate([before, after])):
            return None
        return compare_numbers(before, after)
    sides = [_from_quantiles(side[name]) for side in (train, test)]
    return None if sides[0] is None or sides[1] is None else compare_distributions(sides[0], sides[1])


def _integer(column: ColumnProfile) -> bool:
    return column.dtype.startswith(("int", "uint"))


def _some(values: np.ndarray[Any, np.dtype[np.float64]], most: int, seed: int) -> Any:
    if len(values) <= most:
        return values
    return np.random.default_rng(seed).choice(values, most, replace=False)


def _from_quantiles(column: ColumnProfile) -> Ecdf | None:
    knots = column.quantiles
    if knots is None or not knots.n:
        return None
    values = np.unique(knots.values)
    return Ecdf(values=values, cumulative=knots.cdf(values), rows=round(knots.n), rank_error=knots.rank_error)
