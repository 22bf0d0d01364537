"""One pass over a column of numbers: stretches that stay in the processor's cache, every statistic from each.

A stretch has 32,768 values, 256 KiB in float64; the scratch arrays of a thread take 1.3 MB, about a second
level cache (twice or half as many values are slower). Every operation writes into them: no temporary of the
size of a column is made.
"""

import threading
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ._hash import NAN, NULL, Hashes, hash_numbers, scramble

STRETCH = 1 << 15
_NARROW = 4096  # width of a range of whole numbers that is counted instead of computed with
_TINY, _HUGE = 2.0**-128, 2.0**128  # beyond, the fourth power of a deviation leaves float64: see Moments
_STEP = 128
_BLAS = (
    1 << 13
)  # OpenBLAS splits dot products of more than 10,000 numbers, and sums then depend on the threads
_EXACT = 2**53  # whole numbers below it are themselves in float64
FIELDS = ("n", "mean_", "rest", "m2", "m3", "m4", "exponent")


class _Scratch(threading.local):
    def __init__(self) -> None:
        self.x, self.d, self.square, self.bits = (np.empty(STRETCH) for _ in range(4))
        self.temporary = np.empty(STRETCH, np.uint64)
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
    hashes: list[Hashes] = field(default_factory=list)
    levels: dict[Any, int] | None = None
    odd: list[int] = field(default_factory=list)  # first rows that are not finite

    def extend(self, low: Any, high: Any) -> None:
        """Widens the extrema."""
        self.low = low if self.low is None or low < self.low else self.low
        self.high = high if self.high is None or high > self.high else self.high

    def tally(self, native: NDArray[Any], hashes: Hashes, most: int) -> None:
        """Counts the levels of finite values by their hashes; gives up, with what it has, beyond `most`."""
        if not self.levels and len(hashes) and len(set(hashes[: 2 * most].tolist())) > most:
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
        self.hashes += [hash_numbers(np.array([*(self.levels or ())], native.dtype)), hashes.copy()]
        self.levels = None

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
    found = Scan(levels={} if levels else None)
    for start in range(0, len(values), STRETCH):
        part = slice(start, start + STRETCH)
        mask = None if valid is None else valid[part]
        _stretch(found, values[part], mask, bound, factor, rows[part], start, levels)
    return found


def _stretch(
    found: Scan,
    native: NDArray[Any],
    valid: NDArray[np.bool_] | None,
    bound: np.uint64,
    factor: np.uint64,
    rows: Hashes,
    start: int,
    levels: int,
) -> None:
    n, floats = len(native), native.dtype.kind == "f"
    low, high = native.min(), native.max()
    ok = valid
    if floats and not (np.isfinite(low) and np.isfinite(high)):
        ok = _finite(found, native, valid, start)
    x = native if native.dtype == np.float64 else _SCRATCH.x[:n]
    if x is not native:
        np.copyto(x, native, casting="unsafe")
    hashes = _hashes(native, x, floats, valid, low, high)
    np.multiply(hashes, factor, out=_SCRATCH.temporary[:n])
    rows += _SCRATCH.temporary[:n]
    keep = None
    if found.levels is None:
        keep = np.less_equal(hashes, bound, out=_SCRATCH.keep[:n])
    if ok is not None:
        same = x is native
        native = native[ok]
        x = native if same else x[ok]
        if keep is None:
            hashes = hashes[ok]
        else:
            keep &= ok
        if len(native):
            low, high = native.min(), native.max()
    if keep is None:
        found.tally(native, hashes, levels)
    elif np.count_nonzero(keep):
        found.hashes.append(hashes[keep])
    if not len(native):
        found.moments.append((0, 0.0, 0.0, 0.0, 0.0, 0.0, 0))
        return
    found.extend(low, high)
    if low < 0:
        found.negative += int(np.count_nonzero(native < 0))
    if low <= 0 <= high:
        found.zero += int(np.count_nonzero(native == 0))
    found.moments.append(_moments(x, float(low), float(high)))


def _finite(
    found: Scan, native: NDArray[Any], valid: NDArray[np.bool_] | None, start: int
) -> NDArray[np.bool_]:
    """Where the values are finite and valid; counts the others."""
    odd = np.flatnonzero(~np.isfinite(native))
    odd = odd if valid is None else odd[valid[odd]]
    strange = native[odd]
    found.nan += int(np.count_nonzero(np.isnan(strange)))
    found.positive_inf += int(np.count_nonzero(strange == np.inf))
    minus = int(np.count_nonzero(strange == -np.inf))
    found.negative_inf += minus
    found.negative += minus
    if len(found.odd) < 5:
        found.odd += (odd[:5] + start).tolist()
    ok = np.ones(len(native), bool) if valid is None else valid.copy()
    ok[odd] = False
    return ok


def _hashes(
    native: NDArray[Any], x: NDArray[np.float64], floats: bool, valid: Any, low: Any, high: Any
) -> Hashes:
    """Hashes of the values in scratch memory, equal to those of `hash_numbers`; nulls alike."""
    n = len(x)
    bits = _SCRATCH.bits[:n]
    hashes: Hashes = bits.view(np.uint64)
    if not floats and not (int(low) >= -_EXACT and int(high) <= _EXACT):
        hashes[:] = hash_numbers(native)
    else:
        np.add(x, 0.0, out=bits)  # -0.0 + 0.0 is 0.0
        scramble(hashes, _SCRATCH.temporary[:n])
        if floats and (low != low or high != high):
            hashes[np.isnan(x)] = NAN
    if valid is not None:
        hashes[~valid] = NULL
    return hashes


def _moments(x: NDArray[np.float64], low: float, high: float) -> tuple[float, ...]:
    """Count, mean, what rounding the mean left over, and central sums of the powers, on a scale of 2**exponent."""
    n = len(x)
    largest = max(high, -low)
    exponent = 0
    if largest and not _TINY <= largest <= _HUGE:
        exponent = int(np.trunc(np.frexp(largest)[1] / _STEP)) * _STEP
        x = np.ldexp(x, -exponent)
    mean = float(np.add.reduce(x)) / n
    d, square = _SCRATCH.d[:n], _SCRATCH.square[:n]
    np.subtract(x, mean, out=d)
    np.multiply(d, d, out=square)
    c = float(np.add.reduce(d)) / n
    s2 = float(np.add.reduce(square))
    s3, s4 = _product(square, d), _product(square, square)
    m2 = max(s2 - n * c * c, 0.0)
    m3 = s3 - 3 * c * s2 + 2 * n * c**3
    m4 = s4 - 4 * c * s3 + 6 * c * c * s2 - 3 * n * c**4
    return (n, mean, c, m2, m3, m4, exponent)


def _product(a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
    """Sum of the products, in blocks so short that BLAS, three times as fast as `einsum`, takes one thread."""
    whole = len(a) // _BLAS * _BLAS
    blocks = np.vecdot(a[:whole].reshape(-1, _BLAS), b[:whole].reshape(-1, _BLAS))
    return float(np.add.reduce(blocks)) + float(np.vecdot(a[whole:], b[whole:]))


@dataclass(frozen=True, slots=True)
class Counted:
    """Whole numbers of a narrow range: how often each occurs, and their hashes."""

    values: NDArray[np.int64]
    counts: NDArray[np.int64]
    hashes: Hashes


def count(
    values: NDArray[Any],
    valid: NDArray[np.bool_] | None,
    low: int,
    high: int,
    factor: np.uint64,
    rows: Hashes,
) -> Counted:
    """Counts whole numbers between `low` and `high`; adds to `rows` as `scan` does, with equal hashes."""
    every = np.arange(low, high + 1, dtype=np.int64)
    hashes = np.append(hash_numbers(every), NULL)
    at = values.astype(np.int64)
    at -= low
    if valid is not None:
        at[~valid] = len(every)
    counts = np.bincount(at, minlength=len(hashes))[: len(every)]
    add_levels(rows, hashes, factor, at)
    present = np.flatnonzero(counts)
    return Counted(every[present], counts[present], hashes[present])


def add_levels(rows: Hashes, hashes: Hashes, factor: np.uint64, at: NDArray[np.int64]) -> None:
    """Adds to `rows` what a column of levels contributes: `at`, shape (rows,), is the place of each in `hashes`."""
    with np.errstate(over="ignore"):
        terms = hashes * factor
    for start in range(0, len(at), STRETCH):
        part = slice(start, start + STRETCH)
        taken = _SCRATCH.temporary[: len(at[part])]
        np.take(terms, at[part], out=taken, mode="clip")
        rows[part] += taken


def narrow(values: NDArray[Any], valid: NDArray[np.bool_] | None) -> tuple[int, int] | None:
    """The range of whole numbers if it is narrow, else None."""
    if values.dtype.kind not in "iub" or not len(values):
        return None
    kept = values if valid is None else values[valid]
    if not len(kept):
        return 0, 0
    low, high = int(kept.min()), int(kept.max())
    return (low, high) if high - low < _NARROW and low >= -_EXACT and high <= _EXACT else None
