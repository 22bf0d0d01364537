"""The same random rows, whatever the chunking."""

from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from .._hash import Hashes, key, mix
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


@dataclass(frozen=True, kw_only=True, eq=False)
class RowSample(Statistic):
    """The rows with the smallest hashes of (part, row number, seed): a simple random sample.

    Which rows are in it depends on nothing but the parts and the seed. Hashing the content of a row
    instead would sample different rows and hide duplicates. Kept sorted by (part, row), that is in file
    order. It is not saved with a profile: a saved profile holds no rows.

    >>> RowSample.of(pa.table({"x": [1, 2, 3]})).table.num_rows
    3
    """

    table: pa.Table | None = None
    hashes: Hashes = field(default_factory=_none)
    parts: Any = field(default_factory=tuple)
    part: Any = field(default_factory=lambda: np.empty(0, np.int64))
    row: Any = field(default_factory=lambda: np.empty(0, np.int64))

    @classmethod
    def of(
        cls, values: pa.Table, *, part: str = "", first_row: int = 0, seed: int = 0, below: int = 2**64 - 1
    ) -> Self:
        """Samples the rows of a table that stand from `first_row` on in `part`.

        `below` is an upper bound of the hashes worth looking at, for callers who know the number of rows.
        """
        row = np.arange(first_row, first_row + len(values))
        hashes = mix(mix(row.astype(np.uint64)) ^ key(f"{seed}:{part}"))
        taken = np.flatnonzero(hashes <= np.uint64(below))
        keep = quota(values.num_columns)
        if len(taken) > keep:
            taken = np.sort(taken[np.argpartition(hashes[taken], keep)[:keep]])
        table = values if len(taken) == len(values) else values.take(pa.array(taken))
        return cls(
            table=table, hashes=hashes[taken], parts=(part,), part=np.zeros(len(taken), int), row=row[taken]
        )

    def __add__(self, other: Self) -> Self:
        if self.table is None or other.table is None:
            return self if other.table is None else other
        return _keep(type(self), _both(self, other), quota(self.table.num_columns))

    def to_json(self) -> dict[str, Any]:
        return {}

    @classmethod
    def from_json(cls, data: Any) -> Self:
        return cls()

    def __len__(self) -> int:
        return len(self.hashes)

    def __eq__(self, other: object) -> bool:
        same_type = isinstance(other, RowSample)
        return same_type and np.array_equal(self.hashes, other.hashes) and self.table == other.table

    __hash__ = None  # type: ignore[assignment]

    def positions(self, offsets: dict[str, int]) -> NDArray[np.int64]:
        """Row numbers in the split, given the row at which each part begins."""
        return np.array([offsets[part] for part in self.parts], np.int64)[self.part] + self.row


def _both(a: RowSample, b: RowSample) -> RowSample:
    parts = tuple(sorted({*a.parts, *b.parts}))
    index = {part: i for i, part in enumerate(parts)}
    part = [np.array([index[p] for p in s.parts], np.int64)[s.part] for s in (a, b)]
    return RowSample(
        table=pa.concat_tables([a.table, b.table]),
        hashes=np.concatenate([a.hashes, b.hashes]),
        parts=parts,
        part=np.concatenate(part),
        row=np.concatenate([a.row, b.row]),
    )


def _keep(cls: Any, s: RowSample, keep: int) -> Any:
    taken = np.arange(len(s.hashes))
    if len(taken) > keep:
        taken = np.argpartition(s.hashes, keep)[:keep]
    taken = taken[np.lexsort((s.row[taken], s.part[taken]))]
    table = s.table
    if not np.array_equal(taken, np.arange(len(s.hashes))):
        table = table.take(pa.array(taken))  # type: ignore[union-attr]
    return cls(table=table, hashes=s.hashes[taken], parts=s.parts, part=s.part[taken], row=s.row[taken])
