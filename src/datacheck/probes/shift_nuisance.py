"""P(y|x) and P(split|x) for rows that the models have not seen, crossed once and crossed twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

FOLDS = 3
"""Folds of the nested crossing: with three, one model per fold serves both as outer and as inner nuisance."""

ROUNDS = 40
"""Boosting rounds; 20 for the domain, whose signal is weaker and whose overfit would cost more."""


MANY_CLASSES = 3
"""Classes above which boosting is made coarser to save time."""


@dataclass(frozen=True, eq=False, kw_only=True, slots=True)
class Crossed:
    """Probabilities of each class, shape (n, k), from models that did not see the row.

    `outer` comes from models of the two other folds. `inner[f]` comes from the model of fold f alone (rows of
    f itself are meaningless there): what is learned from it about fold g never saw fold g.
    """

    outer: FloatArray
    inner: tuple[FloatArray, ...]


def cross_fit(
    features: FloatArray, target: IntArray, classes: int, folds: IntArray, seed: int, rounds: int = ROUNDS
) -> Crossed:
    """Gradient-boosted class probabilities; `features` has shape (n, d), `target` (n,) holds 0 … k-1."""
    outer = np.zeros((len(target), classes))
    inner = []
    for fold in range(FOLDS):
        held = folds == fold
        outer[held] = fit_predict(features, target, classes, ~held, seed, rounds)[held]
        inner.append(fit_predict(features, target, classes, held, seed, rounds))
    return Crossed(outer=outer, inner=tuple(inner))


def learning_rows(folds: IntArray, held: int) -> Iterator[tuple[npt.NDArray[np.bool_], int]]:
    """For a held-out fold: each other fold's rows, and the fold whose model predicts them (neither of the
    two)."""
    others = [fold for fold in range(FOLDS) if fold != held]
    for rows, model in (others, others[::-1]):
        yield folds == rows, model


def fit_predict(
    features: FloatArray,
    target: IntArray,
    classes: int,
    rows: npt.NDArray[np.bool_],
    seed: int,
    rounds: int = ROUNDS,
) -> FloatArray:
    """Class probabilities (n, k) of all rows from a model of the marked ones; shares alone where it has one
    class."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    present = np.unique(target[rows])
    share = np.zeros((len(target), classes))
    if len(present) < 2 or not features.shape[1]:
        share[:, :] = (np.bincount(target[rows], minlength=classes) + 0.5) / (rows.sum() + 0.5 * classes)
        return share
    # one tree per class and round: with many classes, half the rounds at twice the rate
    coarse = 2 if len(present) > MANY_CLASSES else 1
    model = HistGradientBoostingClassifier(
        max_iter=rounds // coarse,
        max_leaf_nodes=12,
        min_samples_leaf=20,
        learning_rate=0.1 * coarse,
        l2_regularization=1.0,
        early_stopping=False,
        random_state=seed,
    )
    share[:, present] = model.fit(features[rows], target[rows]).predict_proba(features)
    return share


def calibration(probability: FloatArray, target: IntArray) -> Callable[[FloatArray], FloatArray]:
    """The map that makes out-of-fold probabilities (n, k) true: a logistic fit on their logarithms."""
    from sklearn.linear_model import LogisticRegression

    present = np.unique(target)
    model = LogisticRegression(C=1.0, max_iter=200).fit(_logarithm(probability), target)

    def calibrated(raw: FloatArray) -> FloatArray:
        share = np.zeros(raw.shape)
        share[:, present] = model.predict_proba(_logarithm(raw))
        return share

    return calibrated


def _logarithm(probability: FloatArray) -> FloatArray:
    return np.asarray(np.log(np.clip(probability, 1e-3, 1.0)))
