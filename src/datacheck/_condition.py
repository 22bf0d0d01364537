"""Condition numbers of inputs whose scales lie too far apart for a plain eigenvalue routine."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_INDEPENDENT = 1e-8
"""Share of a feature's variance that the features before it must leave unexplained: sqrt(eps) of float64, the
accuracy of a residual computed from a correlation matrix; what is below is rounding."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Condition:
    """Condition number of the second moments of the raw inputs, of the standardised ones, and of how many.

    `features` counts those kept: one that the others explain linearly is left out, since gradient descent
    never moves along the direction that it adds. By interlacing, both numbers are lower bounds for all of
    them.
    """

    raw: float
    standardised: float
    features: int


def condition(mean: Floats, covariance: Floats) -> Condition | None:
    """Condition numbers of E[x x'] and of the correlation matrix; None where float64 cannot hold them.

    `mean` has shape (features,), `covariance` (features, features), in the columns' own units. A plain
    routine is right to eps times the largest eigenvalue, so the smallest of a matrix with 1e-8 beside 1e14 on
    its diagonal is noise. Here the units are taken out first: with M = D R D, the largest eigenvalues of M
    and of D^-1 R^-1 D^-1 both come out right to about eps cond(R), and their product is cond(M).

    References: Demmel & Veselic 1992, SIAM J. Matrix Anal. 13, on D R D; Golub & Van Loan 2013, theorem
    8.1.7, on interlacing.

    >>> found = condition(np.zeros(2), np.diag([1e-8, 1e14]))
    >>> f"{found.raw:.3g} {found.standardised:.3g}"
    '1e+22 1'
    """
    with np.errstate(all="ignore"):
        std = np.sqrt(np.diag(covariance))
        if not (len(std) and np.isfinite(std).all() and (std > 0).all() and np.isfinite(covariance).all()):
            return None
        correlation = covariance / std[:, None] / std
        kept = independent(correlation)
        offset = (mean / std)[kept]
        correlation, unit = correlation[np.ix_(kept, kept)], std[kept]
        raw = _graded(correlation + np.outer(offset, offset), unit)
        values = np.linalg.eigvalsh(correlation)
    return Condition(raw=raw, standardised=float(values[-1] / values[0]), features=len(kept)) if raw else None


def independent(correlation: Floats) -> list[int]:
    """Indices, in order, of the features that those before them do not explain (Cholesky, row by row).

    >>> independent(np.array([[1.0, 1.0, 0.5], [1.0, 1.0, 0.5], [0.5, 0.5, 1.0]]))
    [0, 2]
    """
    rows: list[Floats] = []
    kept: list[int] = []
    for i in range(len(correlation)):
        explained = sum((row[i] ** 2 for row in rows), 0.0)
        left = correlation[i, i] - explained
        if left > _INDEPENDENT:
            past: Any = sum((row[i] * row for row in rows), np.zeros(len(correlation)))
            rows.append((correlation[i] - past) / math.sqrt(left))
            kept.append(i)
    return kept


def _graded(matrix: Floats, unit: Floats) -> float | None:
    """Condition number of diag(unit) @ matrix @ diag(unit), None beyond float64."""
    unit = unit / np.exp(np.mean(np.log(unit)))
    largest = np.linalg.eigvalsh(matrix * unit[:, None] * unit)[-1]
    inverse = np.linalg.inv(matrix)
    product = float(largest * np.linalg.eigvalsh((inverse + inverse.T) / 2 / unit[:, None] / unit)[-1])
    return product if math.isfinite(product) and product >= 1 - 1e-6 else None
