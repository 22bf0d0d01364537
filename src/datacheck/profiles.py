"""The profile of one split: every statistic of every column, and `+`."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate
from typing import Any, Self

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ._batch import Group, Origin, column_names, groups, is_pixels, numbers
from ._hash import NULL, Hashes, hash_numbers, hash_strings, key, mix
from .block import Block
from .errors import MergeError
from .kinds import Kind
from .part import Part, join
from .statistics.comoments import Comoments
from .statistics.counts import Counts
from .statistics.distinct import Distinct
from .statistics.extrema import Extrema
from .statistics.first_rows import FirstRows
from .statistics.label_order import LabelOrder, label_hashes
from .statistics.levels import Levels
from .statistics.moments import Moments
from .statistics.quantiles import Quantiles
from .statistics.row_hashes import RowHashes
from .statistics.row_sample import RowSample


@dataclass(frozen=True, kw_only=True)
class ColumnProfile:
    """Everything known of one column; a statistic that does not serve the column's kind is None."""

    name: str
    dtype: str
    kind: Kind
    counts: Counts
    extrema: Extrema | None = None
    moments: Moments | None = None
    distinct: Distinct | None = None
    levels: Levels | None = None
    first_rows: FirstRows | None = None
    quantiles: Quantiles | None = None

    @property
    def numeric(self) -> bool:
        """Whether the values are numbers that a network takes as they are."""
        return self.kind is Kind.NUMERIC

    @property
    def binary(self) -> bool:
        """Whether there are two different values at most: an indicator, whose scale is its meaning."""
        return self.distinct is not None and self.distinct.exact and self.distinct.estimate <= 2


@dataclass(frozen=True, kw_only=True, eq=False)
class Profile:
    """All statistics of one split; `Profile()` is the empty one, `+` adds the profiles of disjoint rows.

    >>> p = Profile.of(pa.record_batch({"x": [1.0, 2.0, 6.0]}))
    >>> p.rows, p["x"].moments.mean
    (3, 3.0)
    """

    parts: tuple[Part, ...] = ()
    blocks: tuple[Block, ...] = ()
    order: tuple[str, ...] = ()
    row_hashes: RowHashes = field(default_factory=RowHashes)
    sample: RowSample = field(default_factory=RowSample)
    label_order: LabelOrder = field(default_factory=LabelOrder)
    saved_quantiles: dict[str, Quantiles] = field(default_factory=dict)
    saved_comoments: tuple[tuple[str, ...], Comoments] | None = None

    @classmethod
    def of(cls, batch: pa.RecordBatch) -> Self:
        """The profile of the rows of one batch; its `Origin`, if stamped, says where they stand."""
        origin = Origin.of(batch)
        gathered = list(groups(batch))
        hashed = [_hash_group(group) for group in gathered]
        at: dict[str, Any] = {"part": origin.part, "first_row": origin.row}
        label = batch.column(origin.label) if origin.label is not None else None
        return cls(
            parts=(Part.of(batch, origin),),
            blocks=tuple(Block.of(g, h, **at) for g, h in zip(gathered, hashed, strict=True)),
            order=column_names(batch.schema),
            row_hashes=RowHashes.of(
                _row_hashes(gathered, hashed, origin.label, batch.num_rows),
                None if label is None else label_hashes(label),
            ),
            sample=RowSample.of(_plain_table(batch), seed=origin.seed, below=origin.sample_below, **at),
            label_order=LabelOrder.of(label, **at) if label is not None and origin.ordered else LabelOrder(),
        )

    def __add__(self, other: Self) -> Self:
        if not (self.parts and other.parts):
            return self if self.parts else other
        if self.order != other.order or len(self.blocks) != len(other.blocks):
            raise MergeError(_different_columns(self, other))
        quantiles = _add_quantiles(self, other)
        return type(self)(
            parts=join(self.parts + other.parts),
            blocks=tuple(a + b for a, b in zip(self.blocks, other.blocks, strict=True)),
            order=self.order,
            row_hashes=self.row_hashes + other.row_hashes,
            sample=RowSample() if quantiles else self.sample + other.sample,
            label_order=self.label_order + other.label_order,
            saved_quantiles=quantiles,
        )

    @property
    def rows(self) -> int:
        """Number of rows."""
        return sum(part.rows for part in self.parts)

    @property
    def columns(self) -> tuple[str, ...]:
        """Column names in the order of the schema; the elements of a tensor are columns of their own."""
        return self.order

    @property
    def fingerprint(self) -> str:
        """A digest of the parts, equal for equal data."""
        return (
            f"{int(key('|'.join(f'{p.name}:{p.fingerprint}:{p.start}:{p.rows}' for p in self.parts))):016x}"
        )

    def __contains__(self, name: str) -> bool:
        return name in self._places

    def __getitem__(self, name: str) -> ColumnProfile:
        return self._columns[name]

    def __iter__(self) -> Iterator[ColumnProfile]:
        return (self[name] for name in self.order)

    @cached_property
    def offsets(self) -> dict[str, int]:
        """Row of the split at which each part begins."""
        starts = accumulate((part.rows for part in self.parts[:-1]), initial=0)
        first: dict[str, int] = {}
        for part, start in zip(self.parts, starts, strict=bool(self.parts)):
            first.setdefault(part.name, start - part.start)
        return first

    def positions(self, places: Iterable[tuple[str, int]]) -> tuple[int, ...]:
        """Rows of the split from places (part, row in the part)."""
        return tuple(sorted(self.offsets[part] + row for part, row in places))

    @cached_property
    def _places(self) -> dict[str, tuple[Block, int]]:
        return {name: (block, i) for block in self.blocks for i, name in enumerate(block.names)}

    @cached_property
    def _columns(self) -> dict[str, ColumnProfile]:
        return {name: self._column(name, *self._places[name]) for name in self.order}

    def _column(self, name: str, block: Block, index: int) -> ColumnProfile:
        quantiles = self.saved_quantiles.get(name) or self._quantiles(name, block, index)
        return ColumnProfile(
            name=name, dtype=block.dtype, kind=block.kind, quantiles=quantiles, **block.column(index)
        )

    def _quantiles(self, name: str, block: Block, index: int) -> Quantiles | None:
        if block.pixels:
            levels = block.levels[index].counts or {}
            return Quantiles(values=np.array([*levels], float), weights=np.array([*levels.values()], float))
        if self.sample.table is None or block.kind not in (Kind.NUMERIC, Kind.TIMESTAMP):
            return None
        values = self.values(name)
        finite = values[np.isfinite(values)]
        share = self.rows / max(len(values), 1)
        return Quantiles.of(finite).sampled_from(round(len(finite) * share))

    def values(self, name: str) -> NDArray[np.float64]:
        """Sampled values of a numeric column in file order, shape (sampled rows,); NaN for null."""
        return self.matrix((name,))[:, 0]

    def matrix(self, names: tuple[str, ...]) -> NDArray[np.float64]:
        """Sampled values of numeric columns, shape (sampled rows, len(names)); NaN for null.

        A profile that was saved has no rows: then shape (0, len(names)).
        """
        if self.sample.table is None:
            return np.empty((0, len(names)))
        result = np.empty((len(names), len(self.sample)))
        for row, name in zip(result, names, strict=True):
            row[:] = _sampled(self.sample.table, name)
        return result.T

    @cached_property
    def sample_positions(self) -> NDArray[np.int64]:
        """Row of the split at which each sampled row stands."""
        return self.sample.positions(self.offsets)


def _sampled(table: pa.Table, name: str) -> NDArray[np.float64]:
    if name in table.column_names:
        values, valid = numbers(table.column(name).combine_chunks())
    else:
        base, _, element = name.rpartition("[")
        lists = table.column(base).combine_chunks()
        values, valid = numbers(
            lists.flatten() if not lists.null_count else lists.fill_null(lists.type.list_size * [0]).flatten()
        )
        index = int(element[:-1])
        size = lists.type.list_size
        values, valid = values[index::size], None if valid is None else valid[index::size]
    result = values.astype(np.float64)
    if valid is not None:
        result[~valid] = np.nan
    return result


def _hash_group(group: Group) -> Hashes:
    """Hashes of shape (rows, columns); nulls alike."""
    if group.digests is not None:
        return np.broadcast_to(mix(group.digests).reshape(-1, 1), group.values.shape[:2])
    if group.text:
        return _hash_text(group.values).reshape(-1, 1)
    if group.kind is Kind.OTHER:
        return np.zeros((len(group.values), 1), np.uint64)
    hashes = hash_numbers(group.values)
    if group.valid is not None:
        hashes[~group.valid] = NULL
    return hashes


def _hash_text(array: pa.Array) -> Hashes:
    if not pa.types.is_dictionary(array.type):
        return hash_strings(array)
    # hashed once per level, with a last entry for null
    levels = np.append(hash_strings(array.dictionary), NULL)
    return levels[np.asarray(array.indices.fill_null(len(levels) - 1))]


def _row_hashes(gathered: list[Group], hashed: list[Hashes], label: str | None, rows: int) -> Hashes:
    """One hash a row over all columns but the label, the same in any order of the columns."""
    total: Hashes = np.zeros(rows, np.uint64)
    with np.errstate(over="ignore"):
        for group, hashes in zip(gathered, hashed, strict=True):
            for i, name in enumerate(group.names):
                if name != label and group.kind is not Kind.OTHER:
                    total += mix(hashes[:, i] ^ key(name))
    return total


def _plain_table(batch: pa.RecordBatch) -> pa.Table:
    """The batch without metadata, pixels left out, dictionaries decoded: samples of any parts concatenate."""
    arrays = {
        field.name: column.cast(column.type.value_type) if pa.types.is_dictionary(column.type) else column
        for field, column in zip(batch.schema, batch.columns, strict=True)
        if not is_pixels(field)
    }
    return pa.table(arrays) if arrays else pa.table({"": pa.nulls(batch.num_rows)})


def _add_quantiles(a: Profile, b: Profile) -> dict[str, Quantiles]:
    """Knots of the sum, where one side was saved without its rows; else none, they come from the sample."""
    if not (a.saved_quantiles or b.saved_quantiles):
        return {}
    pairs = ((name, a[name].quantiles, b[name].quantiles) for name in a.order)
    return {name: x + y for name, x, y in pairs if x is not None and y is not None}


def _different_columns(a: Profile, b: Profile) -> str:
    only_a, only_b = sorted({*a.order} - {*b.order}), sorted({*b.order} - {*a.order})
    where = f"{a.parts[0].name or 'one'} and {b.parts[0].name or 'the other'}"
    if not (only_a or only_b):
        return f"cannot add the profiles of {where}: the columns have another order or type"
    return (
        f"cannot add the profiles of {where}: columns only in the first {only_a}, only in the second {only_b}"
    )


def merge(profiles: Iterable[Profile]) -> Profile:
    """The sum as a balanced tree in the given order: every number passes through few additions."""
    stack: list[tuple[int, Profile]] = []
    for profile in profiles:
        level = 0
        while stack and stack[-1][0] == level:
            profile = stack.pop()[1] + profile
            level += 1
        stack.append((level, profile))
    total = Profile()
    for _, profile in reversed(stack):
        total = profile + total
    return total


def comoments(profile: Profile, names: tuple[str, ...]) -> Comoments:
    """Co-moments of numeric columns over the sampled rows that are complete and finite in them."""
    matrix: Any = profile.matrix(names)
    return Comoments.of(matrix[np.isfinite(matrix).all(axis=1)])
