"""Weights that make training rows stand for the compared split, or the reason why none can."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from datacheck.probes.shift_design import linear_design, tree_design
from datacheck.probes.shift_label import Label
from datacheck.probes.shift_nuisance import FOLDS
from datacheck.probes.shift_sample import Sample
from datacheck.probes.shift_table import Pair
from datacheck.probes.threads import LEARNERS, one_thread
from datacheck.records.shift import Weights

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

LEAST_EFFECTIVE = 0.10
"""Share of the rows that must remain effective; below it a few rows carry the training."""

MOST_AUC = 0.95
"""Above this the density ratio is decided by rows that only one split has."""

MOST_CELLS = 6_000_000
"""Values of a pair of splits up to which all its training rows get a weight, about 200 MB as terms; beyond,
only those that the models read."""

RARE_ODDS = 30.0
"""Largest odds that one row may be given, before the weights are scaled to mean 1."""


def class_weights(label: Label) -> Weights:
    """Ratio of class shares, half a row added to each count."""
    shares = (label.counts + 0.5) / (label.counts + 0.5).sum(axis=1, keepdims=True)
    ratio = shares[1] / shares[0]
    share = effective_share(np.repeat(ratio, label.counts[0]))
    if share < LEAST_EFFECTIVE:
        return _too_few_effective(share)
    classes = {name: float(r) for name, r in zip(label.names, ratio, strict=True)}
    return Weights(classes=classes, effective_share=share)


@one_thread(*LEARNERS)
def row_weights(whole: Pair, sample: Sample, seed: int, auc: float) -> Weights:
    """P(x) of the compared split over P(x) of the training split, for the training rows of `whole`.

    Log odds of boosted stumps and of a logistic model, weighted by one out-of-fold logistic fit: both weights
    go to 0, and all rows to 1, when there is nothing to correct. Rows that no fold held get the mean of the
    folds' models.
    """
    if auc > MOST_AUC:
        return Weights(refused=f"the splits hardly overlap (AUC {auc:.2f}): no weight makes one the other")
    rows, folds = _rows_to_weigh(whole, sample)
    part = whole.take(rows)
    odds = np.stack(
        [
            _odds(_stumps(seed), tree_design(part)[:, sample.tree_columns], part.domain, folds),
            _odds(_logistic(), linear_design(part).terms, part.domain, folds),
        ],
        axis=1,
    )
    weights = np.exp(_recalibrated(odds, part.domain, folds >= 0))[part.domain == 0]
    weights = np.minimum(weights / weights.mean(), RARE_ODDS)
    weights /= weights.mean()
    share = effective_share(weights)
    if share < LEAST_EFFECTIVE:
        return _too_few_effective(share)
    return Weights(rows=rows[part.domain == 0], values=weights, effective_share=share)


def _too_few_effective(share: float) -> Weights:
    return Weights(refused=f"weights would leave {share:.0%} of the rows effective", effective_share=share)


def effective_share(weights: FloatArray) -> float:
    """Kish's effective sample size over the number of rows.

    >>> effective_share(np.array([1.0, 1.0, 0.0, 0.0]))
    0.5
    """
    return float(weights.sum() ** 2 / (len(weights) * (weights**2).sum()))


def _rows_to_weigh(whole: Pair, sample: Sample) -> tuple[IntArray, IntArray]:
    """All training rows and the compared rows that the models read, with their folds, -1 for rows without."""
    rows = sample.rows
    if len(whole.domain) * len(whole.columns) <= MOST_CELLS:
        rows = np.union1d(rows, np.flatnonzero(whole.domain == 0))
    folds = np.full(len(rows), -1)
    folds[np.searchsorted(rows, sample.rows)] = sample.folds
    return rows, folds


def _odds(model: Any, features: FloatArray, domain: IntArray, folds: IntArray) -> FloatArray:
    """Log odds of the compared split (n,) from models that did not see the row."""
    odds = np.zeros(len(domain))
    for fold in range(FOLDS):
        fitted = model.fit(features[(folds >= 0) & (folds != fold)], domain[(folds >= 0) & (folds != fold)])
        held, other = folds == fold, folds < 0
        odds[held] = fitted.decision_function(features[held])
        if other.any():
            odds[other] += fitted.decision_function(features[other]) / FOLDS
    return np.clip(odds, -math.log(1e3), math.log(1e3))


def _stumps(seed: int) -> Any:
    """Trees with one or two splits: on the density ratios of 54 planted selections of 1,500 rows their error
    was 0.61 of using no weights, that of trees with 12 leaves 0.68."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    return HistGradientBoostingClassifier(
        max_iter=60,
        max_leaf_nodes=3,
        min_samples_leaf=40,
        l2_regularization=1.0,
        early_stopping=False,
        random_state=seed,
    )


def _logistic() -> Any:
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(C=0.02, max_iter=200)


def _recalibrated(odds: FloatArray, domain: IntArray, seen: npt.NDArray[np.bool_]) -> FloatArray:
    """The two models' odds (n, 2) by weights of at least 0, the prior odds taken off, shape (n,)."""
    from sklearn.linear_model import LogisticRegression

    kept = [0, 1]
    while kept:
        slopes = LogisticRegression(C=1e3).fit(odds[seen][:, kept], domain[seen]).coef_[0]
        if (slopes >= 0).all():
            return np.asarray(odds[:, kept] @ slopes)
        kept.pop(int(np.argmin(slopes)))
    return np.zeros(len(odds))
