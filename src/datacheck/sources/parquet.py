"""Parquet files: a piece is a row group, or neighbouring ones while they are small."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, partial
from typing import ClassVar, Self

import pyarrow as pa
import pyarrow.parquet as pq

from .._streamed import NARROW, Streamed, whole
from ..errors import InputError
from .base import Piece, Source, check_columns, file_fingerprint, sound
from .locations import Location, open_file, size

_WHOLE = 1 << 24  # bytes of a row group that is read at once: a tenth faster than in batches, but held whole
_PIECE = 1 << 21  # values of a piece at least: opening the file costs as much as the footer is long
_ROWS = 1 << 20  # rows of a piece that is read column by column: of 8 bytes, 8 MB
_LEAST = 1 << 17  # rows of such a piece, if they are there: each column costs 0.3 ms beside its rows
_TEXTS = 1 << 26  # bytes of such a column of texts, or of lists, in all row groups of a piece
_DICTIONARY = 1 << 16  # bytes of the levels themselves, beside the indices


@dataclass(frozen=True, eq=False)
class Parquet(Source):
    """A Parquet file."""

    suffixes: ClassVar[tuple[str, ...]] = (".parquet", ".pq", ".parq")
    path: Location
    name: str
    schema: pa.Schema
    groups: tuple[int, ...]  # rows of each row group
    coded: tuple[str, ...] = ()  # texts that are stored as numbers of levels, and read as such
    texts: tuple[int, ...] | None = None  # bytes of the largest text of each row group; None: not by column

    @classmethod
    def open(cls, path: Location, name: str) -> Self:
        file = _open(path, name)
        metadata = file.metadata
        groups = tuple(metadata.row_group(i).num_rows for i in range(metadata.num_row_groups))
        schema = check_columns(file.schema_arrow.remove_metadata(), name)
        return cls(path, name, schema, groups, tuple(_coded(file)), _apart(file))

    @property
    def rows(self) -> int:
        return sum(self.groups)

    @cached_property
    def fingerprint(self) -> str:
        return file_fingerprint(self.path)

    def pieces(self) -> list[Piece]:
        return [self._piece(start, groups) for start, groups in self._runs()]

    def _piece(self, start: int, groups: range) -> Piece:
        columns = partial(self._streamed, groups) if self._fits(groups) else None
        return Piece(start=start, read=partial(self._sound, groups), columns=columns)

    def _runs(self) -> Iterator[tuple[int, range]]:
        """Neighbouring row groups that make a piece, and the row at which they begin."""
        least = _PIECE // max(len(self.schema), 1)
        if self.texts is not None and len(self.schema) <= NARROW:
            least = max(least, _LEAST)
        texts = self.texts or (0,) * len(self.groups)
        begin = start = rows = long = 0
        for i, (count, bytes_) in enumerate(zip(self.groups, texts, strict=True)):
            if rows and (rows + count > _ROWS or long + bytes_ > _TEXTS):
                yield start, range(begin, i)
                begin, start, rows, long = i, start + rows, 0, 0
            rows, long = rows + count, long + bytes_
            if rows >= least or i + 1 == len(self.groups):
                yield start, range(begin, i + 1)
                begin, start, rows, long = i + 1, start + rows, 0, 0

    def _fits(self, groups: range) -> bool:
        """Whether each column of these row groups together fits into memory."""
        if self.texts is None:
            return False
        rows, texts = (sum(sizes[i] for i in groups) for sizes in (self.groups, self.texts))
        return rows <= _ROWS and texts <= _TEXTS

    def _sound(self, groups: range, rows: int) -> Iterator[pa.RecordBatch]:
        file = _open(self.path, self.name, self.coded)
        for group in groups:
            count = 0
            for batch in sound(self._read(file, group, rows), self.name):
                count += batch.num_rows
                yield batch
            self._complete(count, range(group, group + 1))

    def _streamed(self, groups: range) -> Streamed:
        file = _open(self.path, self.name, self.coded)
        rows = sum(self.groups[i] for i in groups)
        return Streamed(schema=self.schema, num_rows=rows, read=partial(self._columns, file, groups))

    def _columns(self, file: pq.ParquetFile, groups: range, names: list[str]) -> list[pa.Array]:
        try:
            table = file.read_row_groups([*groups], columns=names, use_threads=False)
        except (pa.ArrowException, OSError) as error:
            raise self._damaged(groups, error) from error
        self._complete(table.num_rows, groups)
        return [whole(column) for column in sound(map(table.column, names), self.name)]

    def _complete(self, count: int, groups: range) -> None:
        wanted = sum(self.groups[i] for i in groups)
        if count != wanted:
            raise InputError(
                f"{self.name}: {_numbers(groups)} holds {count:,} rows, but the footer says "
                f"{wanted:,}; the file is damaged: write it again"
            )

    def _damaged(self, groups: range, error: Exception) -> InputError:
        return InputError(
            f"{self.name}: {_numbers(groups)} of {len(self.groups)} cannot be read ({error}); "
            "the file is damaged or truncated: write it again"
        )

    def _read(self, file: pq.ParquetFile, group: int, rows: int) -> Iterator[pa.RecordBatch]:
        try:
            if file.metadata.row_group(group).total_byte_size <= _WHOLE:
                table = file.read_row_group(group, use_threads=False)
                yield from table.to_batches(max_chunksize=rows)
            else:
                yield from file.iter_batches(batch_size=rows, row_groups=[group], use_threads=False)
        except (pa.ArrowException, OSError) as error:
            raise self._damaged(range(group, group + 1), error) from error


def _numbers(groups: range) -> str:
    """Row groups as people count them."""
    last = f" to {groups.stop}" if len(groups) > 1 else ""
    return f"row group {groups.start + 1}{last}"


def _coded(file: pq.ParquetFile) -> Iterator[str]:
    """Columns of texts whose pages, throughout, are indices of a few thousand levels: two bytes a row at most."""
    metadata, schema = file.metadata, file.metadata.schema
    groups = [metadata.row_group(i) for i in range(metadata.num_row_groups)]
    # `schema_arrow` is made anew whenever it is asked for
    texts = {field.name for field in file.schema_arrow if pa.types.is_string(field.type)}
    for i in range(metadata.num_columns):
        name = schema.column(i).path
        if name not in texts:
            continue
        chunks = [(group.num_rows, group.column(i)) for group in groups]
        if all(
            c.has_dictionary_page and c.total_uncompressed_size < 2 * rows + _DICTIONARY for rows, c in chunks
        ):
            yield name


def _apart(file: pq.ParquetFile) -> tuple[int, ...] | None:
    """Bytes of the largest text of each row group; None where not every column is one of the table."""
    metadata, schema = file.metadata, file.metadata.schema
    if [schema.column(i).path for i in range(metadata.num_columns)] != file.schema_arrow.names:
        return None
    long = [i for i in range(metadata.num_columns) if schema.column(i).physical_type == "BYTE_ARRAY"]
    groups = (metadata.row_group(i) for i in range(metadata.num_row_groups))
    return tuple(max((g.column(i).total_uncompressed_size for i in long), default=0) for g in groups)


def _open(path: Location, name: str, coded: tuple[str, ...] = ()) -> pq.ParquetFile:
    try:
        return pq.ParquetFile(open_file(path), pre_buffer=False, read_dictionary=list(coded))
    except UnicodeDecodeError as error:
        raise InputError(f"{name}: a column name is not UTF-8 ({error}); rename the column") from error
    except (pa.ArrowException, OSError) as error:
        bytes_ = size(path) if path.exists() else 0
        raise InputError(
            f"{name} is not a readable Parquet file ({bytes_:,} bytes; {str(error).splitlines()[0]}); "
            "it may be truncated or of another format: write it again or fix its suffix"
        ) from error
