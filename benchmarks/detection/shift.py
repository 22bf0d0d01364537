"""Shift probe: false alarms, power, kind, named features, weights and time on planted shifts.

    python benchmarks/detection/shift.py --rows 3000 --others 1500 --draws 1 --clean 20 --seed 0

Populations are scikit-learn's bundled sets, synthetic mixed tables and, where present, ../shared/data; each
case draws rows with replacement, so that clean pairs are exactly clean at any size. `--out` appends one JSON
line per case; `--table` only prints the table of such a file.
"""

from __future__ import annotations

import argparse
import collections
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import shift_cases
from shift_report import wilson

from datacheck.probes.shift import shift


def main() -> None:
    options = _options()
    if not options.table:
        _run(options)
    if options.out:
        lines = Path(options.out).read_text(encoding="utf8").splitlines()
        print_tables([json.loads(line) for line in lines])


def _run(options: argparse.Namespace) -> None:
    stop = time.perf_counter() + options.seconds
    for record in _records(options):
        if options.out:
            with Path(options.out).open("a", encoding="utf8") as file:
                file.write(json.dumps(record) + "\n")
        if time.perf_counter() > stop:
            return


def _records(options: argparse.Namespace) -> Iterator[dict[str, Any]]:
    rng = np.random.default_rng([options.seed, options.rows])
    pools = shift_cases.populations(options.data.split(",") if options.data else shift_cases.names())
    plan = [(pool, "clean", 0) for pool in pools for _ in range(options.clean)]
    wanted = options.families.split(",") if options.families else list(shift_cases.FAMILIES)
    strengths = [shift_cases.STRENGTHS.index(s) for s in options.strengths.split(",")]
    plan += [(p, f, s) for p in pools for f in wanted for s in strengths for _ in range(options.draws)]
    for place in rng.permutation(len(plan)):
        pool, family, strength = plan[place]
        plant = shift_cases.FAMILIES.get(family)
        sizes = options.rows, options.others
        case = plant(pool, *sizes, strength, rng) if plant else shift_cases.clean(pool, *sizes, rng)
        if case is not None:
            yield measure(case) | {
                "data": pool.name,
                "family": family,
                "strength": strength,
                "rows": options.rows,
            }


def measure(case: shift_cases.Case) -> dict[str, Any]:
    """The verdict on one case, beside its truth."""
    start = time.perf_counter()
    found = shift(case.train, case.test, label="label", task=case.task)
    seconds = time.perf_counter() - start
    return {
        "kind": found.kind,
        "truth": case.kinds,
        "p": found.p_values,
        "effect": found.effects,
        "auc": found.auc,
        "features": found.features,
        "damaged": case.features,
        "seconds": seconds,
        "classes": _class_error(case, found.weights.classes),
        "rows_weights": _row_error(case, found.weights),
    }


def _class_error(case: shift_cases.Case, weights: dict[object, float] | None) -> tuple[float, float] | None:
    """Mean absolute error of the class weights, and of weights that are all 1."""
    if case.class_ratio is None or weights is None:
        return None
    truth = np.array([case.class_ratio[str(name)] for name in weights])
    return float(np.abs(np.array(list(weights.values())) - truth).mean()), float(np.abs(truth - 1).mean())


def _row_error(case: shift_cases.Case, weights: Any) -> tuple[float, float] | None:
    """RMSE of the row weights, and of weights that are all 1."""
    if case.row_ratio is None or weights.values is None:
        return None
    truth = case.row_ratio[weights.rows]
    return float(np.sqrt(((weights.values - truth) ** 2).mean())), float(np.sqrt(((truth - 1) ** 2).mean()))


def print_tables(records: list[dict[str, Any]]) -> None:
    """Everything, by family and in total."""
    clean = [r for r in records if r["family"] == "clean"]
    planted = [r for r in records if r["family"] != "clean"]
    _print_clean(clean)
    for family in dict.fromkeys(r["family"] for r in sorted(planted, key=lambda r: r["family"])):
        _print_family(family, [r for r in planted if r["family"] == family])
    for place, name in enumerate(shift_cases.STRENGTHS):
        part = [r for r in planted if r["strength"] == place]
        print(f"power {name:7} {_rate([r['kind'] != 'none' for r in part])}")
    _print_kinds(records)
    _print_names(planted)
    _print_weights(planted)
    seconds = [r["seconds"] for r in records]
    print(f"seconds: median {np.median(seconds):.2f}, most {max(seconds):.2f}")


def _rate(hits: list[bool]) -> str:
    low, high = wilson(sum(hits), len(hits))
    return f"{sum(hits)} of {len(hits)} = {sum(hits) / max(len(hits), 1):.3f} ({low:.3f} to {high:.3f})"


def _print_clean(clean: list[dict[str, Any]]) -> None:
    print("false alarms", _rate([r["kind"] != "none" for r in clean]))
    for key in ("rows", "data"):
        for value in sorted({str(r[key]) for r in clean}):
            print("   ", key, value, _rate([r["kind"] != "none" for r in clean if str(r[key]) == value]))
    for question in ("x", "y", "x_given_y", "y_given_x"):
        p = np.array([r["p"][question] for r in clean if r["p"].get(question) is not None])
        if len(p):
            below = [f"below {level}: {np.mean(p < level):.3f}" for level in (0.05, 0.01)]
            print(f"    p of {question:10} {', '.join(below)}")


def _print_family(family: str, records: list[dict[str, Any]]) -> None:
    cells = []
    for strength in range(3):
        part = [r for r in records if r["strength"] == strength]
        power = np.mean([r["kind"] != "none" for r in part]) if part else np.nan
        right = np.mean([r["kind"] in r["truth"] for r in part]) if part else np.nan
        cells.append(f"{power:.2f}/{right:.2f}")
    kinds = collections.Counter(r["kind"] for r in records if r["strength"])
    print(f"{family:16} power/kind {'  '.join(cells)}   {dict(kinds)}")


def _print_kinds(records: list[dict[str, Any]]) -> None:
    shown = [r for r in records if r["family"] == "clean" or r["strength"] > 0]
    rates = []
    for kind in ("none", "covariate", "label", "concept", "mixed"):
        hits = [r["kind"] == kind for r in shown if r["truth"] == [kind]]
        rates.append(np.mean(hits) if hits else np.nan)
        print(f"kind {kind:10} {_rate(hits)}")
    damage = [r["kind"] in r["truth"] for r in shown if len(r["truth"]) > 1]
    print(f"kind damaged    {_rate(damage)}; balanced accuracy of the five {np.nanmean(rates):.3f}")


def _print_names(planted: list[dict[str, Any]]) -> None:
    one = [r for r in planted if len(r["damaged"]) == 1 and r["strength"] > 0 and r["kind"] != "none"]
    recall = [r["damaged"][0] in r["features"] for r in one]
    precision = [(r["damaged"][0] in r["features"]) / len(r["features"]) for r in one if r["features"]]
    if one:
        rates = f"recall {np.mean(recall):.3f}, precision {np.mean(precision):.3f}"
        print(f"damaged feature named: {rates} of {len(one)}")


def _print_weights(planted: list[dict[str, Any]]) -> None:
    for key in ("classes", "rows_weights"):
        errors = np.array([r[key] for r in planted if r[key]])
        if len(errors):
            ratio = errors[:, 0].mean() / errors[:, 1].mean()
            print(f"weights by {key}: error {ratio:.1%} of using none, {len(errors)} cases")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=3000)
    parser.add_argument("--others", type=int, default=1500)
    parser.add_argument("--draws", type=int, default=1, help="cases per family, strength and population")
    parser.add_argument("--clean", type=int, default=20, help="clean pairs per population")
    parser.add_argument("--families", default="")
    parser.add_argument("--strengths", default=",".join(shift_cases.STRENGTHS))
    parser.add_argument("--data", default="", help="names of populations, comma-separated")
    parser.add_argument("--seconds", type=float, default=1e9, help="stop after so long")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", default="")
    parser.add_argument("--table", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    main()
