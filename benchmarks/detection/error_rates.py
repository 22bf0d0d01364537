"""Writes docs/error_rates.md and .json: the self-test with more draws, in parts that end in minutes.

python benchmarks/detection/error_rates.py --draws 100 --rows 300 --rows 1000 --select heavy-tail
python benchmarks/detection/error_rates.py --page    # only the page, from the figures that are there

Arguments are those of `datacheck selftest`; what was measured replaces the earlier figures of its checkers.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from datacheck.selftest import SelfTest, render
from datacheck.testing import faults

DOCS = Path(__file__).resolve().parents[2] / "docs"
FIGURES = DOCS / "error_rates.json"
PAGE = DOCS / "error_rates.md"
INTRODUCTION = """# Error rates

How often each checker alarms about clean data, and how often it finds a planted fault, by the fault's strength
and the rows of the training split (the other split has half as many). The command
that made a table stands above it; `make error-rates` repeats all of it with 200 draws, and `datacheck selftest data/`
measures the same on your own data.

- **Clean data** are drawn tables of eight features (five normal ones with spreads within a factor of 4, a
  uniform, a count, a flag, a category) with three classes or a target, of which the features explain about three
  quarters. A finding counts from *warning* on; of the checkers that only inform, from *info* on.
- **Planted faults** are public: `datacheck.testing.faults.find("heavy-tail")(table, 200, seed=1)` returns
  the data and where the fault stands. A fault counts as found when its checker names the split and one of the
  columns that hold it.
- **In brackets** is the exact 95 % interval (Clopper & Pearson 1934). Where a checker counts or compares
  exactly, its rates are 0 and 1 by construction, and the draws are a test of the code.
- Real tables have more than these: see `benchmarks/detection/` for measurements on real ones.
"""


def main(arguments: list[str]) -> None:
    if arguments != ["--page"]:
        measure(arguments)
    PAGE.write_text(page(json.loads(FIGURES.read_text(encoding="utf-8"))), encoding="utf-8")


def measure(arguments: list[str]) -> None:
    """Runs the self-test and keeps its figures, in the place of older ones of the same checkers."""
    command = ["selftest", *arguments]
    done = subprocess.run(
        [str(Path(sys.executable).with_name("datacheck")), *command, "--format", "json"],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    new = {"command": " ".join(["datacheck", *command]), **json.loads(done.stdout)}
    names = {checker["checker"] for checker in new["checkers"]}
    runs = json.loads(FIGURES.read_text(encoding="utf-8"))["runs"] if FIGURES.exists() else []
    for run in runs:
        run["checkers"] = [checker for checker in run["checkers"] if checker["checker"] not in names]
    kept = [run for run in (*runs, new) if run["checkers"]]
    FIGURES.write_text(json.dumps({"format": 1, "runs": kept}, indent=1) + "\n", encoding="utf-8")


def page(figures: dict[str, Any]) -> str:
    """The page: one table per run, with the command that made it."""
    parts = [INTRODUCTION]
    for run in figures["runs"]:
        parts += [f"\n```sh\n{run['command']}\n```\n", render(SelfTest.from_json(run), "markdown")]
    measured = {checker["checker"] for run in figures["runs"] for checker in run["checkers"]}
    missing = sorted(set(faults.every()) - measured)
    return "\n".join([*parts, f"Not measured yet: {', '.join(missing)}.\n"] if missing else parts)


if __name__ == "__main__":
    main(sys.argv[1:])
