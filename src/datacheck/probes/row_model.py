"""What the features say of each label, row by row, from models that never saw that row."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.linalg import cho_factor, cho_solve

from datacheck.probes.alignment_basis import Lift

Matrix = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]

FOLDS = 5
FIT_ROWS = 16_384
"""Rows that a ridge is fitted on; the rest are predicted. Its 600 coefficients are long settled by then."""
STRETCHES = 20
"""Contiguous stretches that folds are dealt in when rows remember each other, so that no neighbour tells
the answer."""
PENALTIES = np.geomspace(1e-4, 3.0, 6)
"""Ridge penalties tried, in mean squared feature norms a row."""
STREAM = 8_192
"""Rows lifted at a time: bounds memory at about 40 MB."""


@dataclass(frozen=True, slots=True, eq=False)
class Ridge:
    """Cross-fitted ridge regression on lifted features: row i is predicted by the fit without its fold."""

    lift: Lift
    centre: Matrix
    folds: Rows

    @classmethod
    def plan(cls, rows: Matrix, rng: np.random.Generator, *, remembering: bool) -> Ridge:
        """Features and folds for encoded rows, shape (n, d); contiguous folds when rows remember each
        other."""
        some = rows[np.sort(rng.choice(len(rows), min(len(rows), STREAM), replace=False))]
        lift = Lift.fit(some, rng, waves=384)
        n = len(rows)
        stretch = np.arange(n) * STRETCHES // n % FOLDS if remembering else rng.permutation(n) % FOLDS
        return cls(lift, np.hstack(lift.blocks(some)).mean(axis=0), stretch)

    def predict(
        self, rows: Matrix, goal: Matrix, usable: npt.NDArray[np.bool_], rng: np.random.Generator
    ) -> Matrix:
        """Out-of-fold predictions of `goal`, shape (n, q), for all rows, fitted on at most 16,384 `usable`
        rows."""
        candidates = np.flatnonzero(usable)
        fit = np.sort(rng.permutation(candidates)[:FIT_ROWS])
        grams, crosses = self._moments(rows, goal, fit)
        mean = goal[fit].mean(axis=0)
        penalty = self._best_penalty(rows, goal - mean, fit, grams, crosses)
        coefficients = self._solve(grams, crosses, penalty)
        return np.asarray(self._apply(rows, np.arange(len(rows)), coefficients) + mean)

    def _features(self, rows: Matrix) -> Matrix:
        return np.hstack(self.lift.blocks(rows)) - self.centre

    def _moments(self, rows: Matrix, goal: Matrix, fit: Rows) -> tuple[Matrix, Matrix]:
        """Per fold: features'features (m, m) and features'goal (m, q)."""
        centred, m = goal - goal[fit].mean(axis=0), len(self.centre)
        grams, crosses = np.zeros((FOLDS, m, m)), np.zeros((FOLDS, m, goal.shape[1]))
        for part in _chunks(fit):
            features, fold = self._features(rows[part]), self.folds[part]
            for f in range(FOLDS):
                own = features[fold == f]
                grams[f] += own.T @ own
                crosses[f] += own.T @ centred[part[fold == f]]
        return grams, crosses

    def _solve(self, grams: Matrix, crosses: Matrix, penalty: float) -> Matrix:
        """Coefficients of the fit without each fold, shape (folds, m, q)."""
        gram, cross = grams.sum(axis=0), crosses.sum(axis=0)
        ridge = np.eye(len(gram)) * penalty * np.trace(gram) / len(gram)
        factors = (cho_factor(gram - own + ridge, check_finite=False) for own in grams)
        return np.stack([cho_solve(f, cross - own) for f, own in zip(factors, crosses, strict=True)])

    def _best_penalty(self, rows: Matrix, goal: Matrix, fit: Rows, grams: Matrix, crosses: Matrix) -> float:
        """The penalty of least out-of-fold error on a quarter of the fitted rows."""
        some = fit[:: max(1, len(fit) // 4096)]
        tried = np.concatenate([self._solve(grams, crosses, p) for p in PENALTIES], axis=2)
        guesses = self._apply(rows, some, tried).reshape(len(some), len(PENALTIES), -1)
        errors = ((guesses - goal[some][:, None]) ** 2).sum(axis=(0, 2))
        return float(PENALTIES[errors.argmin()])

    def _apply(self, rows: Matrix, wanted: Rows, coefficients: Matrix) -> Matrix:
        result = np.empty((len(wanted), coefficients.shape[2]))
        for where in _chunks(np.arange(len(wanted))):
            part = wanted[where]
            features, fold = self._features(rows[part]), self.folds[part]
            for f in range(FOLDS):
                result[where[fold == f]] = features[fold == f] @ coefficients[f]
        return result


def _chunks(rows: Rows) -> list[Rows]:
    return np.array_split(rows, max(1, -(-len(rows) // STREAM)))
