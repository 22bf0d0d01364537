"""P(x), two columns at a time: does a correlation of normal scores differ between the splits?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

from datacheck._significance import benjamini_hochberg

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

MIN_CORRELATION = 0.10
"""Change of a correlation that counts."""


@dataclass(frozen=True, kw_only=True, slots=True)
class DependenceShift:
    """The pair of terms whose correlation changed most surely: adjusted p, the change, its 95 % interval.

    `terms` are the fewest that every significantly changed pair has one of, or both of a single pair.
    """

    p: float
    terms: tuple[int, ...]
    before: float
    after: float
    interval: tuple[float, float]

    @property
    def relevant(self) -> bool:
        return abs(self.after - self.before) >= MIN_CORRELATION


def dependence_shift(scores: FloatArray, domain: IntArray) -> DependenceShift | None:
    """All pairs of columns of normal scores, shape (n, d), Benjamini-Hochberg over the pairs; None below two
    columns.

    The variance of a correlation comes from its influence function, so heavy tails and ties are allowed for.
    """
    if scores.shape[1] < 2:
        return None
    sides = [_correlations(scores[domain == side]) for side in (0, 1)]
    pairs = np.triu_indices(scores.shape[1], 1)
    before, after = (side[0][pairs] for side in sides)
    error = np.sqrt(np.maximum(sum(side[1][pairs] for side in sides), 1e-12))
    z = (after - before) / error
    adjusted = benjamini_hochberg(2 * special.ndtr(-np.abs(z)))
    best = int(np.lexsort((-np.abs(z), adjusted))[0])
    change = float(after[best] - before[best])
    return DependenceShift(
        p=float(adjusted[best]),
        terms=_cover(np.stack(pairs, axis=1), np.where(adjusted <= max(0.05, adjusted[best]), z**2, 0.0)),
        before=float(before[best]),
        after=float(after[best]),
        interval=(change - 1.96 * float(error[best]), change + 1.96 * float(error[best])),
    )


def _cover(pairs: IntArray, strength: FloatArray) -> tuple[int, ...]:
    """Columns, each the one with the most strength in pairs that the earlier ones leave.

    >>> _cover(np.array([[0, 1], [0, 2], [1, 2]]), np.array([9.0, 8.0, 0.0]))
    (0,)
    """
    left = pairs[strength > 0]
    strength = strength[strength > 0]
    if len(left) == 1:
        return tuple(left[0].tolist())
    cover: list[int] = []
    while len(left):
        top = int(np.argmax(np.bincount(left.ravel(), weights=np.repeat(strength, 2))))
        cover.append(top)
        kept = (left != top).all(axis=1)
        left, strength = left[kept], strength[kept]
    return tuple(cover)


def _correlations(scores: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Correlation matrix of some rows and the variance of each entry, shape (d, d) each."""
    rows = len(scores)
    z = scores - scores.mean(axis=0)
    z = z / np.maximum(z.std(axis=0), 1e-9)
    square = z**2
    correlation = z.T @ z / rows
    even, odd = square.T @ square / rows, (z * square).T @ z / rows
    fourth = np.diag(even)
    influence = (
        even
        - correlation * (odd + odd.T)
        + correlation**2 / 4 * (fourth[:, None] + fourth[None, :] + 2 * even)
    )
    return correlation, np.maximum(influence, 0.0) / max(rows - 3, 1)
