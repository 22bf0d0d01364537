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


FEWEST_OFF_THE_ATOM = 40
"""Rows of each split that must differ from a column's most common value: a correlation that hangs on a few
rows has no standard error."""


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
    usable = [place for place, column in enumerate(scores.T) if _varied(column, domain)]
    if len(usable) < 2:
        return None
    places = np.array(usable)
    sides = [scores[domain == side][:, places] for side in (0, 1)]
    pairs = np.triu_indices(len(places), 1)
    before, after = (_correlations(side)[0][pairs] for side in sides)
    variance = _correlations(np.concatenate([_standardised(side) for side in sides]))[1][pairs]
    error = np.sqrt(np.maximum(variance * sum(1 / len(side) for side in sides), 1e-12))
    z = (after - before) / error
    adjusted = benjamini_hochberg(2 * special.ndtr(-np.abs(z)))
    best = int(np.lexsort((-np.abs(z), adjusted))[0])
    change = float(after[best] - before[best])
    return DependenceShift(
        p=float(adjusted[best]),
        terms=_cover(
            places[np.stack(pairs, axis=1)], np.where(adjusted <= max(0.05, adjusted[best]), z**2, 0.0)
        ),
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


def _varied(column: FloatArray, domain: IntArray) -> bool:
    """Whether at least 40 rows of each split differ from the most common value."""
    values, codes = np.unique(column, return_inverse=True)
    common = np.argmax(np.bincount(codes, minlength=len(values)))
    return min(int((codes[domain == side] != common).sum()) for side in (0, 1)) >= FEWEST_OFF_THE_ATOM


def _standardised(scores: FloatArray) -> FloatArray:
    centred = scores - scores.mean(axis=0)
    return np.asarray(centred / np.maximum(centred.std(axis=0), 1e-9))


def _correlations(scores: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Correlation matrix of some rows and the variance of each influence, shape (d, d) each."""
    z = _standardised(scores)
    square = z**2
    correlation = z.T @ z / len(z)
    even, odd = square.T @ square / len(z), (z * square).T @ z / len(z)
    fourth = np.diag(even)
    influence = (
        even
        - correlation * (odd + odd.T)
        + correlation**2 / 4 * (fourth[:, None] + fourth[None, :] + 2 * even)
    )
    return correlation, np.maximum(influence, 0.0)
