"""One measured task in this process: prints CPU seconds, wall seconds and peak private memory in MB as JSON.

`python benchmarks/speed/tasks.py TASK FILE`. Imports are done before the clock starts, except by tasks named `start-`.
"""

import json
import os
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

from datacheck.dataset import find
from datacheck.engines.assemble import profile_dataset
from datacheck.sources.parquet import Parquet


def decode(path: Path) -> None:
    """The least: every column of every row group, texts of few levels left as indices."""
    coded = list(Parquet.open(path, path.name).coded)
    file = pq.ParquetFile(pa.memory_map(str(path)), pre_buffer=False, read_dictionary=coded)
    for i in range(file.metadata.num_row_groups):
        for name in file.schema_arrow.names:
            file.read_row_group(i, columns=[name], use_threads=False)


def parse(path: Path) -> None:
    options = pa.csv.ReadOptions(block_size=1 << 22, use_threads=False)
    for _ in pa.csv.open_csv(path, options):
        pass


def read(path: Path) -> None:
    np.load(path)


def pillow(path: Path) -> None:
    import PIL.Image

    for file in sorted(path.rglob("*.jpg")):
        PIL.Image.open(file).load()


def statistics(path: Path) -> None:
    """Every statistic, without the checks."""
    profile_dataset(find(path))


def full(path: Path) -> None:
    """Statistics, probes and checks, of data that no earlier run has seen."""
    from datacheck.run import profile

    profile(path, cache=False)


def pandas_describe(path: Path) -> None:
    import pandas as pd

    frame = pd.read_csv(path) if path.suffix == ".csv" else pd.read_parquet(path)
    frame.describe(include="all")


def polars_describe(path: Path) -> None:
    import polars as pl

    (pl.read_csv(path) if path.suffix == ".csv" else pl.read_parquet(path)).describe()


def duckdb_summarize(path: Path) -> None:
    import duckdb

    duckdb.sql(f"SUMMARIZE SELECT * FROM '{path}'").fetchall()


TASKS: dict[str, Callable[[Path], None]] = {
    "decode": decode,
    "parse": parse,
    "read": read,
    "pillow": pillow,
    "datacheck statistics": statistics,
    "datacheck full": full,
    "pandas describe": pandas_describe,
    "polars describe": polars_describe,
    "duckdb SUMMARIZE": duckdb_summarize,
}


class PrivateMemory(threading.Thread):
    """The most private memory seen, in MB, every 10 ms; pages of mapped files are not ours. `cpu` is its own."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.peak = self.cpu = 0.0

    def run(self) -> None:
        page = os.sysconf("SC_PAGESIZE")
        while True:
            resident, of_files = map(int, Path("/proc/self/statm").read_text().split()[1:3])
            self.peak = max(self.peak, (resident - of_files) * page / 2**20)
            self.cpu = time.thread_time()
            time.sleep(0.01)


def main(task: str, path: Path) -> None:
    np.arange(3)
    memory = PrivateMemory()
    memory.start()
    cpu, wall = time.process_time(), time.perf_counter()
    TASKS[task](path)
    print(
        json.dumps(
            {
                "cpu": time.process_time() - cpu - memory.cpu,
                "wall": time.perf_counter() - wall,
                "peak": memory.peak,
            }
        )
    )


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
