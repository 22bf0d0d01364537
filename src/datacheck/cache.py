"""Profiles of files kept between runs, so that only files that changed are read again.

They lie in the user's cache folder, or where DATACHECK_CACHE_DIR says, readable by the user alone: unlike saved
profiles they hold the sampled rows. An entry is a file named by a digest of everything that its content depends
on; damaged ones are passed over and written anew, and the least recently used go when they grow too many.
"""

import hashlib
import os
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
import platformdirs
import pyarrow as pa

from . import __version__
from .errors import FormatError
from .part_bytes import FORMAT, from_bytes, to_bytes
from .profiles import Profile

MOST = (
    4 << 30
)  # bytes of all entries: a thousand files of a hundred thousand rows take about two thirds of it
LEAST = 1 << 26  # bytes of data that are worth it: less is read again in about a second


@dataclass(frozen=True, kw_only=True)
class Cache:
    """A folder of entries; nothing that goes wrong with it stops a run."""

    folder: Path
    most: int = MOST
    least: int = LEAST

    @classmethod
    def of_user(cls) -> Self:
        """The cache of whoever runs this."""
        given = os.environ.get("DATACHECK_CACHE_DIR")
        return cls(folder=Path(given) if given else platformdirs.user_cache_path("datacheck"))

    def __contains__(self, key: str) -> bool:
        return (self.folder / key).exists()

    def get(self, key: str, below: int = 2**64) -> Profile | None:
        """The entry, now the most recently used; None where there is none that can be read.

        Of the hashes of rows it has those below a bound.
        """
        data = self.read(key)
        try:
            return None if data is None else from_bytes(data, str(self.folder / key), below=below)
        except FormatError:
            return None

    def put(self, key: str, profile: Profile) -> None:
        """Writes an entry, whole or not at all."""
        self.write(key, to_bytes(profile))

    def read(self, key: str) -> bytes | None:
        """The bytes of an entry; None where there is none that can be read."""
        path = self.folder / key
        try:
            data = path.read_bytes()
            os.utime(path)
        except OSError:
            return None
        return data

    def write(self, key: str, data: bytes) -> None:
        """Writes the bytes of an entry, whole or not at all."""
        with suppress(OSError):
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=self.folder, prefix=".")  # mode 0600
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(data)
                Path(name).replace(self.folder / key)
            finally:
                Path(name).unlink(missing_ok=True)  # not there where it has been renamed

    def trim(self) -> None:
        """Deletes the least recently used entries beyond the bound."""
        with suppress(OSError):
            found = [(entry.stat(), entry.path) for entry in os.scandir(self.folder) if entry.is_file()]
            total = sum(about.st_size for about, _ in found)
            for about, path in sorted(found, key=lambda one: (one[0].st_mtime_ns, one[1])):
                if total <= self.most:
                    break
                Path(path).unlink(missing_ok=True)
                total -= about.st_size


def key_of(about: Iterable[str]) -> str:
    """A key from texts, and from the versions of what computes: their sums may differ in the last digit."""
    versions = (__version__, str(FORMAT), np.__version__, pa.__version__)
    digest = hashlib.blake2b(digest_size=20)
    for text in (*versions, *about):
        digest.update(f"{len(text)}:{text}".encode())
    return digest.hexdigest()
