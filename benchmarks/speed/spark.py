"""Profiles a folder of Parquet files on Spark, beside Spark's own summary: wall and CPU seconds of one run.

    .venv/spark/bin/python benchmarks/speed/spark.py FOLDER WHAT [MASTER]

WHAT is `dataframe` (our profile of `spark.read.parquet`), `files` (our readers as tasks of Spark) or `summary`
(`df.summary()` and `approx_count_distinct` of every column). CPU seconds are those of the driver, the JVM and
the Python workers on this machine; starting Spark is not counted. Run each in turn, several times.
"""

import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ |= {"PYSPARK_PYTHON": sys.executable, "SPARK_LOCAL_IP": "127.0.0.1"}

from pyspark.sql import SparkSession
from pyspark.sql import functions as f

from datacheck.dataset import find
from datacheck.engines.spark import profile_dataframe, profile_split

_TICK = os.sysconf("SC_CLK_TCK")


def dataframe(spark: SparkSession, folder: str) -> Any:
    return profile_dataframe(spark.read.parquet(folder), label="label").rows


def files(spark: SparkSession, folder: str) -> Any:
    return profile_split(find(folder).splits["data"], label="label").rows


def summary(spark: SparkSession, folder: str) -> Any:
    frame = spark.read.parquet(folder)
    frame.summary().collect()
    distinct = frame.agg(*(f.approx_count_distinct(name) for name in frame.columns)).collect()
    return len(distinct[0])


def session(master: str) -> SparkSession:
    """A quiet session, whose Python workers are warm."""
    builder = SparkSession.builder.master(master).config("spark.ui.enabled", "false")
    builder = builder.config("spark.executor.memory", "1g").config("spark.log.level", "OFF")
    spark = builder.config("spark.ui.showConsoleProgress", "false").getOrCreate()
    spark.range(0, 8, 1, 8).mapInArrow(lambda batches: batches, "id long").collect()
    return spark


def processes() -> dict[int, tuple[int, float, str]]:
    """Every process on this machine: its parent, its CPU seconds with those of its dead children, its command."""
    found = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            command, fields = stat.read_text().rpartition(")")[::2]
        except OSError:
            continue
        parts = fields.split()
        found[int(stat.parent.name)] = (int(parts[1]), sum(map(int, parts[11:15])) / _TICK, command)
    return found


def cpu(root: int) -> float:
    """CPU seconds of a process and all below it."""
    every = processes()
    below, waiting = 0.0, [root]
    while waiting:
        parent = waiting.pop()
        below += every[parent][1]
        waiting += [number for number, (above, _, _) in every.items() if above == parent]
    return below


def resident(root: int) -> dict[str, float]:
    """Peak resident MB so far of this process and of the JVM below it."""
    jvm = next(n for n, (above, _, command) in processes().items() if above == root and "java" in command)
    return {"driver": _peak(root), "jvm": _peak(jvm)}


def _peak(number: int) -> float:
    lines = Path(f"/proc/{number}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024


def main(folder: str, what: str, master: str = "local[2]") -> None:
    spark = session(master)
    run: Callable[[SparkSession, str], Any] = globals()[what]
    before, start = cpu(os.getpid()), time.perf_counter()
    result = run(spark, folder)
    wall, used = time.perf_counter() - start, cpu(os.getpid()) - before
    print(
        json.dumps(
            {"what": what, "wall_s": wall, "cpu_s": used, "peak_mb": resident(os.getpid()), "result": result}
        )
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
