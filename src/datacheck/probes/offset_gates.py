"""Series have natural lags: features made of earlier labels, effects that follow their causes. Those are no offset."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.fft import irfft, rfft

from datacheck.probes.offset_scan import reach

Matrix = npt.NDArray[np.float64]

SPEAKS = 10.0
"""Standard deviations of its far shifts by which a column's best shift must stand out to have a say."""
AGREE = 2 / 3
"""Share of what the speaking columns say that must be for the same offset: lag features each name another."""
MADE_OF_LABELS = 0.9
"""R2 of a column on the labels of up to LAGS rows before and after, from which it is taken to be made of them."""
LAGS = 12
ROWS = 8192


def columns_agree(encoded: Matrix, scores: Matrix, offset: int) -> bool:
    """Whether the columns, shape (n, d), one by one fit the scores, shape (n, q), best at this same offset.

    Both sides whitened. True when no column alone says anything.
    """
    n = len(scores)
    half = reach(n)
    near = np.arange(-half, half + 1)
    spectra = rfft(scores, axis=0)
    votes: dict[int, float] = {}
    for column in encoded.T:
        spectrum = np.conj(rfft(column))[:, None]
        power = (irfft(spectrum * spectra, n=n, axis=0) ** 2).sum(axis=1)
        far = power[half + 1 : n - half]
        peak = int(near[power[near].argmax()])
        strength = (power[peak] - far.mean()) / (far.std() + 1e-12)
        if strength > SPEAKS:
            votes[peak] = votes.get(peak, 0.0) + float(strength)
    return not votes or votes.get(offset, 0.0) >= AGREE * sum(votes.values())


def made_of_labels(encoded: npt.NDArray[np.floating[Any]], scores: Matrix) -> npt.NDArray[np.bool_]:
    """Columns that neighbouring rows' labels explain almost wholly, shape (d,): lags and moving averages of labels."""
    encoded, scores = np.asarray(encoded[:ROWS], dtype=np.float64), scores[:ROWS]
    shifts = [shift for shift in range(-LAGS, LAGS + 1) if shift]
    inner = slice(LAGS, len(scores) - LAGS)
    design = np.hstack([np.ones((len(scores), 1)), *(np.roll(scores, -shift, axis=0) for shift in shifts)])[
        inner
    ]
    goal = encoded[inner] - encoded[inner].mean(axis=0)
    left = goal - design @ np.linalg.lstsq(design, goal, rcond=None)[0]
    return np.asarray((left**2).sum(axis=0) < (1 - MADE_OF_LABELS) * (goal**2).sum(axis=0))
