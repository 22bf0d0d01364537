"""Which rows occur more than once."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from .._hash import NULL, Hashes, hash_numbers
from .._smallest import different
from .base import Statistic, _decode, _encode

KEEP = 1 << 20  # different rows: 40 MB at the most, exact for a million
_PENDING = 3 << 19  # rows that wait unsorted: 25 MB
SAVED = 1 << 12  # in a file: 130 kB
_SHARE = 5  # bits: of 2**5 hashes one tells where the bound is to be
_SPARE = 7.0  # standard deviations


def _none() -> Any:
    return np.empty(0, np.uint64)


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class Chunk:
    """Hashes of rows in any order, how often each occurs (None: once per entry), and the labels met."""

    hashes: Hashes
    low: Hashes
    high: Hashes
    counts: Hashes | None = None

    def under(self, below: int) -> "Chunk":
        """The entries with hashes below a bound."""
        if below >= 2**64:
            return self
        kept = np.flatnonzero(self.hashes < np.uint64(below))
        counts = None if self.counts is None else self.counts.take(kept)
        low = self.low.take(kept)
        high = low if self.high is self.low else self.high.take(kept)
        return Chunk(hashes=self.hashes.take(kept), low=low, high=high, counts=counts)

    @property
    def number(self) -> Hashes:
        """Rows of each entry."""
        return np.ones(len(self.hashes), np.uint64) if self.counts is None else self.counts


@dataclass(frozen=True, kw_only=True, eq=False)
class RowHashes(Statistic):
    """For the smallest 1,048,576 hashes of the rows' features: how often each occurs, and its labels.

    Exact up to that many different rows; beyond, the hashes below the largest one kept are a uniform
    sample of the different rows (bottom-k, Thorup 2013), with exact counts, and `share` says how large.
    `label_min` and `label_max` are the extreme hashes of the labels met with these features: they differ
    where the same features carry two labels. Adding only puts chunks side by side; they are sorted when they
    grow too many and when somebody reads.

    >>> rows = RowHashes.of(np.array([5, 5, 9], np.uint64))
    >>> rows.duplicates, rows.share
    (1, 1.0)
    """

    chunks: tuple[Chunk, ...] = ()
    below: int = 2**64  # every hash below it is in the chunks

    @classmethod
    def of(cls, values: NDArray[Any], labels: Hashes | None = None, *, below: int = 2**64) -> Self:
        """From row hashes (uint64) of shape (rows,), or numbers that are hashed first; and label hashes.

        Hashes from `below` on are dropped: by a caller who knows that they are not among the smallest.
        """
        hashes = values if values.dtype == np.uint64 else hash_numbers(values)
        label = np.zeros(len(hashes), np.uint64) if labels is None else labels
        if below < 2**64:
            kept = hashes < np.uint64(below)
            hashes, label = hashes[kept], label[kept]
        return cls(chunks=(Chunk(hashes=hashes, low=label, high=label),), below=below)

    def __add__(self, other: Self) -> Self:
        both = type(self)(chunks=self.chunks + other.chunks, below=min(self.below, other.below))
        return both.settled() if sum(len(chunk.hashes) for chunk in both.chunks) > _PENDING else both

    def settled(self) -> Self:
        """The same with hardly more different hashes than are kept; equal ones are made one where they abound."""
        below = min(self.below, _enough([chunk.hashes for chunk in self.chunks], self.below, KEEP))
        chunks = tuple(chunk.under(below) for chunk in self.chunks)
        if sum(len(chunk.hashes) for chunk in chunks) > _PENDING - (_PENDING >> 3):
            chunk, below = self._grouped
            return type(self)(chunks=(chunk,), below=below)
        return type(self)(chunks=chunks, below=below)

    @cached_property
    def _grouped(self) -> tuple[Chunk, int]:
        return _group(self.chunks, self.below, KEEP)

    @property
    def hashes(self) -> Hashes:
        """The different hashes kept, in rising order."""
        return self._grouped[0].hashes

    @property
    def counts(self) -> Hashes:
        """Rows of each hash."""
        counts = self._grouped[0].counts
        return np.ones(len(self.hashes), np.uint64) if counts is None else counts

    @property
    def label_min(self) -> Hashes:
        """Smallest hash of the labels of each hash."""
        return self._grouped[0].low

    @property
    def label_max(self) -> Hashes:
        """Largest hash of the labels of each hash."""
        return self._grouped[0].high

    @property
    def bound(self) -> int:
        """Every hash below it was kept."""
        return self._grouped[1]

    def to_json(self) -> dict[str, Any]:
        names = ("hashes", "counts", "label_min", "label_max")
        return {name: _encode(getattr(self, name)) for name in names} | {"bound": self.bound}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        hashes, counts, low, high = (
            _decode(data[name]) for name in ("hashes", "counts", "label_min", "label_max")
        )
        return cls(chunks=(Chunk(hashes=hashes, counts=counts, low=low, high=high),), below=data["bound"])

    def smallest(self, keep: int = SAVED) -> Self:
        """The sketch with fewer rows, for a file."""
        chunk, below = self._grouped
        if len(chunk.hashes) > keep:
            chunk, below = _group((chunk,), below, keep)
        return type(self)(chunks=(chunk,), below=below)

    @property
    def share(self) -> float:
        """Share of the different rows that the sketch holds; 1.0 means that its numbers are exact."""
        return self.bound / 2.0**64

    @property
    def duplicates(self) -> int:
        """Rows that repeat an earlier row, scaled up where the sketch is a sample."""
        return round(float((self.counts - np.uint64(1)).sum()) / self.share)

    @property
    def conflicting(self) -> int:
        """Rows whose features occur with two labels at least, scaled up where the sketch is a sample."""
        return round(float(self.counts[self.conflicts].sum()) / self.share)

    @property
    def conflicts(self) -> NDArray[np.bool_]:
        """For each hash, whether it carries two labels; a missing label disagrees with none."""
        missing = (self.label_min == NULL) | (self.label_max == NULL)
        return np.asarray((self.label_min != self.label_max) & ~missing)

    @property
    def pairs(self) -> float:
        """Pairs of rows that are equal, scaled up where the sketch is a sample."""
        counts = self.counts.astype(np.float64)
        return float((counts * (counts - 1)).sum()) / 2 / self.share

    def overlap(self, other: "RowHashes") -> "Overlap":
        """The rows that both hold, from the hashes that both would have kept."""
        bound = min(self.bound, other.bound)
        mine = self.hashes[self.hashes <= np.uint64(bound - 1)]
        at = np.searchsorted(mine, other.hashes)
        hit = (
            (at < len(mine)) & (mine[np.minimum(at, max(len(mine) - 1, 0))] == other.hashes)
            if len(mine)
            else at < 0
        )
        here, there = at[hit], np.flatnonzero(hit)
        a, b = ((s.label_min[i], s.label_max[i]) for s, i in ((self, here), (other, there)))
        disagree = ((a[0] != b[0]) | (a[1] != b[1])) & np.all([side != NULL for side in (*a, *b)], axis=0)
        counts, scale = other.counts[there], bound / 2.0**64
        return Overlap(
            rows=round(float(counts.sum()) / scale),
            pairs=float(counts.astype(np.float64) @ self.counts[here].astype(np.float64)) / scale,
            disagreeing=round(float(counts[disagree].sum()) / scale),
            share=scale,
            hashes=other.hashes[there],
        )


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class Overlap:
    """Rows of a second split that stand in the first: how many, and how many with another label.

    `pairs` counts each such row once for every row of the first split that equals it.
    """

    rows: int
    pairs: float
    disagreeing: int
    share: float
    hashes: Hashes


def _enough(hashes: list[Hashes], below: int, keep: int) -> int:
    """A bound below which more than `keep` different hashes lie, hardly more; `below` where they are too few.

    From the different hashes of which five bits amid are zero, one in 32: seven standard deviations of a
    binomial count (4 %) more than are wanted, so that chance leaves too few once in 10**12. Sorting all takes
    ten times as long.
    """
    bits = np.uint64(((1 << _SHARE) - 1) << 30)
    some = different(np.concatenate([part.compress(part & bits == 0) for part in hashes]))
    some = some[some < np.uint64(below - 1)] if below else some
    wanted = keep >> _SHARE
    wanted += round(_SPARE * wanted**0.5)
    return below if len(some) <= wanted else int(some[wanted])


def _order(hashes: Hashes) -> NDArray[np.intp]:
    """What sorts hashes: by their first 16 bits (a radix sort in NumPy), which leaves little to a merge sort.

    Long stretches in order, as sketches from a cache are, are left to the merge sort: half the time.
    """
    if np.count_nonzero(hashes[1:] < hashes[:-1]) <= len(hashes) >> 10:
        return np.argsort(hashes, kind="stable")
    shift = np.uint64(max(0, int(hashes.max()).bit_length() - 16))
    coarse = np.argsort((hashes >> shift).astype(np.uint16), kind="stable")
    return coarse[np.argsort(hashes[coarse], kind="stable")]


def _group(chunks: tuple[Chunk, ...], below: int, keep: int) -> tuple[Chunk, int]:
    """The `keep` smallest hashes of all chunks, sorted, equal ones made one; and the bound of what that holds."""
    if not chunks:
        return Chunk(hashes=_none(), low=_none(), high=_none()), below
    hashes = np.concatenate([chunk.hashes for chunk in chunks])
    order = _order(hashes)
    hashes = hashes[order]
    last = np.searchsorted(hashes, np.uint64(below - 1), side="right") if below else 0
    first = np.flatnonzero(np.append(len(hashes) > 0, hashes[1:] != hashes[:-1])[: len(hashes)])
    first = first[first < last]
    if len(first) > keep:
        below, last = int(hashes[first[keep]]), first[keep]
        first = first[:keep]
    if not len(first):
        return Chunk(hashes=_none(), low=_none(), high=_none()), below
    order = order[:last]
    counted = any(chunk.counts is not None for chunk in chunks)
    low = np.concatenate([chunk.low for chunk in chunks])[order]
    if len(first) == last and not counted:
        return Chunk(hashes=hashes[:last], low=low, high=low), below
    one = all(chunk.high is chunk.low for chunk in chunks)
    high = low if one else np.concatenate([chunk.high for chunk in chunks])[order]
    if counted:
        counts = np.add.reduceat(np.concatenate([chunk.number for chunk in chunks])[order], first)
    else:
        counts = np.diff(first, append=last).astype(np.uint64)
    return Chunk(
        hashes=hashes[first],
        counts=counts,
        low=np.minimum.reduceat(low, first),
        high=np.maximum.reduceat(high, first),
    ), below
