"""P(y|x): do comparable rows carry other labels in the other split?

The label and the domain are independent given x exactly when the product of their residuals, y - P(y|x) and
D - P(D|x), has mean zero in every direction w(x) (Shah and Peters 2020; Scheidegger et al. 2022 for the
weights).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

from datacheck._significance import benjamini_hochberg
from datacheck.probes.shift_nuisance import FOLDS, Crossed, learning_rows

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

INFLATION = 1.2
"""Deviation of the learned direction's z-score on clean splits, where 1 is ideal."""

PENALTY = 0.3
"""Ridge penalty of the learned direction in units of rows (terms have variance 1), plus one per term."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ConceptTest:
    """Change of P(y|x) on rows that both splits have.

    `tau` is a lower bound of the mean total variation of the label's probability (0 to 1), `error` its
    standard error; `term` is the most telling direction among the terms, None when that is the intercept or
    the score.
    """

    p: float
    tau: float
    error: float
    term: int | None

    @property
    def interval(self) -> tuple[float, float]:
        """95 % interval of tau."""
        return self.tau - 1.96 * self.error, self.tau + 1.96 * self.error


def concept_test(
    terms: FloatArray,
    label: IntArray,
    label_model: Crossed,
    domain: IntArray,
    domain_model: Crossed,
    folds: IntArray,
) -> ConceptTest:
    """Directions one by one, and one direction learned on the other folds; p is twice the smaller.

    `terms` has shape (n, p); the intercept and the label model's own scores are added as directions.
    """
    classes = label_model.outer.shape[1]
    observed = np.eye(classes)[label]
    y, d = observed - label_model.outer, domain - domain_model.outer[:, 1]
    directions = np.column_stack([np.ones(len(label)), _scores(label_model.outer), terms])
    p_single, best = _single_directions(directions, y if classes > 2 else y[:, :1], d)
    learned = np.zeros_like(y)
    for fold in range(FOLDS):
        held = folds == fold
        learned[held] = _learn(terms, observed, label_model, domain, domain_model, folds, fold)
    contribution = (np.tanh(learned / max(_rms(learned), 1e-12)) * y).sum(axis=1) * d / 2
    overlap = float((d**2).mean())
    tau = float(contribution.mean()) / overlap
    error = float(contribution.std()) / math.sqrt(len(label)) / overlap
    p_learned = float(special.ndtr(-tau / max(error, 1e-12) / INFLATION))
    own = 1 + label_model.outer.shape[1]
    return ConceptTest(
        p=min(1.0, 2 * min(p_single, p_learned)),
        tau=tau,
        error=INFLATION * error,
        term=best - own if best >= own else None,
    )


def _scores(probabilities: FloatArray) -> FloatArray:
    """Log odds of each class, standardised: the direction in which noisy or swapped labels show."""
    odds = special.logit(np.clip(probabilities, 0.01, 0.99))
    return np.asarray((odds - odds.mean(axis=0)) / np.maximum(odds.std(axis=0), 1e-9))


def _single_directions(directions: FloatArray, y: FloatArray, d: FloatArray) -> tuple[float, int]:
    """Smallest adjusted p over directions and classes, and its direction."""
    product = y * d[:, None]
    total = directions.T @ product
    variance = (directions**2).T @ product**2
    z = np.abs(total) / np.sqrt(np.maximum(variance, 1e-12))
    adjusted = benjamini_hochberg((2 * special.ndtr(-z)).ravel())
    return float(adjusted.min()), int(np.argmax(z.max(axis=1)))


def _learn(
    terms: FloatArray,
    observed: FloatArray,
    label_model: Crossed,
    domain: IntArray,
    domain_model: Crossed,
    folds: IntArray,
    held: int,
) -> FloatArray:
    """The direction of each class on the held fold, by ridge on residual products of models that never saw
    it."""
    size = 1 + observed.shape[1] + terms.shape[1]
    gram, side, rows_used = np.zeros((size, size)), np.zeros((size, observed.shape[1])), 0
    for rows, model in learning_rows(folds, held):
        x = np.column_stack([np.ones(rows.sum()), _scores(label_model.inner[model][rows]), terms[rows]])
        product = (observed[rows] - label_model.inner[model][rows]) * (
            domain[rows] - domain_model.inner[model][rows, 1]
        )[:, None]
        gram, side, rows_used = gram + x.T @ x, side + x.T @ product, rows_used + len(x)
    penalty = PENALTY * rows_used + size
    weights = np.linalg.solve(gram + penalty * np.eye(size), side)
    out = folds == held
    x = np.column_stack([np.ones(out.sum()), _scores(label_model.outer[out]), terms[out]])
    return np.asarray(x @ weights)


def _rms(values: FloatArray) -> float:
    return float(np.sqrt((values**2).mean()))
