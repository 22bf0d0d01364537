"""Files that appear complete or not at all."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from .errors import InputError

try:
    import fcntl
except ImportError:  # Windows: two runs into one folder may mix their files there
    fcntl = None  # type: ignore[assignment]


@contextmanager
def atomic(path: Path) -> Iterator[IO[bytes]]:
    """A binary file that appears at `path` complete or not at all; InputError where it cannot be written."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with part.open("wb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        raise InputError(
            f"cannot write {path}: {error.strerror or error}; nothing was left half-written, "
            "choose another folder with --out or free this one"
        ) from error


@contextmanager
def together(folder: Path) -> Iterator[Path]:
    """A place for files that move into `folder` all at once when the block ends, or not at all.

    Runs that write into one folder take turns; what a run that was killed left behind is removed. InputError
    where the folder cannot be made or written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with _alone(folder):
            for left in folder.glob(".datacheck-*.part"):
                shutil.rmtree(left, ignore_errors=True)
            place = folder / f".datacheck-{os.getpid()}.part"
            place.mkdir()
            try:
                yield place
                _move(place, folder)
            finally:
                shutil.rmtree(place, ignore_errors=True)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise InputError(
            f"cannot write the report to {folder}: {reason}; give another folder to --out"
        ) from error


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Waits until no other run writes into the folder; the system ends the wait when that one dies."""
    if fcntl is None:
        yield
        return
    lock = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):  # a file system without locks
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def _move(place: Path, folder: Path) -> None:
    files = sorted(path for path in place.rglob("*") if path.is_file())
    for file in files:
        (folder / file.relative_to(place)).parent.mkdir(parents=True, exist_ok=True)
    for file in files:
        file.replace(folder / file.relative_to(place))
