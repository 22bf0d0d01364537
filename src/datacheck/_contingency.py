"""Do counts of categories, of missing values or of classes differ between two splits, and by how much?"""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

FloatArray = npt.NDArray[np.float64]

LEAST_EXPECTED = 5.0
"""Levels with fewer expected rows than this are merged before a chi-square test (Cochran 1954)."""

EXACT_BELOW = 40
"""Rates with fewer hits than this over both splits are compared by Fisher's exact test, others by the
z-test."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CategoryShift:
    """How the mix of one category differs between two splits.

    `distance` is the total variation less what sampling alone would show (0 to 1, share of rows that changed
    level), `interval` its 95 % interval; `level` is the one that moved most, with its share of rows in each
    split.
    """

    p: float
    distance: float
    interval: tuple[float, float]
    level: Hashable
    share_train: float
    share_test: float

    @property
    def points(self) -> float:
        """Percentage points of the rows that changed level."""
        return 100 * self.distance


@dataclass(frozen=True, kw_only=True, slots=True)
class RateShift:
    """A rate (of missing values, say) in two splits, as shares of rows, with the 95 % interval of the
    difference."""

    p: float
    train: float
    test: float
    interval: tuple[float, float]

    @property
    def difference(self) -> float:
        return self.test - self.train


def compare_levels(train: Mapping[Hashable, float], test: Mapping[Hashable, float]) -> CategoryShift | None:
    """Chi-square test and total variation of two tables of counts; None when a side has no rows.

    Counts of rows that come in groups may be scaled down to as many independent rows, here and below.

    >>> shift = compare_levels({"a": 500, "b": 500}, {"a": 300, "b": 700})
    >>> shift.p < 0.001, round(shift.distance, 2), shift.level
    (True, 0.2, 'a')
    """
    levels = list({**train, **test})
    counts = np.array([[side.get(level, 0) for level in levels] for side in (train, test)], dtype=np.float64)
    if not levels or not counts.sum(axis=1).all():
        return None
    rows = counts.sum(axis=1)
    share = counts / rows[:, None]
    moved = int(np.argmax(np.abs(share[1] - share[0])))
    distance, spread = total_variation(*merge_rare(counts))
    return CategoryShift(
        p=chi_square_p(*merge_rare(counts)),
        distance=distance,
        interval=(max(0.0, distance - spread), min(1.0, distance + spread)),
        level=levels[moved],
        share_train=float(share[0, moved]),
        share_test=float(share[1, moved]),
    )


def merge_rare(counts: npt.ArrayLike) -> FloatArray:
    """Counts of shape (2, k) with all levels of fewer than 5 expected rows in the smaller split made one.

    >>> merge_rare([[90, 6, 2, 2], [91, 7, 2, 0]]).tolist()
    [[90.0, 6.0, 4.0], [91.0, 7.0, 2.0]]
    """
    table = np.asarray(counts, dtype=np.float64)
    rows = table.sum(axis=1)
    expected = table.sum(axis=0) * rows.min() / rows.sum()
    rare = expected < LEAST_EXPECTED
    if not rare.any():
        return table
    return np.column_stack([table[:, ~rare], table[:, rare].sum(axis=1)])


def chi_square_p(train: npt.ArrayLike, test: npt.ArrayLike) -> float:
    """Chance of so different a mix in two samples of one population; Fisher's exact test for two thin
    levels."""
    counts = np.stack([np.asarray(train, np.float64), np.asarray(test, np.float64)])
    pooled, rows = counts.sum(axis=0), counts.sum(axis=1)
    counts, pooled = counts[:, pooled > 0], pooled[pooled > 0]
    if len(pooled) < 2:
        return 1.0
    if len(pooled) == 2 and pooled.min() < EXACT_BELOW:
        return fisher_test(counts[0, 0], rows[0], counts[1, 0], rows[1])
    expected = np.outer(rows, pooled) / rows.sum()
    return float(special.chdtrc(len(pooled) - 1, ((counts - expected) ** 2 / expected).sum()))


def total_variation(train: npt.ArrayLike, test: npt.ArrayLike) -> tuple[float, float]:
    """Total variation of two mixes less its value under sampling alone, and the half-width of its 95 %
    interval.

    The two add in quadrature: observed² = true² + sampling², where sampling is the mean absolute normal
    deviation of each level summed over the levels.
    """
    counts = np.stack([np.asarray(train, np.float64), np.asarray(test, np.float64)])
    rows = counts.sum(axis=1)
    share, pooled = counts / rows[:, None], counts.sum(axis=0) / rows.sum()
    observed = np.abs(share[1] - share[0]).sum() / 2
    sampling = math.sqrt(2 / math.pi) * np.sqrt(pooled * (1 - pooled) * (1 / rows).sum()).sum() / 2
    sign = np.sign(share[1] - share[0])
    variance = ((share @ sign**2 - (share @ sign) ** 2) / rows).sum() / 4
    return math.sqrt(max(0.0, observed**2 - sampling**2)), 1.96 * math.sqrt(variance)


def compare_rates(
    hits_train: float, rows_train: float, hits_test: float, rows_test: float
) -> RateShift | None:
    """A rate in two splits: Fisher's exact test below 40 hits (or misses), else the pooled z-test.

    >>> shift = compare_rates(10, 1000, 60, 1000)
    >>> shift.p < 0.001, round(shift.difference, 3)
    (True, 0.05)
    """
    if not (rows_train and rows_test):
        return None
    one, two, rows = hits_train / rows_train, hits_test / rows_test, rows_train + rows_test
    hits = hits_train + hits_test
    if min(hits, rows - hits) < EXACT_BELOW:
        p = fisher_test(hits_train, rows_train, hits_test, rows_test)
    else:
        pooled = hits / rows
        p = _two_sided((two - one) / math.sqrt(pooled * (1 - pooled) * (1 / rows_train + 1 / rows_test)))
    spread = 1.96 * math.sqrt(one * (1 - one) / rows_train + two * (1 - two) / rows_test)
    return RateShift(p=p, train=one, test=two, interval=(two - one - spread, two - one + spread))


def fisher_test(hits_train: float, rows_train: float, hits_test: float, rows_test: float) -> float:
    """Fisher's exact test, two-sided, of two rates."""
    from scipy import stats  # half a second, and few counts are this small

    table = [[int(hits_train), int(rows_train - hits_train)], [int(hits_test), int(rows_test - hits_test)]]
    return float(stats.fisher_exact(table).pvalue)


def class_ratios(
    train: Sequence[float], test: Sequence[float], deviations: float = 3.0
) -> list[tuple[float, float]]:
    """Ratio of each class's share (test / train) and the bound of its change that many deviations nearer to
    1.

    The bound is of max(ratio, 1/ratio), at least 1: it sees fraud doubling from 0.2 % to 0.4 %, which no
    distance between mixes does. Half a row is added to each count.

    >>> [(round(r, 2), round(b, 2)) for r, b in class_ratios([99_800, 200], [99_600, 400])]
    [(1.0, 1.0), (2.0, 1.54)]
    """
    rows_train, rows_test = sum(train), sum(test)
    ratios = []
    for before, after in zip(train, test, strict=True):
        log = math.log((after + 0.5) / (rows_test + 0.5)) - math.log((before + 0.5) / (rows_train + 0.5))
        variance = 1 / (before + 0.5) - 1 / (rows_train + 0.5) + 1 / (after + 0.5) - 1 / (rows_test + 0.5)
        bound = max(0.0, abs(log) - deviations * math.sqrt(max(variance, 0.0)))
        ratios.append((math.exp(log), math.exp(bound)))
    return ratios


def _two_sided(z: float) -> float:
    return float(2 * special.ndtr(-abs(z)))
