"""How well do the features fit the labels k rows further on, for every k at once?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.fft import irfft, prev_fast_len, rfft

from datacheck.probes.alignment_basis import Basis
from datacheck.probes.tails import pearson_tail

Matrix = npt.NDArray[np.float64]

REACH = 4096
"""Offsets looked for; farther shifts are the null. Short tables look a third (under 2,048 rows a quarter)
as far."""
CLAIM = 1e-4
"""p-value, corrected for all offsets looked at, under which an offset may be claimed. Measured on null
sets: 0-0.5 %."""
LEAD = 8.0
"""Least advantage over offset 0, in standard deviations; and LEAD_SHARE of the peak, for data with a
natural lag."""
LEAD_SHARE = 0.4
MARGIN = 1.25
"""The peak must beat the largest value of the null by this factor: it removed the one false offset seen on
real data."""
CHUNK = 32


@dataclass(frozen=True, slots=True, eq=False)
class Scan:
    """Fit at each offset, in standard deviations of the fit at far shifts.

    `offsets` (2K+1,) and `strength` (2K+1,) are the curve; `null` the strengths at far shifts; `skewness`
    its own.
    """

    offsets: npt.NDArray[np.int64]
    strength: Matrix
    null: Matrix

    def at(self, offset: int) -> float:
        """Strength at one offset."""
        return float(self.strength[offset + len(self.offsets) // 2])

    def p_value(self, offset: int) -> float:
        """Chance of such a strength at one given shift: counted in the bulk of the null, Pearson III
        beyond."""
        strength = self.at(offset)
        counted = (1 + int((self.null >= strength).sum())) / (1 + len(self.null))
        if counted > 20 / len(self.null):
            return counted
        return float(np.clip(pearson_tail(strength, self.null), 1e-300, 1))

    @property
    def peak(self) -> int:
        """The offset of the best fit."""
        return int(self.offsets[self.strength.argmax()])

    @property
    def claimed(self) -> int:
        """The peak if it is an offset beyond doubt, else 0: see CLAIM, LEAD and MARGIN."""
        peak = self.peak
        strength = self.at(peak)
        sure = len(self.offsets) * self.p_value(peak) < CLAIM and strength > MARGIN * self.null.max()
        return peak if sure and strength - self.at(0) > max(LEAD, LEAD_SHARE * strength) else 0

    def others(self, count: int = 4) -> tuple[int, ...]:
        """Further offsets, besides 0 and the peak's neighbourhood, that stand out as the peak must."""
        bar = MARGIN * max(float(self.null.max()), LEAD)
        order = np.argsort(-self.strength)[: 4 * count]
        strong = [int(self.offsets[i]) for i in order if self.strength[i] > bar and self.offsets[i] != 0]
        return tuple(strong[:count])


def reach(rows: int) -> int:
    """Largest offset looked for among that many rows."""
    return min(REACH, rows // 3 if rows >= 2048 else rows // 4)


def usable_rows(rows: int) -> int:
    """The largest number of rows, at most `rows`, whose Fourier transform is fast."""
    return int(prev_fast_len(rows, real=True))


def offset_scan(bases: list[Basis], scores: Matrix) -> Scan:
    """Quadratic forms of `scores`, shape (n, q), at all n circular shifts; n should be `usable_rows`.

    One transform for each direction gives its correlation with the scores at every shift, so a shift costs
    no more than O(log n). Far shifts keep the order of both sides and hence their memory: they are the
    null (compare the generalised cross-correlation of Knapp and Carter 1976).
    """
    n = len(scores)
    half = reach(n)
    spectra = rfft(scores.T.astype(np.float32), axis=1)
    forms = np.vstack([_forms(basis, spectra, n) for basis in bases])
    far = forms[:, half + 1 : n - half]
    centre, spread = far.mean(axis=1, keepdims=True), far.std(axis=1, keepdims=True) + 1e-12
    strength = ((forms - centre) / spread).max(axis=0)
    near = np.arange(-half, half + 1)
    return Scan(near, strength[near], strength[half + 1 : n - half])


def _forms(basis: Basis, spectra: npt.NDArray[np.complex64], n: int) -> Matrix:
    """sum_j w_j |sum_i u_ij y_(i+k)|^2 for each ladder step and shift k, shape (3, n)."""
    total = np.zeros((len(basis.weights), n))
    for start in range(0, len(basis.eigenvalues), CHUNK):
        part = slice(start, start + CHUNK)
        conjugate = np.conj(rfft(np.ascontiguousarray(basis.vectors[:, part].T, dtype=np.float32), axis=1))
        power = sum(irfft(conjugate * row, n=n, axis=1) ** 2 for row in spectra)
        total += basis.weights[:, part] @ np.asarray(power, dtype=np.float64)
    return total
