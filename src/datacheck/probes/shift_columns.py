"""P(x), one column at a time: values, mix of levels and missing rates of two splits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from datacheck._contingency import RateShift, compare_levels, compare_rates
from datacheck._two_sample import DISPLACEMENT, Ecdf, compare_numbers, quadratic_form_p, smooth_components
from datacheck.probes.shift_groups import independent_shares, level_shares, rank_scores
from datacheck.probes.shift_table import Column, Pair
from datacheck.records.column_shift import ColumnShift, one_sided_levels

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

FEWEST_ROWS = 5
"""Rows a split needs in a class before the class is looked at by itself."""

COMMON = 3
"""Common values of a number that are looked at by themselves."""

LEAST_COMMON = 0.01
"""Share of the rows of both splits that a common value has at least: rarer ones hardly change by what counts."""


def column_shifts(pair: Pair) -> Iterator[ColumnShift]:
    """Every test of every column that can be made, whatever it says."""
    for column in pair.columns:
        yield from _rate(column.name, column.missing, pair, "missing")
        yield from _rate(column.name, column.infinite, pair, "infinite")
        if column.levels is None:
            yield from _values(column, pair)
            yield from _common(column, pair)
        else:
            yield from _mix(column, pair)


def _rate(name: str, hits: npt.NDArray[np.bool_], pair: Pair, what: str) -> Iterator[ColumnShift]:
    shift = _rates(hits, pair) if hits.any() else None
    if shift:
        yield ColumnShift.of_missing(name, shift, what)


def _rates(hits: npt.NDArray[np.bool_], pair: Pair) -> RateShift | None:
    shares = independent_shares(hits.astype(np.float64)[:, None], pair.domain, pair.groups)
    sides = [(hits[pair.domain == side].sum() * s, pair.rows[side] * s) for side, s in enumerate(shares)]
    return compare_rates(*sides[0], *sides[1])


def _common(column: Column, pair: Pair) -> Iterator[ColumnShift]:
    """The rows at a hair from one of the most common values, of which the surest change counts (Bonferroni): a
    value that fills gaps stands in the middle, where it leaves hardly a distance between the distributions."""
    known = ~np.isnan(column.values)
    found, counts = np.unique(column.values[known], return_counts=True)
    order = np.argsort(-counts, kind="stable")[:COMMON]
    often = order[counts[order] >= max(FEWEST_ROWS, LEAST_COMMON * known.sum())]
    if len(found) <= 2 or not len(often):
        return
    hair = DISPLACEMENT * (column.scale or Ecdf.of(column.values[pair.domain == 0]).scale)
    tests = [(_rates(np.abs(column.values - value) <= hair, pair), float(value)) for value in found[often]]
    made = [(shift, value) for shift, value in tests if shift]
    if made:
        shift, value = min(made, key=lambda test: test[0].p)
        p = min(1.0, len(made) * shift.p)
        yield ColumnShift.of_common(column.name, value, replace(shift, p=p))


def _values(column: Column, pair: Pair) -> Iterator[ColumnShift]:
    before, after = column.values[pair.domain == 0], column.values[pair.domain == 1]
    numbers = compare_numbers(
        before, after, scale=column.scale, independent=number_shares(column.values, pair)
    )
    if numbers:
        yield ColumnShift.of_values(column.name, numbers)


def _mix(column: Column, pair: Pair) -> Iterator[ColumnShift]:
    assert column.levels is not None
    known = ~np.isnan(column.values)
    codes, domain = column.values[known].astype(np.int64), pair.domain[known]
    shares = level_shares(codes, domain, None if pair.groups is None else pair.groups[known])
    counts = [_counts(column.levels, codes[domain == side], share) for side, share in enumerate(shares)]
    mix = compare_levels(*counts)
    if mix:
        yield ColumnShift.of_mix(column.name, mix)
        yield from one_sided_levels(column.name, *counts)


def number_shares(values: FloatArray, pair: Pair) -> tuple[float, float]:
    """Independent rows per row of each split, as the smooth test of a number sees them."""
    if pair.groups is None:
        return 1.0, 1.0
    known = ~np.isnan(values)
    return independent_shares(rank_scores(values[known]), pair.domain[known], pair.groups[known])


def _counts(levels: tuple[object, ...], codes: IntArray, share: float) -> dict[object, float]:
    """Rows of each level that occurs, as many as are independent."""
    counts = np.bincount(codes, minlength=len(levels))
    return {level: float(count * share) for level, count in zip(levels, counts, strict=True) if count}


@dataclass(frozen=True, kw_only=True, slots=True)
class StratifiedShift:
    """A column compared inside every class of the label at once: p-value, and mean absolute effect over
    classes."""

    column: str
    p: float
    effect: float


def shifts_inside(pair: Pair, strata: IntArray) -> Iterator[StratifiedShift]:
    """Each column inside each stratum, differences added up over the strata before they are judged.

    A change that is the same in every class is found with the power of all rows (van Elteren 1960 for the
    smooth test, Mantel and Haenszel 1959 for levels). Strata with fewer than 5 rows of a split are left out.
    """
    for column in pair.columns:
        for values in _aspects(column):
            yield _inside(column.name, values, column.levels is not None, pair.domain, strata)


def _aspects(column: Column) -> Iterator[FloatArray]:
    yield column.values
    if column.missing.mean() > 0.005:
        yield column.missing.astype(np.float64)


def _inside(
    name: str, values: FloatArray, categorical: bool, domain: IntArray, strata: IntArray
) -> StratifiedShift:
    size = min(int(np.nanmax(values, initial=0)) + 1, 30) if categorical else 4
    difference, covariance, weight = np.zeros(size), np.zeros((size, size)), 0.0
    for stratum in range(strata.max() + 1):
        inside = (strata == stratum) & ~np.isnan(values)
        one, two = values[inside & (domain == 0)], values[inside & (domain == 1)]
        if min(len(one), len(two)) < FEWEST_ROWS:
            continue
        share = len(one) * len(two) / (len(one) + len(two))
        moved, spread = _level_components(one, two, size) if categorical else smooth_components(one, two)
        difference += share * moved
        covariance += share**2 * spread
        weight += share
    return StratifiedShift(
        column=name, p=quadratic_form_p(difference, covariance), effect=_effect(difference, weight)
    )


def _level_components(train: FloatArray, test: FloatArray, size: int) -> tuple[FloatArray, FloatArray]:
    """Difference of level shares and its covariance under one population; levels beyond `size` share the
    last."""
    counts = np.stack(
        [np.bincount(np.minimum(s, size - 1).astype(int), minlength=size) for s in (train, test)]
    )
    rows = counts.sum(axis=1)
    pooled = counts.sum(axis=0) / rows.sum()
    covariance = (np.diag(pooled) - np.outer(pooled, pooled)) * (1 / rows).sum()
    return counts[1] / rows[1] - counts[0] / rows[0], covariance


def _effect(difference: FloatArray, weight: float) -> float:
    return float(np.abs(difference).max() / weight) if weight else 0.0
