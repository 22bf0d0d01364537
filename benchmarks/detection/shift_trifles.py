"""Negligible shifts on large splits: how often the shift probe alarms about what no training would notice.

    python benchmarks/detection/shift_trifles.py --rows 100000 --draws 1 --seed 0

At most 0.03 standard deviations of continuous columns, 0.4 points of the rows of anything else. The rows are
drawn in chunks into the row sample of a profile, which is what the probe reads of 5 million rows.
"""

from __future__ import annotations

import argparse
import collections
import time
from collections.abc import Callable

import numpy as np
import pyarrow as pa
import shift_cases
from shift_cases import Columns, Population
from shift_report import wilson

from datacheck.probes.shift import shift
from datacheck.statistics.row_sample import RowSample

Side = tuple[Columns, np.ndarray]
Change = Callable[[Side], Side]
Trifle = Callable[[Population, np.random.Generator], Change | None]
CHUNK = 500_000
MOVE, RATE = 0.03, 0.004


def _continuous(pool: Population) -> list[str]:
    """Numbers of which no value is more frequent than one row in a hundred: a hair moves every other value
    of such a column, where it would make all values of a count new."""
    return [n for n in pool.numbers if _largest_atom(pool.features[n]) <= 0.01]


def _largest_atom(values: np.ndarray) -> float:
    return float(np.unique(values[~np.isnan(values)], return_counts=True)[1].max() / len(values))


def mean(pool: Population, rng: np.random.Generator) -> Change | None:
    names = _continuous(pool)
    return _moved(pool, [names[rng.integers(len(names))]], rng) if names else None


def every_mean(pool: Population, rng: np.random.Generator) -> Change | None:
    return _moved(pool, _continuous(pool), rng)


def _moved(pool: Population, names: list[str], rng: np.random.Generator) -> Change:
    by = {n: MOVE * rng.choice([-1, 1]) * float(np.nanstd(pool.features[n])) for n in names}
    return lambda side: ({n: v + by.get(n, 0.0) if n in by else v for n, v in side[0].items()}, side[1])


def missing(pool: Population, rng: np.random.Generator) -> Change:
    name = pool.numbers[rng.integers(len(pool.numbers))]

    def change(side: Side) -> Side:
        values = side[0][name]
        return {**side[0], name: np.where(rng.random(len(values)) < RATE, np.nan, values)}, side[1]

    return change


def levels(pool: Population, rng: np.random.Generator) -> Change | None:
    if not pool.categories:
        return None
    name = pool.categories[rng.integers(len(pool.categories))]
    known = [v for v in set(pool.features[name][:2000]) if v is not None]
    target = sorted(map(str, known))[0]

    def change(side: Side) -> Side:
        values = side[0][name].copy()
        values[rng.random(len(values)) < RATE] = target
        return {**side[0], name: values}, side[1]

    return change


def label_noise(pool: Population, rng: np.random.Generator) -> Change:
    def change(side: Side) -> Side:
        label = side[1].copy()
        rows = np.flatnonzero(rng.random(len(label)) < RATE)
        label[rows] = label[rng.permutation(rows)]
        return side[0], label

    return change


TRIFLES: dict[str, Trifle] = {f.__name__: f for f in (mean, every_mean, missing, levels, label_noise)}


def sampled(pool: Population, rows: int, rng: np.random.Generator, change: Change | None = None) -> pa.Table:
    """The row sample that a profile keeps of so many rows of a population."""
    sample = RowSample()
    for first in range(0, rows, CHUNK):
        side = pool.draw(min(CHUNK, rows - first), rng)
        table = shift_cases.table_of(*(change(side) if change else side))
        sample = sample + RowSample.of(table, first_row=first)
    assert sample.table is not None
    return sample.table


def main() -> None:
    options = _options()
    rng = np.random.default_rng([options.seed, options.rows])
    pools = shift_cases.populations(options.data.split(","))
    plan = [(pool, name) for pool in pools for name in TRIFLES for _ in range(options.draws)]
    alarms: dict[str, list[bool]] = collections.defaultdict(list)
    stop = time.perf_counter() + options.seconds
    for place in rng.permutation(len(plan)):
        pool, name = plan[place]
        change = TRIFLES[name](pool, rng)
        if change is None:
            continue
        sides = sampled(pool, options.rows, rng), sampled(pool, options.rows, rng, change)
        found = shift(*sides, label="label", task=pool.task)
        alarms[name].append(found.shifted)
        if found.shifted:
            print(f"{pool.name} {name}: {found.kind} {found.features} {found.p_values} {found.effects}")
        if time.perf_counter() > stop:
            break
    _print(alarms)


def _print(alarms: dict[str, list[bool]]) -> None:
    for name, hits in [*sorted(alarms.items()), ("all", [hit for part in alarms.values() for hit in part])]:
        low, high = wilson(sum(hits), len(hits))
        print(f"{name:12} {sum(hits)} of {len(hits)} = {np.mean(hits):.3f} ({low:.3f} to {high:.3f})")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--draws", type=int, default=1, help="cases per family and population")
    parser.add_argument("--data", default=",".join(shift_cases.names()), help="names, comma-separated")
    parser.add_argument("--seconds", type=float, default=1e9, help="stop after so long")
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args()


if __name__ == "__main__":
    main()
