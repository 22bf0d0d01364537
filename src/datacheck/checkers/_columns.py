"""What several checkers ask of a column."""

import math
from collections.abc import Iterator

import numpy as np

from .._precision import is_constant_in
from ..dataset_profile import DatasetProfile
from ..profiles import ColumnProfile

NORMAL_90 = 3.2897
"""Width of the middle 90 % of a normal distribution, in standard deviations: 2 * 1.6449."""


def varying(data: DatasetProfile, split: str) -> Iterator[ColumnProfile]:
    """Numeric features of a split that hold more than one number in the training precision."""
    for column in data.numeric(split):
        low, high = bounds(column)
        std = column.moments.std if column.moments else None
        if std and not is_constant_in(data.training.precision, std, low, high):
            yield column


def bounds(column: ColumnProfile) -> tuple[float | None, float | None]:
    """Smallest and largest finite value."""
    extrema = column.extrema
    if extrema is None or extrema.min is None:
        return None, None
    return float(extrema.min), float(extrema.max)


def magnitude(column: ColumnProfile) -> float:
    """Largest |x| among the finite values, 0 without any."""
    low, high = bounds(column)
    return 0.0 if low is None or high is None else max(abs(low), abs(high))


def indicator(column: ColumnProfile) -> bool:
    """Whether the feature is one of two codes (0 and 1, -1 and 1, 1 and 2), whose scale is its meaning."""
    return column.binary and magnitude(column) <= 2


def spread(column: ColumnProfile) -> float | None:
    """Robust standard deviation: the middle 90 % of the values over its width for a normal.

    Where the middle 90 % are one value, the root mean square distance of the other values from it: a feature
    that is rarely active has the scale of its activity. None without values that differ.
    """
    quantiles = column.quantiles
    if quantiles is None or not len(quantiles.values):
        return None
    low, high = (float(quantiles.at(q) or 0.0) for q in (0.05, 0.95))
    width = (high - low) / NORMAL_90
    if width > 0:
        return width
    active = quantiles.values[quantiles.values != low] - low
    return float(np.sqrt(np.mean(active**2))) if len(active) else None


def root_mean_square(column: ColumnProfile) -> float | None:
    """Typical size of the finite values, sqrt(mean² + std²); None without any or beyond float64."""
    moments = column.moments
    if moments is None or moments.std is None:
        return None
    return math.hypot(moments.mean, moments.std)
