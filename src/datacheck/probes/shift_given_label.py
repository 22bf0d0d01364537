"""P(x|y): inside every class, are the features of the two splits alike?"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from datacheck._significance import benjamini_hochberg
from datacheck._two_sample import Ecdf
from datacheck.probes.shift_columns import FEWEST_ROWS, column_shifts, shifts_inside
from datacheck.probes.shift_domain import domain_test
from datacheck.probes.shift_table import Column, Pair
from datacheck.records.column_shift import ColumnShift

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

MOST_CLASSWISE = 8
"""Classes that are also looked at one by one: beyond that the rows per class are too few to add anything."""


@dataclass(frozen=True, kw_only=True, slots=True)
class GivenLabel:
    """P(x|y): p of the three tests together, the effect on the clearest column, and the columns that
    moved."""

    p: float
    effect: float
    interval: tuple[float, float]
    columns: tuple[str, ...]


def given_label_test(
    pair: Pair,
    terms: FloatArray,
    strata: IntArray,
    scores: FloatArray,
    folds: IntArray,
    rng: np.random.Generator,
) -> GivenLabel | None:
    """Columns and label-model scores inside the classes together, class by class, and a ridge classifier
    centred by class.

    None when no class has 5 rows on both sides. `scores` are the label model's, shape (n, k).
    """
    usable = _usable(strata, pair.domain)
    if not usable.any():
        return None
    rows = np.flatnonzero(usable)
    pair, strata, folds = pair.take(rows), np.unique(strata[rows], return_inverse=True)[1], folds[rows]
    scored = _with_scores(pair, scores[rows])
    together = list(shifts_inside(scored, strata))
    adjusted = benjamini_hochberg([shift.p for shift in together])
    apart = _class_by_class(scored, strata)
    p_apart = benjamini_hochberg([shift.p for shift, _ in apart]).min(initial=1.0)
    p_ridge = domain_test(_centred(terms[rows], strata), pair.domain, _cells(strata, folds), folds, rng).p
    names = {column.name for column in pair.columns}
    moved = tuple(
        dict.fromkeys(
            shift.column
            for shift, q in zip(together, adjusted, strict=True)
            if q <= 0.025 and shift.column in names
        )
    )
    effect, interval = _effect(apart, len(rows))
    p = min(1.0, 3 * min(float(adjusted.min(initial=1.0)), float(p_apart), p_ridge))
    return GivenLabel(p=p, effect=effect, interval=interval, columns=moved)


def _usable(strata: IntArray, domain: IntArray) -> npt.NDArray[np.bool_]:
    size = int(strata.max(initial=0)) + 1
    counts = np.stack([np.bincount(strata[domain == side], minlength=size) for side in (0, 1)])
    return np.asarray((counts.min(axis=0) >= FEWEST_ROWS)[strata])


def _with_scores(pair: Pair, scores: FloatArray) -> Pair:
    finite = np.zeros(len(scores), bool)
    added = [
        Column(name=f"P(class {k}|x)", values=column, infinite=finite) for k, column in enumerate(scores.T)
    ]
    return Pair(columns=(*pair.columns, *added), domain=pair.domain)


def _class_by_class(pair: Pair, strata: IntArray) -> list[tuple[ColumnShift, int]]:
    pair = replace(pair, columns=tuple(_with_scale(column, pair.domain) for column in pair.columns))
    shifts = []
    for stratum in range(min(int(strata.max()) + 1, MOST_CLASSWISE)):
        rows = np.flatnonzero(strata == stratum)
        shifts += [(shift, len(rows)) for shift in column_shifts(pair.take(rows))]
    return shifts


def _with_scale(column: Column, domain: IntArray) -> Column:
    """The column with the scale of all its training rows: a class may hardly vary, and then a hair is far."""
    if column.levels is not None:
        return column
    return replace(column, scale=Ecdf.of(column.values[domain == 0]).scale)


def _effect(shifts: list[tuple[ColumnShift, int]], rows: int) -> tuple[float, tuple[float, float]]:
    """The largest mean over the classes, by rows, of a column's distance, by its lower bound."""
    low: dict[tuple[str, str], float] = {}
    mid: dict[tuple[str, str], float] = {}
    high: dict[tuple[str, str], float] = {}
    for shift, count in shifts:
        key, share = (shift.column, shift.aspect), count / rows
        low[key] = low.get(key, 0.0) + share * shift.interval[0]
        mid[key] = mid.get(key, 0.0) + share * shift.effect
        high[key] = high.get(key, 0.0) + share * shift.interval[1]
    if not low:
        return 0.0, (0.0, 1.0)
    best = max(low, key=lambda key: (low[key], mid[key]))
    return mid[best], (low[best], min(1.0, high[best]))


def _centred(terms: FloatArray, strata: IntArray) -> FloatArray:
    """Terms less their mean in the class."""
    indicator = np.eye(int(strata.max()) + 1)[strata]
    return np.asarray(terms - indicator @ (indicator.T @ terms / indicator.sum(axis=0)[:, None]))


def _cells(strata: IntArray, folds: IntArray) -> IntArray:
    return np.asarray(strata * (int(folds.max()) + 1) + folds)
