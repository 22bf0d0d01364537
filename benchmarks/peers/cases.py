"""Writes planted and clean cases as Parquet: `python benchmarks/peers/cases.py FOLDER --draws 2 --clean 10`.

A case is a folder with train.parquet, test.parquet and case.json: the fault ("" for clean data), its strength,
the label and the task. The strongest two grades of every fault that at least one peer looks for.
"""

from __future__ import annotations

import argparse
import json
import zlib
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from datacheck.selftest.pools import Bundled
from datacheck.testing import faults

ROWS = 1000
FAULTS = (
    "class-imbalance",
    "concept-shift",
    "conflicting-labels",
    "constant-feature",
    "covariate-shift",
    "cross-split-duplicates",
    "duplicate-rows",
    "heavy-tail",
    "identifier-feature",
    "label-noise",
    "label-shift",
    "missing-values",
    "non-finite-values",
    "sorted-labels",
    "target-leakage",
    "unseen-label",
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--draws", type=int, default=2)
    parser.add_argument("--clean", type=int, default=10)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    for draw in range(options.clean):
        _write(options.folder, "", 0.0, draw, options.seed)
    for name in FAULTS:
        for strength in faults.find(name).strengths[1:]:
            for draw in range(options.draws):
                _write(options.folder, name, strength, draw, options.seed)


def _write(folder: Path, name: str, strength: float, draw: int, seed: int) -> None:
    rng = np.random.default_rng([seed, zlib.crc32(name.encode()), int(1000 * strength), draw])
    data = Bundled().draw(ROWS, "classification", rng)
    tables = dict(data.tables)
    if name:
        planted = faults.find(name).plant(data, strength, rng)
        tables = dict(planted.splits)
    place = folder / f"{name or 'clean'}-{strength:g}-{draw}"
    place.mkdir(parents=True, exist_ok=True)
    for split, table in tables.items():
        pq.write_table(table, place / f"{split}.parquet")
    about = {"fault": name, "strength": strength, "label": "label", "task": "classification"}
    (place / "case.json").write_text(json.dumps(about), encoding="utf-8")


if __name__ == "__main__":
    main()
