"""The Spark engine: a partial profile of each partition where its rows are, added in a tree on the executors.

What travels is one small binary row for each partition, never rows of data but the bounded sample in it.
"""

from collections.abc import Iterable, Iterator
from os.path import commonpath
from typing import Any
from urllib.parse import unquote, urlsplit

import pyarrow as pa
from pyspark import TaskContext
from pyspark.errors import AnalysisException, PythonException
from pyspark.sql import functions as f

from .. import errors
from ..errors import DatacheckError, InputError
from ..part_bytes import from_bytes, to_bytes
from ..profiles import Profile, merge
from .placed import BLOCK, BYTES, CHANGED, PATH, ROW, Reading, RowKey

FAN = 8  # partials that one task adds: 27 MB each at the most for a table of 30 columns
_SCHEMA = "id long, part binary"
# plans whose rows come as the files hold them; any other may mix files and rows
_AS_FILED = ("LogicalRelation", "Project", "Filter", "SubqueryAlias", "View")
_METADATA = {
    PATH: "_metadata.file_path",
    ROW: "_metadata.row_index",
    BLOCK: "_metadata.file_block_start",
    BYTES: "_metadata.file_size",
    CHANGED: "_metadata.file_modification_time",
}


def profile_dataframe(
    frame: Any,
    *,
    label: str | None = None,
    seed: int = 0,
    root: str | None = None,
    row_key: RowKey | None = None,
) -> Profile:
    """The profile of a Spark dataframe, in one pass over it.

    Files are named relative to `root`, by default the folder that all of them share. `row_key` says by what rows
    are known, by default the best that the dataframe offers (`row_key_of`). Raises InputError for a dataframe
    whose rows cannot be profiled.
    """
    kind = row_key or row_key_of(frame)
    names: tuple[str, ...] = ()
    base = root or ""
    if kind is not RowKey.PARTITION:
        files = frame.inputFiles()
        names, base = _places(kind, files), base or _shared(files)
    reading = Reading(label=label, seed=seed, row_key=kind, root=base)

    def work(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        partition = TaskContext.get().partitionId()
        profile = reading.profile(batches, partition)
        if profile.parts:
            yield _row(partition, profile)

    placed = frame.select("*", *(f.col(_METADATA[name]).alias(name) for name in names))
    return add_up(placed.mapInArrow(work, _SCHEMA), _partitions(frame, kind))


def row_key_of(frame: Any) -> RowKey:
    """By what the rows of a dataframe can be known."""
    if not _as_filed(frame):
        return RowKey.PARTITION
    for kind, name in {RowKey.FILE: ROW, RowKey.BLOCK: BLOCK}.items():
        try:
            frame.select(_METADATA[name])
        except AnalysisException:
            continue
        return kind
    return RowKey.PARTITION


def add_up(partials: Any, count: int) -> Profile:
    """The sum of partial profiles, rows of `id` and `part`: in a tree on the executors, the last few here.

    `count` is about how many there are; a wrong guess costs time only.
    """
    while count > FAN:
        count = -(-count // FAN)
        together = partials.repartition(count, f.expr(f"id div {FAN}")).sortWithinPartitions("id")
        partials = together.mapInArrow(_add, _SCHEMA)
    try:
        table = partials.toArrow().sort_by("id")
    except PythonException as error:
        raise _ours(error) from error
    return merge(from_bytes(part.as_py()) for part in table.column("part"))


def _add(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Adds neighbours as they come: each group is FAN partials in order of their numbers."""
    group = -1
    waiting: list[Profile] = []
    for batch in batches:
        for id_, part in zip(batch.column("id").to_pylist(), batch.column("part"), strict=True):
            if id_ // FAN != group and waiting:
                yield _row(group, merge(waiting))
                waiting = []
            group = id_ // FAN
            waiting.append(from_bytes(part.as_py()))
    if waiting:
        yield _row(group, merge(waiting))


def _row(number: int, profile: Profile) -> pa.RecordBatch:
    return pa.RecordBatch.from_pydict({"id": pa.array([number], pa.int64()), "part": [to_bytes(profile)]})


def _as_filed(frame: Any) -> bool:
    """Whether every partition holds stretches of files in their order; a Spark Connect client cannot tell."""
    if not hasattr(frame, "_jdf"):
        return False
    waiting = [frame._jdf.queryExecution().analyzed()]
    while waiting:
        plan = waiting.pop()
        name = plan.getClass().getSimpleName()
        if name not in _AS_FILED and not (name == "Repartition" and not plan.shuffle()):
            return False
        children = plan.children()
        waiting += [children.apply(i) for i in range(children.size())]
    return True


def _places(kind: RowKey, files: list[str]) -> tuple[str, ...]:
    """The metadata columns that a key needs; files that tasks cannot open themselves add size and time."""
    key = (PATH, ROW) if kind is RowKey.FILE else (PATH, BLOCK)
    opened = bool(files) and urlsplit(files[0]).scheme in ("file", "")
    return key if opened else (*key, BYTES, CHANGED)


def _shared(files: list[str]) -> str:
    folders = [unquote(urlsplit(path).path).rpartition("/")[0] for path in files]
    return commonpath(folders) if folders else ""


def _partitions(frame: Any, kind: RowKey) -> int:
    """Partitions of the dataframe, or a guess where counting them would run it."""
    if kind is not RowKey.PARTITION:
        return int(frame.rdd.getNumPartitions())
    session = frame.sparkSession
    return int(session.conf.get("spark.sql.shuffle.partitions"))


def _ours(error: PythonException) -> DatacheckError:
    """The error that a task raised on purpose; what it did not foresee becomes an InputError with its last line."""
    lines = [line for line in str(error).splitlines() if line.strip()]
    for line in reversed(lines):
        name, colon, text = line.strip().partition(": ")
        if colon and name.startswith(f"{errors.__name__}."):
            return getattr(errors, name.rpartition(".")[2], InputError)(text)
    return InputError(f"a Spark task failed: {lines[-1] if lines else error}")
