"""Weights that make training rows stand for the compared split, or the reason why none can."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from datacheck.probes.shift_label import Label
from datacheck.probes.shift_nuisance import FOLDS, cross_fit
from datacheck.records.shift import Weights

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

LEAST_EFFECTIVE = 0.10
"""Share of the rows that must remain effective; below it a few rows carry the training."""

MOST_AUC = 0.95
"""Above this the density ratio is decided by rows that only one split has."""

RARE_ODDS = 30.0
"""Largest odds that one row may be given, before the weights are scaled to mean 1."""


def class_weights(label: Label) -> Weights:
    """Ratio of class shares, half a row added to each count."""
    shares = (label.counts + 0.5) / (label.counts + 0.5).sum(axis=1, keepdims=True)
    ratio = shares[1] / shares[0]
    per_row = np.repeat(ratio, label.counts[0])
    return Weights(
        classes={name: float(r) for name, r in zip(label.names, ratio, strict=True)},
        effective_share=effective_share(per_row),
    )


def row_weights(
    trees: FloatArray,
    terms: FloatArray,
    domain: IntArray,
    folds: IntArray,
    rows: IntArray,
    seed: int,
    auc: float,
) -> Weights:
    """P(x) of the compared split over P(x) of the training split, for the training rows at positions `rows`.

    Mean log odds of boosted trees and of a logistic model, recalibrated by one out-of-fold logistic fit: its
    slope goes to 0, and all weights to 1, when there is nothing to correct.
    """
    if auc > MOST_AUC:
        return Weights(refused=f"the splits hardly overlap (AUC {auc:.2f}): no weight makes one the other")
    odds = (_tree_odds(trees, domain, folds, seed) + _linear_odds(terms, domain, folds)) / 2
    weights = np.exp(_recalibrated(odds, domain))[domain == 0]
    weights = np.minimum(weights / weights.mean(), RARE_ODDS)
    weights /= weights.mean()
    share = effective_share(weights)
    if share < LEAST_EFFECTIVE:
        return Weights(
            refused=f"weights would leave {share:.0%} of the rows effective", effective_share=share
        )
    return Weights(rows=rows, values=weights, effective_share=share)


def effective_share(weights: FloatArray) -> float:
    """Kish's effective sample size over the number of rows.

    >>> effective_share(np.array([1.0, 1.0, 0.0, 0.0]))
    0.5
    """
    return float(weights.sum() ** 2 / (len(weights) * (weights**2).sum()))


def _tree_odds(trees: FloatArray, domain: IntArray, folds: IntArray, seed: int) -> FloatArray:
    share = np.clip(cross_fit(trees, domain, 2, folds, seed, rounds=20).outer[:, 1], 1e-3, 1 - 1e-3)
    return np.asarray(np.log(share / (1 - share)))


def _linear_odds(terms: FloatArray, domain: IntArray, folds: IntArray) -> FloatArray:
    from sklearn.linear_model import LogisticRegression

    odds = np.zeros(len(domain))
    for fold in range(FOLDS):
        held = folds == fold
        model = LogisticRegression(C=0.02, max_iter=200).fit(terms[~held], domain[~held])
        odds[held] = model.decision_function(terms[held])
    return np.clip(odds, -math.log(1e3), math.log(1e3))


def _recalibrated(odds: FloatArray, domain: IntArray) -> FloatArray:
    """Slope (at least 0) and intercept of the domain on the odds, with the prior odds taken off."""
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=1e3).fit(odds[:, None], domain)
    return max(float(model.coef_[0, 0]), 0.0) * odds
