"""What the features say of each label, row by row, from models that never saw that row."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial

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
FIRST = 4
"""The penalty tried first, then its neighbours while the error falls: of 153 fits to 17 tables it took the
best of all six each time, by 3.2 of them."""
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
        mean = goal[fit].mean(axis=0)
        best = self._best(rows, goal - mean, fit)
        return np.asarray(self._apply(rows, np.arange(len(rows)), best) + mean)

    def _features(self, rows: Matrix) -> Matrix:
        return np.hstack(self.lift.blocks(rows)) - self.centre

    def _best(self, rows: Matrix, goal: Matrix, fit: Rows) -> Matrix:
        """Coefficients without each fold, shape (folds, m, q), at the penalty of least out-of-fold error on a
        quarter of the fitted rows."""
        fitted = self._fitted(rows, goal, fit)
        some = fit[:: max(1, len(fit) // 4096)]
        features, folds = self._features(rows[some]), self.folds[some]

        @cache
        def tried(place: int) -> tuple[float, Matrix]:
            coefficients = fitted(float(PENALTIES[place]))
            return float(((_guess(features, folds, coefficients) - goal[some]) ** 2).sum()), coefficients

        best, place = FIRST, None
        while place != best:
            place = best
            near = range(max(place - 1, 0), min(place + 2, len(PENALTIES)))
            best = min(near, key=lambda other: tried(other)[0])
        return tried(best)[1]

    def _fitted(self, rows: Matrix, goal: Matrix, fit: Rows) -> Callable[[float], Matrix]:
        """From a penalty to the coefficients of the fit without each fold, shape (folds, m, q)."""
        if len(fit) > len(self.centre):
            return partial(_by_features, *self._moments(rows, goal, fit))
        features = self._features(rows[fit])
        return partial(_by_rows, features, features @ features.T, goal[fit], self.folds[fit])

    def _moments(self, rows: Matrix, goal: Matrix, fit: Rows) -> tuple[Matrix, Matrix]:
        """Per fold: features'features (m, m) and features'goal (m, q)."""
        m = len(self.centre)
        grams, crosses = np.zeros((FOLDS, m, m)), np.zeros((FOLDS, m, goal.shape[1]))
        for part in _chunks(fit):
            features, fold = self._features(rows[part]), self.folds[part]
            for f in range(FOLDS):
                own = features[fold == f]
                grams[f] += own.T @ own
                crosses[f] += own.T @ goal[part[fold == f]]
        return grams, crosses

    def _apply(self, rows: Matrix, wanted: Rows, coefficients: Matrix) -> Matrix:
        chunks = _chunks(wanted)
        return np.concatenate(
            [_guess(self._features(rows[part]), self.folds[part], coefficients) for part in chunks]
        )


def _guess(features: Matrix, folds: Rows, coefficients: Matrix) -> Matrix:
    """What the fit without its own fold says of each row, shape (n, q)."""
    result = np.empty((len(features), coefficients.shape[2]))
    for fold, own in enumerate(coefficients):
        result[folds == fold] = features[folds == fold] @ own
    return result


def _by_features(grams: Matrix, crosses: Matrix, penalty: float) -> Matrix:
    """Ridge coefficients without each fold from its products of features, shape (folds, m, q)."""
    gram, cross = grams.sum(axis=0), crosses.sum(axis=0)
    ridge = penalty * np.trace(gram) / len(gram)
    return np.stack(
        [_solved(gram - own, ridge, cross - side) for own, side in zip(grams, crosses, strict=True)]
    )


def _by_rows(features: Matrix, products: Matrix, goal: Matrix, folds: Rows, penalty: float) -> Matrix:
    """The same from products of rows, where rows are fewer than features (the dual of the problem)."""
    ridge = penalty * np.trace(products) / features.shape[1]
    others = [np.flatnonzero(folds != fold) for fold in range(FOLDS)]
    return np.stack([features[o].T @ _solved(products[np.ix_(o, o)], ridge, goal[o]) for o in others])


def _solved(gram: Matrix, ridge: float, side: Matrix) -> Matrix:
    """(gram + ridge)^-1 side; writes into `gram`."""
    gram.flat[:: len(gram) + 1] += ridge
    factor = cho_factor(gram, overwrite_a=True, check_finite=False)
    return np.asarray(cho_solve(factor, side, check_finite=False))


def _chunks(rows: Rows) -> list[Rows]:
    return np.array_split(rows, max(1, -(-len(rows) // STREAM)))
