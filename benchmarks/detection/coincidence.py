"""How far the equal rows of tables without copies exceed what `_coincidence` expects by chance.

`beyond_chance` of the duplicate checkers comes from the largest ratio.
Run: python benchmarks/detection/coincidence.py
"""

import numpy as np

from datacheck.checkers._coincidence import chance_of_equal
from datacheck.testing import make_profile

ROWS = (500, 5000, 50_000)
DRAWS = 3
Table = dict[str, np.ndarray]
Rng = np.random.Generator


def latent(rng: Rng, rows: int, columns: int, levels: int, classes: int, spread: float) -> Table:
    """Categories that depend on a hidden class."""
    hidden = rng.choice(classes, size=rows, p=rng.dirichlet(np.ones(classes)))
    table = {}
    for i in range(columns):
        shares = rng.dirichlet(np.full(levels, spread), size=classes).cumsum(axis=1)[hidden]
        table[f"c{i}"] = (rng.random((rows, 1)) > shares).sum(axis=1)
    return table


def ratings(rng: Rng, rows: int, columns: int, agreement: float) -> Table:
    """Answers from 0 to 4 that share one opinion."""
    opinion = np.sqrt(agreement) * rng.normal(size=(rows, 1))
    answers = opinion + np.sqrt(1 - agreement) * rng.normal(size=(rows, columns))
    return {f"q{i}": column for i, column in enumerate(np.clip(np.floor(answers * 1.25 + 2.5), 0, 4).T)}


def dummies(table: Table) -> Table:
    """One column per level."""
    return {f"{n}={level}": (v == level).astype(int) for n, v in table.items() for level in np.unique(v)}


def census(rng: Rng, rows: int) -> Table:
    """A table like a census: skewed categories, one column twice, one that follows another, many zeros."""
    education = rng.integers(1, 17, size=rows)
    return {
        "age": np.clip(rng.gamma(6, 6.5, size=rows).astype(int), 17, 90),
        "work": rng.choice(7, size=rows, p=[0.7, 0.08, 0.07, 0.06, 0.04, 0.03, 0.02]),
        "education": education,
        "years": education,
        "occupation": (education + rng.integers(0, 4, size=rows)) % 14,
        "race": rng.choice(5, size=rows, p=[0.85, 0.1, 0.03, 0.01, 0.01]),
        "sex": rng.integers(0, 2, size=rows),
        "gain": np.where(rng.random(rows) < 0.92, 0, rng.integers(1, 100, size=rows)),
        "hours": np.where(rng.random(rows) < 0.47, 40, rng.integers(10, 80, size=rows)),
        "country": np.where(rng.random(rows) < 0.9, 0, rng.integers(1, 40, size=rows)),
    }


def counts(rng: Rng, rows: int) -> Table:
    """Thirty words, most of them rare."""
    return {f"w{i}": (rng.random(rows) < 0.3 / (i + 1)) * rng.integers(1, 3, size=rows) for i in range(30)}


def main() -> None:
    rng = np.random.default_rng(0)
    kinds = {
        "8 categories": lambda n: latent(rng, n, 8, 4, 5, 1.0),
        "15 categories, 10 classes": lambda n: latent(rng, n, 15, 3, 10, 0.3),
        "10 ratings": lambda n: ratings(rng, n, 10, 0.6),
        "6 ratings, alike": lambda n: ratings(rng, n, 6, 0.9),
        "20 ratings, alike": lambda n: ratings(rng, n, 20, 0.9),
        "census": lambda n: census(rng, n),
        "dummies": lambda n: dummies(latent(rng, n, 4, 6, 4, 1.0)),
        "counts": lambda n: counts(rng, n),
    }
    for name, make in kinds.items():
        ratios = []
        for rows in ROWS * DRAWS:
            profile = make_profile({"train": make(rows)}).train
            expected = chance_of_equal(profile, None) * rows * (rows - 1) / 2
            ratios.append(profile.row_hashes.pairs / max(expected, 1.0))
        print(f"{name}: equal pairs per expected pair {min(ratios):.2f} to {max(ratios):.2f}", flush=True)


if __name__ == "__main__":
    main()
