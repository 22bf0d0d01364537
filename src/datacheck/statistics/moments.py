"""Central moments to order four."""

from dataclasses import dataclass, fields
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from .base import Statistic

# |x| beyond 2**128 or below 2**-128 is scaled by a power of 2**128 first: 2**128 to the fourth is 2**512, far
# inside float64, and so are sums of 2**63 such terms
_STEP = 128


@dataclass(frozen=True, kw_only=True, eq=False)
class Moments(Statistic):
    """Count, mean and the sums of the 2nd to 4th powers of the deviations from it, in float64.

    Each field has shape `()` for one column or `(columns,)` for a block. The mean is `mean_ + rest`, to twice
    the digits of a float64: the spread of 3 + 1e-13 noise is then right however the rows are cut. The stored
    numbers are those of `x * 2**-exponent`: columns near 1e308 or among the subnormals come out right.

    References: Chan, Golub & LeVeque 1983 (pairwise merge of mean and M2, with the correction term of
    their two-pass algorithm); Pébay 2008, SAND2008-6212, eq. 2.1 and 3.1 (M3, M4).

    >>> Moments.of(np.array([1e8, 1e8 + 2])).std
    1.0
    """

    n: Any = 0
    mean_: Any = 0.0
    rest: Any = 0.0
    m2: Any = 0.0
    m3: Any = 0.0
    m4: Any = 0.0
    exponent: Any = 0

    @classmethod
    def of(cls, values: NDArray[Any], valid: NDArray[np.bool_] | None = None) -> Self:
        """Moments of the finite `values`, shape (rows,) or (rows, columns), where `valid`."""
        x = values.astype(np.float64)
        n: Any = len(x) if valid is None else np.count_nonzero(valid, axis=0)
        if valid is not None:
            x[~valid] = 0.0
        exponent = _exponent(x)
        if np.any(exponent):
            x = np.ldexp(x, -exponent)
        count = np.maximum(n, 1)
        mean = x.sum(axis=0) / count
        x -= mean
        if valid is not None:
            x[~valid] = 0.0
        return cls(n=n + np.zeros(x.shape[1:], np.int64), exponent=exponent, **_corrected(x, mean, count))

    @classmethod
    def of_counts(cls, values: NDArray[Any], counts: NDArray[np.int64]) -> Self:
        """Moments of whole numbers `values`, (levels,), that occur `counts` times, (columns, levels)."""
        n = counts.sum(axis=1)
        some = np.maximum(n, 1)
        total = counts @ values
        mean = total / some
        d = values - mean[:, None]
        powers = [(counts * d**k).sum(axis=1) for k in (2, 3, 4)]
        zeros = np.zeros(len(n))
        return cls(
            n=n,
            mean_=mean,
            rest=zeros,
            exponent=zeros.astype(np.int64),
            **dict(zip(("m2", "m3", "m4"), powers, strict=True)),
        )

    @classmethod
    def of_stretches(cls, parts: NDArray[np.float64]) -> Self:
        """The sum over stretches of rows, from an array of shape (stretches, columns, fields), as a tree."""
        n, mean, rest, m2, m3, m4, exponent = np.moveaxis(parts, 2, 0)
        total = cls(
            n=n.astype(np.int64),
            mean_=mean,
            rest=rest,
            m2=m2,
            m3=m3,
            m4=m4,
            exponent=exponent.astype(np.int64),
        )
        while len(total.n) > 1:
            even = len(total.n) // 2 * 2
            pairs = total._rows(slice(0, even, 2)) + total._rows(slice(1, even, 2))
            total = pairs._with(total._rows(slice(even, None))) if even < len(total.n) else pairs
        return total._rows(0)

    def _rows(self, at: Any) -> Self:
        return type(self)(**{f.name: getattr(self, f.name)[at] for f in fields(self)})

    def _with(self, other: Self) -> Self:
        pairs = {f.name: (getattr(self, f.name), getattr(other, f.name)) for f in fields(self)}
        return type(self)(**{name: np.concatenate(pair) for name, pair in pairs.items()})

    def __add__(self, other: Self) -> Self:
        # a part without values, or of zeros alone, has no scale of its own
        exponent = np.where(
            self._zero | other._zero,
            np.where(self._zero, other.exponent, self.exponent),
            np.maximum(self.exponent, other.exponent),
        )
        return type(self)(exponent=exponent, **_merge(self._at(exponent), other._at(exponent)))

    @property
    def _zero(self) -> Any:
        return (self.mean_ == 0) & (self.rest == 0) & (self.m2 == 0)

    def _at(self, exponent: Any) -> tuple[Any, ...]:
        """The stored numbers on another scale."""
        shift = np.where(self._zero, 0, self.exponent - exponent)
        numbers = (self.mean_, self.rest, self.m2, self.m3, self.m4)
        if not np.any(shift):
            return (self.n, *numbers)
        return (self.n, *(np.ldexp(m, k * shift) for k, m in zip((1, 1, 2, 3, 4), numbers, strict=True)))

    @property
    def mean(self) -> Any:
        """Arithmetic mean; None for a column without values."""
        return self._derived(self.n > 0, lambda: np.ldexp(self.mean_ + self.rest, self.exponent))

    @property
    def variance(self) -> Any:
        """Population variance (ddof = 0); None without values, infinite where it exceeds float64."""
        return self._derived(self.n > 0, lambda: np.ldexp(self.m2 / np.maximum(self.n, 1), 2 * self.exponent))

    @property
    def std(self) -> Any:
        """Population standard deviation (ddof = 0); None without values."""
        return self._derived(self.n > 0, lambda: self._root(np.maximum(self.n, 1)))

    @property
    def std_sample(self) -> Any:
        """Sample standard deviation (ddof = 1); None with fewer than two values."""
        return self._derived(self.n > 1, lambda: self._root(np.maximum(self.n - 1, 1)))

    @property
    def skewness(self) -> Any:
        """Third standardised moment; None where the values do not vary."""
        return self._derived(self.m2 > 0, lambda: self._standardised(self.m3, 3))

    @property
    def kurtosis(self) -> Any:
        """Fourth standardised moment minus 3; None where the values do not vary."""
        return self._derived(self.m2 > 0, lambda: self._standardised(self.m4, 4) - 3)

    def _root(self, count: Any) -> Any:
        return np.ldexp(np.sqrt(self.m2 / count), self.exponent)

    def _standardised(self, moment: Any, order: int) -> Any:
        root = np.sqrt(np.where(self.m2 > 0, self.m2, 1.0) / np.maximum(self.n, 1))
        return moment / np.maximum(self.n, 1) / root**order

    def _derived(self, defined: Any, value: Any) -> Any:
        with np.errstate(over="ignore", under="ignore", divide="ignore", invalid="ignore"):
            result = value()
        if np.ndim(self.n):
            return np.where(defined, result, np.nan)
        return result.item() if defined and np.isfinite(result) else None


def _exponent(x: NDArray[np.float64]) -> NDArray[np.int64]:
    """Multiple of 128 near log2 of the largest magnitude, 0 for ordinary numbers."""
    largest = np.maximum(x.max(axis=0, initial=0.0), -x.min(axis=0, initial=0.0))
    exponent = np.trunc(np.frexp(largest)[1] / _STEP).astype(np.int64) * _STEP
    return np.where(largest > 0, exponent, 0)


def _corrected(d: NDArray[np.float64], mean: Any, n: Any) -> dict[str, Any]:
    """Moments from the deviations `d` from a rounded mean: `c` is what the rounding left over."""
    square = d * d
    c = d.sum(axis=0) / n
    s2, s3, s4 = square.sum(axis=0), (square * d).sum(axis=0), (square * square).sum(axis=0)
    return {
        "mean_": mean + np.zeros_like(c),
        "rest": c,
        "m2": np.maximum(s2 - n * c * c, 0.0),
        "m3": s3 - 3 * c * s2 + 2 * n * c**3,
        "m4": s4 - 4 * c * s3 + 6 * c * c * s2 - 3 * n * c**4,
    }


def _merge(a: tuple[Any, ...], b: tuple[Any, ...]) -> dict[str, Any]:
    (na, mean_a, rest_a, a2, a3, a4), (nb, mean_b, rest_b, b2, b3, b4) = a, b
    n = na + nb
    total = np.maximum(n, 1)
    fa, fb = na / total, nb / total
    d = np.where((na == 0) | (nb == 0), 0.0, (mean_b - mean_a) + (rest_b - rest_a))
    w = na * fb
    # from the larger part, so that the mean of equal values stays exactly that value
    larger = na >= nb
    mean, rest = _two_sum(
        np.where(larger, mean_a, mean_b), np.where(larger, rest_a, rest_b), np.where(larger, d * fb, -d * fa)
    )
    return {
        "n": n,
        "mean_": mean,
        "rest": rest,
        "m2": a2 + b2 + d * d * w,
        "m3": a3 + b3 + d**3 * w * (fa - fb) + 3 * d * (fa * b2 - fb * a2),
        "m4": a4 + b4 + d**4 * w * (fa * fa - fa * fb + fb * fb)
        + 6 * d * d * (fa * fa * b2 + fb * fb * a2) + 4 * d * (fa * b3 - fb * a3),
    }  # fmt: skip


def _two_sum(high: Any, low: Any, step: Any) -> tuple[Any, Any]:
    """`high + low + step` as two numbers; the rounding of the first sum goes to the second (Knuth 1969)."""
    total = high + step
    back = total - high
    return total, low + ((high - (total - back)) + (step - back))
