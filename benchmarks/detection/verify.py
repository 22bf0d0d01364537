"""How often `Normalization.verify` names the mistake, and how often it calls honest shift one.

    python benchmarks/detection/verify.py [seeds]

Each case: a contract fitted on one half of a real set, 200 rows drawn from the other half, one thing done to
them. Right is the exact state, with its constant, column or order. False alarms are honest rows, raw or
normalised with the contract, whose verdict is a mistake.
"""

import sys
import time
from collections import Counter, defaultdict

import numpy as np
import pyarrow as pa
from sklearn import datasets

from datacheck.normalization import Normalization
from datacheck.profiles import Profile
from datacheck.schema import Schema, Training

ROWS = 200
PLACED = defaultdict(list)


def california(rng):
    """Eight columns with the shapes and scales of the California housing set."""
    n = 4000
    rooms = rng.lognormal(1.65, 0.3, n)
    columns = [
        rng.lognormal(1.25, 0.45, n), rng.integers(1, 53, n), rooms, rooms * rng.normal(0.2, 0.02, n),
        rng.lognormal(7.0, 0.7, n), rng.lognormal(1.05, 0.25, n),
        rng.normal(np.where(rng.random(n) < 0.55, 34.0, 38.0), 0.9), rng.normal(-119.5, 2.0, n),
    ]  # fmt: skip
    return np.column_stack(columns), (columns[0] > np.median(columns[0])).astype(int)


def sets(rng):
    """Name, features and classes of every set of rows."""
    for name, load in (
        ("wine", datasets.load_wine),
        ("cancer", datasets.load_breast_cancer),
        ("digits", datasets.load_digits),
    ):
        data = load()
        yield name, data.data, data.target
    yield "california-like", *california(rng)


def crops(rng, images, n):
    """`n` crops of 32 x 32 pixels of the bundled photographs."""
    picks = [(rng.integers(len(images)), rng.integers(395), rng.integers(608)) for _ in range(n)]
    return np.stack([images[i][r : r + 32, c : c + 32] for i, r, c in picks])


def honest(rng, x, y, train):
    """Rows that shifted but had nothing wrong done to them."""
    std = train.std(axis=0)
    some = rng.random(x.shape[1]) < 0.5
    yield "no shift", x
    # no weight or count becomes negative by a shift that may happen
    yield "location 0.3 sd", np.maximum(x + some * rng.normal(0, 0.3, x.shape[1]) * std, train.min(0))
    wider = (x - x.mean(0)) * np.exp(some * rng.normal(0, 0.15, x.shape[1])) + x.mean(0)
    yield "scale exp(0.15 z)", np.maximum(wider, train.min(0))
    weights = np.where(y == y[0], 4.0, 1.0)
    yield "classes 4 : 1", x[rng.choice(len(x), len(x), p=weights / weights.sum())]
    chosen = x[:, rng.integers(x.shape[1])]
    weights = np.exp(chosen.argsort().argsort() / len(x))
    yield "selected by a feature", x[rng.choice(len(x), len(x), p=weights / weights.sum())]


def mistakes(rng, x, contract):
    """Name, rows, and what the verdict must be: state, constant, column, order."""

    def normal(rows):
        return contract.transform(rows, dtype="float64")

    varying = [j for j, f in enumerate(contract) if f.action != "drop_constant"]
    own = (x - x.mean(0)) / np.where(x.std(0) > 0, x.std(0), 1)
    spread = np.where(np.ptp(x, axis=0) > 0, np.ptp(x, axis=0), 1)
    stds, means = (np.array([getattr(f, n) for f in contract]) for n in ("std", "mean"))
    yield "normalised twice", normal(normal(x)), ("normalised twice",)
    yield "own mean and std", own, ("own statistics",)
    yield "own minimum and maximum", (x - x.min(0)) / spread, ("own statistics",)
    yield "raw / 255", x / 255, ("scaled by a constant", 1 / 255)
    yield "raw x 100", x * 100, ("scaled by a constant", 100)
    yield "raw x 1000", x * 1000, ("scaled by a constant", 1000)
    yield "raw x 7.3", x * 7.3, ("scaled by a constant", 7.3)
    yield "/ 255 before the contract", normal(x / 255), ("scaled, then normalised", 1 / 255)
    yield "std off by 2", normal(x) / 2, ("normalised, then scaled", 0.5)
    order = rng.permutation(x.shape[1])
    yield "columns reordered", x[:, order], ("columns reordered", order)
    yield "reordered, then normalised", normal(x[:, order]), ("columns reordered", order)
    j = rng.choice(varying)
    yield "one column x 1000", np.where(np.arange(x.shape[1]) == j, x * 1000, x), ("single columns", j)
    if all(f.action in ("standardize", "drop_constant", "none") for f in contract):
        safe = np.where(stds > 0, stds, 1)
        yield "not centred", x / safe, ("not centred",)
        yield "divided by the variance", (x - means) / safe**2, ("divided by the variance",)


def agrees(verdict, wanted, names):
    """Whether the verdict is exactly what was done."""
    state, *detail = wanted
    if verdict.state != state:
        return False
    if not detail:
        return True
    if state == "single columns":
        return [f.name for f in verdict.features if not f.correct] == [names[detail[0]]]
    if state == "columns reordered":
        return True
    return bool(np.isclose(verdict.constant, detail[0], rtol=0.2 if detail[0] in (7.3, 0.5) else 1e-9))


def rows_of(name, x, y, rng, tally, alarms):
    """One split of one set: all honest shifts and all mistakes."""
    half = rng.permutation(len(x))
    train, rest = half[: len(x) // 2], half[len(x) // 2 :]
    names = [f"c{j}" for j in range(x.shape[1])]
    columns = {n: x[train, j] for j, n in enumerate(names)} | {"y": y[train]}
    contract = Normalization.of(
        Profile.of(pa.record_batch(columns)), Schema(label="y", task="classification"), Training()
    )
    drawn = rng.choice(rest, ROWS)
    test, labels = x[drawn], y[drawn]
    for shift, rows in honest(rng, test, labels, x[train]):
        for state, given in (("raw", rows), ("normalised", contract.transform(rows))):
            verdict = contract.verify(given)
            alarms[f"{shift}, {state}"].append((verdict.correct is False, name, str(verdict)))
            if shift == "no shift":
                tally[state][name].append((verdict.state == state, str(verdict)))
    for mistake, rows, wanted in mistakes(rng, test, contract):
        verdict = contract.verify(rows)
        tally[mistake][name].append((agrees(verdict, wanted, names), str(verdict)))
        if verdict.state == "columns reordered":
            pairs = zip((f.name for f in verdict.features), verdict.order, strict=True)
            right = [held == names[wanted[1][names.index(at)]] for at, held in pairs]
            PLACED[name].append(np.mean(right))
    table = pa.table({n: test[:, j] for j, n in enumerate(names)} | {"y": labels + 1})
    verdict = contract.verify(table)
    tally["labels from 1"][name].append((verdict.state == "label coded differently", str(verdict)))


def images_of(images, rng, tally, alarms):
    """One split of the photographs: channels and the two divisions by 255."""
    contract = Normalization.of_images([crops(rng, images, 400)])
    test = crops(rng, images, ROWS)
    brighter = np.clip(test * 1.1 + 10, 0, 255).astype(np.uint8)
    warmer = np.clip(test * np.array([1.05, 1.0, 0.95]), 0, 255).astype(np.uint8)
    for state, rows in ((s, r) for s in ("raw", "normalised") for r in (test, brighter, warmer)):
        given = rows if state == "raw" else contract.transform(rows)
        verdict = contract.verify(given)
        tally[state]["images"].append((verdict.state == state, str(verdict)))
        alarms[f"images, {state}"].append((verdict.correct is False, "images", str(verdict)))
    own = (test - test.mean((0, 1, 2))) / test.std((0, 1, 2))
    center = np.array([c.mean for c in contract["image"].channels])
    scale = np.array([c.std for c in contract["image"].channels])
    for mistake, rows, wanted in (
        ("channels swapped", test[..., ::-1], "channels swapped"),
        ("channels swapped, normalised", contract.transform(test[..., ::-1]), "channels swapped"),
        ("only divided by 255", test / 255, "scaled by a constant"),
        ("/ 255 before the contract", (test / 255 / 255 - center) / scale, "scaled, then normalised"),
        ("not divided by 255", (test - center) / scale, "scaled, then normalised"),
        ("own mean and std", own, "own statistics"),
    ):
        verdict = contract.verify(rows)
        tally[mistake]["images"].append((verdict.state == wanted, str(verdict)))


def report(tally, alarms):
    """Tables to standard output."""
    every = [right for by_set in tally.values() for results in by_set.values() for right, _ in results]
    for mistake, by_set in tally.items():
        shares = "  ".join(
            f"{name} {np.mean([r for r, _ in results]):.2f}" for name, results in by_set.items()
        )
        print(f"{mistake:32} {shares}")
        wrong = Counter(v.split(" (")[0] for results in by_set.values() for right, v in results if not right)
        if wrong:
            print(f"{'':32}   instead: {dict(wrong.most_common(4))}")
    print(
        "columns put back in their place:", {name: round(float(np.mean(v)), 3) for name, v in PLACED.items()}
    )
    print(f"\nright: {np.mean(every):.4f} of {len(every)}")
    false = [alarm for results in alarms.values() for alarm, *_ in results]
    for shift, results in alarms.items():
        shown = [f"{name}: {verdict[:110]}" for alarm, name, verdict in results if alarm][:2]
        print(f"{shift:40} false alarms {np.mean([a for a, *_ in results]):.4f}  {shown or ''}")
    print(f"false alarms: {np.mean(false):.4f} of {len(false)}")


def main():
    seeds = int(sys.argv[1]) if len(sys.argv) > 1 else 50
    tally, alarms = defaultdict(lambda: defaultdict(list)), defaultdict(list)
    images = datasets.load_sample_images().images
    start = time.perf_counter()
    for seed in range(seeds):
        rng = np.random.default_rng(seed)
        for name, x, y in sets(rng):
            rows_of(name, x, y, rng, tally, alarms)
        images_of(images, rng, tally, alarms)
    report(tally, alarms)
    print(f"{seeds} seeds in {time.perf_counter() - start:.0f} s")


if __name__ == "__main__":
    main()
