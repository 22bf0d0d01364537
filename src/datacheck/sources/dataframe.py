"""Dataframes in memory: any object with an Arrow C stream (pandas, polars, DuckDB, pyarrow)."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any, Self

import pyarrow as pa

from ..errors import InputError
from .base import Piece, Source, check_columns
from .locations import Location

_ROWS = 1 << 20  # of a piece
_HEAD = 1000  # rows of head and tail in the fingerprint


@dataclass(frozen=True, eq=False)
class Dataframe(Source):
    """A table in memory."""

    table: pa.Table
    name: str

    @classmethod
    def open(cls, path: Location, name: str) -> Self:
        raise InputError(f"{path} is a path; a dataframe was expected")

    @classmethod
    def of(cls, frame: Any, name: str) -> Self:
        """The source of a dataframe; raises InputError for an object that is none or cannot become Arrow."""
        table = _table(frame, name)
        check_columns(table.schema, name)
        return cls(table.unify_dictionaries(), name)

    @property
    def schema(self) -> pa.Schema:
        return self.table.schema.remove_metadata()

    @property
    def rows(self) -> int:
        return int(self.table.num_rows)

    @cached_property
    def fingerprint(self) -> str:
        digest = hashlib.blake2b(f"{self.table.num_rows} {self.schema}".encode(), digest_size=8)
        for part in (self.table.slice(0, _HEAD), self.table.slice(max(0, self.rows - _HEAD))):
            digest.update(repr(part.to_pydict()).encode())
        return digest.hexdigest()

    def pieces(self) -> list[Piece]:
        return [Piece(start=start, read=partial(self._read, start)) for start in range(0, self.rows, _ROWS)]

    def _read(self, start: int, rows: int) -> Iterator[pa.RecordBatch]:
        yield from self.table.slice(start, _ROWS).to_batches(max_chunksize=rows)


def is_dataframe(value: object) -> bool:
    """Whether a value can be read as a dataframe."""
    return hasattr(value, "__arrow_c_stream__") or _is_columns(value)


def is_stream(value: object) -> bool:
    """Whether a value is a stream of batches and no table: a DuckDB relation, a record batch reader."""
    query = type(value).__module__.partition(".")[0] in ("duckdb", "_duckdb")
    return hasattr(value, "__arrow_c_stream__") and (query or isinstance(value, pa.RecordBatchReader))


def _is_columns(value: object) -> bool:
    """A mapping of names to arrays of one dimension."""
    return isinstance(value, Mapping) and bool(value) and all(_is_array(item) for item in value.values())


def _is_array(value: object) -> bool:
    return isinstance(value, list) or (hasattr(value, "__array__") and getattr(value, "ndim", 0) == 1)


def _table(frame: Any, name: str) -> pa.Table:
    try:
        if isinstance(frame, Mapping):
            return pa.table(dict(frame))
        if type(frame).__module__.startswith("pandas."):
            return pa.Table.from_pandas(frame.rename(columns=str), preserve_index=False)
        if hasattr(frame, "__arrow_c_stream__"):
            return pa.table(frame)
    except (pa.ArrowException, TypeError, ValueError) as error:
        raise InputError(
            f"{name}: the dataframe cannot be converted to Arrow: {str(error).splitlines()[0]}"
        ) from error
    raise InputError(
        f"{name} is a {type(frame).__name__}; expected a path, or a dataframe with an Arrow C stream "
        "(pandas, polars, DuckDB, pyarrow)"
    )
