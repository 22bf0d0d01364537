"""Rows whose columns are read one after the other, so that few of them are in memory at a time."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any, Self, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from ._batch import at_rows
from ._device import OnDevice

# columns of a table of which a slice is a stretch or longer, so that sums are those of stretches
NARROW = 512
_UNCHECKED = pc.TakeOptions(boundscheck=False)
_CELLS = 1 << 18  # values that are read at once: a call for each column of a short table would cost more


@dataclass(frozen=True, kw_only=True, eq=False)
class Streamed:
    """Rows of a table in the shape of a record batch; `read` gives the arrays of the columns of some names.

    An array may be wider than the schema says: texts as numbers of levels, or with offsets of 64 bits.
    """

    schema: pa.Schema
    num_rows: int
    read: Callable[[list[str]], list[pa.Array]]

    def replace_schema_metadata(self, metadata: dict[bytes, str] | None) -> Self:
        """The same rows with other metadata."""
        return replace(self, schema=self.schema.with_metadata(metadata))

    def column(self, name: str) -> pa.Array:
        """One column, read anew whenever it is asked for."""
        return self.read([name])[0]

    def arrays(self, names: Sequence[str]) -> Iterator[pa.Array]:
        """The columns of these names, each read once."""
        rest, bunch = iter(names), max(1, _CELLS // max(self.num_rows, 1))
        while some := list(islice(rest, bunch)):
            arrays = self.read(some)[::-1]
            while arrays:
                yield arrays.pop()  # kept nowhere: the next one takes its place


_Places: TypeAlias = pa.Array | slice | None  # of rows in a batch; None: all
Rows: TypeAlias = Any  # a record batch of Arrow, which has no types, or what is streamed in its shape


def whole(column: pa.ChunkedArray) -> pa.Array:
    """A column of several chunks in one; texts of more than 2 GiB with offsets of 64 bits."""
    if column.num_chunks == 1:
        return column.chunk(0)
    one = pa.table([column], [""]).unify_dictionaries().combine_chunks().column(0)
    if one.num_chunks > 1:
        long = pa.large_string() if pa.types.is_string(one.type) else pa.large_binary()
        return one.cast(long).combine_chunks()
    return one.chunk(0) if one.num_chunks else pa.array([], one.type)


class Passing:
    """The columns of a batch on their way; of each, the rows at some places stay behind."""

    def __init__(self, batch: Rows, *places: NDArray[np.int64]) -> None:
        self.schema: pa.Schema = batch.schema
        self._batch = batch
        self._places = [_plain_places(at, batch.num_rows) for at in places]
        self._kept: list[dict[str, pa.Array]] = [{} for _ in places]

    def arrays(self, columns: Sequence[int]) -> Iterator[pa.Array]:
        """The columns of these numbers, in this order."""
        fields = [self.schema.field(i) for i in columns]
        batch = self._batch
        streamed = isinstance(batch, Streamed)
        arrays = batch.arrays([f.name for f in fields]) if streamed else map(batch.column, columns)
        for field, array in zip(fields, arrays, strict=True):
            for at, kept in zip(self._places, self._kept, strict=True):
                kept[field.name] = _typed(_taken(array, at), field.type)
            yield array

    def kept(self, number: int) -> pa.RecordBatch:
        """The rows at the places of this number, once every column has passed."""
        kept = self._kept[number]
        arrays = [kept[name] for name in self.schema.names]
        fields = [f.with_type(a.type) for f, a in zip(self.schema, arrays, strict=True)]
        return pa.RecordBatch.from_arrays(arrays, schema=pa.schema(fields))


def _plain_places(at: NDArray[np.int64], rows: int) -> _Places:
    if len(at) and at[-1] - at[0] == len(at) - 1:
        return None if len(at) == rows else slice(int(at[0]), int(at[-1]) + 1)
    return at_rows(at)


def _taken(array: pa.Array | OnDevice, at: _Places) -> pa.Array:
    """The rows at places, which are there: to look for that takes as long as half of the taking."""
    if isinstance(array, OnDevice):
        return array.rows(slice(None) if at is None else at)
    if at is None:
        return array
    if isinstance(at, slice):
        return pa.concat_arrays([array[at]])  # a copy: what is kept must not keep the whole column
    return pc.call_function("take", [array, at], _UNCHECKED)


def _typed(array: pa.Array, type_: pa.DataType) -> pa.Array:
    """The array with offsets as its column has them; levels stay numbers."""
    return array if array.type == type_ or pa.types.is_dictionary(array.type) else array.cast(type_)
