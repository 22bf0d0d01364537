"""P(y|x): do comparable rows carry other labels in the other split?

The label and the domain are independent given x exactly when the product of their residuals, y - P(y|x) and
D - P(D|x), has mean zero in every direction w(x) (Shah and Peters 2020; Scheidegger et al. 2022 for the
weights). A direction is a guess of how the label's probabilities changed, shape (n, k); it is tested by the
score of the multinomial likelihood, the sum over classes of w / P(y|x) times the residual, which has the most
power when the guess is right.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

from datacheck._significance import benjamini_hochberg
from datacheck.probes.shift_direction import learned_direction
from datacheck.probes.shift_nuisance import Crossed

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

NAMED, LEARNED, TERMS = 0.45, 0.40, 0.15
"""Shares of alpha: directions with a name, the learned direction, single terms."""

INFLATION = 1.25
"""Deviation of the learned direction's z-score on clean splits, where 1 is ideal. Measured on 211 of them
with 100 to 300 training rows: mean 0.2, deviation 1.12 to 1.15; rounded up for the mean."""

LEAST_PROBABILITY = 0.05
"""Added to a probability before dividing by it: the label model is no surer than that."""

MOST_CONFUSED = 4
"""Classes of which each pair is tried as confused for each other."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ConceptTest:
    """Change of P(y|x) on rows that both splits have.

    `tau` is a lower bound of the mean total variation of the label's probability (0 to 1), `error` its
    standard error; `term` is the most telling single term, None when none is significant.
    """

    p: float
    tau: float
    error: float
    term: int | None

    @property
    def interval(self) -> tuple[float, float]:
        """95 % interval of tau."""
        return self.tau - 1.96 * self.error, self.tau + 1.96 * self.error


@dataclass(frozen=True, eq=False, kw_only=True, slots=True)
class Residuals:
    """What the models leave: label residuals (n, k), domain residuals (n,), and the label's probabilities (n,
    k)."""

    label: FloatArray
    domain: FloatArray
    probability: FloatArray

    def scores(self, direction: FloatArray) -> FloatArray:
        """Each row's score for a direction of shape (n, k), shape (n,); mean 0 under one concept."""
        scaled = direction / (self.probability + LEAST_PROBABILITY)
        return np.asarray((scaled * self.label).sum(axis=1) * self.domain)

    def z(self, direction: FloatArray) -> float:
        """Score test of a direction: positive when the labels of D = 1 moved that way."""
        scores = self.scores(direction)
        return float(scores.sum() / math.sqrt((scores**2).sum() + 1e-12))

    def tau(self, direction: FloatArray) -> tuple[float, float]:
        """Change of label probability along the sign of a direction, weighted by overlap, and its standard
        error."""
        sign = np.tanh(direction / max(float(np.sqrt((direction**2).mean())), 1e-12))
        change = (sign * self.label).sum(axis=1) * self.domain / 2
        overlap = float((self.domain**2).mean())
        return float(change.mean()) / overlap, float(change.std()) / math.sqrt(len(change)) / overlap


def concept_test(
    terms: FloatArray,
    trees: FloatArray,
    label: IntArray,
    label_model: Crossed,
    domain: IntArray,
    domain_model: Crossed,
    folds: IntArray,
    seed: int,
    ordered: bool = False,
) -> ConceptTest:
    """Directions with a name, single terms, and one direction learned on the other folds, each at its share
    of alpha.

    `terms` (n, p) and `trees` (n, d) are the features for linear models and for trees. `tau` is taken along
    the named or the learned direction, whichever is clearer.
    """
    observed = np.eye(label_model.outer.shape[1])[label]
    residuals = Residuals(
        label=observed - label_model.outer,
        domain=domain - domain_model.outer[:, 1],
        probability=label_model.outer,
    )
    named = list((_ordered if ordered else _named)(label_model.outer))
    p_named, best = _clearest(named, residuals)
    learned = learned_direction(terms, trees, observed, label_model, domain, domain_model, folds, seed)
    p_learned = float(special.ndtr(-residuals.z(learned) / INFLATION))
    p_terms, term = _single_terms(terms, residuals)
    tau, error = residuals.tau(learned if p_learned <= p_named else best)
    return ConceptTest(
        p=min(1.0, p_named / NAMED, p_learned / LEARNED, p_terms / TERMS),
        tau=tau,
        error=INFLATION * error,
        term=term if p_terms <= 0.05 else None,
    )


def _clearest(named: list[FloatArray], residuals: Residuals) -> tuple[float, FloatArray]:
    """Two-sided p of the clearest direction, times the effective number of directions, and that direction
    signed.

    Named directions are alike: the effective number is Galwey's (2009), from the eigenvalues of the
    correlation of their scores.
    """
    z = [residuals.z(direction) for direction in named]
    best = int(np.argmax(np.abs(z)))
    scores = np.stack([residuals.scores(direction) for direction in named], axis=1)
    length = np.sqrt((scores**2).sum(axis=0))
    scores = scores[:, length > 0] / length[length > 0]
    eigenvalues = np.maximum(np.linalg.eigvalsh(scores.T @ scores), 0.0)
    effective = float(np.sqrt(eigenvalues).sum() ** 2 / max(eigenvalues.sum(), 1e-12))
    p = 2 * float(special.ndtr(-abs(z[best]))) * max(effective, 1.0)
    return min(1.0, p), named[best] * math.copysign(1.0, z[best])


def _named(probability: FloatArray) -> Iterator[FloatArray]:
    """Noisier labels, each pair of frequent classes confused, each class more frequent, ordered classes
    higher."""
    classes = probability.shape[1]
    yield probability.mean(axis=0) - probability
    for one in range(min(classes, MOST_CONFUSED)):
        for two in range(one):
            swapped = np.zeros_like(probability)
            swapped[:, one] = probability[:, two] - probability[:, one]
            swapped[:, two] = -swapped[:, one]
            yield swapped
    for one in range(classes if classes > 2 else 1):
        yield (np.arange(classes) == one) - probability[:, one : one + 1] * np.ones_like(probability)


def _ordered(probability: FloatArray) -> Iterator[FloatArray]:
    """Noisier labels, and labels one class higher."""
    yield _noisier(probability)
    leaving = probability.copy()
    leaving[:, -1] = 0.0
    yield np.pad(leaving[:, :-1], ((0, 0), (1, 0))) - leaving


def _noisier(probability: FloatArray) -> FloatArray:
    return np.asarray(probability.mean(axis=0) - probability)


def _single_terms(terms: FloatArray, residuals: Residuals) -> tuple[float, int]:
    """Smallest adjusted p over terms and classes, and its term."""
    label = residuals.label if residuals.label.shape[1] > 2 else residuals.label[:, :1]
    product = label * residuals.domain[:, None]
    z = np.abs(terms.T @ product) / np.sqrt(np.maximum((terms**2).T @ product**2, 1e-12))
    adjusted = benjamini_hochberg((2 * special.ndtr(-z)).ravel())
    return float(adjusted.min(initial=1.0)), int(np.argmax(z.max(axis=1))) if z.size else 0
