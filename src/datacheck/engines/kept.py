"""The work on a split: pieces to read, and what earlier runs kept of whole files and of groups of them."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import groupby
from pathlib import Path

from .._known import Known
from ..cache import Cache, key_of
from ..profiles import Profile, merge
from ..sources.base import Piece, Source

GROUP = 32  # neighbouring files: near the root of a thousand, so that neither groups nor files are many

Read = Callable[[Source, Piece, Known], Profile]


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class Job:
    """What one thread does: `run` gives the profile of a piece, a file or, without a source, a group."""

    group: "Group"
    source: Source | None
    kept: bool
    run: Callable[[], Profile]


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class Group:
    """Neighbouring sources with their keys in the cache; an empty key means that it is not kept."""

    sources: tuple[Source, ...]
    keys: tuple[str, ...]

    @property
    def key(self) -> str:
        """The key of the sum."""
        return key_of(self.keys) if len(self.keys) > 1 and all(self.keys) else ""


@dataclass(frozen=True, kw_only=True)
class Work:
    """The jobs of a split, and the sum of what they give.

    Sums are always made file by file and group by group, so that it is the same to the last bit whatever
    comes from the cache. Files that go there share no bounds with others (`Known`): what they hold must not
    depend on their neighbours.
    """

    read: Read
    cache: Cache | None
    known: Known = field(default_factory=Known)

    def groups(self, sources: tuple[Source, ...], about: str) -> Iterator[Group]:
        """The sources in groups; `about` is what a profile depends on beside the file."""
        worth = self.cache is not None and _bytes(sources) >= self.cache.least
        for start in range(0, len(sources), GROUP):
            some = sources[start : start + GROUP]
            yield Group(sources=some, keys=tuple(_key(source, about) if worth else "" for source in some))

    def jobs(self, groups: Iterable[Group]) -> Iterator[Job]:
        """What is to be done, in order."""
        for group in groups:
            if self._has(group.key):
                yield Job(group=group, source=None, kept=True, run=partial(self._group, group))
                continue
            for source, key in zip(group.sources, group.keys, strict=True):
                yield from self._of_file(group, source, key)

    def _of_file(self, group: Group, source: Source, key: str) -> Iterator[Job]:
        if self._has(key):
            yield Job(group=group, source=source, kept=True, run=partial(self._file, source, key))
            return
        known = Known() if key else self.known
        for piece in source.pieces():
            run = partial(self.read, source, piece, known)
            yield Job(group=group, source=source, kept=False, run=run)

    def total(self, done: Iterable[tuple[Job, Profile]], failed: Callable[[], Iterable[str]]) -> Profile:
        """The sum of what the jobs gave, in their order; keeps the sums that are new and did not fail."""
        groups = groupby(done, key=lambda one: one[0].group)
        return merge((self._sum(group, held, failed) for group, held in groups), self.known)

    def _sum(
        self, group: Group, done: Iterable[tuple[Job, Profile]], failed: Callable[[], Iterable[str]]
    ) -> Profile:
        keys = dict(zip(group.sources, group.keys, strict=True))
        files, whole = [], False
        for (source, kept), held in groupby(done, key=lambda one: (one[0].source, one[0].kept)):
            key = keys[source] if source else group.key
            whole = source is None
            profile = merge((part for _, part in held), None if key else self.known)
            if source and not kept and source.name not in failed():
                self._put(key, profile)
            files.append(profile)
        total = merge(files, None if group.key else self.known)
        if not whole and not {source.name for source in group.sources} & {*failed()}:
            self._put(group.key, total)
        return total

    def _group(self, group: Group) -> Profile:
        found = self.cache.get(group.key) if self.cache else None
        if found is None:
            pairs = zip(group.sources, group.keys, strict=True)
            found = merge(self._file(source, key) for source, key in pairs)
            self._put(group.key, found)
        return found

    def _file(self, source: Source, key: str) -> Profile:
        found = self.cache.get(key) if self.cache else None
        if found is None:
            known = Known()
            found = merge((self.read(source, piece, known) for piece in source.pieces()), known)
            self._put(key, found)
        return found

    def _has(self, key: str) -> bool:
        return bool(key) and self.cache is not None and key in self.cache

    def _put(self, key: str, profile: Profile) -> None:
        if key and self.cache is not None:
            self.cache.put(key, profile)


def _bytes(sources: Iterable[Source]) -> int:
    return sum(_stat(path)[0] for source in sources for path in source.local_files)


def _key(source: Source, about: str) -> str:
    files = source.local_files
    if not files:
        return ""
    times = " ".join(f"{size} {changed}" for size, changed in map(_stat, files))
    return key_of((about, type(source).__name__, source.name, source.fingerprint, source.given, times))


def _stat(path: Path) -> tuple[int, int]:
    try:
        about = path.stat()
    except OSError:
        return 0, 0  # reading will say what is wrong
    return about.st_size, about.st_mtime_ns
