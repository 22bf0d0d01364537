"""Arrow IPC files and streams: Feather, and the shards of datasets that Hugging Face saved to disk."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from typing import ClassVar, Self

import pyarrow as pa

from ..errors import InputError
from .base import Found, Piece, Source, check_columns, damaged, file_fingerprint, sound
from .locations import Location, open_file, size

_MAGIC = b"ARROW1"
_ROWS = 1 << 18  # of a piece, at least


@dataclass(frozen=True, eq=False)
class ArrowIpc(Source):
    """An Arrow IPC file (one piece per so many record batches) or stream (one piece)."""

    suffixes: ClassVar[tuple[str, ...]] = (".arrow", ".arrows", ".feather", ".ipc")
    path: Location
    name: str
    schema: pa.Schema
    stream: bool

    @classmethod
    def discover(cls, files: Mapping[str, Location]) -> Iterator[Found]:
        # intermediate results of `datasets` lie beside the data that it saved
        return super().discover(
            {name: path for name, path in files.items() if not path.name.startswith("cache-")}
        )

    @classmethod
    def open(cls, path: Location, name: str) -> Self:
        try:
            with open_file(path) as file:
                stream = file.read(len(_MAGIC)) != _MAGIC
            with open_file(path) as file:
                schema = _reader(file, stream).schema
        except (pa.ArrowException, OSError) as error:
            raise InputError(
                f"{name} is not a readable Arrow IPC file or stream ({size(path):,} bytes; "
                f"{str(error).splitlines()[0]}); it may be truncated or of another format"
            ) from error
        return cls(path, name, check_columns(schema.remove_metadata(), name), stream)

    @property
    def rows(self) -> int | None:
        return None if self.stream else sum(self._counts)

    @cached_property
    def fingerprint(self) -> str:
        return file_fingerprint(self.path)

    @cached_property
    def _counts(self) -> list[int]:
        """Rows of every record batch of a file; cheap, since an uncompressed batch is mapped and not read."""
        try:
            with open_file(self.path) as file:
                reader = _reader(file, stream=False)
                return [self._batch(reader, i).num_rows for i in range(reader.num_record_batches)]
        except (pa.ArrowException, OSError) as error:
            raise damaged(self.name, error) from error

    def pieces(self) -> list[Piece]:
        if self.stream:
            return [Piece(start=0, read=lambda rows: sound(self._read_stream(rows), self.name))]
        pieces, first, start, rows = [], 0, 0, 0
        for i, count in enumerate([*self._counts, 0]):
            if rows >= _ROWS or (i == len(self._counts) and rows):
                pieces.append(Piece(start=start, read=partial(self._sound, first, i)))
                first, start, rows = i, start + rows, 0
            rows += count
        return pieces

    def _sound(self, first: int, stop: int, rows: int) -> Iterator[pa.RecordBatch]:
        return sound(self._read_file(first, stop, rows), self.name)

    def _read_file(self, first: int, stop: int, rows: int) -> Iterator[pa.RecordBatch]:
        with open_file(self.path) as file:
            reader = _reader(file, stream=False)
            for i in range(first, stop):
                yield self._batch(reader, i)

    def _batch(self, reader: pa.ipc.RecordBatchFileReader, i: int) -> pa.RecordBatch:
        try:
            return reader.get_batch(i)
        except (pa.ArrowException, OSError) as error:
            raise InputError(
                f"{self.name}: record batch {i + 1} cannot be read ({error}); the file is damaged"
            ) from error

    def _read_stream(self, rows: int) -> Iterator[pa.RecordBatch]:
        with open_file(self.path) as file:
            try:
                yield from _reader(file, stream=True)
            except (pa.ArrowException, OSError) as error:
                raise InputError(f"{self.name} ends early ({error}); the stream is truncated") from error


def _reader(
    file: pa.NativeFile, stream: bool
) -> pa.ipc.RecordBatchFileReader | pa.ipc.RecordBatchStreamReader:
    return pa.ipc.open_stream(file) if stream else pa.ipc.open_file(file)
