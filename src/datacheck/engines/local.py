"""The local engine: threads over the pieces of the files, slices of fixed size, one balanced sum."""

import os
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any, Self

import pyarrow as pa

from .._batch import Origin, width
from .._hash import STRETCH
from .._known import Known
from .._streamed import NARROW, Rows
from ..cache import Cache
from ..dataset import Split
from ..errors import InputError
from ..profiles import Profile, merge
from ..sources.base import Piece, Source, Widen
from ..statistics.row_sample import MOST, quota
from .kept import Job, Work

_CELLS = NARROW * STRETCH  # values in a slice: few slices keep Python's share small

Progress = Callable[[Source, int], None]


def profile_split(
    split: Split,
    *,
    label: str | None = None,
    seed: int = 0,
    threads: int | None = None,
    progress: Progress | None = None,
    bad: dict[str, str] | None = None,
    cache: Cache | None = None,
) -> Profile:
    """The profile of a split; the same for any number of threads and any chunking of the files.

    `progress` is called with a source and the number of its rows done, from any thread. Raises InputError
    naming the file; where `bad` is given, such a file goes there with the reason, and the profile is that of
    the others alone. Files that have not changed since an earlier run are taken from the `cache`.
    """
    reading = _Reading(
        label=label,
        seed=seed,
        threads=threads or min(os.cpu_count() or 1, 8),
        progress=progress or (lambda source, rows: None),
        cache=cache,
    )
    while True:
        failed: dict[str, tuple[int, str]] | None = None if bad is None else {}
        try:
            profile = _profile(split, reading, failed)
        except Widen:
            # the type of a column was guessed from the head of a text file and a later value did not fit
            continue
        if bad is None or not failed:
            if cache is not None:
                cache.trim()
            return profile
        # what a bad file held has set bounds for the others, so that they are read again without it
        bad |= {name: reason for name, (_, reason) in sorted(failed.items())}
        split = Split(sources=tuple(source for source in split.sources if source.name not in bad))
        if not split.sources:
            return Profile()


@dataclass(frozen=True, kw_only=True)
class _Reading:
    label: str | None
    seed: int
    threads: int
    progress: Progress
    cache: Cache | None


@dataclass(frozen=True, kw_only=True)
class PieceReader:
    """Makes the profile of a piece of a split, in this process or in another."""

    schema: pa.Schema
    label: str | None
    seed: int
    sample_below: int
    window_rows: int

    @classmethod
    def of(cls, split: Split, label: str | None, seed: int) -> Self:
        """The reader of a split's pieces."""
        schema = split.schema
        rows, most = [source.rows for source in split.sources], quota(len(schema))
        return cls(
            schema=schema,
            label=label if label in schema.names else None,
            seed=seed,
            sample_below=sample_below(sum(n or 0 for n in rows) if None not in rows else None, most),
            window_rows=window_rows(rows, most),
        )

    def read(self, source: Source, piece: Piece, known: Known, progress: Progress) -> Profile:
        """The profile of a piece; with a shared `known` it has a meaning only in the sum of all pieces."""
        origin: dict[str, Any] = {
            "part": source.name,
            "fingerprint": source.fingerprint,
            "label": self.label,
            "seed": self.seed,
            "sample_below": self.sample_below,
            "window_rows": self.window_rows,
            "ordered": source.ordered,
        }
        return merge(_slices(source, piece, self.schema, origin, known, progress), known)


def _profile(split: Split, reading: _Reading, failed: dict[str, tuple[int, str]] | None) -> Profile:
    reader = PieceReader.of(split, reading.label, reading.seed)

    def read(source: Source, piece: Piece, known: Known) -> Profile:
        try:
            return reader.read(source, piece, known, reading.progress)
        except InputError as error:
            if failed is None:
                raise
            reason = (piece.start, str(error))
            failed[source.name] = min(reason, failed.get(source.name, reason))
            return Profile()

    def run(job: Job) -> tuple[Job, Profile]:
        profile = job.run()
        if job.kept:
            _told(job, profile, reading.progress)
        return job, profile

    work = Work(read=read, failed=lambda: failed or (), cache=reading.cache)
    tree = work.tree(split.sources, repr(reader))
    with ThreadPoolExecutor(max_workers=reading.threads) as pool:
        return work.total(tree, _in_order(pool, run, work.jobs(tree), 2 * reading.threads))


def _told(job: Job, profile: Profile, progress: Progress) -> None:
    """Reports the rows of files that did not have to be read."""
    rows = Counter[str]()
    for part in profile.parts:
        rows[part.name] += part.rows
    for source in job.node.sources:
        if rows[source.name]:
            progress(source, rows[source.name])


def _in_order(
    pool: ThreadPoolExecutor,
    run: Callable[[Job], tuple[Job, Profile]],
    jobs: Iterable[Job],
    ahead: int,
) -> Iterator[tuple[Job, Profile]]:
    """Results in the order of the jobs, with at most `ahead` of them waiting in memory."""
    waiting: deque[Future[tuple[Job, Profile]]] = deque()
    try:
        for job in jobs:
            waiting.append(pool.submit(run, job))
            if len(waiting) >= ahead:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        for future in waiting:
            future.cancel()


def _slices(
    source: Source, piece: Piece, schema: pa.Schema, origin: dict[str, Any], known: Known, progress: Progress
) -> Iterator[Profile]:
    row = piece.start
    for rows in _rows(source, piece, schema):
        yield Profile.of(Origin(row=row, **origin).stamp(rows), known)
        row += rows.num_rows
        progress(source, rows.num_rows)


def _rows(source: Source, piece: Piece, schema: pa.Schema) -> Iterator[Rows]:
    """The rows of a piece in the types of a schema: column by column where that can be, else in slices."""
    size = slice_rows(width(schema))
    fields = [source.schema.field(name) for name in schema.names]
    if piece.columns and size >= STRETCH and _fits(fields, schema):  # else sums would not be those of slices
        streamed = replace(piece.columns(), schema=schema)
        yield from (streamed,) if streamed.num_rows else ()
        return
    yield from aligned(_cast(piece.read(size), schema, source.name), size)


def slice_rows(columns: int) -> int:
    """Rows of a slice of a table of so many columns, a power of two.

    >>> slice_rows(30), slice_rows(500), slice_rows(100_000)
    (65536, 32768, 256)
    """
    return max(256, min(1 << 16, 1 << ((_CELLS // max(columns, 1)) | 1).bit_length() - 1))


def _cast(batches: Iterator[pa.RecordBatch], schema: pa.Schema, name: str) -> Iterator[pa.RecordBatch]:
    for batch in batches:
        if not batch.num_rows:
            continue
        batch = batch.select(schema.names)
        try:
            yield batch if _fits(batch.schema, schema) else batch.cast(schema, safe=False)
        except pa.ArrowException as error:
            raise InputError(f"{name}: {error}; write the column with one type in every file") from error


def _fits(found: Iterable[pa.Field], wanted: pa.Schema) -> bool:
    """Whether the columns have the wanted types; texts may be stored as numbers of levels."""
    return all(f.type == w.type or _decoded(f.type) == w.type for f, w in zip(found, wanted, strict=True))


def _decoded(type_: pa.DataType) -> pa.DataType:
    return type_.value_type if pa.types.is_dictionary(type_) else type_


def aligned(batches: Iterator[pa.RecordBatch], size: int) -> Iterator[pa.RecordBatch]:
    """The same rows in batches of exactly `size`: sums then do not depend on how a reader cuts them."""
    held: list[pa.RecordBatch] = []
    count = 0
    for batch in batches:
        while count + batch.num_rows >= size:
            head = batch.slice(0, size - count)
            yield _concat([*held, head])
            batch = batch.slice(head.num_rows)
            held, count = [], 0
        if batch.num_rows:
            held.append(batch)
            count += batch.num_rows
    if held:
        yield _concat(held)


def _concat(batches: list[pa.RecordBatch]) -> pa.RecordBatch:
    if len(batches) == 1:
        return batches[0]
    table = pa.Table.from_batches(batches).unify_dictionaries().combine_chunks()
    return table.to_batches()[0]


def sample_below(rows: int | None, most: int = MOST) -> int:
    """A bound on the hashes of rows that may enter a sample of `most` rows.

    32 times the root of `most` more are expected below it: that it falls short of `most` has a chance under
    1e-74 (Chernoff: exp(-m d² / 2), m rows being expected, which is d = 1 - most / m too many). Rows are rounded
    to two bits, so that some more seldom change what a cache keeps of each file.

    >>> sample_below(200_000) / 2**64, sample_below(100_000) / 2**64, sample_below(None) == sample_below(1)
    (0.375, 0.75, True)
    """
    if rows is None:
        return 2**64 - 1
    finest = 1 << max(0, rows.bit_length() - 2)
    rounded = max(rows // finest * finest, 1)
    return min(2**64 - 1, int(2**64 * ((most + 32 * most**0.5) / rounded)))


def window_rows(rows: Sequence[int | None], most: int = MOST) -> int:
    """A bound on the numbers of rows that may be among the first of every part, `most` of them in all.

    >>> window_rows([1000] * 1000), window_rows([50_000, 10]), window_rows([None])
    (128, 9223372036854775807, 9223372036854775807)
    """
    counts = [n for n in rows if n is not None]
    bound = 64
    while len(counts) == len(rows) and bound < most:
        bound *= 2
        if sum(min(n, bound) for n in counts) >= most:
            return bound
    return 2**63 - 1
