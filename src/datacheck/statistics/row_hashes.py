"""Which rows occur more than once."""

from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from .._hash import NULL, Hashes, hash_numbers
from .base import Statistic

KEEP = 1 << 21  # different rows: 80 MB at the most, exact for two million
SAVED = 1 << 12  # in a file: 130 kB


def _none() -> Any:
    return np.empty(0, np.uint64)


@dataclass(frozen=True, kw_only=True, eq=False)
class RowHashes(Statistic):
    """For the smallest 2,097,152 hashes of the rows' features: how often each occurs, and its labels.

    Exact up to that many different rows; beyond, the hashes below the largest one kept are a uniform
    sample of the different rows (bottom-k, Thorup 2013), with exact counts, and `share` says how large.
    `label_min` and `label_max` are the extreme hashes of the labels met with these features: they differ
    where the same features carry two labels.

    >>> rows = RowHashes.of(np.array([5, 5, 9], np.uint64))
    >>> rows.duplicates, rows.share
    (1, 1.0)
    """

    hashes: Hashes = field(default_factory=_none)
    counts: Hashes = field(default_factory=_none)
    label_min: Hashes = field(default_factory=_none)
    label_max: Hashes = field(default_factory=_none)
    bound: int = 2**64  # every hash below it was kept

    @classmethod
    def of(cls, values: NDArray[Any], labels: Hashes | None = None) -> Self:
        """From row hashes (uint64) of shape (rows,), or numbers that are hashed first; and label hashes."""
        hashes = values if values.dtype == np.uint64 else hash_numbers(values)
        label = np.zeros(len(hashes), np.uint64) if labels is None else labels
        return _group(cls, hashes, np.ones(len(hashes), np.uint64), label, label, 2**64, KEEP)

    def __add__(self, other: Self) -> Self:
        if not (len(self.hashes) and len(other.hashes)) and self.bound == other.bound:
            return self if len(self.hashes) else other
        pairs = ("hashes", "counts", "label_min", "label_max")
        joined = [np.concatenate([getattr(self, name), getattr(other, name)]) for name in pairs]
        return _group(type(self), *joined, min(self.bound, other.bound), KEEP)

    def smallest(self, keep: int = SAVED) -> Self:
        """The sketch with fewer rows, for a file."""
        return _group(type(self), self.hashes, self.counts, self.label_min, self.label_max, self.bound, keep)

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


def _group(cls: Any, hashes: Hashes, counts: Hashes, low: Hashes, high: Hashes, bound: int, keep: int) -> Any:
    order = np.argsort(hashes, kind="stable")
    hashes = hashes[order]
    first = np.flatnonzero(np.concatenate([[True], hashes[1:] != hashes[:-1]])) if len(hashes) else order
    unique = hashes[first]
    if len(unique) > keep:
        bound = min(bound, int(unique[keep]))
    kept = int(np.searchsorted(unique, np.uint64(bound - 1), side="right")) if bound else 0
    if not kept:
        return cls(bound=bound)
    return cls(
        hashes=unique[:kept],
        counts=np.add.reduceat(counts[order], first)[:kept],
        label_min=np.minimum.reduceat(low[order], first)[:kept],
        label_max=np.maximum.reduceat(high[order], first)[:kept],
        bound=bound,
    )
