"""Prints the speed table: `python benchmarks/speed/table.py [FOLDER [RUNS [FILE ...]]]`.

Data that FOLDER (default build/speed) lacks are written first, 2.5 GB; 20m.parquet is measured where it lies
there (`data.py FOLDER 20m`).

Every task runs in a process of its own; the tasks of one file take turns, so that a busy moment of the machine
falls on all of them. Medians of CPU seconds, wall seconds and peak private memory; the last column is the ratio
of CPU to that of the first task, the bound.
"""

import json
import os
import statistics
import subprocess
import sys
from pathlib import Path

import data  # the file beside this one

OURS = ("datacheck statistics", "datacheck full")
PEERS = ("polars describe", "pandas describe", "duckdb SUMMARIZE")
ROWS = {
    "5m.parquet": ("decode", *OURS, *PEERS),
    "1m.parquet": ("decode", *OURS, *PEERS),
    "1m_zstd.parquet": ("decode", *OURS),
    "1m.csv": ("parse", *OURS, *PEERS),
    "wide.parquet": ("decode", *OURS, "pandas describe"),
    "1m.npy": ("read", *OURS),
    "jpeg": ("pillow", *OURS),
    "20m.parquet": ("decode", *OURS),
}


def measure(task: str, path: Path) -> dict[str, float]:
    command = [sys.executable, str(Path(__file__).with_name("tasks.py")), task, str(path)]
    one = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env={**os.environ, **one})
    measured: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return measured


def main(folder: Path, runs: int, only: list[str]) -> None:
    data.main(folder, [name for name, (file, _) in data.MAKERS.items() if file in only] if only else [])
    print(f"| {'data':16} | {'task':22} | CPU s | wall s | peak MB | ratio |")
    print("| --- | --- | --- | --- | --- | --- |")
    for file, tasks in ROWS.items():
        if not (folder / file).exists() or (only and file not in only):
            continue
        found: dict[str, list[dict[str, float]]] = {task: [] for task in tasks}
        for _ in range(runs):
            for task in tasks:
                found[task].append(measure(task, folder / file))
        bound = statistics.median(run["cpu"] for run in found[tasks[0]])
        for task in tasks:
            cpu, wall, peak = (
                statistics.median(run[key] for run in found[task]) for key in ("cpu", "wall", "peak")
            )
            print(
                f"| {file:16} | {task:22} | {cpu:.2f} | {wall:.2f} | {peak:.0f} | {cpu / bound:.2f} |",
                flush=True,
            )


if __name__ == "__main__":
    folder, runs, *only = [*sys.argv[1:], *("build/speed", "3")[len(sys.argv[1:]) :]]
    main(Path(folder), int(runs), only)
