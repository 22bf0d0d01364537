"""Starting the command in processes of their own."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa

ENVIRONMENT = {
    **os.environ,
    **dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"),
}


def table(rows: int, seed: int) -> pa.Table:
    rng = np.random.default_rng(seed)
    label = rng.integers(0, 2, rows)
    return pa.table(
        {
            "a": rng.normal(size=rows) + label,
            "b": rng.integers(0, 9, rows),
            "c": rng.choice(["ham", "eggs", "spam"], rows),
            "d": np.where(rng.random(rows) < 0.1, np.nan, rng.normal(size=rows) * 1e4),
            "label": label,
        }
    )


def start(folder: Path, *arguments: str, **environment: str) -> "subprocess.Popen[str]":
    """The command in a process group of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "datacheck", *arguments],
        cwd=folder,
        env={**ENVIRONMENT, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def group_is_empty(process: "subprocess.Popen[str]") -> bool:
    """Whether no process that the command started is left."""
    try:
        os.killpg(process.pid, signal.SIGCONT)
    except ProcessLookupError:
        return True
    return False
