"""Class weights for a split without labels, on the word of a label model: two methods that must agree."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from datacheck._batch import at_rows
from datacheck.probes.shift_design import tree_design
from datacheck.probes.shift_domain import folds_of
from datacheck.probes.shift_label import classes_of
from datacheck.probes.shift_nuisance import FOLDS, fit_predict
from datacheck.probes.shift_sample import MODEL_ROWS, labelled
from datacheck.probes.shift_table import Pair
from datacheck.probes.shift_weights import effective_share
from datacheck.probes.threads import LEARNERS, one_thread
from datacheck.records.shift import Weights

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

MOST_DISAGREEMENT = 0.5
"""Difference of a class's weight between the two methods above which P(x|y) has probably changed and neither
holds."""

ITERATIONS = 200


@one_thread(*LEARNERS)
def estimated_class_weights(
    pair: Pair, train_label: pa.ChunkedArray, rng: np.random.Generator, seed: int
) -> Weights:
    """P(y) of the unlabelled split over P(y) of the training split, if P(x|y) is the same in both.

    By expectation maximisation (Saerens et al. 2002), checked by moments of the scores (Lipton et al. 2018,
    soft).
    """
    rows = np.flatnonzero(labelled(train_label))[: 2 * MODEL_ROWS]
    names, codes = classes_of(train_label.take(at_rows(rows)))
    if len(names) < 2:
        return Weights(refused="there is one class only in the training split")
    chosen = np.concatenate([rows, np.flatnonzero(pair.domain == 1)[: 2 * MODEL_ROWS]])
    trees = tree_design(pair.take(chosen))
    known, unknown = _crossed(trees, codes, len(names), rng, seed)
    prior = np.bincount(codes, minlength=len(names)) / len(codes)
    weights, check = _maximum_likelihood(unknown, prior), _moments(known, codes, unknown)
    if np.abs(weights - check).max() > MOST_DISAGREEMENT:
        return Weights(refused="two estimates of the class weights disagree: P(x|y) probably changed")
    return Weights(
        classes={name: float(w) for name, w in zip(names, weights, strict=True)},
        effective_share=effective_share(weights[codes]),
    )


def _crossed(
    trees: FloatArray, codes: IntArray, classes: int, rng: np.random.Generator, seed: int
) -> tuple[FloatArray, FloatArray]:
    """Out-of-fold probabilities of the training rows, and their mean over the models for the others."""
    count = len(codes)
    folds = folds_of(codes, FOLDS, rng)
    target = np.concatenate([codes, np.zeros(len(trees) - count, np.int64)])
    known, unknown = np.zeros((count, classes)), np.zeros((len(trees) - count, classes))
    for fold in range(FOLDS):
        rows = np.zeros(len(trees), bool)
        rows[:count] = folds != fold
        share = fit_predict(trees, target, classes, rows, seed)
        known[folds == fold] = share[:count][folds == fold]
        unknown += share[count:] / FOLDS
    return known, unknown


def _maximum_likelihood(probabilities: FloatArray, prior: FloatArray) -> FloatArray:
    weights = np.ones(len(prior))
    for _ in range(ITERATIONS):
        posterior = probabilities * weights
        posterior /= posterior.sum(axis=1, keepdims=True)
        weights = posterior.mean(axis=0) / prior
    return weights


def _moments(known: FloatArray, codes: IntArray, unknown: FloatArray) -> FloatArray:
    """Weights under which the mean scores of the training rows are those of the others (least squares, at
    least 0)."""
    joint = known.T @ np.eye(known.shape[1])[codes] / len(codes)
    return np.asarray(np.maximum(np.linalg.lstsq(joint, unknown.mean(axis=0))[0], 0.0))
