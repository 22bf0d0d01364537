"""Runs all bad inputs of tests/hostile, the giant ones too, and prints the slowest and the largest.

python benchmarks/trust/hostile.py [GROUP ...]
"""

import json
import os
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "tests" / "hostile"))
from test_hostile import GROUPS, faults


def main() -> None:
    place = Path(tempfile.mkdtemp(prefix="datacheck-hostile-"))
    os.environ["HOSTILE_COSTS"] = str(place)
    costs = []
    for group in sys.argv[1:] or GROUPS:
        folder = place / "inputs" / group
        folder.mkdir(parents=True)
        for fault in faults(list(GROUPS[group].cases()), folder):
            print("FAULT", fault)
        costs += json.loads((place / f"{group}.json").read_text())
    print(f"{len(costs)} inputs, {sum(c['cpu_seconds'] for c in costs):.0f} s of processor time")
    for key in ("cpu_seconds", "peak_bytes", "resident_bytes"):
        for cost in sorted(costs, key=lambda c: -(c[key] or 0))[:3]:
            print(f"{key}: {cost}")


if __name__ == "__main__":
    main()
