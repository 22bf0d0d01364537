"""The result of a query, or any other stream of Arrow batches, read once and never held whole."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Self

import pyarrow as pa

from ..errors import InputError
from .base import Piece, Source, check_columns
from .locations import Location


@dataclass(frozen=True, eq=False)
class ArrowStream(Source):
    """An object with an Arrow C stream that is no table: a DuckDB relation, a record batch reader.

    A relation runs its query anew for every reading; a reader can be read once.
    """

    stream: Any
    name: str
    schema: pa.Schema
    waiting: list[pa.RecordBatchReader] = field(default_factory=list)

    @classmethod
    def open(cls, path: Location, name: str) -> Self:
        raise InputError(f"{path} is a path; an Arrow stream was expected")

    @classmethod
    def of(cls, stream: Any, name: str) -> Self:
        """The source of a stream, whose first reader is opened at once."""
        reader = pa.RecordBatchReader.from_stream(stream)
        return cls(stream, name, check_columns(reader.schema.remove_metadata(), name), [reader])

    @property
    def rows(self) -> None:
        return None

    @property
    def fingerprint(self) -> str:
        """Digest of the stream's name and schema: its content is known only once it is read."""
        return hashlib.blake2b(f"{self.name} {self.schema}".encode(), digest_size=8).hexdigest()

    def pieces(self) -> list[Piece]:
        return [Piece(start=0, read=self._read)]

    def _read(self, rows: int) -> Iterator[pa.RecordBatch]:
        try:
            yield from self.waiting.pop() if self.waiting else pa.RecordBatchReader.from_stream(self.stream)
        except (pa.ArrowException, OSError, ValueError, StopIteration) as error:
            raise InputError(
                f"{self.name}: the stream cannot be read: {str(error).splitlines()[0]}"
            ) from error
