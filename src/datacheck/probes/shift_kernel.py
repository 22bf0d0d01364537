"""P(x) of a column of vectors: maximum mean discrepancy with random Fourier features, judged by permutation.

All in numpy and float64, so the answer is the same on every machine. 5,000 rows of each split take a third of a
second, less than importing torch does.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from datacheck.probes import shift_kind as levels
from datacheck.probes.shift_domain import auc_interval, folds_of
from datacheck.probes.shift_table import Pair
from datacheck.records.column_shift import ColumnShift

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

FREQUENCIES = 192
"""Random frequencies, each a sine and a cosine (Rahimi and Recht 2007)."""

PERMUTATIONS = 499
"""Permutations of the domain labels: the smallest p is 0.002, half of this test's share of alpha."""

BANDWIDTHS = (0.5, 1.0, 2.0)
"""Widths of the Gaussian kernels that are summed, in medians of the distance between rows (Gretton 2012)."""

SEVERE_AUC = 0.65
"""Lower bound of the witness's area under the ROC curve that makes an error."""


def vector_shifts(pair: Pair, rng: np.random.Generator) -> Iterator[ColumnShift]:
    """One test for each column of vectors, on its reduction, whatever it says."""
    for name in dict.fromkeys(column.vector for column in pair.columns if column.vector):
        values = [column.values for column in pair.columns if column.vector == name]
        matrix = np.stack(values, axis=1)
        known = np.isfinite(matrix).all(axis=1)
        domain = pair.domain[known]
        if min((domain == 0).sum(), (domain == 1).sum()) >= 30:
            yield _vector_shift(name or "", _standardised(matrix[known], domain), domain, rng)


def _vector_shift(name: str, matrix: FloatArray, domain: IntArray, rng: np.random.Generator) -> ColumnShift:
    features = _fourier(matrix, rng)
    p = _permutation_p(features, domain, rng)
    auc, (low, high) = _witness_auc(features, domain, rng)
    return ColumnShift(
        column=name,
        aspect="vectors",
        p=p,
        effect=_share(auc),
        interval=(_share(low), _share(high)),
        relevant=auc >= levels.MIN_AUC,
        severe=low >= SEVERE_AUC,
        story=f"rows can be told apart by the whole vector (area under the ROC curve {auc:.2f})",
    )


def _standardised(matrix: FloatArray, domain: IntArray) -> FloatArray:
    train = matrix[domain == 0]
    return np.asarray((matrix - train.mean(axis=0)) / np.maximum(train.std(axis=0), 1e-9))


def _fourier(matrix: FloatArray, rng: np.random.Generator) -> FloatArray:
    """Cosines and sines at random frequencies, shape (n, 2 frequencies), less their mean."""
    some = matrix[rng.choice(len(matrix), min(len(matrix), 400), replace=False)]
    square = ((some[:, None, :] - some[None, :, :]) ** 2).sum(axis=2)
    median = math.sqrt(max(float(np.median(square[square > 0])), 1e-12)) if (square > 0).any() else 1.0
    width = median * rng.choice(BANDWIDTHS, FREQUENCIES)
    angles = matrix @ (rng.normal(size=(matrix.shape[1], FREQUENCIES)) / width)
    features = np.concatenate([np.cos(angles), np.sin(angles)], axis=1)
    return np.asarray(features - features.mean(axis=0))


def _permutation_p(features: FloatArray, domain: IntArray, rng: np.random.Generator) -> float:
    """Share of permutations whose squared distance of mean features is at least the observed one."""
    centred = domain - domain.mean()
    labels = np.stack([centred, *(rng.permutation(centred) for _ in range(PERMUTATIONS))], axis=1)
    distance = ((features.T @ labels) ** 2).sum(axis=0)
    return float((1 + (distance[1:] >= distance[0] * (1 - 1e-12)).sum()) / (PERMUTATIONS + 1))


def _witness_auc(
    features: FloatArray, domain: IntArray, rng: np.random.Generator
) -> tuple[float, tuple[float, float]]:
    """How well the witness function of one half of the rows tells the other half apart."""
    folds = folds_of(domain, 2, rng)
    scores = np.empty(len(domain))
    for fold in (0, 1):
        other, held = folds != fold, folds == fold
        witness = features[other & (domain == 1)].mean(axis=0) - features[other & (domain == 0)].mean(axis=0)
        scores[held] = features[held] @ witness
        scores[held] -= scores[held].mean()
    return auc_interval(scores, domain)


def _share(auc: float) -> float:
    """Least total variation of two populations that can be told apart so well.

    >>> _share(0.5), _share(1.0)
    (0.0, 1.0)
    """
    return max(0.0, 1 - math.sqrt(2 * max(0.0, 1 - auc)))
