"""What every adapter does: reads cases, asks its tool, prints one line of JSON for each case.

python ADAPTER CASES            faults that the tool names in each case, by our names, and the seconds it took
python ADAPTER --profile FILE   the tool's profile of a Parquet file, once
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import time
import traceback
import warnings
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pandas as pd

Ask = Callable[[pd.DataFrame, pd.DataFrame, str], "set[str]"]


def main(ask: Ask, profile: Callable[[str], Any], looks_for: set[str]) -> None:
    warnings.filterwarnings("ignore")
    if sys.argv[1] == "--profile":
        with _silence():
            profile(sys.argv[2])
        return
    print(json.dumps({"looks_for": sorted(looks_for), "version": _version()}), flush=True)
    for case in sorted(Path(sys.argv[1]).glob("*/case.json")):
        print(json.dumps({"case": case.parent.name, **_asked(ask, case)}), flush=True)


def _version() -> str:
    """Of the tool that the adapter is named after."""
    name = Path(sys.argv[0]).stem.removeprefix("with_")
    return version({"datacheck": "datacheck-ml"}.get(name, name.replace("_", "-")))


def _asked(ask: Ask, case: Path) -> dict[str, Any]:
    about = json.loads(case.read_text(encoding="utf-8"))
    train, test = (pd.read_parquet(case.parent / f"{split}.parquet") for split in ("train", "test"))
    start = time.perf_counter()
    cpu = time.process_time()
    try:
        with _silence():
            named = sorted(ask(train, test, about["label"]))
    except Exception:  # a tool that fails on a case has not found the fault, and the table says so
        return about | {"named": [], "failed": traceback.format_exc().strip().splitlines()[-1]}
    return about | {
        "named": named,
        "seconds": time.perf_counter() - start,
        "cpu": time.process_time() - cpu,
    }


@contextlib.contextmanager
def _silence() -> Iterator[None]:
    with Path(os.devnull).open("w") as nothing, contextlib.redirect_stdout(nothing):
        yield
