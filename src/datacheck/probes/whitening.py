"""Labels and features with their common memory taken out, so that slow drifts and cycles are not taken for
fit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.fft import irfft, rfft
from scipy.linalg import solve_toeplitz

Matrix = npt.NDArray[np.float64]

ORDER = 4
"""Lags of the autoregression. Measured on independent AR(.5 .. 1) series: 2.5-7 % rejections at nominal 5
%."""
NOTICED = 3.5
"""An autocorrelation beyond this many standard errors at one of the lags calls for whitening."""
LINES = 0.05
"""At most this share of frequencies is cut out as cycles."""


@dataclass(frozen=True, slots=True, eq=False)
class Whitener:
    """One filter for labels and features alike: y_t - sum_l a_l y_(t-l), then without the periodogram's
    lines."""

    coefficients: Matrix
    cycles: npt.NDArray[np.bool_]

    @classmethod
    def fit(cls, scores: Matrix) -> Whitener | None:
        """The filter that whitens the label scores, shape (n, q) in row order; None if they have no
        memory."""
        covariances = _autocovariances(scores)
        if covariances[0] <= 0:
            return None
        effective = len(scores) * np.sqrt(min(scores.shape[1], 2))
        if np.abs(covariances[1:] / covariances[0]).max() < NOTICED / np.sqrt(effective):
            return None
        plain = cls(_autoregression(covariances), np.zeros(0, dtype=np.bool_))
        filtered = plain.apply(scores)
        cycles = _cycles(filtered)
        return (
            plain._refitted(cls(plain.coefficients, cycles)._cut(filtered), scores) if cycles.any() else plain
        )

    def _refitted(self, filtered: Matrix, scores: Matrix) -> Whitener:
        """The filter followed by a second one, for what memory is left without the cycles that bent the
        first."""
        second = _autoregression(_autocovariances(filtered))
        both = np.convolve(np.append(1.0, -self.coefficients), np.append(1.0, -second))
        plain = Whitener(-both[1:], np.zeros(0, dtype=np.bool_))
        return Whitener(plain.coefficients, _cycles(plain.apply(scores)))

    def apply(self, columns: Matrix) -> Matrix:
        """The filtered columns, shape (n - 4, m), centred; n - 8 with cycles."""
        order = len(self.coefficients)
        filtered = columns[order:].copy()
        for lag, weight in enumerate(self.coefficients, start=1):
            filtered -= weight * columns[order - lag : len(columns) - lag]
        filtered -= filtered.mean(axis=0)
        return self._cut(filtered) if self.cycles.any() else filtered

    def without_cycles(self) -> Whitener:
        """The autoregression alone, for stretches of another length."""
        return Whitener(self.coefficients, np.zeros(0, dtype=np.bool_))

    def _cut(self, columns: Matrix) -> Matrix:
        spectrum = rfft(columns, axis=0)
        spectrum[self.cycles] = 0
        return np.asarray(irfft(spectrum, n=len(columns), axis=0))


def _autoregression(covariances: Matrix) -> Matrix:
    """Yule-Walker coefficients of order ORDER."""
    ridge = covariances[:ORDER] + np.eye(1, ORDER)[0] * 1e-6 * covariances[0]
    return np.asarray(solve_toeplitz(ridge, covariances[1 : ORDER + 1]))


def _autocovariances(scores: Matrix) -> Matrix:
    """Pooled over the columns, lags 0 to ORDER."""
    centred = scores - scores.mean(axis=0)
    n = len(centred)
    return np.array([(centred[: n - lag] * centred[lag:]).sum() / n for lag in range(ORDER + 1)])


def _cycles(scores: Matrix) -> npt.NDArray[np.bool_]:
    """Frequencies whose power no noise of this length would reach in a thousand tries, and their neighbours.

    The bound is the upper tail of a sum of q exponentials (Laurent and Massart 2000, lemma 1).
    """
    power = (np.abs(rfft(scores, axis=0)) ** 2).sum(axis=1)
    width, tries = scores.shape[1], np.log(len(scores) / 1e-3)
    limit = (width + np.sqrt(2 * width * tries) + tries) / max(width - 0.31, 0.69) * np.median(power)
    lines = np.flatnonzero(power > limit)
    chosen = lines[np.argsort(-power[lines])][: int(LINES * len(power) / 3)]
    mask = np.zeros(len(power), dtype=np.bool_)
    for shift in (-1, 0, 1):
        mask[np.clip(chosen + shift, 0, len(power) - 1)] = True
    return mask
