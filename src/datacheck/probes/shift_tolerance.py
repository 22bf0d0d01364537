"""The joint test's effect once every number may move by a hair: what no single column shows must not rest on
that."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from datacheck._two_sample import DISPLACEMENT, Ecdf
from datacheck.probes.shift_design import Design, terms_of
from datacheck.probes.shift_table import Column, Pair

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

STEPS = np.array([-1.0, -0.75, -0.5, -0.25, 0.25, 0.5, 0.75, 1.0])
"""Displacements that are tried, in units of the one that counts as none."""


def tolerant_scores(
    scores: FloatArray, weights: FloatArray, folds: IntArray, design: Design, pair: Pair
) -> FloatArray:
    """Out-of-fold scores (n,) with each number of the compared rows moved back, by 0.035 standard deviations
    at most, to where it tells the splits apart least.

    `weights` (folds, p) made the scores. Columns that nearly follow from each other tell the splits apart by
    the smallest common move of one of them, and so do columns of which most rows share one value; neither
    matters more to a model than the move of the column itself.
    """
    moved = scores.copy()
    test = pair.domain == 1
    for place, column in enumerate(pair.columns):
        own = weights[:, design.owner == place]
        if column.levels is not None or not own.any():
            continue
        now = _contribution(design.terms[:, design.owner == place], own, folds)
        gap = float(now[test].mean() - now[~test].mean())
        if gap > 0:
            tried = [_displaced(column, place, step, design, pair, own, folds) for step in STEPS]
            left = [abs(gap + float((other - now[test]).mean())) for other in tried]
            best = int(np.argmin(left))
            if left[best] < gap:
                moved[test] += tried[best] - now[test]
    return moved


def _displaced(
    column: Column, place: int, step: float, design: Design, pair: Pair, own: FloatArray, folds: IntArray
) -> FloatArray:
    """What the column adds to the scores of the compared rows, all moved by a step."""
    test = pair.domain == 1
    values = column.values.copy()
    values[test] += step * DISPLACEMENT * Ecdf.of(values[~test]).scale
    shifted = Column(name=column.name, values=values, infinite=column.infinite)
    raw = np.stack([term for term, _ in terms_of(shifted, pair.domain)], axis=1)[test]
    return _contribution(design.standardised(raw, place), own, folds[test])


def _contribution(terms: FloatArray, weights: FloatArray, folds: IntArray) -> FloatArray:
    return np.asarray((terms * weights[folds]).sum(axis=1))
