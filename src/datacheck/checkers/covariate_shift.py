"""covariate-shift."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from .._contingency import compare_levels, compare_rates
from .._format import listing, percent, plural
from .._significance import benjamini_hochberg, detectable_distance
from .._two_sample import (
    Ecdf,
    NumberShift,
    compare_distributions,
    compare_numbers,
    numbers_the_rows,
)
from ..dataset_profile import DatasetProfile
from ..finding import Finding
from ..kinds import Kind
from ..profiles import ColumnProfile, Profile
from ..records.column_shift import ColumnShift, one_sided_levels
from .base import Checker, Example, need

_CELLS = 20_000_000  # values compared per pair of splits; about 5 seconds


@dataclass(frozen=True, kw_only=True)
class CovariateShift(Checker):
    """Features whose distribution differs between the training split and another.

    What it finds:
        Numbers that moved, spread or changed shape; categories with another mix, with new levels or without
        old ones; another share of missing or infinite values.

    Why it matters for training:
        The network is tuned where the training rows are and judged where the other rows are. A shifted
        validation split picks the wrong model; a shifted test split measures something that training never
        saw; a unit that changed between files does both.

    How it decides:
        Each feature by p-value and effect, both: twice the smaller of the Kolmogorov-Smirnov and the smooth
        rank test, chi-square with rare levels merged, Fisher or z for rates, all under Benjamini-Hochberg;
        and 4 points of the rows on the other side of some threshold, a mean move of 0.1 standard deviations,
        5 points of changed levels, or 2 points of missing values. It is an error when even the lower 95 %
        bound of the effect is three times that. A saved profile, without rows, is compared by its quantiles,
        less their rank error.

    When it is wrong:
        Rows that come in groups (sessions, patients) are fewer than they look, and p-values too small. A
        change in the dependence of two features, with the same distribution of each, is not seen here.

    What to do:
        First look for a defect: unit, encoding, default value, another source. If the difference is real,
        weight the training rows or collect rows like the others.

    References:
        Rayner & Best 1989, Smooth Tests of Goodness of Fit. Rabanser, Günnemann & Lipton 2019, Failing
        Loudly. Benjamini & Hochberg 1995, Controlling the False Discovery Rate.
    """

    scope = "others"
    clean = Example(
        splits={
            "train": {"x": [float(i % 97) for i in range(400)], "city": ["a", "b", "b", "c"] * 100},
            "test": {"x": [float(i * 31 % 97) for i in range(300)], "city": ["a", "b", "b", "c"] * 75},
        }
    )
    dirty = Example(
        splits={
            "train": {"x": [float(i % 97) for i in range(400)], "city": ["a", "b", "b", "c"] * 100},
            "test": {"x": [float(i % 97) + 25 for i in range(300)], "city": ["a", "b", "d", "c"] * 75},
        },
        finds=("x", "city"),
    )

    alpha: float = 0.05
    """Chance that clean splits alarm at all; a share of one half goes to features, divided by the pairs of
    splits. Measured: see benchmarks/detection/clean_splits.py."""

    def check(self, data: DatasetProfile, split: str) -> Iterator[Finding]:
        """At most three findings: what is surely large, what matters, and what is significant but
        trifling."""
        shifts = _compared(data, split)
        adjusted = benjamini_hochberg([shift.p for shift in shifts])
        sure = [(s, q) for s, q in zip(shifts, adjusted, strict=True) if q <= self._level(data)]
        sure.sort(key=lambda pair: (-pair[0].interval[0], pair[0].column))
        yield from self._findings(data, split, [pair for pair in sure if pair[0].relevant], len(shifts))
        trifles = [pair for pair in sure if not pair[0].relevant]
        if trifles:
            yield self._trifling(data, split, trifles)

    def detectable(self, data: DatasetProfile, split: str) -> str | None:
        """The smallest distance that a single shifted feature would have shown."""
        rows = [data.splits[name].rows for name in (data.reference, split)]
        features = max(len(data.features(split)), 1)
        distance = detectable_distance(rows[0], rows[1], self._level(data) / features)
        if distance is None:
            return None
        points = 100 * max(distance, 0.04)
        return f"a feature of which {points:.0f} points of the rows moved past a threshold (90 % power)"

    def _level(self, data: DatasetProfile) -> float:
        return self.alpha / 2 / max(len(data.others), 1)

    def _findings(
        self, data: DatasetProfile, split: str, sure: list[tuple[ColumnShift, float]], compared: int
    ) -> Iterator[Finding]:
        for severity, severe in (("error", True), ("warning", False)):
            chosen = [(shift, q) for shift, q in sure if shift.severe == severe]
            if not chosen:
                continue
            columns = tuple(dict.fromkeys(shift.column for shift, _ in chosen))
            stories = "; ".join(f"{shift.column!r}: {shift.story}" for shift, _ in chosen[:3])
            more = f"; and {len(chosen) - 3} more" if len(chosen) > 3 else ""
            yield self.finding(
                split,
                severity,
                f"{plural(len(columns), 'feature')} unlike those of {data.reference!r}: {stories}{more}",
                columns=columns,
                evidence={"compared": compared, "shifts": [_numbers(*pair) for pair in chosen]},
                advice="Look for a change of unit, encoding or source; if it is real, weight or collect rows",
            )

    def _trifling(
        self, data: DatasetProfile, split: str, trifles: list[tuple[ColumnShift, float]]
    ) -> Finding:
        columns = tuple(dict.fromkeys(shift.column for shift, _ in trifles))
        largest = max((shift for shift, _ in trifles), key=lambda shift: shift.effect)
        return self.finding(
            split,
            "info",
            f"{plural(len(columns), 'feature')} ({listing(columns)}) differ from {data.reference!r} surely "
            f"but too little to act on: {largest.column!r} most, by {percent(largest.effect)} of rows",
            columns=columns,
            evidence={"shifts": [_numbers(*pair) for pair in trifles]},
        )


def _numbers(shift: ColumnShift, adjusted: float) -> dict[str, Any]:
    return {
        "column": shift.column,
        "aspect": shift.aspect,
        "p_adjusted": float(adjusted),
        "effect": shift.effect,
        "interval": list(shift.interval),
    }


def _compared(data: DatasetProfile, split: str) -> list[ColumnShift]:
    """Every test of every feature that both splits have."""
    train, test = data.train, data.splits[split]
    need(min(train.rows, test.rows) >= 30, f"{min(train.rows, test.rows)} rows in a split; 30 are needed")
    shared = [c.name for c in data.features(split) if c.name in train and c.name in test]
    most = max(1000, _CELLS // max(2 * len(shared), 1))
    shifts = [shift for name in shared for shift in _column(name, train, test, most, data.seed)]
    need(bool(shifts), "no feature can be compared")
    return shifts


def _column(name: str, train: Profile, test: Profile, most: int, seed: int) -> Iterator[ColumnShift]:
    before, after = train[name], test[name]
    if {before.kind, after.kind} <= {Kind.NUMERIC, Kind.TENSOR}:
        yield from _rates(before, after)
        numbers = _number_shift(name, train, test, most, seed)
        if numbers is not None:
            yield ColumnShift.of_values(name, numbers)
    elif before.kind is after.kind is Kind.TEXT:
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
