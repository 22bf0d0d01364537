"""NumPy files: .npy, memory-mapped, and .npz."""

import hashlib
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path, PurePosixPath
from tokenize import TokenError
from typing import Any, ClassVar, Self

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ..errors import InputError
from .arrays import column
from .base import Found, Piece, Source, all_local, check_columns, file_fingerprint
from .locations import Location, binary, size

_CELLS = 1 << 25  # values of a piece
_SPLITS = ("train", "training", "val", "valid", "validation", "dev", "test", "testing", "holdout")
INPUTS = ("x", "data", "features", "inputs", "images")
TARGETS = ("y", "label", "labels", "target", "targets")
_WORD = re.compile(r"[^a-z0-9]+")
_WIDEST = 1 << 24  # values of a row: each becomes a column, of about a kB
# what numpy, zipfile and zlib raise for a file that is not what it says, or that asks for terabytes
_DAMAGED = (
    ValueError, OSError, EOFError, KeyError, TypeError, RuntimeError, OverflowError, SyntaxError, MemoryError,
    TokenError, zipfile.BadZipFile, zlib.error, pa.ArrowException,
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class NumpyArrays(Source):
    """Arrays of one length as columns: those of an .npz, or .npy files named as a pair such as X and y."""

    suffixes: ClassVar[tuple[str, ...]] = (".npy", ".npz")
    paths: tuple[Location, ...]
    name: str
    arrays: Mapping[str, NDArray[Any]]
    sizes: tuple[int, ...] = ()  # bytes of the files when they were opened: they are mapped, not read

    @classmethod
    def discover(cls, files: Mapping[str, Location]) -> Iterator[Found]:
        """X and y of one folder and split make one source; so do the arrays of one split in an .npz."""
        pairs: dict[tuple[str, ...], dict[str, str]] = {}
        for name, path in files.items():
            if name.lower().endswith(".npz"):
                yield from _found_in_npz(path, name)
                continue
            role, rest = _role(PurePosixPath(name).stem)
            key = (str(PurePosixPath(name).parent), *rest)
            taken = role in pairs.get(key, ())
            pairs.setdefault((name,) if taken else key, {})[role] = name
        for members in pairs.values():
            paths = {role: files[name] for role, name in members.items()}
            yield Found(name=next(iter(members.values())), open=partial(cls._pair, paths, members))

    @classmethod
    def open(cls, path: Location, name: str) -> Self:
        return cls._pair({"x": path}, {"x": name})

    @classmethod
    def _pair(cls, paths: Mapping[str, Location], names: Mapping[str, str]) -> Self:
        arrays = {role: _load(path, names[role]) for role, path in paths.items()}
        return cls.of(tuple(paths.values()), " + ".join(names.values()), arrays)

    @classmethod
    def of(cls, paths: tuple[Location, ...], name: str, arrays: Mapping[str, NDArray[Any]]) -> Self:
        """The source of arrays; raises InputError where they cannot be columns of one table."""
        columns: dict[str, NDArray[Any]] = {}
        for key, values in arrays.items():
            fields = values.dtype.names
            columns |= {field: values[field] for field in fields} if fields else {key: values}
        lengths = {key: len(values) if values.ndim else -1 for key, values in columns.items()}
        if len(set(lengths.values())) > 1:
            (a, n), (b, m) = list(dict(zip(lengths.values(), lengths.items(), strict=True)).values())[:2]
            raise InputError(
                f"{name}: {a!r} has {n:,} rows but {b!r} has {m:,}; arrays of one set need one length"
            )
        widest = max((int(np.prod(v.shape[1:], dtype=object)) for v in columns.values()), default=0)
        if widest > _WIDEST:
            raise InputError(f"{name}: a row has {widest:,} values; expected at most {_WIDEST:,}")
        source = cls(paths, name, columns, tuple(map(size, paths)))
        check_columns(source.schema, name)
        return source

    @cached_property
    def schema(self) -> pa.Schema:
        return self._batch(0, 0).schema

    @property
    def rows(self) -> int:
        return len(next(iter(self.arrays.values())))

    @cached_property
    def fingerprint(self) -> str:
        digests = "".join(file_fingerprint(path) for path in self.paths) + " ".join(self.arrays)
        return hashlib.blake2b(digests.encode(), digest_size=8).hexdigest()

    @property
    def local_files(self) -> tuple[Path, ...]:
        return all_local(self.paths)

    def pieces(self) -> list[Piece]:
        width = sum(int(np.prod(values.shape[1:])) for values in self.arrays.values())
        rows = max(1 << 12, 1 << (_CELLS // max(width, 1)).bit_length())
        return [Piece(start=at, read=partial(self._read, at, rows)) for at in range(0, self.rows, rows)]

    def _read(self, start: int, count: int, rows: int) -> Iterator[pa.RecordBatch]:
        if any(size(path) < before for path, before in zip(self.paths, self.sizes, strict=True)):
            raise InputError(f"{self.name} became shorter while it was read; is it being written?")
        stop = min(start + count, self.rows)
        for at in range(start, stop, rows):
            yield self._batch(at, min(at + rows, stop))

    def _batch(self, start: int, stop: int) -> pa.RecordBatch:
        columns = [
            column(v[start:stop] if v.ndim else v, f"{self.name}: {k!r}") for k, v in self.arrays.items()
        ]
        return pa.RecordBatch.from_arrays(columns, names=list(self.arrays))


def _found_in_npz(path: Location, name: str) -> Iterator[Found]:
    try:
        with binary(path) as file, zipfile.ZipFile(file) as archive:
            keys = [member.removesuffix(".npy") for member in archive.namelist()]
    except (zipfile.BadZipFile, OSError, pa.ArrowException) as error:
        yield Found(name=name, open=partial(_refuse, _bad(path, name, error)))
        return
    splits: dict[str, dict[str, str]] = {}
    for key in keys:
        words = [word for word in _WORD.split(key.lower()) if word]
        split = next((word for word in words if word in _SPLITS), "")
        rest = [word for word in words if word != split]
        splits.setdefault(split, {})["_".join(rest) if split and rest else key] = key
    for split, columns in splits.items():
        where = f"{name}/{split}" if split else name
        yield Found(name=where, open=partial(_open_npz, path, where, columns))


def _refuse(error: InputError) -> NumpyArrays:
    raise error


def _open_npz(path: Location, name: str, columns: Mapping[str, str]) -> NumpyArrays:
    try:
        with binary(path) as file, np.load(file, allow_pickle=False) as archive:
            arrays = {column: archive[key] for column, key in columns.items()}
    except _DAMAGED as error:
        raise _bad(path, name, error) from error
    other = next((key for key, array in arrays.items() if not isinstance(array, np.ndarray)), None)
    if other is not None:
        raise InputError(f"{name} holds {other!r}, which is no array; expected .npy members alone")
    return NumpyArrays.of((path,), name, arrays)


def _load(path: Location, name: str) -> NDArray[Any]:
    try:
        if isinstance(path, Path):
            array = np.load(path, mmap_mode="r", allow_pickle=False)
        else:
            with binary(path) as file:
                array = np.load(file, allow_pickle=False)
    except _DAMAGED as error:
        raise _bad(path, name, error) from error
    if not isinstance(array, np.ndarray):
        array.close()
        raise InputError(f"{name} is a .npz archive by its content; rename it to .npz")
    return array


def _bad(path: Location, name: str, error: Exception) -> InputError:
    reason = str(error).splitlines()[0] if str(error) else type(error).__name__
    if isinstance(error, MemoryError):
        reason = f"there is not enough memory for what it claims to hold: {reason}"
    if "allow_pickle" in reason or "Python objects" in reason:
        reason = "it holds Python objects, which could run code when read: save numbers or texts instead"
    return InputError(f"{name} is not a readable NumPy file ({size(path):,} bytes; {reason})")


def _role(stem: str) -> tuple[str, tuple[str, ...]]:
    """Whether a name is of inputs ("x"; any name but those of) targets ("y"), and its other words."""
    words = [word for word in _WORD.split(stem.lower()) if word]
    for role, known in (("x", INPUTS), ("y", TARGETS)):
        for word in words:
            if word in known:
                return role, tuple(w for w in words if w != word)
    return "x", tuple(words)
