"""The profile of one split: every statistic of every column, and `+`."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from importlib import import_module
from itertools import accumulate
from typing import Any, Self

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ._batch import Origin, column_names, groups, is_pixels, layouts, numbers
from ._hash import key
from ._known import Known
from ._smallest import KEEP
from ._streamed import Passing, Streamed
from .block import Block, Slice
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
from .statistics.row_window import RowWindow


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
    def measured(self) -> bool:
        """Whether the values are quantities: features, or what describes images."""
        return self.moments is not None and self.kind is not Kind.TIMESTAMP

    @property
    def pixels(self) -> bool:
        """Whether this is a channel of images, whose levels are counted to the last pixel."""
        return self.kind is Kind.IMAGE and self.dtype == "uint8"

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
    window: RowWindow = field(default_factory=RowWindow)
    label_order: LabelOrder = field(default_factory=LabelOrder)
    saved_quantiles: dict[str, Quantiles] = field(default_factory=dict)

    @classmethod
    def of(cls, batch: Any, known: Known | None = None) -> Self:
        """The profile of the rows of one Arrow batch; its `Origin`, if stamped, says where they stand.

        A table, dataframe, array or tensor is read in batches, which a tensor copies to the host one by one.
        `known`, shared by all batches of one reading, spares what earlier batches made needless; such a profile
        has a meaning only in the sum of all of them.
        """
        if not isinstance(batch, pa.RecordBatch | Streamed):
            whole: Self = import_module(f"{__package__}.engines.pieces").partial_profile(batch, "data")
            return whole
        origin = Origin.of(batch)
        known = known or Known()
        at: dict[str, Any] = {"part": origin.part, "first_row": origin.row}
        hashes = np.zeros(batch.num_rows, np.uint64)
        rows = Slice(rows=hashes, label=origin.label, known=known, **at)
        label = batch.column(origin.label) if origin.label is not None else None
        labels = None if label is None else label_hashes(label)
        size = (batch.num_rows, len(batch.schema))
        sample = RowSample.choose(*size, seed=origin.seed, below=origin.sample_below, **at)
        window = RowWindow.choose(*size, below=origin.window_rows, **at)
        passing = Passing(batch, sample.at, window.at)
        return cls(
            parts=(Part.of(batch, origin),),
            blocks=tuple(Block.of(group, rows) for group in groups(passing)),
            order=column_names(batch.schema),
            row_hashes=RowHashes.of(hashes, labels, below=known.rows[0]),
            sample=RowSample.taking(_sampled_from(passing.kept(0)), sample),
            window=RowWindow.taking(_sampled_from(passing.kept(1)), window),
            label_order=LabelOrder.of(label, hashes=labels, **at)
            if label is not None and origin.ordered
            else LabelOrder(),
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
            window=RowWindow() if quantiles else self.window + other.window,
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

    def _repr_html_(self) -> str:
        """The profile as notebooks show it."""
        notebook = import_module(f"{__package__}.reporters.notebook")
        return str(notebook.profile_html(self))

    def __contains__(self, name: str) -> bool:
        return name in self._places

    def __getitem__(self, name: str) -> ColumnProfile:
        if name not in self._columns:
            self._columns[name] = self._column(name, *self._places[name])
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
        """What was made so far: sorting the sampled values takes longer than all else."""
        return {}

    def _column(self, name: str, block: Block, index: int) -> ColumnProfile:
        quantiles = self.saved_quantiles.get(name) or self._quantiles(name, block, index)
        return ColumnProfile(
            name=name, dtype=block.dtype, kind=block.kind, quantiles=quantiles, **block.column(index)
        )

    def _quantiles(self, name: str, block: Block, index: int) -> Quantiles | None:
        if block.pixels:
            levels = block.levels[index].counts or {}
            return Quantiles(values=np.array([*levels], float), weights=np.array([*levels.values()], float))
        if self.sample.table is None or block.moments is None:
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
            row[:] = _sampled(self.sample.table, self._sample_columns, name)
        return result.T

    @cached_property
    def _sample_columns(self) -> dict[str, int]:
        """Where each column of the sample stands: a table looks for a name among all of them."""
        table = self.sample.table
        return {} if table is None else {name: i for i, name in enumerate(table.column_names)}

    @cached_property
    def sample_positions(self) -> NDArray[np.int64]:
        """Row of the split at which each sampled row stands."""
        return self.sample.positions(self.offsets)


def _sampled(table: pa.Table, places: Mapping[str, int], name: str) -> NDArray[np.float64]:
    if name in places:
        values, valid = numbers(table.column(places[name]).combine_chunks())
    else:
        base, _, element = name.rpartition("[")
        lists = table.column(places[base]).combine_chunks()
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


def _sampled_from(batch: pa.RecordBatch) -> pa.Table:
    """The batch without metadata; of images, what they look like in small."""
    columns = zip(batch.schema, batch.columns, strict=True)
    arrays = {f.name: layouts(c) if is_pixels(f) else c for f, c in columns}
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


def merge(profiles: Iterable[Profile], known: Known | None = None) -> Profile:
    """The sum as a balanced tree in the given order: every number passes through few additions."""
    stack: list[tuple[int, Profile]] = []
    for profile in profiles:
        level = 0
        while stack and stack[-1][0] == level:
            profile = stack.pop()[1] + profile
            level += 1
        if known is not None:
            known.lower_rows(profile.row_hashes.below)
            for block in profile.blocks if level else ():
                for name, distinct in zip(block.names, block.distinct, strict=False):
                    known.lower(name, distinct.hashes, KEEP)
        stack.append((level, profile))
    total = Profile()
    for _, profile in reversed(stack):
        total = profile + total
    return total


def comoments(profile: Profile, names: tuple[str, ...]) -> Comoments:
    """Co-moments of numeric columns over the sampled rows that are complete and finite in them."""
    matrix: Any = profile.matrix(names)
    return Comoments.of(matrix[np.isfinite(matrix).all(axis=1)])
