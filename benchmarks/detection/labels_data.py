"""Data sets and planted faults for the label benchmark: bundled, shared if present, synthetic tables and
series."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from scipy.signal import lfilter
from sklearn import datasets

SHARED = Path(__file__).parents[3] / "shared" / "data"
BUNDLED = ("load_breast_cancer", "load_diabetes", "load_digits")
SHARED_NAMES = ("abalone", "adult", "elec", "german", "housing", "mammo", "wineq", "banknote")
SYNTHETIC = ("linear", "smooth", "interaction", "classes", "imbalanced", "counts")


@dataclass(frozen=True, slots=True, eq=False)
class Data:
    """One drawn data set: features and labels in file order."""

    name: str
    table: pa.Table
    labels: np.ndarray

    def take(self, rows: np.ndarray) -> Data:
        return Data(self.name, self.table.take(pa.array(rows)), self.labels[rows])


def names() -> list[str]:
    return [*BUNDLED, *(name for name in SHARED_NAMES if (SHARED / f"{name}.parquet").exists()), *SYNTHETIC]


def _frame(features: np.ndarray) -> pa.Table:
    return pa.table({f"x{i}": column for i, column in enumerate(features.T)})


def whole(name: str, rng: np.random.Generator, rows: int) -> Data:
    """The data set in its own order."""
    if name.startswith("load_"):
        features, labels = getattr(datasets, name)(return_X_y=True)
        return Data(name, _frame(features), labels)
    if name in SYNTHETIC:
        return synthetic(name, rng, rows)
    table = pq.read_table(SHARED / f"{name}.parquet")
    return Data(name, table.drop(["label"]), table["label"].to_numpy())


def synthetic(name: str, rng: np.random.Generator, rows: int) -> Data:
    x = rng.standard_normal((rows, int(rng.integers(3, 15))))
    noise = rng.standard_normal(rows) * rng.choice([0.5, 1.0, 2.0])
    signals: dict[str, Callable[[], np.ndarray]] = {
        "linear": lambda: x @ rng.standard_normal(x.shape[1]) / 2 + noise,
        "smooth": lambda: 1.5 * np.sin(1.5 * x[:, 0]) + np.cos(x[:, 1]) + noise / 2,
        "interaction": lambda: 2 * x[:, 0] * x[:, 1] + noise,
        "classes": lambda: np.argmax(x[:, :3] * 1.5 + rng.gumbel(size=(rows, 3)) * 0.7, axis=1),
        "imbalanced": lambda: (2 * x[:, 0] + x[:, 1] + noise > 3).astype(int),
        "counts": lambda: rng.poisson(np.exp(0.7 * x[:, 0] + 1)),
    }
    return Data(name, _frame(x), np.asarray(signals[name]()))


def in_random_order(name: str, rng: np.random.Generator, rows: int) -> Data:
    data = whole(name, rng, rows)
    return data.take(rng.permutation(len(data.labels))[:rows])


def in_native_order(name: str, rng: np.random.Generator, rows: int) -> Data:
    data = whole(name, rng, rows)
    start = int(rng.integers(0, max(1, len(data.labels) - rows + 1)))
    return data.take(np.arange(start, min(len(data.labels), start + rows)))


def sorted_by_something(name: str, rng: np.random.Generator, rows: int) -> Data:
    data = in_random_order(name, rng, rows)
    columns = [data.labels, *(data.table.column(i).to_numpy() for i in range(data.table.num_columns))]
    keys = columns[int(rng.integers(0, len(columns)))]
    order = np.argsort(keys.astype(str) if keys.dtype == object else keys, kind="stable")
    return data.take(order)


def series(kind: str, rng: np.random.Generator, rows: int) -> Data:
    """Autocorrelated rows: labels unrelated to them, related, or with features made of earlier labels."""
    memory = float(rng.choice([0.5, 0.9, 0.98, 1.0]))
    x, own = _remembering(rng, rows, 4, memory), _remembering(rng, rows, 1, memory)[:, 0]
    daily = np.sin(np.arange(rows) * 2 * np.pi / 24)
    if kind == "unrelated":
        return Data(kind, _frame(x), own)
    if kind == "unrelated classes":
        return Data(kind, _frame(x), (own > np.median(own)).astype(int))
    if kind == "common cycle":
        return Data(kind, _frame(x / x.std() + daily[:, None]), own / own.std() + 2 * daily)
    if kind == "lags":
        past = [np.roll(own, lag) for lag in (1, 2, 3)]
        return Data(kind, _frame(np.column_stack([*past, np.mean(past, axis=0)])).slice(3), own[3:])
    signal = x[:, 0] + 0.5 * x[:, 1] if kind == "related" else np.sin(2 * x[:, 0] / x[:, 0].std()) * own.std()
    labels = signal + own * float(rng.choice([0.3, 1.0, 2.0]))
    return Data(kind, _frame(x), labels)


def _remembering(rng: np.random.Generator, rows: int, columns: int, memory: float) -> np.ndarray:
    return lfilter([1], [1, -memory], rng.standard_normal((rows, columns)), axis=0)


def hard(rng: np.random.Generator, rows: int) -> Data:
    """Aligned, but next to nothing can be learnt: R2 from 0 to 0.02."""
    x = rng.standard_normal((rows, 8))
    share = float(rng.uniform(0, 0.02))
    return Data("hard", _frame(x), np.sqrt(share) * x[:, 0] + np.sqrt(1 - share) * rng.standard_normal(rows))


@dataclass(frozen=True, slots=True)
class Fault:
    """What was done to the labels: rows [first, last), and the offset that is now right (None: shuffled)."""

    first: int
    last: int
    offset: int | None


def shuffle_block(labels: np.ndarray, size: int, rng: np.random.Generator) -> tuple[np.ndarray, Fault]:
    first = int(rng.integers(0, len(labels) - size + 1))
    result = labels.copy()
    result[first : first + size] = rng.permutation(result[first : first + size])
    return result, Fault(first, first + size, None)


def roll_block(labels: np.ndarray, size: int, rng: np.random.Generator) -> tuple[np.ndarray, Fault]:
    first = int(rng.integers(0, len(labels) - size + 1))
    result = labels.copy()
    result[first : first + size] = np.roll(result[first : first + size], 1)
    return result, Fault(first, first + size, 1)


def drop_row(labels: np.ndarray, size: int, rng: np.random.Generator) -> tuple[np.ndarray, Fault]:
    n = len(labels)
    first = int(rng.integers(min(n // 5, 200), n - min(n // 5, 200)))
    return np.concatenate([labels[:first], labels[first + 1 :], labels[-1:]]), Fault(first, n, -1)


def overlap(first: int, last: int, fault: Fault) -> float:
    """Intersection over union of two stretches."""
    inside = max(0, min(last, fault.last) - max(first, fault.first))
    return inside / (max(last, fault.last) - min(first, fault.first))


def exchange(labels: np.ndarray, share: float, kind: str, rng: np.random.Generator) -> np.ndarray:
    """Labels permuted among a share of the rows ('permuted'), or replaced by another class ('flipped')."""
    rows = rng.permutation(len(labels))[: max(2, round(share * len(labels)))]
    result = labels.copy()
    if kind == "permuted":
        result[rows] = labels[rng.permutation(rows)]
        return result
    classes = np.unique(labels)
    codes = np.searchsorted(classes, labels[rows])
    result[rows] = classes[(codes + rng.integers(1, len(classes), len(rows))) % len(classes)]
    return result
