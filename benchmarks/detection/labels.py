"""Label probes against planted faults: `python benchmarks/detection/labels.py --parts offset block --seeds
5`.

Prints one row for each target of the method note, with counts and Wilson 95 % intervals.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator

import labels_data as data
import numpy as np
import pyarrow as pa
from labels_data import Data

from datacheck.errors import NotApplicable
from datacheck.probes.alignment import check_alignment
from datacheck.probes.label_noise import estimate_label_noise
from datacheck.records.alignment import Alignment

ROWS = (800, 1500, 3000)
SETS: list[str] = []
SERIES = ("unrelated", "unrelated classes", "common cycle", "lags", "related", "nonlinear")


def checked(drawn: Data, labels: np.ndarray | None = None) -> Alignment | None:
    try:
        return check_alignment(drawn.table, pa.array(drawn.labels if labels is None else labels))
    except NotApplicable:
        return None


def wilson(hits: int, runs: int) -> str:
    if not runs:
        return "no runs"
    z, share = 1.96, hits / runs
    centre = (share + z * z / (2 * runs)) / (1 + z * z / runs)
    half = z * np.sqrt(share * (1 - share) / runs + z * z / (4 * runs * runs)) / (1 + z * z / runs)
    return f"{hits}/{runs} = {share:.3f} [{max(0, centre - half):.3f}, {min(1, centre + half):.3f}]"


def draws(seeds: range, part: int) -> Iterator[tuple[str, int, np.random.Generator, int]]:
    for number, name in enumerate(data.names()):
        if SETS and name not in SETS:
            continue
        for seed in seeds:
            rng = np.random.default_rng([part, number, seed])
            yield name, seed, rng, int(rng.choice(ROWS))


def clean(seeds: range) -> None:
    """False claims of an offset or a block on data without a fault."""
    count: dict[str, Counter[str]] = defaultdict(Counter)
    for name, seed, rng, rows in draws(seeds, 1):
        for order in (data.in_random_order, data.in_native_order, data.sorted_by_something):
            _note_claims(count[order.__name__], order(name, rng, rows), f"{name} {order.__name__} {seed}")
    for seed in range(seeds.start * 8, seeds.stop * 8):
        rng = np.random.default_rng([2, seed])
        rows = int(rng.choice(ROWS))
        _note_claims(count["hard"], data.hard(rng, rows), f"hard {seed}")
        for kind in SERIES:
            _note_claims(count[f"series {kind}"], data.series(kind, rng, rows), f"{kind} {seed}")
    for kind, verdicts in count.items():
        print(f"  {kind:22s} {dict(verdicts)}")
    total = sum(sum(v.values()) for v in count.values())
    claims = sum(v["offset"] + v["block"] for v in count.values())
    print("false claims of an offset or block (<= 0.005):", wilson(claims, total))
    unrelated = [count[f"series {kind}"] for kind in SERIES[:3]]
    aligned = sum(v["aligned"] for v in unrelated)
    print(
        "unrelated series called aligned (<= 0.05):", wilson(aligned, sum(sum(v.values()) for v in unrelated))
    )


def _note_claims(count: Counter[str], drawn: Data, what: str) -> None:
    found = checked(drawn)
    verdict = "not checked" if found is None else found.verdict
    count[verdict] += 1
    if found is not None and verdict in ("offset", "block"):
        print("  claim:", what, found.label, [b.to_json() for b in found.blocks])


def shuffled(seeds: range) -> None:
    """Fully shuffled labels."""
    hits = runs = 0
    for name, _, rng, rows in draws(seeds, 3):
        drawn = data.in_random_order(name, rng, rows)
        found = checked(drawn, rng.permutation(drawn.labels))
        runs += 1
        hits += found is not None and found.label == "no evidence"
    print("shuffled labels answered 'no evidence' (>= 0.99):", wilson(hits, runs))


def offset(seeds: range) -> None:
    """A global offset of 1 to 4,096 rows, at most a third of the table, in random row order."""
    hits = runs = 0
    for name, seed, rng, rows in draws(seeds, 4):
        drawn = data.in_random_order(name, rng, max(rows, 1500))
        n = len(drawn.labels)
        aligned = checked(drawn)
        if aligned is None or aligned.verdict == "no evidence":
            continue
        k = int(np.exp(rng.uniform(0, np.log(n // 4 - 1)))) * int(rng.choice([-1, 1]))
        found = checked(drawn, np.roll(drawn.labels, k))
        good = found is not None and found.offset == k
        runs, hits = runs + 1, hits + good
        if not good:
            print("  missed:", name, seed, k, found and found.label, aligned.p_value)
    print("offset named (>= 0.97):", wilson(hits, runs))


def block(seeds: range) -> None:
    """Stretches of 100 to 400 rows, and a row dropped in mid-file, in random row order."""
    _blocks(seeds, 5, data.in_random_order, (100, 200, 400), "0.93; IoU 0.88; dropped row 0.97")


def native(seeds: range) -> None:
    """Stretches of 200 rows in the rows' own, autocorrelated order."""
    _blocks(seeds, 6, data.in_native_order, (200,), "0.70", only=("elec", "housing", "abalone", "wineq"))


def _blocks(
    seeds: range,
    part: int,
    order: Callable[[str, np.random.Generator, int], Data],
    sizes: tuple[int, ...],
    target: str,
    only: tuple[str, ...] = (),
) -> None:
    rows_of: dict[str, list[float]] = defaultdict(list)
    for name, seed, rng, rows in draws(seeds, part):
        drawn = order(name, rng, max(rows, 1500))
        clean_found = checked(drawn) if not only or name in only else None
        if clean_found is None or clean_found.strip is None or np.mean(clean_found.strip.nats) < 0.2:
            continue
        for plant in (data.shuffle_block, data.roll_block, data.drop_row):
            labels, fault = plant(drawn.labels, min(int(rng.choice(sizes)), len(drawn.labels) // 3), rng)
            found = checked(drawn, labels)
            score = _overlap(found, fault, named=plant is data.drop_row)
            rows_of[plant.__name__].append(score)
            if score < 0.5:
                blocks = [b.to_json() for b in found.blocks] if found else None
                print("  missed:", name, seed, plant.__name__, fault, found and found.label, blocks)
    for kind, scores in rows_of.items():
        good = [score for score in scores if score > 0]
        print(f"{kind} found ({target}):", wilson(len(good), len(scores)), f"mean IoU {np.mean(good):.3f}")


def _overlap(found: Alignment | None, fault: data.Fault, *, named: bool) -> float:
    """Best overlap of a reported block with the planted one; a dropped row must be named with its offset."""
    blocks = [] if found is None else found.blocks
    right = [b for b in blocks if not named or b.offset == fault.offset]
    return max((data.overlap(b.first, b.last, fault) for b in right), default=0.0)


def noise(seeds: range) -> None:
    """Share of wrong labels, and the ranking, against self-confidence on the same and on boosted
    probabilities."""
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.metrics import average_precision_score
    from sklearn.model_selection import cross_val_predict

    errors, gaps = [], defaultdict(list)
    for name, _, rng, _ in draws(seeds, 7):
        drawn = data.in_random_order(name, rng, 3000)
        values = drawn.labels
        regression = len(np.unique(values)) > 20
        for kind in ("permuted",) if regression else ("permuted", "flipped"):
            share = float(rng.choice([0.02, 0.05, 0.1, 0.2]))
            labels = data.exchange(values, share, kind, rng)
            wrong = labels != values
            found = estimate_label_noise(drawn.table, pa.array(labels))
            errors.append(abs(found.noise.fraction - wrong.mean()))
            if regression or wrong.sum() < 5:
                continue
            ours = average_precision_score(wrong, found.scores)
            classes, codes = np.unique(labels, return_inverse=True)
            encoded = _plain(drawn.table)
            shares = cross_val_predict(
                HistGradientBoostingClassifier(random_state=0), encoded, codes, cv=5, method="predict_proba"
            )
            same = estimate_label_noise(
                drawn.table, pa.array(labels), pred_probs=shares, classes=classes.tolist()
            ).scores
            theirs = average_precision_score(wrong, -shares[np.arange(len(codes)), codes])
            gaps[name].append((ours - theirs, average_precision_score(wrong, same) - theirs))
            print(
                f"  {name:18s} {kind} {share:.2f} wrong {wrong.mean():.3f} said {found.noise.fraction:.3f}"
                f" AUPRC {ours:.3f} self-confidence {theirs:.3f} same {gaps[name][-1][1]:+.3f}",
                flush=True,
            )
    means = {name: np.mean(values, axis=0) for name, values in gaps.items()}
    print(f"noise fraction, mean absolute error (<= 0.025): {np.mean(errors):.4f} over {len(errors)}")
    print(
        f"ranking minus boosted self-confidence (mean >= 0.05): {np.mean([m[0] for m in means.values()]):.3f}"
    )
    print("  worst set:", min((m[0], name) for name, m in means.items()))
    print(
        f"same probabilities (never below -0.01): mean {np.mean([m[1] for m in means.values()]):+.3f}",
        "worst set",
        min((m[1], name) for name, m in means.items()),
    )


def _plain(table: pa.Table) -> np.ndarray:
    """Columns as numbers, text as codes: what most people hand to gradient boosting."""
    frame = table.to_pandas()
    return np.column_stack(
        [
            column.astype("category").cat.codes if column.dtype.kind not in "fiub" else column
            for _, column in frame.items()
        ]
    ).astype(float)


def clock(seeds: range) -> None:
    """Wall time of the verdict, one core."""
    import resource

    for rows in (10_000, 100_000, 1_000_000):
        rng = np.random.default_rng([8, rows])
        x = rng.standard_normal((rows, 20))
        labels = x[:, 0] + x[:, 1] * x[:, 2] + rng.standard_normal(rows)
        drawn = Data("clock", pa.table({f"x{i}": x[:, i] for i in range(20)}), labels)
        labels[rows // 2 : rows // 2 + 2000] = rng.permutation(labels[rows // 2 : rows // 2 + 2000])
        start = time.perf_counter()
        found = checked(drawn)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
        print(
            f"{rows} x 20: {time.perf_counter() - start:.1f} s, peak {peak:.2f} GiB, {found and found.label}"
            f" {[b.to_json() for b in found.blocks] if found else ''}",
            flush=True,
        )


def memory(seeds: range) -> None:
    """32 networks at once against 32 in turn."""
    import torch

    from datacheck.probes.memorization import default_network
    from datacheck.probes.memorization_networks import Job, train_together

    torch.set_num_threads(1)
    rng = np.random.default_rng(9)
    rows = torch.from_numpy(rng.standard_normal((1000, 20), dtype=np.float32))
    goals = torch.from_numpy(rng.integers(0, 2, (32, 1000)))
    factory = default_network((20,), 2)
    job = Job(rows, goals, torch.ones(32, 1000), 3, 64, 0)
    train_together(factory, Job(rows, goals[:1], torch.ones(1, 1000), 1, 64, 0))  # imports, once per process
    start = time.perf_counter()
    train_together(factory, job)
    together = time.perf_counter() - start
    start = time.perf_counter()
    for k in range(32):
        train_together(factory, Job(rows, goals[k : k + 1], torch.ones(1, 1000), 3, 64, 0))
    turn = time.perf_counter() - start
    print(f"32 networks at once {together:.2f} s, in turn {turn:.2f} s (>= 5x): {turn / together:.1f}x")


PARTS = {f.__name__: f for f in (clean, shuffled, offset, block, native, noise, clock, memory)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--parts", nargs="*", choices=PARTS, default=list(PARTS))
    parser.add_argument("--seeds", type=int, default=2, help="draws of each data set and kind")
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--sets", nargs="*", choices=data.names(), default=[], help="only these data sets")
    chosen = parser.parse_args()
    SETS.extend(chosen.sets)
    for part in chosen.parts:
        print(f"== {part}: {PARTS[part].__doc__}", flush=True)
        PARTS[part](range(chosen.first_seed, chosen.first_seed + chosen.seeds))


if __name__ == "__main__":
    main()
