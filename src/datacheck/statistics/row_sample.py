"""The same random rows, whatever the chunking."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from .._batch import at_rows
from .._hash import Hashes, key, mix, stretches
from .base import Statistic

MOST = 1 << 16
_CELLS = 1 << 25  # values in the sample of a wide table: 256 MB of float64


def quota(columns: int) -> int:
    """Rows that a sample of a table of so many columns keeps.

    >>> quota(30), quota(2000), quota(100_000)
    (65536, 16777, 335)
    """
    return min(MOST, max(256, _CELLS // max(columns, 1)))


def _none() -> Hashes:
    return np.empty(0, np.uint64)


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class Taken:
    """Sampled rows of one part: their values, hashes and numbers in the part."""

    table: pa.Table
    hashes: Hashes
    part: str
    row: NDArray[np.int64]


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class Chosen:
    """Rows of a batch that are to be sampled: their places in it, numbers in the part, and hashes."""

    part: str
    at: NDArray[np.int64]
    row: NDArray[np.int64]
    hashes: Hashes


@dataclass(frozen=True, kw_only=True, eq=False)
class RowSample(Statistic):
    """The rows with the smallest hashes of (part, row number, seed): a simple random sample.

    Which rows are in it depends on nothing but the parts and the seed. Hashing the content of a row
    instead would sample different rows and hide duplicates. It is not saved with a profile: a saved profile
    holds no rows. `taken` may hold more than the quota; what is read is the quota, in file order.

    >>> RowSample.of(pa.table({"x": [1, 2, 3]})).table.num_rows
    3
    """

    taken: tuple[Taken, ...] = ()

    @classmethod
    def of(cls, values: pa.Table, **where: Any) -> Self:
        """Samples the rows of a table; `where` it stands as in `choose`."""
        chosen = cls.choose(values.num_rows, values.num_columns, **where)
        return cls.taking(values.take(at_rows(chosen.at)), chosen)

    @classmethod
    def choose(
        cls,
        rows: int,
        columns: int,
        *,
        part: str = "",
        first_row: int = 0,
        seed: int = 0,
        below: int = 2**64 - 1,
    ) -> Chosen:
        """Which of the `rows` to take that stand from `first_row` on in `part`.

        `below` is an upper bound of the hashes worth looking at, for callers who know the number of rows.
        """
        start, keep = key(f"{seed}:{part}") + np.uint64(first_row), quota(columns)
        at, hashes = np.empty(0, np.int64), _none()
        for rows_ in stretches(rows):
            some = mix(np.arange(rows_.start, rows_.stop, dtype=np.uint64) + start)
            low = np.flatnonzero(some <= np.uint64(below))
            at, hashes = np.append(at, low + rows_.start), np.append(hashes, some[low])
        if len(at) > keep:
            kept = np.sort(np.argpartition(hashes, keep)[:keep])
            at, hashes = at[kept], hashes[kept]
        return Chosen(part=part, at=at, row=at + first_row, hashes=hashes)

    @classmethod
    def taking(cls, table: pa.Table, chosen: Chosen) -> Self:
        """The sample of the rows that were chosen and taken."""
        taken = Taken(table=_plain(table), hashes=chosen.hashes, part=chosen.part, row=chosen.row)
        return cls(taken=(taken,))

    def __add__(self, other: Self) -> Self:
        if not (self.taken and other.taken):
            return self if self.taken else other
        both = type(self)(taken=self.taken + other.taken)
        rows = sum(len(taken.hashes) for taken in both.taken)
        return both.settled() if rows > 3 * quota(self.taken[0].table.num_columns) else both

    def to_json(self) -> dict[str, Any]:
        return {}

    @classmethod
    def from_json(cls, data: Any) -> Self:
        return cls()

    def __len__(self) -> int:
        return len(self.hashes)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, RowSample):
            return False
        return np.array_equal(self.hashes, other.hashes) and self.table == other.table

    __hash__ = None

    @property
    def table(self) -> pa.Table | None:
        """The rows, in file order; None when nothing was sampled."""
        return self._ordered.table if self.taken else None

    @property
    def hashes(self) -> Hashes:
        """Hash of each row, by which it was chosen, shape (rows,)."""
        return self._ordered.hashes if self.taken else _none()

    @property
    def row(self) -> NDArray[np.int64]:
        """Number of each row in its part, shape (rows,)."""
        return self._ordered.row if self.taken else np.empty(0, np.int64)

    def positions(self, offsets: dict[str, int]) -> NDArray[np.int64]:
        """Row numbers in the split, given the row at which each part begins."""
        first = (
            np.array([offsets[part] for part in self._ordered.parts], np.int64) if self.taken else self.row
        )
        return first[self._ordered.part] + self.row if self.taken else self.row

    @cached_property
    def _ordered(self) -> "_Ordered":
        return _order(self.taken, quota(self.taken[0].table.num_columns))

    def settled(self) -> Self:
        """The same with no row more than the quota."""
        o = self._ordered
        ends = np.flatnonzero(np.append(np.diff(o.part), 1)) + 1
        starts = np.append(0, ends[:-1])
        return type(self)(
            taken=tuple(
                Taken(table=o.table[a:b], hashes=o.hashes[a:b], part=o.parts[o.part[a]], row=o.row[a:b])
                for a, b in zip(starts.tolist(), ends.tolist(), strict=True)
            )
        )


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class _Ordered:
    table: pa.Table
    hashes: Hashes
    parts: tuple[str, ...]
    part: NDArray[np.int64]
    row: NDArray[np.int64]


def _order(taken: tuple[Taken, ...], keep: int) -> _Ordered:
    """At most `keep` rows, those of the smallest hashes, sorted by part and row."""
    parts = tuple(sorted({t.part for t in taken}))
    index = {part: i for i, part in enumerate(parts)}
    hashes = np.concatenate([t.hashes for t in taken])
    part = np.repeat([index[t.part] for t in taken], [len(t.hashes) for t in taken])
    row = np.concatenate([t.row for t in taken])
    at = np.arange(len(hashes))
    if len(at) > keep:
        at = np.argpartition(hashes, keep)[:keep]
    at = at[np.lexsort((row[at], part[at]))]
    table = pa.concat_tables([t.table for t in taken])
    ordered = np.array_equal(at, np.arange(len(hashes)))
    table = table.combine_chunks() if ordered else table.take(at_rows(at))
    return _Ordered(table=table, hashes=hashes[at], parts=parts, part=part[at], row=row[at])


def _plain(table: pa.Table) -> pa.Table:
    """The table with dictionaries decoded, so that rows of any parts concatenate."""
    for i, field in enumerate(table.schema):
        if pa.types.is_dictionary(field.type):
            table = table.set_column(i, field.name, table.column(i).cast(field.type.value_type))
    return table
