"""What a training precision can hold: limits, rounding, and when a column is constant in it.

>>> is_constant_in("float32", std=1e-13, min=3.0, max=3.0 + 4e-13)
True
>>> is_constant_in("float64", std=1e-13, min=3.0, max=3.0 + 4e-13)
False
"""

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt

Precision: TypeAlias = Literal["float64", "float32", "float16", "bfloat16"]

NOISE_FACTOR = 2.0
"""Roundings' worth of standard deviation below which a column is noise, in units of eps * max|x|.

One cast spreads a constant by at most 0.29 (Widrow & Kollar 2008: uniform error of one step). Measured on
20,000 float32 rows that would be constant in exact arithmetic: x * a / x 0.41, (x + a) - x 0.96, sums of
probabilities over 10 terms 0.56 and over 100 terms 1.21. A factor of 4 would also take sums of 1,000 terms
(3.47), but calls the years 2000 to 2020 constant in float16, which holds each of them exactly.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Largest finite value, relative step, smallest step and largest gapless integer of one format."""

    name: str
    eps: float
    max: float
    smallest_step: float
    exact_integers: int


LIMITS: dict[str, Limits] = {
    "float64": Limits(
        name="float64", eps=2.0**-52, max=float(np.finfo(np.float64).max), smallest_step=5e-324,
        exact_integers=2**53,
    ),
    "float32": Limits(
        name="float32", eps=2.0**-23, max=float(np.finfo(np.float32).max), smallest_step=2.0**-149,
        exact_integers=2**24,
    ),
    "float16": Limits(
        name="float16", eps=2.0**-10, max=65504.0, smallest_step=2.0**-24, exact_integers=2**11,
    ),
    "bfloat16": Limits(
        name="bfloat16", eps=2.0**-7, max=(2.0 - 2.0**-7) * 2.0**127, smallest_step=2.0**-133,
        exact_integers=2**8,
    ),
}  # fmt: skip


def limits(precision: str) -> Limits:
    """The limits of a format; ValueError that lists the known names otherwise."""
    if precision not in LIMITS:
        raise ValueError(f"precision {precision!r} is unknown: give one of {', '.join(LIMITS)}")
    return LIMITS[precision]


def rounding_noise(max_abs: float, precision: str) -> float:
    """Standard deviation, in the unit of the column, that rounding alone can give a column up to `max_abs`.

    >>> round(rounding_noise(3.0, "float32"), 9)
    7.15e-07
    """
    limit = limits(precision)
    return NOISE_FACTOR * max(limit.eps * max_abs, limit.smallest_step)


def is_constant_in(precision: str, std: float | None, min: float | None, max: float | None) -> bool:
    """Whether finite values from `min` to `max` with this standard deviation are one value, or noise, there.

    True for no finite values at all, one value, values that the cast makes one, and a spread below
    `rounding_noise`. Values too large for the format are not constant: they overflow, which is another fault.
    """
    if min is None or max is None or std is None:
        return True
    low, high = float(min), float(max)
    if low == high or _same_after_cast(low, high, precision):
        return True
    return std <= rounding_noise(np.maximum(abs(low), abs(high)).item(), precision)


def _same_after_cast(low: float, high: float, precision: str) -> bool:
    cast = round_to(np.array([low, high]), precision)
    return bool(np.isfinite(cast).all() and cast[0] == cast[1])


def round_to(values: npt.ArrayLike, precision: str) -> npt.NDArray[np.float64]:
    """Values of any shape rounded to the nearest number of the format, in float64; beyond its range, inf.

    >>> round_to([257.0, 70000.0], "bfloat16")
    array([  256., 70144.])
    """
    array = np.asarray(values, dtype=np.float64)
    with np.errstate(over="ignore"):
        if limits(precision).name == "bfloat16":
            return _round_to_bfloat16(array.astype(np.float32))
        return array.astype(precision).astype(np.float64)


def _round_to_bfloat16(array: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
    """Keep the upper 16 bits of float32, ties to even; NaN stays NaN, the sum cannot carry past inf."""
    bits = array.view(np.uint32)
    bias = np.uint32(0x7FFF) + ((bits >> np.uint32(16)) & np.uint32(1))
    rounded = ((bits + bias) & np.uint32(0xFFFF0000)).view(np.float32)
    return np.where(np.isfinite(array), rounded, array).astype(np.float64)
