"""Peers and datacheck on the same planted cases: `python benchmarks/peers/table.py [--draws 2] [--clean 10]`.

Each tool runs in its own environment (.venv/peers/NAME, pins in benchmarks/peers/NAME.txt) as one process over all
cases. Printed: versions, finds by fault, false alarms on clean data, seconds a case, peak memory, and the whole
process that profiles 1M x 30 columns (`--profile FILE`, written by benchmarks/speed/data.py), as a share of
datacheck's. A dash: the tool does not look for this fault.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
PEERS = (
    "cleanlab",
    "evidently",
    "deepchecks",
    "alibi-detect",
    "ydata-profiling",
    "tensorflow-data-validation",
)
PROFILERS = ("evidently", "deepchecks", "ydata-profiling", "tensorflow-data-validation")


@dataclass
class Tool:
    name: str
    version: str = ""
    looks_for: set[str] = field(default_factory=set)
    answers: list[dict[str, Any]] = field(default_factory=list)
    wall: float = 0.0
    peak_mb: float = 0.0
    trouble: str = ""

    @property
    def python(self) -> Path:
        inside = ROOT / ".venv" / "peers" / self.name / "bin" / "python"
        return Path(sys.executable) if self.name == "datacheck" else inside

    @property
    def adapter(self) -> Path:
        return HERE / "adapters" / f"with_{self.name.replace('-', '_')}.py"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, default=2)
    parser.add_argument("--clean", type=int, default=10)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--profile", type=Path, help="a Parquet file that the profilers read")
    parser.add_argument("--peers", nargs="*", default=list(PEERS))
    parser.add_argument("--limit", type=float, default=1800, help="seconds for one tool")
    options = parser.parse_args()
    tools = [Tool(name) for name in ("datacheck", *options.peers)]
    with tempfile.TemporaryDirectory() as folder:
        sizes = ["--draws", str(options.draws), "--clean", str(options.clean), "--seed", str(options.seed)]
        subprocess.run([sys.executable, str(HERE / "cases.py"), folder, *sizes], check=True)
        for tool in tools:
            _asked(tool, folder, options.limit)
    print("\n".join(_table(tools)))
    if options.profile:
        print("\n".join(_speed(tools, options.profile, options.limit)))


def _asked(tool: Tool, folder: str, limit: float) -> None:
    """Runs a tool over all cases, and keeps what it printed before it ended or was ended."""
    if not tool.python.exists():
        tool.trouble = "not installed"
        return
    lines, tool.wall, _, tool.peak_mb, ended = _run(tool, [folder], limit)
    for line in lines.splitlines():
        said = json.loads(line)
        tool.looks_for |= set(said.get("looks_for", ()))
        tool.version = said.get("version", tool.version)
        if "case" in said:
            tool.answers.append(said)
    tool.trouble = ended


def _run(tool: Tool, arguments: list[str], limit: float) -> tuple[str, float, float, float, str]:
    """What a tool printed, wall and CPU seconds, peak memory in MB, and how it ended if not well."""
    start = time.perf_counter()
    single = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        command = ["timeout", str(limit), str(tool.python), str(tool.adapter), *arguments]
        process = subprocess.Popen(command, stdout=out, stderr=err, env={**os.environ, **single})
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = code = os.waitstatus_to_exitcode(status)
        out.seek(0)
        err.seek(0)
        last = (err.read().strip().splitlines() or [""])[-1]
        ended = "" if code == 0 else f"stopped after {limit:g} s" if code == 124 else last[:120]
        wall = time.perf_counter() - start
        return out.read(), wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, ended


def _table(tools: list[Tool]) -> list[str]:
    rows = sorted({(a["fault"], a["strength"]) for tool in tools for a in tool.answers if a["fault"]})
    lines = ["| fault | strength | " + " | ".join(tool.name for tool in tools) + " |"]
    lines.append("| --- | ---: |" + " ---: |" * len(tools))
    for fault, strength in rows:
        cells = [_found(tool, fault, strength) for tool in tools]
        lines.append(f"| {fault} | {strength:g} | " + " | ".join(cells) + " |")
    for title, cell in (
        ("version", lambda t: t.version),
        ("clean data with a false alarm", _alarms),
        ("named most on clean data", _loudest),
        ("cases that failed", lambda t: str(sum("failed" in a for a in t.answers))),
        ("seconds a case, median CPU", lambda t: _seconds(t, "cpu")),
        ("seconds a case, median wall", lambda t: _seconds(t, "seconds")),
        ("seconds in all, wall", lambda t: f"{t.wall:.0f}"),
        ("peak memory, MB", lambda t: f"{t.peak_mb:.0f}"),
        ("trouble", lambda t: t.trouble),
    ):
        lines.append(f"| {title} | | " + " | ".join(map(cell, tools)) + " |")
    return lines


def _found(tool: Tool, fault: str, strength: float) -> str:
    if fault not in tool.looks_for:
        return "-"
    cases = [a for a in tool.answers if (a["fault"], a["strength"]) == (fault, strength)]
    return f"{sum(fault in a['named'] for a in cases)}/{len(cases)}"


def _alarms(tool: Tool) -> str:
    clean = [a for a in tool.answers if not a["fault"]]
    return f"{sum(bool(a['named']) for a in clean)}/{len(clean)}"


def _loudest(tool: Tool) -> str:
    counts: dict[str, int] = defaultdict(int)
    for answer in tool.answers:
        for name in answer["named"] if not answer["fault"] else ():
            counts[name] += 1
    return ", ".join(f"{name} {n}" for name, n in sorted(counts.items(), key=lambda item: -item[1])[:3])


def _seconds(tool: Tool, clock: str) -> str:
    return f"{_median([a[clock] for a in tool.answers if clock in a]):.2f}"


def _median(values: list[float]) -> float:
    return sorted(values)[len(values) // 2] if values else float("nan")


def _speed(tools: list[Tool], path: Path, limit: float) -> list[str]:
    """Whole processes that profile one file, one after the other: seconds, and datacheck's share of them."""
    lines = ["", f"| whole process, {path.name} | wall s | CPU s | peak MB | datacheck's share of the CPU |"]
    lines.append("| --- | ---: | ---: | ---: | ---: |")
    own = 0.0
    for tool in [t for t in tools if t.name in ("datacheck", *PROFILERS) and t.python.exists()]:
        _, wall, cpu, peak, ended = _run(tool, ["--profile", str(path)], limit)
        own = own or cpu
        lines.append(f"| {tool.name} {ended} | {wall:.1f} | {cpu:.1f} | {peak:.0f} | {own / cpu:.3f} |")
    return lines


if __name__ == "__main__":
    main()
