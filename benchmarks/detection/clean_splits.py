"""False alarms of the shift, batch and label checkers on random splits of clean data, by size and checker.

python benchmarks/detection/clean_splits.py --splits 400 --seed 0
"""

from __future__ import annotations

import argparse
import collections
import time

import numpy as np
import shift_cases
from shift_report import wilson

from datacheck.checking import check
from datacheck.config import Config
from datacheck.testing import make_profile

SIZES = (200, 500, 1000, 3000, 10_000, 50_000)
WIDTHS = (5, 20, 100)
CHECKERS = (
    "covariate-shift",
    "label-shift",
    "concept-shift",
    "odd-split",
    "sorted-labels",
    "single-class-batches",
    "batch-statistics",
    "label-misalignment",
    "label-noise",
    "label-encoding",
    "missing-labels",
    "unseen-label",
    "class-imbalance",
)


def main() -> None:
    options = _options()
    chosen = tuple(name for name in CHECKERS if name not in options.ignore)
    rng = np.random.default_rng(options.seed)
    alarms: dict[tuple[object, ...], list[bool]] = collections.defaultdict(list)
    pools = {p.name: p for p in shift_cases.populations(_pools())}
    start, done = time.perf_counter(), 0
    for place in range(options.splits):
        rows = SIZES[place % len(SIZES)]
        pool = pools[rng.choice(list(pools))]
        if rows * 1.5 > len(pool.label):
            pool = pools[f"mixed{rng.choice(WIDTHS)}"]
        _one(pool, rows, rng, alarms, chosen)
        done += 1
        if time.perf_counter() - start > options.seconds:
            break
    print(f"{done} splits in {time.perf_counter() - start:.0f} s")
    for key, values in sorted(alarms.items(), key=str):
        low, high = wilson(sum(values), len(values))
        counts = f"{sum(values):3d} of {len(values):3d}"
        print(f"{key!s:40} {counts}  {np.mean(values):6.1%}  ({low:.1%} to {high:.1%})")


def _pools() -> list[str]:
    return [n for n in shift_cases.names() if not n.startswith("mixed")] + [f"mixed{w}" for w in WIDTHS]


def _one(
    pool: shift_cases.Population,
    rows: int,
    rng: np.random.Generator,
    alarms: dict[tuple[object, ...], list[bool]],
    names: tuple[str, ...],
) -> None:
    chosen = rng.permutation(len(pool.label))[: int(rows * 1.5)]
    splits = {}
    for name, part in (("train", chosen[:rows]), ("test", chosen[rows:])):
        features = {column: values[part] for column, values in pool.features.items()}
        splits[name] = shift_cases.table_of(features, pool.label[part])
    report = check(make_profile(splits, label="label", task=pool.task), Config(select=names))
    named = {f.checker: f.message for f in report.findings if f.severity.rank > 0}
    for name, message in named.items():
        print(f"{pool.name} {rows} {name}: {message[:150]}", flush=True)
    if report.crashed:
        print(pool.name, rows, "CRASH", report.crashed[0].traceback[-400:], flush=True)
    found = {name: name in named for name in names}
    for key in (("rows", rows), ("data", pool.name), ("all",)):
        alarms[key].append(any(found.values()))
    for name, alarm in found.items():
        alarms["checker", name].append(alarm)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--splits", type=int, default=400)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--seconds", type=float, default=float("inf"), help="stop after so long")
    parser.add_argument("--ignore", nargs="*", default=[], help="checkers to leave out")
    return parser.parse_args()


if __name__ == "__main__":
    main()
