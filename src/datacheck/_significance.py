"""Many tests at once, and what a test could have seen."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from scipy import special


def benjamini_hochberg(p_values: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Adjusted p-values, shape (m,): reject those at most alpha and at most alpha of the rejections are
    false.

    Benjamini and Hochberg 1995, equation 1.

    >>> benjamini_hochberg([0.01, 0.04, 0.03, 0.5]).round(3).tolist()
    [0.04, 0.053, 0.053, 0.5]
    """
    p = np.asarray(p_values, dtype=np.float64)
    order = np.argsort(p)[::-1]
    adjusted = np.empty_like(p)
    adjusted[order] = np.minimum.accumulate(p[order] * len(p) / np.arange(len(p), 0, -1))
    return np.minimum(adjusted, 1.0)


def detectable_distance(
    rows_train: float, rows_test: float, alpha: float, power: float = 0.9
) -> float | None:
    """Smallest Kolmogorov-Smirnov distance that a test at `alpha` finds with that power; None without rows.

    The critical distance plus the power quantile of a share near one half, where its variance is largest.
    When a column is one of m, pass alpha / m (what Benjamini-Hochberg asks of a single moved column).

    >>> round(detectable_distance(1000, 1000, 0.05), 3)
    0.089
    """
    if not (rows_train and rows_test):
        return None
    root = math.sqrt(rows_train * rows_test / (rows_train + rows_test))
    critical = float(special.kolmogi(alpha))
    return min(1.0, (critical + float(special.ndtri(power)) / 2) / root)


def detectable_rate(
    rows_train: float, rows_test: float, alpha: float, rate: float = 0.5, power: float = 0.9
) -> float | None:
    """Smallest change of a share near `rate` that a two-sided test at `alpha` finds with that power.

    >>> round(detectable_rate(1000, 1000, 0.05), 3)
    0.072
    """
    if not (rows_train and rows_test):
        return None
    deviation = math.sqrt(rate * (1 - rate) * (1 / rows_train + 1 / rows_test))
    return min(1.0, float(special.ndtri(1 - alpha / 2) + special.ndtri(power)) * deviation)
