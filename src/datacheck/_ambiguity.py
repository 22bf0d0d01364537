"""Small spreads that the data cannot explain: a small unit, or something unimportant?"""

from collections.abc import Iterator, Sequence

import numpy as np

from ._precision import is_constant_in, rounding_noise

ORDERS = 1e-3
"""Share of the typical standard deviation below which the unit is in question: three orders of magnitude,
a step of the metric prefixes (milli, kilo), so that one slip of the unit explains it."""

BITS = 32.0
"""Multiple of the rounding noise below which a spread is in question: fewer than 5 bits then tell one row
from another, and standardising makes rounding errors of 3 % of a standard deviation out of the cast."""


def typical_of_others(stds: Sequence[float]) -> Iterator[float | None]:
    """For each standard deviation the median of the others above zero, None without any; by one sort.

    >>> list(typical_of_others([1.0, 0.0, 5.0, 3.0]))
    [4.0, 3.0, 2.0, 3.0]
    """
    ordered = np.sort([std for std in stds if std])
    for std, own in zip(stds, np.searchsorted(ordered, stds), strict=True):
        count = len(ordered) - bool(std)
        middle = np.array([(count - 1) // 2, count // 2])
        yield float(ordered[middle + (bool(std) & (middle >= own))].mean()) if count else None


def question(
    std: float,
    max_abs: float,
    typical_std: float | None,
    precision: str,
    *,
    orders: float = ORDERS,
    bits: float = BITS,
) -> str | None:
    """What a person should decide about a feature of this spread, or None where nothing is in doubt.

    `typical_std` is the median standard deviation of the other numeric features, None without any. Nothing is
    in doubt about a spread that float32 loses already: that feature is constant. Contracts work in float32 or
    better, so an offset is held against float32 whatever the training precision.

    >>> question(1e-5, 1e-4, 1.0, "float32")
    'its standard deviation 1e-05 is 1e-05 of the typical 1: a small unit, or unimportant?'
    >>> question(0.5, 3.0, 1.0, "float32") is None
    True
    """
    if not std or is_constant_in("float32", std, -max_abs, max_abs):
        return None
    if typical_std and std < orders * typical_std:
        share = f"{std / typical_std:.1g} of the typical {typical_std:.3g}"
        return f"its standard deviation {std:.3g} is {share}: a small unit, or unimportant?"
    if std < bits * rounding_noise(max_abs, "float32"):
        above = f"is little above the rounding of float32 at {max_abs:.3g}"
        return f"its standard deviation {std:.3g} {above}: a signal on a large offset, or measurement noise?"
    if std <= rounding_noise(max_abs, precision):
        return (
            f"its standard deviation {std:.3g} is lost in {precision}: normalise before the cast, or drop it?"
        )
    return None
