"""What every source is."""

import hashlib
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Any, ClassVar, Self

import pyarrow as pa

from .._batch import column_names
from .._streamed import Streamed
from ..errors import InputError
from ..records.thumbnail import Thumbnail
from .locations import Location, binary, size

_DIGEST = 1 << 16  # bytes of head and of tail that identify a file, beside its size


@dataclass(frozen=True, kw_only=True)
class Piece:
    """Consecutive rows that one thread reads, the first of them at row `start`.

    `read(rows)` yields them in batches of about so many rows. Where the columns lie apart, `columns()` gives
    all rows at once, to be read column by column: that takes less time and memory.
    """

    start: int
    read: Callable[[int], Iterator[pa.RecordBatch]]
    columns: Callable[[], Streamed] | None = None


class Widen(Exception):
    """A value does not fit the type that the head of a file suggested; the source now has a wider one."""


def settled(piece: Piece, rows: int = 1 << 16) -> Iterator[pa.RecordBatch]:
    """The batches of a piece, from the start again whenever a type has widened: rows may come twice."""
    while True:
        try:
            yield from piece.read(rows)
            return
        except Widen:
            continue


def sound(batches: Iterable[Any], name: str) -> Iterator[Any]:
    """The batches or arrays, if what they point to is there: a damaged offset would end the process.

    Costs one look at offsets, levels and texts; numbers are not looked at.
    """
    try:
        for batch in batches:
            batch.validate(full=True)
            yield batch
    except (pa.ArrowException, OSError) as error:
        raise damaged(name, error) from error


def damaged(name: str, error: Exception) -> InputError:
    """The refusal of a file that cannot be read on."""
    return InputError(
        f"{name} cannot be read: {str(error).splitlines()[0]}; the file is damaged, or it changed meanwhile: "
        "write it again"
    )


@dataclass(frozen=True, kw_only=True)
class Found:
    """Data that a format recognised and has not opened yet; its path-like `name` tells its split."""

    name: str
    open: Callable[[], "Source"]


class Source(ABC):
    """One file (or dataframe) of rows: a name, a schema, and pieces that may be read in any order.

    A format is a subclass with the file `suffixes` it reads. Its constructor raises InputError when the file
    is not what its suffix says; so does reading, with the file named.
    """

    suffixes: ClassVar[tuple[str, ...]] = ()
    ordered: ClassVar[bool] = True  # whether the order of the rows is one that a training loop may meet
    name: str
    schema: pa.Schema

    @classmethod
    @abstractmethod
    def open(cls, path: Location, name: str) -> Self:
        """The source of one file, which reports and profiles call `name`."""

    @classmethod
    def discover(cls, files: Mapping[str, Location]) -> Iterator[Found]:
        """The sources in files of this format, by name; one each unless the format says otherwise."""
        return (Found(name=name, open=partial(cls.open, path, name)) for name, path in files.items())

    @property
    @abstractmethod
    def rows(self) -> int | None:
        """Number of rows, None when only reading tells."""

    @property
    @abstractmethod
    def fingerprint(self) -> str:
        """Digest of the content."""

    @property
    def local_files(self) -> tuple[Path, ...]:
        """The files on this machine that hold the rows; none where rows come from elsewhere."""
        path = getattr(self, "path", None)
        return (path,) if isinstance(path, Path) else ()

    @property
    def given(self) -> str:
        """What the rows depend on beside the files."""
        return ""

    def thumbnails(self, count: int) -> Iterator[Thumbnail]:
        """Small copies of up to `count` images, from the first row to the last; none of other data."""
        return iter(())

    @property
    def row_files(self) -> tuple[str, ...]:
        """What the rows are called where each is a file of its own; nothing of other data."""
        return ()

    @abstractmethod
    def pieces(self) -> list[Piece]:
        """The rows, in pieces."""


class Stream(Source):
    """A file that can only be read from its start: one piece, and only reading tells how many rows."""

    path: Location

    @property
    def rows(self) -> int | None:
        return None

    @cached_property
    def fingerprint(self) -> str:
        return file_fingerprint(self.path)

    def pieces(self) -> list[Piece]:
        return [Piece(start=0, read=self._read)]

    @abstractmethod
    def _read(self, rows: int) -> Iterator[pa.RecordBatch]:
        """The batches, of about so many rows."""


def all_local(paths: Iterable[Location]) -> tuple[Path, ...]:
    """The paths, if all of them are files on this machine; else none."""
    given = tuple(paths)
    found = tuple(path for path in given if isinstance(path, Path))
    return found if len(found) == len(given) else ()


def file_fingerprint(path: Location) -> str:
    """Digest of a file's size, first and last 64 KiB, as 16 hexadecimal digits."""
    try:
        count = size(path)
        digest = hashlib.blake2b(str(count).encode(), digest_size=8)
        with binary(path) as file:
            digest.update(file.read(_DIGEST))
            if count > _DIGEST:
                file.seek(max(_DIGEST, count - _DIGEST))
                digest.update(file.read(_DIGEST))
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror or error}; is it still there?") from error
    return digest.hexdigest()


def check_columns(schema: pa.Schema, name: str) -> pa.Schema:
    """The schema, if its column names can be told apart; raises InputError otherwise."""
    names = column_names(schema)
    if not names:
        raise InputError(f"{name} has no columns; expected at least one feature")
    empty = [i for i, column in enumerate(names) if not column.strip()]
    if empty:
        raise InputError(
            f"{name}: column {empty[0] + 1} has an empty name; give every column a name in the header"
        )
    double = [column for column, count in Counter(names).items() if count > 1]
    if double:
        raise InputError(f"{name}: the column name {double[0]!r} occurs more than once; rename one of them")
    return schema
