"""Whole numbers of a narrow range, and levels: counted instead of computed with."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ._column import EXACT
from ._hash import NULL, STRETCH, Hashes, hash_numbers, stretches

Levels = tuple[NDArray[np.int64], NDArray[np.int64]]  # values, and how often each occurs
_NARROW = 4096  # width of a range of whole numbers that is counted


@dataclass(frozen=True, slots=True)
class Counted:
    """Whole numbers of a narrow range: how often each occurs, in each stretch and in all, and their hashes."""

    values: NDArray[np.int64]
    counts: NDArray[np.int64]
    hashes: Hashes
    parts: tuple[Levels, ...]


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
    hashes = hash_numbers(every)
    found = count_places(values, valid, hashes, factor, rows, low)
    counts = found.sum(axis=0)
    present = np.flatnonzero(counts)
    parts = tuple((every[some > 0], some[some > 0]) for some in found)
    return Counted(every[present], counts[present], hashes[present], parts)


def narrow_parts(values: NDArray[Any], valid: NDArray[np.bool_] | None) -> Iterator[Levels | None]:
    """For each stretch the whole numbers that it holds and how often, if their range is narrow.

    Which way moments are computed then depends on the stretch alone, not on the rows that are read with it.
    """
    for part in stretches(len(values)):
        some = values[part] if valid is None else values[part][valid[part]]
        limits = narrow(some, None)
        if limits is None and len(some):
            yield None
            continue
        low = limits[0] if limits else 0
        counts = np.bincount(some.astype(np.int64) - low)
        present = np.flatnonzero(counts)
        yield present + low, counts[present]


def count_places(
    values: NDArray[Any],
    valid: NDArray[np.bool_] | None,
    hashes: Hashes,
    factor: np.uint64,
    rows: Hashes,
    low: int = 0,
) -> NDArray[np.int64]:
    """How often each level occurs, `low` and above being their numbers; adds what they contribute to `rows`.

    `hashes` are those of the levels. The result has the shape (stretches, levels). One step after the other for
    each stretch: the column itself may not fit into the cache.
    """
    counts = []
    with np.errstate(over="ignore"):
        terms = np.append(hashes, NULL) * factor
    for part in stretches(len(values)):
        at = values[part].astype(np.int64)
        if low:
            at -= low
        if valid is not None:
            at[~valid[part]] = len(hashes)
        counts.append(np.bincount(at, minlength=len(terms))[:-1])
        rows[part] += terms.take(at, mode="clip")
    return np.array(counts, np.int64).reshape(len(counts), len(hashes))


def narrow(values: NDArray[Any], valid: NDArray[np.bool_] | None) -> tuple[int, int] | None:
    """The range of whole numbers if it is narrow, else None."""
    if values.dtype.kind not in "iub" or not len(values):
        return None
    first = _limits(values[:STRETCH], None if valid is None else valid[:STRETCH])
    if first is not None and not _narrow(*first):
        return None  # most columns are settled by their first rows
    limits = _limits(values, valid)
    return (0, 0) if limits is None else limits if _narrow(*limits) else None


def _limits(values: NDArray[Any], valid: NDArray[np.bool_] | None) -> tuple[int, int] | None:
    kept = values if valid is None else values[valid]
    return (int(kept.min()), int(kept.max())) if len(kept) else None


def _narrow(low: int, high: int) -> bool:
    return high - low < _NARROW and low >= -EXACT and high <= EXACT
