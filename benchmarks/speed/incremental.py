"""A second run over many files of which three changed: `python benchmarks/speed/incremental.py FOLDER [ROWS [FILES]]`.

Writes FILES (1,000) Parquet files of ROWS (10,000) rows and 30 columns into FOLDER, and prints the CPU seconds of
finding and profiling them without a cache, with an empty one, again, and after three of them were written anew.
Checks and probes are not in it.
"""

import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
from data import SEED, mixed

from datacheck.cache import Cache
from datacheck.dataset import find
from datacheck.engines.assemble import profile_dataset


def write(folder: Path, rows: int, files: int) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    if len([*folder.iterdir()]) == files:
        return
    rng = np.random.default_rng(SEED)
    for i in range(files):
        if i % 50 == 0:
            table = mixed(rng, rows * 50)
        path = folder / f"{i:04}.parquet"
        if not path.exists():
            pq.write_table(table.slice(i % 50 * rows, rows), path)


def measure(folder: Path, cache: Cache | None, what: str, bound: float | None) -> float:
    start = time.process_time()
    dataset = find(folder)
    found = time.process_time()
    profile_dataset(dataset, cache=cache)
    end = time.process_time()
    ratio = f"{(end - start) / bound:.3f}" if bound else ""
    print(f"| {what} | {found - start:.2f} | {end - found:.2f} | {ratio} |", flush=True)
    return end - start


def main(folder: Path, rows: int, files: int) -> None:
    write(folder, rows, files)
    with tempfile.TemporaryDirectory() as kept:
        cache = Cache(folder=Path(kept), least=0)
        print("| run | find, CPU s | profile, CPU s | ratio to the first |\n| --- | --- | --- | --- |")
        plain = measure(folder, None, "without a cache", None)
        first = measure(folder, cache, "first", plain)
        measure(folder, cache, "nothing changed", first)
        for path in [*sorted(folder.iterdir())][:: files // 3][:3]:
            pq.write_table(pq.read_table(path).slice(1), path)
        measure(folder, cache, "three changed", first)


if __name__ == "__main__":
    rows, files = [int(number) for number in (*sys.argv[2:], *(10_000, 1_000)[len(sys.argv[2:]) :])]
    main(Path(sys.argv[1]), rows, files)
