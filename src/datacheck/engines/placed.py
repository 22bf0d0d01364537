"""Rows that carry where they stand: from batches with the columns of a place to one partial profile."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from enum import StrEnum
from itertools import chain, groupby
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote, urlsplit

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from .._batch import Origin, width
from .._hash import key
from .._known import Known
from ..profiles import Profile, merge
from ..sources.base import file_fingerprint
from .local import aligned, slice_rows

PATH, ROW, BLOCK, BYTES, CHANGED = (
    f"__datacheck_{name}" for name in ("path", "row", "block", "bytes", "time")
)


class RowKey(StrEnum):
    """By what a row is known, from the best to the last resort: it decides which rows are sampled."""

    FILE = "file and row"
    BLOCK = "file, block of the file, and row in the block"
    PARTITION = "partition and row in the partition"


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What a task needs to know: the label, the seed, how rows are known, and where file names begin."""

    label: str | None = None
    seed: int = 0
    row_key: RowKey = RowKey.PARTITION
    root: str = ""

    def profile(self, batches: Iterable[pa.RecordBatch], partition: int) -> Profile:
        """The profile of one partition, whose batches end with the columns of the places."""
        known = Known()
        whole = merge(self._slices(batches, partition, known), known)
        if self.row_key is not RowKey.PARTITION or not whole.parts:
            return whole
        return replace(whole, parts=tuple(replace(part, fingerprint=_content(whole)) for part in whole.parts))

    def _slices(self, batches: Iterable[pa.RecordBatch], partition: int, known: Known) -> Iterator[Profile]:
        runs = (run for batch in batches if batch.num_rows for run in self._runs(batch, partition))
        for _, same in groupby(runs, key=lambda run: run.part):
            yield from self._part(same, known)

    def _part(self, runs: Iterator["_Run"], known: Known) -> Iterator[Profile]:
        """The slices of one part, which begins at the row of its first run; rows count on from there."""
        first = next(runs)
        row, size = first.row, slice_rows(width(first.rows.schema))
        origin: dict[str, Any] = {
            "part": first.part,
            "fingerprint": _fingerprint(first.place) if first.place else "",
            "label": self.label,
            "seed": self.seed,
            "ordered": bool(first.place),
        }
        for batch in aligned(chain([first.rows], (run.rows for run in runs)), size):
            yield Profile.of(Origin(row=row, **origin).stamp(batch), known)
            row += batch.num_rows

    def _runs(self, batch: pa.RecordBatch, partition: int) -> Iterator["_Run"]:
        """The stretches of a batch that come from one file and block."""
        if self.row_key is RowKey.PARTITION:
            yield _Run(part=f"partition {partition:06d}", rows=batch)
            return
        place, rows = _apart(batch)
        for start, stop in _stretches(place):
            at = {column: values[start].as_py() for column, values in place.items()}
            name, block = relative(at[PATH], self.root), at.get(BLOCK)
            yield _Run(
                part=f"{name}@{block:015d}" if block else name,
                rows=rows.slice(start, stop - start),
                row=at.get(ROW, 0),
                place=at,
            )


@dataclass(frozen=True, kw_only=True, slots=True)
class _Run:
    """Rows of one part that follow each other, the number of the first, and its columns of the place."""

    part: str
    rows: pa.RecordBatch
    row: int = 0
    place: dict[str, Any] = field(default_factory=dict)


def relative(path: str, root: str) -> str:
    """The name of a file in reports: its path below `root`, as the local engine would call it.

    >>> relative("file:///data/train/a%20b.parquet", "/data")
    'train/a b.parquet'
    """
    plain = PurePosixPath(unquote(urlsplit(path).path))
    return str(plain.relative_to(root)) if root and plain.is_relative_to(root) else plain.name


def _apart(batch: pa.RecordBatch) -> tuple[dict[str, pa.Array], pa.RecordBatch]:
    """The columns of the places, and the rows without them."""
    names = [name for name in (PATH, ROW, BLOCK, BYTES, CHANGED) if name in batch.schema.names]
    return {name: batch.column(name) for name in names}, batch.drop_columns(names)


def _stretches(place: dict[str, pa.Array]) -> Iterator[tuple[int, int]]:
    """First row, and row after the last, of the stretches with one path and block."""
    rows = len(place[PATH])
    columns = [place[name] for name in (PATH, BLOCK) if name in place]
    if all(column[0] == column[-1] for column in columns):
        yield 0, rows
        return
    changes = [np.asarray(pc.not_equal(column[1:], column[:-1])) for column in columns]
    cuts = (np.flatnonzero(np.any(changes, axis=0)) + 1).tolist()
    yield from zip([0, *cuts], [*cuts, rows], strict=True)


def _fingerprint(at: dict[str, Any]) -> str:
    """Of a file: as the local engine makes it where the file can be opened here, else of its size and time."""
    if BYTES not in at:
        return file_fingerprint(Path(unquote(urlsplit(at[PATH]).path)))
    return f"{int(key(f'{at[PATH]} {at[BYTES]} {at[CHANGED]}')):016x}"


def _content(profile: Profile) -> str:
    """A digest of the rows of a partition, whatever their order."""
    digest = hashlib.blake2b(str(profile.rows).encode(), digest_size=8)
    rows = profile.row_hashes
    for part in (rows.hashes, rows.counts, rows.label_min, rows.label_max):
        digest.update(part.tobytes())
    return digest.hexdigest()
