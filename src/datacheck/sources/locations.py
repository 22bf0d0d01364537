"""Paths on this machine and in remote stores, behind one small interface."""

import importlib
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, cast

import pyarrow as pa
import pyarrow.fs as pafs

from ..errors import InputError, MissingExtraError


@dataclass(frozen=True)
class RemotePath:
    """A file or folder of a `pyarrow.fs` file system, with what sources need of `pathlib.Path`."""

    system: pafs.FileSystem
    path: str

    def __str__(self) -> str:
        return f"{self.system.type_name}:{self.path}"

    def __lt__(self, other: "RemotePath") -> bool:
        return self.path < other.path

    @property
    def name(self) -> str:
        """Last part of the path."""
        return PurePosixPath(self.path).name

    @property
    def suffix(self) -> str:
        """Last suffix of the name, with its dot."""
        return PurePosixPath(self.path).suffix

    def size(self) -> int:
        """Bytes of the file."""
        return int(self._info().size or 0)

    def exists(self) -> bool:
        """Whether there is such a file or folder."""
        return bool(self._info().type != pafs.FileType.NotFound)

    def is_file(self) -> bool:
        """Whether it is a file."""
        return bool(self._info().type == pafs.FileType.File)

    def files(self) -> Iterator["RemotePath"]:
        """All files below, at any depth."""
        selector = pafs.FileSelector(self.path, recursive=True)
        found = (info for info in self.system.get_file_info(selector) if info.type == pafs.FileType.File)
        return (RemotePath(self.system, info.path) for info in found)

    def below(self, root: "RemotePath") -> PurePosixPath:
        """The path from `root` on."""
        return PurePosixPath(self.path).relative_to(root.path)

    def _info(self) -> pafs.FileInfo:
        return self.system.get_file_info([self.path])[0]


Location = Path | RemotePath


def locate(text: str) -> Location:
    """The location that a path or a URI names; raises InputError for a scheme that nothing reads.

    `s3://`, `gs://`, `hdfs://` and `file://` go to `pyarrow.fs`, any other scheme to fsspec if that is there.
    """
    scheme, mark, _ = text.partition("://")
    if not mark:
        return Path(text)
    try:
        system, path = pafs.FileSystem.from_uri(text)
    except (pa.ArrowException, OSError, ValueError) as error:
        if scheme in ("s3", "gs", "gcs", "hdfs", "file") and "nrecognized" not in str(error):
            raise InputError(f"{text} cannot be opened: {str(error).splitlines()[0]}") from error
        system, path = _from_fsspec(text)
    return RemotePath(system, path.rstrip("/"))


def _from_fsspec(text: str) -> tuple[pafs.FileSystem, str]:
    try:
        fsspec = importlib.import_module("fsspec.core")
    except ImportError as error:
        raise MissingExtraError("fsspec", extra="remote") from error
    try:
        system, path = fsspec.url_to_fs(text)
    except (ValueError, ImportError) as error:
        raise InputError(
            f"{text} cannot be opened: {error}; expected a path, s3://, gs:// or hdfs://"
        ) from error
    return pafs.PyFileSystem(pafs.FSSpecHandler(system)), path


def exists(path: Location) -> bool:
    """Whether there is such a file or folder; raises InputError for what no file system would take or show."""
    try:
        return path.exists()
    except OSError as error:
        raise InputError(f"{path!s:.200} cannot be looked at: {error.strerror or error}") from error


def size(path: Location) -> int:
    """Bytes of a file; raises InputError where it is gone."""
    try:
        return path.stat().st_size if isinstance(path, Path) else path.size()
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror or error}; is it still there?") from error


def open_file(path: Location, *, mapped: bool = True) -> pa.NativeFile:
    """The file for reading at any place; memory-mapped where it can be and `mapped` says so."""
    if isinstance(path, RemotePath):
        return path.system.open_input_file(path.path)
    if mapped and path.stat().st_size:
        with suppress(MemoryError, OSError):  # less address space is left than the file is long
            return pa.memory_map(str(path))
    return pa.OSFile(str(path))


def open_stream(path: Location) -> pa.NativeFile:
    """The file's content from the start, decompressed as its suffix says."""
    if isinstance(path, RemotePath):
        return path.system.open_input_stream(path.path, compression="detect")
    return pa.input_stream(str(path), compression="detect")


def binary(path: Location) -> IO[bytes]:
    """The file as Python's own readers want it."""
    return path.open("rb") if isinstance(path, Path) else cast(IO[bytes], open_file(path))


def files_below(root: Location) -> dict[str, Location]:
    """The files below a folder by their names relative to it, in order, without the hidden ones."""
    named: dict[str, Location]
    if isinstance(root, Path):
        named = dict(_names_below(str(root)))
    else:
        named = {path.below(root).as_posix(): path for path in root.files()}
    return {name: named[name] for name in sorted(named) if not _hidden(name.split("/"))}


def _names_below(root: str) -> Iterator[tuple[str, Path]]:
    """The files below a folder, in no order; links to folders are not followed, a pipe or device has none."""
    folders = [("", root)]
    while folders:
        start, folder = folders.pop()
        with suppress(PermissionError, NotADirectoryError), os.scandir(folder) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    folders.append((f"{start}{entry.name}/", entry.path))
                elif entry.is_file(follow_symlinks=False) or Path(entry.path).is_file():
                    yield start + entry.name, Path(entry.path)


def _hidden(parts: list[str]) -> bool:
    return any(part.startswith((".", "_")) for part in parts)
