"""Wrong real-valued labels: a heavy-tailed fit for the right ones, the marginal for the others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import gammaln

from datacheck.probes.noise_models import SHARES

Matrix = npt.NDArray[np.float64]

FREEDOMS = (3.0, 6.0, 30.0)
"""Tails tried for right labels: heavy tails must not pass for wrong labels."""
STEPS = 20
FIT_ROWS = 3000


@dataclass(frozen=True, slots=True, eq=False)
class ValueFit:
    """The mixture fit: chances of a wrong label (n,), the profile of its share, and the predicted normal
    scores."""

    wrong: Matrix
    fraction: float
    shares: Matrix
    profile: Matrix
    predicted: Matrix

    @property
    def log_odds(self) -> float:
        """Nats by which some noise is better than none."""
        return float(self.profile.max() - self.profile[0])

    def suggested(self, given: list[Any]) -> npt.NDArray[np.object_]:
        """Predicted labels in the units of the given ones: equal quantiles of both."""
        values = np.sort(np.array([float(value) for value in given]))
        ranks = np.argsort(np.argsort(self.predicted, kind="stable"), kind="stable")
        return values[ranks].astype(object)


def value_fit(design: Matrix, values: Matrix) -> ValueFit:
    """y = (1 - p) t(design b, sigma(design b)) + p marginal; `values`, shape (n,), are normal scores.

    p and the tails are chosen on at most FIT_ROWS rows, the rest is fitted on all.
    """
    step = -(-len(values) // FIT_ROWS)
    curves = {freedom: _profile(design[::step], values[::step], freedom) for freedom in FREEDOMS}
    freedom = max(curves, key=lambda f: float(curves[f].max()))
    share = float(SHARES[curves[freedom].argmax()])
    coefficients, _, wrong, _ = _mixture(design, values, freedom, share, *_start(design, values))
    return ValueFit(wrong, share, SHARES, curves[freedom] * step, design @ coefficients)


def _start(design: Matrix, values: Matrix) -> tuple[Matrix, Matrix]:
    """Least squares and one spread for all rows."""
    coefficients = np.asarray(np.linalg.lstsq(design, values, rcond=None)[0], dtype=np.float64)
    return coefficients, np.full(len(values), np.std(values - design @ coefficients) + 1e-3)


def _profile(design: Matrix, values: Matrix, freedom: float) -> Matrix:
    """Log-likelihood at each of SHARES, each fit starting from the one before."""
    curve = []
    coefficients, spread = _start(design, values)
    for share in SHARES:
        coefficients, spread, _, likelihood = _mixture(design, values, freedom, share, coefficients, spread)
        curve.append(likelihood)
    return np.array(curve)


def _mixture(
    design: Matrix, values: Matrix, freedom: float, share: float, coefficients: Matrix, spread: Matrix
) -> tuple[Matrix, Matrix, Matrix, float]:
    """EM at a fixed share: coefficients, spread of each row, chances of a wrong label, log-likelihood."""
    marginal = np.exp(-(values**2) / 2) / np.sqrt(2 * np.pi)
    wrong, total = np.zeros(len(values)), values * 0
    for _ in range(STEPS):
        residual = values - design @ coefficients
        right = (1 - share) * np.exp(_log_t(residual, spread, freedom))
        total = right + max(share, 1e-9) * marginal
        wrong = 1 - right / total
        weight = (1 - wrong) * (freedom + 1) / (freedom + (residual / spread) ** 2)
        root = np.sqrt(weight / spread**2)[:, None]
        coefficients = np.linalg.lstsq(design * root, values * root[:, 0], rcond=None)[0]
        spread = _spread(design @ coefficients, (values - design @ coefficients) ** 2, weight, 1 - wrong)
    return coefficients, spread, wrong, float(np.log(total).sum())


def _spread(fitted: Matrix, squares: Matrix, weight: Matrix, right: Matrix) -> Matrix:
    """Scale of the t density in eight bins of the fitted value, each shrunk by twenty rows to the common
    one."""
    cuts = np.quantile(fitted, np.linspace(0, 1, 9)[1:-1])
    cell = np.searchsorted(cuts, fitted)
    sums, counts = (np.bincount(cell, w, minlength=8) for w in (weight * squares, right))
    common = sums.sum() / max(counts.sum(), 1e-9)
    return np.asarray(np.sqrt((sums + 20 * common) / (counts + 20) + 1e-6)[cell])


def _log_t(residual: Matrix, scale: Matrix, freedom: float) -> Matrix:
    constant = gammaln((freedom + 1) / 2) - gammaln(freedom / 2) - np.log(freedom * np.pi) / 2
    return np.asarray(
        constant - np.log(scale) - (freedom + 1) / 2 * np.log1p((residual / scale) ** 2 / freedom)
    )
