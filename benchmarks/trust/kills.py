"""Kills `datacheck profile` so many times at random moments, and counts what was left half done.

    python benchmarks/trust/kills.py [200] [seed]

Prints one line as JSON: the kills, how many of them ended a run that was under way, and the faults found: a half
written file, files of two runs, a process that is left, a next run that fails.
"""

import json
import random
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "tests" / "trust"))
from pyarrow import csv
from runs import group_is_empty, start, table
from test_faults import PROFILE, faults


def main() -> None:
    kills, seed = (int(given) for given in (*sys.argv[1:], *("200", "0")[len(sys.argv) - 1 :]))
    folder = Path(tempfile.mkdtemp(prefix="datacheck-kills-"))
    write(folder)
    began = time.monotonic()
    start(folder, *PROFILE).communicate()
    longest = 1.1 * (time.monotonic() - began)
    moments, found, under_way = random.Random(seed), [], 0
    for number in range(kills):
        if number % 20 == 0:  # from nothing, now and then
            shutil.rmtree(folder / "out", ignore_errors=True)
        process = start(folder, *PROFILE)
        time.sleep(moments.uniform(0, longest))
        under_way += process.poll() is None
        process.send_signal(signal.SIGKILL)
        process.communicate()
        found += faults(folder / "out") + ([] if group_is_empty(process) else ["a process is left"])
    last = start(folder, *PROFILE)
    _, errors = last.communicate()
    found += faults(folder / "out") + ([] if last.returncode in (0, 1) else [f"the next run fails: {errors}"])
    print(
        json.dumps(
            {
                "kills": kills,
                "under_way": under_way,
                "seconds_of_a_run": round(longest / 1.1, 2),
                "faults": found,
            }
        )
    )
    shutil.rmtree(folder)


def write(folder: Path) -> None:
    for seed, name in enumerate(("train/1", "train/2", "test/1")):
        path = folder / "data" / f"{name}.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        csv.write_csv(table(150, seed), path)


if __name__ == "__main__":
    main()
