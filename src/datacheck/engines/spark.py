"""The Spark engine: a partial profile of each partition where its rows are, added in a tree on the executors.

What travels is one small binary row for each partition, never rows of data but the bounded sample in it.
"""

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from importlib import import_module
from os.path import commonpath
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pyarrow as pa
from pyspark import TaskContext
from pyspark.errors import PySparkException, PythonException
from pyspark.sql import SparkSession
from pyspark.sql import functions as f

from .. import errors
from ..dataset import Split
from ..errors import ConfigError, DatacheckError, InputError
from ..part_bytes import from_bytes, to_bytes
from ..profiles import Profile, merge
from ..sources.base import Source
from ..sources.spark import SparkFrame
from .pieces import Pieces, Widened
from .placed import BLOCK, BYTES, CHANGED, PATH, ROW, Reading, RowKey

FAN = 8  # partials that one task adds: 27 MB each at the most for a table of 30 columns
_SCHEMA = "id long, part binary"
# plans whose rows come as the files hold them; any other may mix files and rows, and a view hides the files
_AS_FILED = ("LogicalRelation", "Project", "Filter", "SubqueryAlias")
_METADATA = {
    PATH: "_metadata.file_path",
    ROW: "_metadata.row_index",
    BLOCK: "_metadata.file_block_start",
    BYTES: "_metadata.file_size",
    CHANGED: "_metadata.file_modification_time",
}


def opened(data: Any, master: str | None = None) -> Any:
    """The data with a session running: a Delta folder or the name of a table becomes a dataframe, else as given.

    A new session runs on `master`, by default what Spark is configured for, else all cores of this machine.
    """
    session = _session(master)
    if not isinstance(data, (str, Path)):
        return data
    if (Path(data) / "_delta_log").is_dir() or str(data).startswith("delta:"):
        return _loaded(lambda: session.read.format("delta").load(str(data).removeprefix("delta:")))
    if str(data).startswith("table:"):
        return _loaded(lambda: session.table(str(data).removeprefix("table:")))
    return data


def _session(master: str | None) -> SparkSession:
    """The running session, or a new one; the workers use this interpreter unless told otherwise."""
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    builder = SparkSession.builder.appName("datacheck").config("spark.ui.enabled", "false")
    return SparkSession.getActiveSession() or (builder.master(master) if master else builder).getOrCreate()


def _loaded(load: Callable[[], Any]) -> Any:
    try:
        return load()
    except (PySparkException, import_module("py4j.protocol").Py4JError) as error:
        # a format that is not on the class path comes as a bare error of the JVM, whose second line tells
        lines = str(error).splitlines()
        told = next((line for line in lines if "[" in line), lines[0])
        raise InputError(f"Spark cannot open it: {told.strip(': ')}") from error


def row_key(split: Split) -> RowKey:
    """By what the rows of a split are known; files that our own readers read have file and row."""
    source = split.sources[0]
    return row_key_of(source.frame) if isinstance(source, SparkFrame) else RowKey.FILE


def profile_split(
    split: Split,
    *,
    label: str | None = None,
    seed: int = 0,
    threads: int | None = None,
    progress: Callable[[Source, int], None] | None = None,
    bad: dict[str, str] | None = None,
    cache: object = None,
) -> Profile:
    """The profile of a split, as `engines.local.profile_split` gives it; Spark decides how many threads.

    Files are read by our own readers, one piece (a row group, a file) a task; a dataframe by Spark. There is no
    cache: where a task runs, nothing is kept of an earlier one.
    """
    source = split.sources[0]
    if isinstance(source, SparkFrame):
        own = label if label in source.schema.names else None
        return profile_dataframe(source.frame, label=own, seed=seed)
    if bad is not None:
        raise ConfigError(
            "a bad file cannot be skipped with the Spark engine; leave on_bad_file out, or the file"
        )
    while True:
        try:
            return _profile_files(split, label, seed)
        except Widened as error:
            error.apply(split)


def _profile_files(split: Split, label: str | None, seed: int) -> Profile:
    tasks = Pieces.of(split, label, seed)

    def work(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for number in (number for batch in batches for number in batch.column(0).to_pylist()):
            yield _row(number, tasks.profile(number))

    numbers = _session(None).range(0, len(tasks), 1, max(len(tasks), 1))
    return add_up(numbers.mapInArrow(work, _SCHEMA), len(tasks))


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
    if not (_as_filed(frame) and frame.inputFiles()):
        return RowKey.PARTITION
    known = frame.select("_metadata").schema["_metadata"].dataType.names
    return RowKey.FILE if "row_index" in known else RowKey.BLOCK


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
        if colon and name == f"{Widened.__module__}.{Widened.__name__}":
            return Widened(text)
    return InputError(f"a Spark task failed: {lines[-1] if lines else error}")
