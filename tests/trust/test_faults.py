"""Whatever ends a run, the folder holds the whole output of one run or none, and the next run works."""

import json
import os
import random
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from runs import ENVIRONMENT, group_is_empty, start

PROFILE = ("profile", "data", "--quiet", "--out", "out")
KILLS = 8


def faults(out: Path) -> list[str]:
    """What is wrong with the files of a folder: half of one, or of two runs."""
    if not (out / "report.json").exists():
        left = [path.name for path in out.glob("*")] if out.exists() else []
        return [f"{name} without a report" for name in left if not name.startswith(".datacheck-")]
    report = json.loads((out / "report.json").read_text())
    contract = json.loads((out / "normalization.json").read_text())
    expected = {split: about["fingerprint"] for split, about in report["splits"].items()}
    wrong = [] if contract["fitted_on"]["fingerprint"] in expected.values() else ["a contract of another run"]
    for split, about in report["splits"].items():
        profile = json.loads((out / "profile" / f"{split}.json").read_text())
        if {part["fingerprint"] for part in profile["parts"]} != _digests(about, profile):
            wrong.append(f"a profile of {split} of another run")
    return (
        wrong if (out / "report.html").read_text().rstrip().endswith("</html>") else [*wrong, "half a page"]
    )


def _digests(about: dict[str, object], profile: dict[str, object]) -> set[str]:
    from datacheck import saved

    found, _ = saved.from_json(profile)
    return {part.fingerprint for part in found.parts} if found.fingerprint == about["fingerprint"] else set()


def killed_runs(folder: Path, kills: int, seed: int, longest: float) -> list[str]:
    """Kills so many runs at random moments, up to `longest` seconds after their start; the faults found."""
    moments, found = random.Random(seed), []
    for _ in range(kills):
        process = start(folder, *PROFILE)
        time.sleep(moments.uniform(0.0, longest))
        process.send_signal(signal.SIGKILL)
        process.communicate()
        found += faults(folder / "out") + ([] if group_is_empty(process) else ["a process is left"])
    return found


def run(folder: Path, *arguments: str) -> "subprocess.Popen[str]":
    process = start(folder, *(arguments or PROFILE))
    process.communicate(timeout=300)
    return process


def test_kill_at_random_moments(data: Path) -> None:
    began = time.monotonic()
    assert run(data.parent).returncode in (0, 1)
    whole = (data.parent / "out" / "report.json").read_bytes()
    assert killed_runs(data.parent, KILLS, seed=0, longest=1.1 * (time.monotonic() - began)) == []
    assert run(data.parent).returncode in (0, 1)
    assert (data.parent / "out" / "report.json").read_bytes() == whole
    assert not list((data.parent / "out").glob(".datacheck-*"))


def test_an_interrupt_leaves_nothing_half_done(data: Path) -> None:
    process = start(data.parent, *PROFILE)
    time.sleep(1.5)
    os.killpg(process.pid, signal.SIGINT)
    process.communicate(timeout=60)
    assert faults(data.parent / "out") == []
    assert group_is_empty(process)
    assert run(data.parent).returncode in (0, 1)
    assert faults(data.parent / "out") == []


def test_two_runs_into_one_folder_leave_the_output_of_one(data: Path) -> None:
    (data.parent / "less").mkdir()
    (data / "train").rename(data.parent / "less" / "train")
    (data.parent / "data" / "train").mkdir()
    for path in (data.parent / "less" / "train").glob("1.csv"):
        (data / "train" / path.name).write_bytes(path.read_bytes())
    (data.parent / "less" / "test").mkdir()
    (data.parent / "less" / "test" / "1.csv").write_bytes((data / "test" / "1.csv").read_bytes())
    both = [start(data.parent, "profile", name, "--quiet", "--out", "out") for name in ("data", "less")]
    for process in both:
        process.communicate(timeout=300)
    assert [process.returncode in (0, 1) for process in both] == [True, True]
    assert faults(data.parent / "out") == []


@pytest.mark.parametrize("most", [1024, 4096, 20_000])
def test_a_disk_that_is_full_is_one_clear_line(data: Path, most: int) -> None:
    limited = (
        "import resource, signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN); "
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({most}, {most})); "
        "from datacheck.cli import main; main(sys.argv[1:])"
    )
    done = subprocess.run(
        [sys.executable, "-c", limited, *PROFILE],
        cwd=data.parent,
        env={**ENVIRONMENT, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1), done.stderr
    assert done.stderr.startswith("datacheck: cannot write")
    assert faults(data.parent / "out") == []
    assert not [path for path in (data.parent / "out").rglob("*") if path.is_file()]


def test_a_small_file_system(data: Path) -> None:
    place = data.parent / "small"
    place.mkdir()
    mount = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64k", "none", str(place)], capture_output=True, check=False
    )
    if mount.returncode:
        pytest.skip("a file system cannot be mounted here")
    try:
        process = start(data.parent, *PROFILE[:-1], "small/out")
        _, errors = process.communicate(timeout=300)
        assert process.returncode == 2
        assert "No space left" in errors
        assert faults(place / "out") == []
    finally:
        subprocess.run(["umount", str(place)], check=True)


def test_out_of_memory_is_one_clear_line(data: Path) -> None:
    limited = (
        "import resource, sys; from datacheck.cli import main; from datacheck import run; "
        "import numpy; run.profile = lambda *a, **k: numpy.empty(1 << 50); main(sys.argv[1:])"
    )
    command = [sys.executable, "-c", limited, *PROFILE]
    done = subprocess.run(
        command, cwd=data.parent, env=ENVIRONMENT, capture_output=True, text=True, check=False
    )
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1), done.stderr
    assert resource.getrlimit(resource.RLIMIT_AS)[0] != 0
