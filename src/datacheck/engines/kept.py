"""The work on a split: pieces to read, and what earlier runs kept of whole files and of groups of them."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import chain

from .._known import Known
from ..cache import Cache, key_of
from ..profiles import Profile, merge
from ..sources.base import Piece, Source
from .seen import Seen, stat

# Members of a group, and twice that many below the root: beside a file that changed, seven others are added
# anew on each level. A power of two, so that the sums are those of one balanced tree over all files.
FAN = 8

Read = Callable[[Source, Piece, Known], Profile]


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class Node:
    """A file, or neighbouring nodes, with its key in the cache; an empty key means that it is not kept."""

    sources: tuple[Source, ...]
    key: str
    parts: tuple["Node", ...] = ()

    @classmethod
    def of(cls, parts: Iterable["Node"], *, kept: bool = True) -> "Node":
        """The sum of some nodes."""
        some = tuple(parts)
        keys = [part.key for part in some]
        key = key_of(keys) if kept and len(keys) > 1 and all(keys) else ""
        return cls(sources=tuple(chain.from_iterable(part.sources for part in some)), key=key, parts=some)


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class Job:
    """What one thread does: `run` gives the profile of a piece of a file, or what was `kept` of a node."""

    node: Node
    kept: bool
    run: Callable[[], Profile]


@dataclass(frozen=True, kw_only=True)
class Work:
    """The jobs of a split, and the sum of what they give; `failed` tells the names of files that were not read.

    Sums are always made file by file and group by group, so that it is the same to the last bit whatever
    comes from the cache. Files that go there share no bounds with others (`Known`): what they hold must not
    depend on their neighbours.
    """

    read: Read
    failed: Callable[[], Iterable[str]]
    cache: Cache | None
    known: Known = field(default_factory=Known)

    def tree(self, sources: tuple[Source, ...], about: str) -> Node:
        """The files in groups of groups; `about` is what a profile depends on beside the file."""
        worth = self.cache is not None and _bytes(sources) >= self.cache.least
        seen = Seen.of(self.cache, sources) if self.cache and worth else None
        nodes = [Node(sources=(source,), key=_key(source, about, seen) if seen else "") for source in sources]
        if seen:
            seen.keep()
        while len(nodes) > 2 * FAN:
            nodes = [Node.of(nodes[start : start + FAN]) for start in range(0, len(nodes), FAN)]
        return Node.of(nodes, kept=False)

    def jobs(self, node: Node, *, top: bool = True) -> Iterator[Job]:
        """What is to be done, in order; `top` where the sum above is not kept."""
        if node.key and self.cache is not None and node.key in self.cache:
            yield Job(node=node, kept=True, run=partial(self._top if top else self._kept, node))
            return
        for part in node.parts:
            yield from self.jobs(part, top=not node.key)
        if node.parts:
            return
        known = Known() if node.key else self.known
        for source in node.sources:
            for piece in source.pieces():
                yield Job(node=node, kept=False, run=partial(self.read, source, piece, known))

    def total(self, node: Node, done: Iterable[tuple[Job, Profile]]) -> Profile:
        """The sum of what the jobs gave, in their order; keeps the sums that are new and did not fail."""
        return self._sum(node, _Done(iter(done)))

    def _sum(self, node: Node, done: "_Done") -> Profile:
        known = None if node.key else self.known
        if done.kept(node):
            return merge(done.of(node), known)
        parts = (self._sum(part, done) for part in node.parts)
        profile = merge(parts if node.parts else done.of(node), known)
        self._put(node, profile)
        return profile

    def _top(self, node: Node) -> Profile:
        """What is added to the whole, which is not kept: hashes of rows that others have displaced are not."""
        return self._kept(node, self.known.rows[0])

    def _kept(self, node: Node, below: int = 2**64) -> Profile:
        """What the cache holds; where that is damaged, the same made anew."""
        found = self.cache.get(node.key, below) if self.cache and node.key else None
        if found is None:
            found = merge(map(self._kept, node.parts)) if node.parts else self._read(node)
            self._put(node, found)
        return found

    def _read(self, node: Node) -> Profile:
        known = Known()
        pieces = ((source, piece) for source in node.sources for piece in source.pieces())
        return merge((self.read(source, piece, known) for source, piece in pieces), known)

    def _put(self, node: Node, profile: Profile) -> None:
        if node.key and self.cache is not None and not {s.name for s in node.sources} & {*self.failed()}:
            self.cache.put(node.key, profile)


class _Done:
    """Finished jobs in their order, with a look at the next."""

    def __init__(self, done: Iterator[tuple[Job, Profile]]) -> None:
        self._done = done
        self._next = next(done, None)

    def kept(self, node: Node) -> bool:
        """Whether the next is what was kept of a node."""
        return self._next is not None and self._next[0].kept and self._next[0].node is node

    def of(self, node: Node) -> Iterator[Profile]:
        """The profiles of a node that come next."""
        while self._next is not None and self._next[0].node is node:
            profile = self._next[1]
            self._next = None  # the last reference to it, but for the sum
            yield profile
            self._next = next(self._done, None)


def _bytes(sources: Iterable[Source]) -> int:
    return sum(stat(path)[0] for source in sources for path in source.local_files)


def _key(source: Source, about: str, seen: Seen) -> str:
    files = source.local_files
    if not files:
        return ""
    times = " ".join(f"{size} {changed}" for size, changed, *_ in map(stat, files))
    return key_of((about, type(source).__name__, source.name, seen.fingerprint(source), source.given, times))
