"""Fingerprints of files that an earlier run saw, so that files that did not change are not opened for them."""

import json
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from ..cache import Cache, key_of
from ..sources.base import Source

SETTLED = 2_000_000_000  # ns after which another write changes a file's times: FAT counts in two seconds


@dataclass(frozen=True, kw_only=True, eq=False)
class Seen:
    """By name: size, times and number of the files of a source, and its fingerprint then.

    As in an index of git, files that were written just before they were seen are not noted: another write might
    leave their times as they are. A wrong fingerprint from here leads to no entry of the cache, not to a wrong one.
    """

    cache: Cache
    key: str
    known: dict[str, Any] = field(default_factory=dict)
    now: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, cache: Cache, sources: tuple[Source, ...]) -> Self:
        """What is known of the files of a split, which the first of them tells from others."""
        first = next((path.absolute() for source in sources for path in source.local_files), "")
        key = key_of(("seen", str(first)))
        try:
            known = json.loads(cache.read(key) or b"{}")
        except ValueError:
            known = {}
        return cls(cache=cache, key=key, known=known if isinstance(known, dict) else {})

    def fingerprint(self, source: Source) -> str:
        """The fingerprint of a source with files."""
        stats = [stat(path) for path in source.local_files]
        name, about = f"{type(source).__name__} {source.name} {source.given}", [*map(list, stats)]
        before, found = _pair(self.known.get(name))
        fingerprint = found if before == about else source.fingerprint
        if before == about or all(max(one[1:3]) < time.time_ns() - SETTLED for one in stats):
            self.now[name] = [about, fingerprint]
        return fingerprint

    def keep(self) -> None:
        """Writes what is known now, if it is not what was known before."""
        if self.now != self.known:
            self.cache.write(self.key, json.dumps(self.now).encode())


def _pair(noted: Any) -> tuple[Any, str]:
    """What was noted of a file, and its fingerprint; none of a note that was damaged."""
    if isinstance(noted, list) and len(noted) == 2 and isinstance(noted[1], str):
        return noted[0], noted[1]
    return None, ""


def stat(path: Path) -> tuple[int, int, int, int]:
    """Bytes of a file, times at which its content and its record changed (ns), and its number; zeros for none."""
    try:
        about = path.stat()
    except OSError:
        return 0, 0, 0, 0  # reading will say what is wrong
    return about.st_size, about.st_mtime_ns, about.st_ctime_ns, about.st_ino
