"""Log-likelihood ratios of labels against 'this label was drawn without looking at the row', at any
offset."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from scipy.special import gammaln

from datacheck.probes.calibration import calibrated
from datacheck.probes.target import Target

Matrix = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

FREEDOM = 6.0
"""Degrees of freedom of the t density: heavy tails must not speak for misalignment."""
CAP = 9.0
"""Nats that one row may say for or against: log of the least probability ever claimed."""
LAGS = 2
NEAR = 64
"""Rows before and after, of which labels shuffled in a stretch are thought to be drawn."""


class RowLikelihood(Protocol):
    """Row by row evidence for labels given their rows."""

    @property
    def expected(self) -> Matrix:
        """Predicted label scores, shape (n, q)."""
        ...

    @property
    def seen(self) -> Matrix:
        """Given label scores, shape (n, q)."""
        ...

    def ratio(self, offset: int) -> Matrix:
        """log P(y[i + offset] | row i, labels before) - log P(y[i + offset] | labels before), shape (n,),
        nats."""
        ...

    def rough(self) -> Matrix | None:
        """log P(y[i] | labels near by in any order) - log P(y[i] | labels before), shape (n,); None
        without memory."""
        ...


def _at(positions: Rows, offset: int) -> tuple[Rows, Mask]:
    """Where the row `offset` rows on is kept, shape (n,), and whether it is kept at all."""
    n = len(positions)
    target = np.clip(np.arange(n) + offset, 0, n - 1)
    return target, positions[target] == positions + offset


@dataclass(frozen=True, slots=True, eq=False)
class ClassLikelihood:
    """Classes: P(c | row, previous label) as a log-linear pool of P(c | row) and a stay-or-redraw chain."""

    logs: Matrix
    target: Target
    positions: Rows
    stay: float
    pull: float
    expected: Matrix
    seen: Matrix

    @classmethod
    def fit(
        cls, scores: Matrix, target: Target, positions: Rows, usable: Mask, *, remembering: bool
    ) -> ClassLikelihood:
        """`scores`, shape (n, C), are out-of-fold ridge predictions of the class indicators."""
        views = [scores, np.log(np.clip(scores, 0.02 / scores.shape[1], 1))]
        logs = calibrated(views, target.codes, usable)
        seen = np.eye(len(target.classes))[target.codes]
        plain = cls(logs, target, positions, 0.0, 0.0, np.exp(logs), seen)
        return plain._with_memory(usable) if remembering else plain

    def _with_memory(self, usable: Mask) -> ClassLikelihood:
        codes = self.target.codes
        before, kept = _at(self.positions, -1)
        kept = kept & usable & usable[before]
        chance = float((self.target.priors**2).sum())
        same = float((codes[kept] == codes[before][kept]).mean()) if kept.any() else chance
        stay = float(np.clip((same - chance) / (1 - chance), 0, 0.99))
        best = minimize(self._misfit, np.array([1.0, 1.0]), (stay, kept), method="Nelder-Mead")
        sharp, pull = float(max(best.x[0], 0)), float(best.x[1])
        return ClassLikelihood(
            _log_power(self.logs, sharp), self.target, self.positions, stay, pull, self.expected, self.seen
        )

    def _misfit(self, parameters: Matrix, stay: float, kept: Mask) -> float:
        model = ClassLikelihood(
            _log_power(self.logs, max(parameters[0], 0)),
            self.target, self.positions, stay, parameters[1], self.expected, self.seen,
        )  # fmt: skip
        return -float(model.ratio(0)[kept].mean())

    def ratio(self, offset: int) -> Matrix:
        """See `RowLikelihood.ratio`."""
        rows = np.arange(len(self.positions))
        at, kept = _at(self.positions, offset)
        codes = self.target.codes[at]
        plain = self.logs[rows, codes] - np.log(self.target.priors[codes])
        known = kept & self.target.valid[at]
        if self.stay:
            plain = plain + self._chain(offset, codes)
        return np.where(known, np.clip(plain, -CAP, CAP), 0.0)

    def _chain(self, offset: int, codes: Rows) -> Matrix:
        """What the previous label changes in the ratio; 0 where it is not known."""
        rows = np.arange(len(self.positions))
        at, kept = _at(self.positions, offset - 1)
        previous = self.target.codes[at]
        gain_stay, gain_move = self._gains(previous)
        own = np.exp(self.logs[rows, previous])
        normaliser = np.log(own * np.exp(self.pull * gain_stay) + (1 - own) * np.exp(self.pull * gain_move))
        gain = np.where(codes == previous, gain_stay, gain_move)
        return np.where(kept & self.target.valid[at], (self.pull - 1) * gain - normaliser, 0.0)

    def _gains(self, previous: Rows) -> tuple[Matrix, float]:
        """log of transition over prior: for staying in the previous class, and for moving."""
        prior = self.target.priors[previous]
        return np.log((self.stay + (1 - self.stay) * prior) / prior), float(np.log(1 - self.stay))

    def rough(self) -> Matrix | None:
        """See `RowLikelihood.rough`."""
        if not self.stay:
            return None
        at, kept = _at(self.positions, -1)
        codes = self.target.codes
        stay, move = self._gains(codes[at])
        chain = np.log(self.target.priors[codes]) + np.where(codes == codes[at], stay, move)
        near = _rolling(self.seen * self.target.valid[:, None]) + self.target.priors
        local = np.log(near[np.arange(len(codes)), codes] / near.sum(axis=1))
        return np.where(kept & self.target.valid & self.target.valid[at], local - chain, 0.0)


def _log_power(logs: Matrix, power: float) -> Matrix:
    raised = logs * power
    return np.asarray(raised - np.log(np.exp(raised).sum(axis=1, keepdims=True)))


@dataclass(frozen=True, slots=True, eq=False)
class ValueLikelihood:
    """Normal scores: a t density around a regression on the prediction and, with memory, on what came before.

    The reference is the same regression without the predictions, so that memory alone is no evidence of fit.
    """

    fitted: Matrix
    target: Target
    positions: Rows
    lags: int
    full: Matrix
    bare: Matrix
    spreads: Matrix
    bare_spread: float
    cuts: Matrix
    expected: Matrix
    seen: Matrix

    @classmethod
    def fit(
        cls, scores: Matrix, target: Target, positions: Rows, usable: Mask, *, remembering: bool
    ) -> ValueLikelihood:
        """`scores`, shape (n, 1), are out-of-fold ridge predictions of the normal scores."""
        fitted, lags = scores[:, 0], LAGS if remembering else 0
        design, history, kept = _designs(fitted, target, positions, lags, 0)
        rows = kept & usable
        full = np.asarray(np.linalg.lstsq(design[rows], target.values[rows], rcond=None)[0], dtype=np.float64)
        bare = np.asarray(
            np.linalg.lstsq(history[rows], target.values[rows], rcond=None)[0], dtype=np.float64
        )
        cuts = np.quantile(fitted[rows], np.linspace(0, 1, 9)[1:-1])
        residual, cell = (target.values - design @ full)[rows], np.searchsorted(cuts, fitted[rows])
        overall = _scale(residual)
        spreads = np.array([_scale(residual[cell == c], overall) for c in range(8)])
        bare_spread = _scale((target.values - history @ bare)[rows])
        return cls(
            fitted, target, positions, lags, full, bare, spreads, bare_spread, cuts,
            scores, target.values[:, None],
        )  # fmt: skip

    def ratio(self, offset: int) -> Matrix:
        """See `RowLikelihood.ratio`."""
        design, history, kept = _designs(self.fitted, self.target, self.positions, self.lags, offset)
        values = self.target.values[_at(self.positions, offset)[0]]
        spread = self.spreads[np.searchsorted(self.cuts, self.fitted)]
        said = _log_t(values - design @ self.full, spread) - self._reference(values, history)
        return np.where(kept, np.clip(said, -CAP, CAP), 0.0)

    def _reference(self, values: Matrix, history: Matrix) -> Matrix:
        return _log_t(values - history @ self.bare, self.bare_spread) if self.lags else _log_normal(values)

    def rough(self) -> Matrix | None:
        """See `RowLikelihood.rough`."""
        if not self.lags:
            return None
        _, history, kept = _designs(self.fitted, self.target, self.positions, self.lags, 0)
        values = self.target.values
        count = np.maximum(_rolling(np.ones((len(values), 1))), 1)
        mean = _rolling(values[:, None]) / count
        spread = np.sqrt(np.maximum(_rolling(values[:, None] ** 2) / count - mean**2, 0) + 1e-2)[:, 0]
        local = _log_normal((values - mean[:, 0]) / spread) - np.log(spread)
        said = local - self._reference(values, history)
        return np.where(kept, np.clip(said, -CAP, CAP), 0.0)


def _rolling(columns: Matrix) -> Matrix:
    """Sums over the NEAR rows before and after each row, without it, shape as given."""
    sums = np.vstack([np.zeros((1, columns.shape[1])), np.cumsum(columns, axis=0)])
    rows = np.arange(len(columns))
    high, low = np.minimum(rows + NEAR + 1, len(columns)), np.maximum(rows - NEAR, 0)
    return np.asarray(sums[high] - sums[low] - columns)


def _designs(
    fitted: Matrix, target: Target, positions: Rows, lags: int, offset: int
) -> tuple[Matrix, Matrix, Mask]:
    """Regressors with and without predictions, shapes (n, 2 + 2 lags) and (n, 1 + lags), and where all are
    known."""
    at, kept = _at(positions, offset)
    kept = kept & target.valid[at]
    history, predictions = [np.ones(len(fitted))], [fitted]
    for lag in range(1, lags + 1):
        before, here = _at(positions, offset - lag)
        own, there = _at(positions, -lag)
        kept = kept & here & there & target.valid[before]
        history.append(target.values[before])
        predictions.append(fitted[own])
    past = np.column_stack(history)
    return np.column_stack([past, *predictions]), past, kept


def _scale(residuals: Matrix, prior: float = 0.0) -> float:
    """Scale of a t density by its EM fixed point, shrunk towards `prior` as by ten rows."""
    pull = 10.0 if prior else 0.0
    if len(residuals) == 0:
        return prior or 1.0
    square = float((residuals**2).mean()) + 1e-6
    for _ in range(12):
        weights = (FREEDOM + 1) / (FREEDOM + residuals**2 / square)
        square = (float((weights * residuals**2).sum()) + pull * prior**2) / (len(residuals) + pull) + 1e-6
    return float(np.sqrt(square))


def _log_t(residuals: Matrix, scale: Matrix | float) -> Matrix:
    constant = gammaln((FREEDOM + 1) / 2) - gammaln(FREEDOM / 2) - np.log(FREEDOM * np.pi) / 2
    return np.asarray(
        constant - np.log(scale) - (FREEDOM + 1) / 2 * np.log1p((residuals / scale) ** 2 / FREEDOM)
    )


def _log_normal(values: Matrix) -> Matrix:
    return np.asarray(-(values**2) / 2 - np.log(2 * np.pi) / 2)
