"""P(x), jointly: a ridge classifier of the domain, judged by permuting the domain labels inside its folds."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

PERMUTATIONS = 149
"""Permutations of the domain labels. The tail is then taken as normal with their mean and deviation, so that
small p-values need no more of them."""

PENALTY = 0.1
"""Ridge penalty in units of rows (terms have variance 1), plus one per term and row."""

EQUAL = 0.2
"""Difference of scores, in their standard deviation, that counts as none."""

FOLD_INFLATION = 1.3
"""Deviation of a cross-validated score over the plain formula: fold scores are correlated because each fold's
noise is in the others' training set. Measured on clean splits: 1.12 to 1.56."""


@dataclass(frozen=True, eq=False, kw_only=True, slots=True)
class DomainTest:
    """How well rows tell their split: permutation p-value, out-of-fold scores (n,), the weights of each
    fold's witness (folds, p) and the terms' shares (p,)."""

    p: float
    scores: FloatArray
    weights: FloatArray
    share: FloatArray


def folds_of(strata: IntArray, count: int, rng: np.random.Generator) -> IntArray:
    """Fold number of each row, shape (n,): every stratum spread evenly over the folds in random order."""
    order = np.lexsort((rng.random(len(strata)), strata))
    folds = np.empty(len(strata), dtype=np.int64)
    folds[order] = (np.arange(len(strata)) + rng.integers(count)) % count
    return folds


def domain_test(
    terms: FloatArray, domain: IntArray, cells: IntArray, folds: IntArray, rng: np.random.Generator
) -> DomainTest:
    """Witness of ridge regression, fitted on the other folds, permuted inside each cell (fold, or fold and
    class).

    `terms` has shape (n, p). The matrices of the folds do not change under permutation, only the right-hand
    side does. The mean difference of a witness fitted by squared loss is the statistic of Kübler et al. 2022.
    """
    centred = _centred(domain, cells, rng)
    parts = [folds == fold for fold in range(int(folds.max()) + 1)]
    witness = np.zeros(PERMUTATIONS + 1)
    energy = np.zeros(PERMUTATIONS + 1)
    scores, share, witnesses = np.zeros(len(domain)), np.zeros(terms.shape[1]), []
    fits = _by_terms if terms.shape[1] <= len(terms) else _by_rows
    for held, (predicted, weights) in zip(parts, fits(terms, centred, parts), strict=True):
        witness += (centred[held] * predicted).sum(axis=0)
        energy += (predicted**2).sum(axis=0)
        scores[held] = predicted[:, 0]
        witnesses.append(weights)
        share += np.maximum((centred[held, 0] @ terms[held]) * weights, 0)
    z = witness / np.sqrt(np.maximum(energy, 1e-300))
    null = z[1:]
    p = float(special.ndtr(-(z[0] - null.mean()) / max(null.std(), 1e-12)))
    return DomainTest(p=p, scores=scores, weights=np.stack(witnesses), share=share / max(share.sum(), 1e-300))


Parts = list[npt.NDArray[np.bool_]]


def _by_terms(
    terms: FloatArray, targets: FloatArray, parts: Parts
) -> Iterator[tuple[FloatArray, FloatArray]]:
    """For each part of the rows, what ridge regressions on the others predict there, shape (rows, targets),
    and the weights of the first, shape (p,)."""
    grams, sides = terms.T @ terms, terms.T @ targets
    for held in parts:
        own = terms[held]
        gram = grams - own.T @ own
        _add_to_diagonal(gram, _penalty(terms, held))
        weights = np.asarray(np.linalg.solve(gram, sides - own.T @ targets[held]), dtype=np.float64)
        yield own @ weights, weights[:, 0]


def _by_rows(terms: FloatArray, targets: FloatArray, parts: Parts) -> Iterator[tuple[FloatArray, FloatArray]]:
    """The same from products of rows: with more terms than rows these are fewer (the dual of the problem)."""
    products = terms @ terms.T
    for held in parts:
        others = ~held
        gram = products[np.ix_(others, others)]
        _add_to_diagonal(gram, _penalty(terms, held))
        dual = np.linalg.solve(gram, targets[others])
        yield products[np.ix_(held, others)] @ dual, dual[:, 0] @ terms[others]


def _penalty(terms: FloatArray, held: npt.NDArray[np.bool_]) -> float:
    return PENALTY * int(np.count_nonzero(~held)) + float(terms.shape[1])


def _add_to_diagonal(gram: FloatArray, penalty: float) -> None:
    gram.flat[:: len(gram) + 1] += penalty


def _centred(domain: IntArray, cells: IntArray, rng: np.random.Generator) -> FloatArray:
    """Domain labels less their mean in the cell, shape (n, 1 + permutations): as they are, then permuted."""
    order = np.argsort(cells, kind="stable")
    labels = np.empty((len(cells), PERMUTATIONS + 1))
    labels[:, 0] = domain
    for column in range(1, PERMUTATIONS + 1):
        labels[order, column] = domain[np.lexsort((rng.random(len(cells)), cells))]
    mean = np.bincount(cells, weights=domain) / np.maximum(np.bincount(cells), 1)
    return np.asarray(labels - mean[cells][:, None])


def auc_interval(scores: FloatArray, domain: IntArray) -> tuple[float, tuple[float, float]]:
    """Area under the ROC curve of out-of-fold scores, with its 95 % interval (DeLong et al. 1988, widened for
    folds).

    Scores nearer than a fifth of their standard deviation count as equal: the area is blind to sizes, and
    rows that share a value which moved by a hair would all be told apart.

    >>> auc_interval(np.array([0.1, 0.2, 0.8, 0.9]), np.array([0, 0, 1, 1]))[0]
    1.0
    """
    one, two = np.sort(scores[domain == 0]), np.sort(scores[domain == 1])
    near = EQUAL * float(scores.std())
    above, below = _share_below(one, two, near), 1 - _share_below(two, one, near)
    auc = float(above.mean())
    variance = sum(float(part.var()) / max(len(part) - 1, 1) for part in (above, below))
    spread = 1.96 * FOLD_INFLATION * math.sqrt(variance)
    return auc, (max(0.0, auc - spread), min(1.0, auc + spread))


def _share_below(others: FloatArray, scores: FloatArray, near: float) -> FloatArray:
    """For each score, the share of the others below it, half of those that are near."""
    places = np.searchsorted(others, scores - near, "left") + np.searchsorted(others, scores + near, "right")
    return np.asarray(places / (2 * len(others)))
