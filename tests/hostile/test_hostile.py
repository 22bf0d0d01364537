"""Every bad input is refused in one clear line, or answered rightly, in bounded time and memory."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import arrays
import columnar
import own_formats
import places
import pytest
import texts
from case import Case, Outcome

HERE = Path(__file__).parent
MODULES = (arrays, columnar, own_formats, places, texts)
GROUPS = {module.__name__: module for module in MODULES}
THREADS = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "ARROW_NUM_THREADS"), "1"
)
# mimalloc and glibc reserve gigabytes of address space that they never touch
ENVIRONMENT = {**os.environ, **THREADS, "ARROW_DEFAULT_MEMORY_POOL": "system", "MALLOC_ARENA_MAX": "2"}


def faults(cases: list[Case], place: Path) -> Iterator[str]:
    """What datacheck did wrong with each of the inputs; writes how long they took to costs.json."""
    jobs = [case.job(place / f"{number:03}") for number, case in enumerate(cases)]
    (place / "jobs.json").write_text(json.dumps(jobs))
    worker = [sys.executable, str(HERE / "worker.py"), str(place / "jobs.json")]
    done = subprocess.run(worker, env=ENVIRONMENT, capture_output=True, text=True, check=False)
    assert not done.returncode, done.stderr
    costs = json.loads(done.stdout)
    for case, job, cost in zip(cases, jobs, costs, strict=True):
        outcome = Outcome(Path(job["folder"]), cost["code"])
        yield from (f"{case.name}: {fault} {cost}" for fault in case.expected.faults(outcome))
    named = [{"name": case.name, **cost} for case, cost in zip(cases, costs, strict=True)]
    if folder := os.environ.get("HOSTILE_COSTS"):
        Path(folder, f"{place.name}.json").write_text(json.dumps(named))


def test_every_name_is_one_of_its_kind() -> None:
    names = [case.name for module in MODULES for case in module.cases()]
    assert len(set(names)) == len(names) >= 150


@pytest.mark.parametrize("group", GROUPS)
def test_bad_input_is_refused_or_answered(group: str, tmp_path: Path) -> None:
    found = list(faults([case for case in GROUPS[group].cases() if not case.slow], tmp_path))
    assert not found, "\n".join(found)


@pytest.mark.slow
@pytest.mark.skipif("HOSTILE_GIANTS" not in os.environ, reason="minutes of one table: set HOSTILE_GIANTS=1")
@pytest.mark.parametrize("group", [group for group in GROUPS if any(c.slow for c in GROUPS[group].cases())])
def test_giant_input_is_refused_or_answered(group: str, tmp_path: Path) -> None:
    found = list(faults([case for case in GROUPS[group].cases() if case.slow], tmp_path))
    assert not found, "\n".join(found)
