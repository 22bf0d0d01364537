"""One pass over a column of numbers: stretches that stay in the processor's cache, every statistic from each.

A stretch has 32,768 values, 256 KiB in float64; the scratch arrays of a thread take 0.8 MB, less than a second
level cache. Every operation writes into them: no temporary of the size of a column is made.
"""

import threading
from dataclasses import dataclass, field
from math import isfinite
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ._hash import NULL, STRETCH, Hashes, hash_numbers, scramble, stretches
from ._known import ALL
from ._smallest import KEEP, different, smallest

_TINY, _HUGE = 2.0**-128, 2.0**128  # beyond, the fourth power of a deviation leaves float64: see Moments
STEP = 128
EVERY = 64  # 512 values of a stretch, whose mean is off by 1/23 of the spread
FAR = 16  # a mean off by less than 1/4 of the spread costs the sums of powers two bits at most
# OpenBLAS splits dot products of more than 10,000 numbers, and sums then depend on the threads
_BLAS = 1 << 13
EXACT = 2**53  # whole numbers below it are themselves in float64
FIELDS = ("n", "mean_", "rest", "m2", "m3", "m4", "exponent")

Places = NDArray[np.int64]
_NOWHERE: Places = np.empty(0, np.int64)
_NONE: Hashes = np.empty(0, np.uint64)


class _Scratch(threading.local):
    """The same memory for the hashes and, when they are done with, for the deviations: the cache is small."""

    def __init__(self) -> None:
        self.x, self.d, self.square = (np.empty(STRETCH) for _ in range(3))
        self.hashes, self.temporary = self.d.view(np.uint64), self.square.view(np.uint64)
        self.keep = np.empty(STRETCH, bool)


_SCRATCH = _Scratch()


@dataclass(slots=True)
class Scan:
    """What a pass found: extrema, counts, moments of each stretch, the smallest hashes, levels while few."""

    low: Any = None
    high: Any = None
    zero: int = 0
    negative: int = 0
    nan: int = 0
    positive_inf: int = 0
    negative_inf: int = 0
    moments: list[tuple[float, ...]] = field(default_factory=list)
    bound: np.uint64 = ALL  # largest hash worth keeping; falls
    hashes: list[Hashes] = field(default_factory=list)
    levels: dict[Any, int] | None = None
    odd: list[int] = field(default_factory=list)  # first rows that are not finite

    def extend(self, low: Any, high: Any) -> None:
        """Widens the extrema."""
        self.low = low if self.low is None or low < self.low else self.low
        self.high = high if self.high is None or high > self.high else self.high

    def take(self, hashes: Hashes) -> None:
        """Keeps hashes; of many, the smallest."""
        self.hashes.append(hashes)
        if sum(map(len, self.hashes)) > 8 * KEEP:
            self.hashes = [smallest(np.concatenate(self.hashes))]
            if len(self.hashes[0]) == KEEP:
                self.bound = min(self.bound, self.hashes[0][-1])

    def tally(self, native: NDArray[Any], hashes: Hashes, most: int) -> None:
        """Counts the levels of finite values by their hashes; gives up, with what it has, beyond `most`."""
        if not self.levels and len(hashes) and len(different(hashes[: 2 * most])) > most:
            return self._give_up(native, hashes)
        at = (hashes >> np.uint64(50)).view(np.int64)
        counts = np.bincount(at, minlength=1 << 14)
        table = np.zeros(1 << 14, native.dtype)
        table[at] = native
        apart = np.flatnonzero(native != table[at])  # two levels in one of the 16,384 places
        if np.count_nonzero(counts) > most or len(apart) > len(at) // 4:
            return self._give_up(native, hashes)
        if len(apart):
            counts -= np.bincount(at[apart], minlength=1 << 14)
            self._add(*np.unique(native[apart] + native.dtype.type(0), return_counts=True))
        used = np.flatnonzero(counts)
        self._add(table[used] + native.dtype.type(0), counts[used])
        if len(self.levels or ()) > most:
            self._give_up(native, hashes)

    def _give_up(self, native: NDArray[Any], hashes: Hashes) -> None:
        """Keeps the hashes of all values so far instead of their levels."""
        before = hash_numbers(np.array([*(self.levels or ())], native.dtype))
        self.levels = None
        self.take(np.concatenate([before, hashes]))

    def _add(self, values: NDArray[Any], counts: NDArray[np.int64]) -> None:
        levels = self.levels or {}
        for value, count in zip(values.tolist(), counts.tolist(), strict=True):
            levels[value] = levels.get(value, 0) + count
        self.levels = levels


def scan(
    values: NDArray[Any],
    valid: NDArray[np.bool_] | None,
    *,
    bound: np.uint64,
    factor: np.uint64,
    rows: Hashes,
    levels: int,
) -> Scan:
    """Passes over one column; adds to `rows` what the column contributes to the hash of each row.

    Hashes above `bound` are dropped; `factor` is the column's odd number in the row hashes; while there are at
    most so many `levels` they are counted, and their hashes are left to the reader of the result.
    """
    found = Scan(bound=bound, levels={} if levels else None)
    for part in stretches(len(values)):
        mask = None if valid is None else valid[part]
        _stretch(found, values[part], mask, factor, rows[part], part.start, levels)
    return found


def _stretch(
    found: Scan,
    native: NDArray[Any],
    valid: NDArray[np.bool_] | None,
    factor: np.uint64,
    rows: Hashes,
    start: int,
    levels: int,
) -> None:
    n, gone, strange = len(native), _NOWHERE, _NONE
    low, high = np.minimum.reduce(native), np.maximum.reduce(native)
    finite = isfinite(low) and isfinite(high)
    if valid is not None or not finite:
        gone, strange = _gone(found, native, valid, finite, start)
        native = _filled(native, gone)
        low, high = np.minimum.reduce(native), np.maximum.reduce(native)
    x = native
    if native.dtype != np.float64:
        x = _SCRATCH.x[:n]
        np.copyto(x, native, casting="unsafe")
    hashes = _hashes(native, x, low, high)
    if len(gone):
        hashes[gone] = strange
    np.multiply(hashes, factor, out=_SCRATCH.temporary[:n])
    rows += _SCRATCH.temporary[:n]
    if len(gone) == n:
        found.moments.append((0, 0.0, 0.0, 0.0, 0.0, 0.0, 0))
        return
    found.extend(low, high)
    if low < 0:
        less = np.less(native, 0, out=_SCRATCH.keep[:n])
        if len(gone):
            less[gone] = False
        found.negative += int(np.count_nonzero(less))
    _choose(found, native, hashes, gone, levels)
    found.moments.append(_moments(x, gone, float(low), float(high)))  # writes where the hashes were


def _choose(found: Scan, native: NDArray[Any], hashes: Hashes, gone: Places, most: int) -> None:
    """Takes up the smallest hashes, or the levels while they are few; counts the zeros."""
    if found.levels is not None:
        if len(gone):
            native, hashes = np.delete(native, gone), np.delete(hashes, gone)
        found.zero += int(np.count_nonzero(native == 0))
        return found.tally(native, hashes, most)
    keep = np.less_equal(hashes, found.bound, out=_SCRATCH.keep[: len(hashes)])
    if len(gone):
        keep[gone] = False
    if np.count_nonzero(keep):
        kept = hashes.compress(keep)  # twice as fast as an index of booleans where many are kept
        found.zero += int(np.count_nonzero(kept == 0))  # the hash of 0 alone, and no bound is below it
        found.take(kept)


def _gone(
    found: Scan, native: NDArray[Any], valid: NDArray[np.bool_] | None, finite: bool, start: int
) -> tuple[Places, Hashes]:
    """The places of nulls, NaN and infinities, and what is hashed there; counts all but the nulls."""
    gone = _NOWHERE if valid is None else np.flatnonzero(~valid)
    if not finite:
        odd = np.flatnonzero(~np.isfinite(native))
        odd = odd if valid is None else odd[valid[odd]]
        _count_odd(found, native[odd])
        if len(found.odd) < 5:
            found.odd += (odd[:5] + start).tolist()
        gone = np.sort(np.concatenate([gone, odd])) if len(gone) else odd
    strange = hash_numbers(native[gone])
    if valid is not None:
        strange[~valid[gone]] = NULL
    return gone, strange


def _count_odd(found: Scan, strange: NDArray[Any]) -> None:
    minus = int(np.count_nonzero(strange == -np.inf))
    found.nan += int(np.count_nonzero(np.isnan(strange)))
    found.positive_inf += int(np.count_nonzero(strange == np.inf))
    found.negative_inf += minus
    found.negative += minus


def _filled(native: NDArray[Any], gone: Places) -> NDArray[Any]:
    """The values with the first one that is there in place of those that are gone."""
    if not 0 < len(gone) < len(native):
        return native
    there = np.ones(len(native), bool)
    there[gone] = False
    native = native.copy()
    native[gone] = native[there.argmax()]
    return native


def _hashes(native: NDArray[Any], x: NDArray[np.float64], low: Any, high: Any) -> Hashes:
    """Hashes of finite values in scratch memory, equal to those of `hash_numbers`."""
    hashes = _SCRATCH.hashes[: len(x)]
    if native.dtype.kind != "f" and not (int(low) >= -EXACT and int(high) <= EXACT):
        hashes[:] = hash_numbers(native)
        return hashes
    if native.dtype.kind == "f" and low <= 0 <= high:
        x = np.add(x, 0.0, out=_SCRATCH.d[: len(x)])  # -0.0 + 0.0 is 0.0
    scramble(x.view(np.uint64), _SCRATCH.temporary[: len(x)], out=hashes)
    return hashes


def _moments(x: NDArray[np.float64], gone: Places, low: float, high: float) -> tuple[float, ...]:
    """Count, mean, what rounding the mean left over, and central sums of the powers, on a scale of 2**exponent.

    The mean is that of every 64th value at first, and what it lacks comes out of the deviations from it; where
    they tell that it lies far off, they are taken once more.
    """
    n = len(x) - len(gone)
    largest = max(high, -low)
    exponent = 0
    if largest and not _TINY <= largest <= _HUGE:
        exponent = int(np.trunc(np.frexp(largest)[1] / STEP)) * STEP
        x = np.ldexp(x, -exponent)
    if low == high:
        return (n, float(x[0]), 0.0, 0.0, 0.0, 0.0, exponent)
    some = x[::EVERY]
    mean = float(np.add.reduce(some)) / len(some)
    d, c, s2 = _deviations(x, gone, mean)
    if FAR * n * c * c > s2:
        mean += c
        d, c, s2 = _deviations(x, gone, mean)
    square = np.multiply(d, d, out=_SCRATCH.square[: len(x)])
    s3, s4 = _product(square, d), _product(square, square)
    return central(n, mean, c, (s2, s3, s4), exponent)


def central(
    n: int, mean: float, c: float, sums: tuple[float, float, float], exponent: int
) -> tuple[float, ...]:
    """Central moments from sums of powers of deviations from `mean`, whose own mean is `c`; the fields of Moments."""
    s2, s3, s4 = sums
    m2 = max(s2 - n * c * c, 0.0)
    m3 = s3 - 3 * c * s2 + 2 * n * c**3
    m4 = s4 - 4 * c * s3 + 6 * c * c * s2 - 3 * n * c**4
    whole = mean + c
    back = whole - mean
    return (n, whole, (mean - (whole - back)) + (c - back), m2, m3, m4, exponent)


def _deviations(
    x: NDArray[np.float64], gone: Places, mean: float
) -> tuple[NDArray[np.float64], float, float]:
    """Deviations from a number in scratch memory, 0 for what is gone; their mean, and the sum of their squares."""
    d = np.subtract(x, mean, out=_SCRATCH.d[: len(x)])
    if len(gone):
        d[gone] = 0.0
    return d, float(np.add.reduce(d)) / (len(x) - len(gone)), _product(d, d)


def _product(a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
    """Sum of the products, in blocks so short that BLAS, three times as fast as `einsum`, takes one thread."""
    blocks = -(-len(a) // _BLAS)
    if len(a) % blocks == 0:
        return float(np.add.reduce(np.vecdot(a.reshape(blocks, -1), b.reshape(blocks, -1))))
    whole = len(a) // blocks * blocks
    return _product(a[:whole], b[:whole]) + float(np.vecdot(a[whole:], b[whole:]))
