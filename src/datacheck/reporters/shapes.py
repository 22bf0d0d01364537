"""Profiles reduced to what a picture needs: a few dozen numbers, no matter how many rows."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from .._format import number
from ..profiles import ColumnProfile, Profile

MOST_BINS = 24
"""Bars of a histogram at most: a third of the width of a narrow screen at 5 pixels a bar."""

MOST_LEVELS = 12
"""Levels that a picture shows one by one; the rest is one bar."""

_TAIL = 0.005  # the outer bars hold what lies beyond these quantiles: one outlier must not hide the rest


@dataclass(frozen=True, kw_only=True)
class Histogram:
    """Shares of the finite values (each sums to 1) by split, over common bars with `labels`.

    `ends` names the outer edges of a number; empty for categories, whose bars are named one by one.
    """

    shares: Mapping[str, tuple[float, ...]]
    labels: tuple[str, ...]
    ends: tuple[str, ...] = ()

    @property
    def categories(self) -> bool:
        """Whether every bar is one value."""
        return not self.ends


def histogram(columns: Mapping[str, ColumnProfile]) -> Histogram | None:
    """Bars of one column in every split that has values; None where no split has any."""
    few = _levels(columns)
    return few if few is not None else _binned(columns)


def balance(columns: Mapping[str, ColumnProfile]) -> Histogram | None:
    """Bars of the most frequent levels, also where they are more than a histogram shows."""
    counts = {split: c.levels.counts for split, c in columns.items() if c.levels and c.levels.counts}
    return _bars(counts) if counts else None


def _levels(columns: Mapping[str, ColumnProfile]) -> Histogram | None:
    counts = {split: c.levels.counts for split, c in columns.items() if c.levels and c.levels.counts}
    if len(counts) < len([c for c in columns.values() if c.counts.rows > c.counts.null]):
        return None
    values = {value for split in counts.values() for value in split}
    numeric = all(c.measured for c in columns.values())
    return _bars(counts) if values and (len(values) <= MOST_LEVELS or not numeric) else None


def _bars(counts: Mapping[str, Mapping[Any, int]]) -> Histogram:
    total: dict[Any, int] = {}
    for split in counts.values():
        for value, count in split.items():
            total[value] = total.get(value, 0) + count
    shown = _shown(total)
    sums = {split: sum(c.values()) for split, c in counts.items()}
    shares = {
        split: (
            *(c.get(value, 0) / sums[split] for value in shown),
            *_rest(c, shown, sums[split], len(total)),
        )
        for split, c in counts.items()
    }
    rest = (f"{len(total) - len(shown):,} more",) if len(total) > len(shown) else ()
    return Histogram(shares=shares, labels=tuple(_name(value) for value in shown) + rest)


def _shown(total: Mapping[Any, int]) -> list[Any]:
    """The most frequent values, in their own order where they are all there or are numbers."""
    frequent = sorted(total, key=lambda value: -total[value])[:MOST_LEVELS]
    if all(isinstance(value, (int, float)) for value in frequent):
        return sorted(frequent)
    return frequent if len(total) > MOST_LEVELS else sorted(frequent, key=str)


def _rest(counts: Mapping[Any, int], shown: Sequence[Any], rows: int, levels: int) -> tuple[float, ...]:
    if levels <= len(shown):
        return ()
    return (1 - sum(counts.get(value, 0) for value in shown) / rows,)


def _name(value: Any) -> str:
    return str(value) if isinstance(value, (str, bool)) else number(value)


def _binned(columns: Mapping[str, ColumnProfile]) -> Histogram | None:
    knots = {split: c.quantiles for split, c in columns.items() if c.quantiles is not None and c.quantiles.n}
    if not knots:
        return None
    low = min(q.at(_TAIL) for q in knots.values())  # type: ignore[type-var]
    high = max(q.at(1 - _TAIL) for q in knots.values())  # type: ignore[type-var]
    assert low is not None and high is not None
    edges = np.linspace(low, high, _bins(min(q.n for q in knots.values())) + 1)
    shares = {split: _shares(q, edges) for split, q in knots.items()}
    labels = tuple(f"{number(a, 3)} to {number(b, 3)}" for a, b in pairwise(edges.tolist()))
    return Histogram(shares=shares, labels=labels, ends=ends(low, high))


def _bins(rows: float) -> int:
    """As many bars as the smallest split can fill: 2 n^(1/3), the rule of Rice University."""
    return min(max(round(2 * math.cbrt(rows)), 5), MOST_BINS)


def ends(low: float, high: float, least: int = 3) -> tuple[str, str]:
    """Both ends in as few digits, at least `least`, as tell them apart.

    >>> ends(3.0, 3.0000001), ends(5.0, 5.0)
    (('3', '3.0000001'), ('5', '5'))
    """
    more = range(least, 17) if low != high else ()
    digits = next((d for d in more if number(low, d) != number(high, d)), least)
    return number(low, digits), number(high, digits)


def missing_rates(columns: Mapping[str, ColumnProfile]) -> Histogram | None:
    """One bar a split: the share of its rows that are null or NaN."""
    rates = {split: column.counts.missing_rate for split, column in columns.items()}
    shares = {split: (float(rate),) for split, rate in rates.items() if rate is not None}
    return Histogram(shares=shares, labels=("missing",)) if shares else None


def _shares(knots: Any, edges: Any) -> tuple[float, ...]:
    below = knots.cdf(edges)
    below[0], below[-1] = 0.0, 1.0
    return tuple(np.diff(below).tolist())


@dataclass(frozen=True, kw_only=True)
class Scale:
    """Typical spread of one feature, positive."""

    name: str
    spread: float


def order_strip(profile: Profile, cells: int) -> tuple[tuple[Any, float], ...]:
    """The labels in file order in at most `cells` pieces: the commonest label of each and its share there."""
    values, lengths, _ = profile.label_order.sequence()
    rows = int(lengths.sum()) if len(lengths) else 0
    if not rows:
        return ()
    edges = np.linspace(0, rows, min(cells, rows) + 1).round().astype(int)
    ends = np.cumsum(lengths)
    return tuple(_commonest(values, ends, int(a), int(b)) for a, b in pairwise(edges))


def _commonest(values: list[Any], ends: Any, start: int, stop: int) -> tuple[Any, float]:
    """The commonest label of rows [start, stop), given where each run ends."""
    first, last = np.searchsorted(ends, [start, stop - 1], side="right")
    counts: dict[Any, int] = {}
    at = start
    for run in range(first, last + 1):
        end = min(int(ends[run]), stop)
        counts[values[run]] = counts.get(values[run], 0) + end - at
        at = end
    best = max(counts, key=lambda value: counts[value])
    return best, counts[best] / (stop - start)
