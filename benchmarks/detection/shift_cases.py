"""Populations and planted shifts: what is done to a clean draw, and which kind of shift that makes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from sklearn import datasets

Columns = dict[str, np.ndarray]
SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"
TASKS = {"housing": "regression", "abalone": "regression", "diabetes": "regression"}
STRENGTHS = ("small", "medium", "large")


@dataclass(frozen=True, eq=False, kw_only=True)
class Population:
    name: str
    features: Columns
    label: np.ndarray
    task: str

    @property
    def numbers(self) -> list[str]:
        return [n for n, v in self.features.items() if v.dtype != object and len(np.unique(v[:5000])) > 10]

    @property
    def categories(self) -> list[str]:
        return [n for n, v in self.features.items() if v.dtype == object and len(set(v[:2000])) > 2]

    def draw(
        self, n: int, rng: np.random.Generator, weight: np.ndarray | None = None
    ) -> tuple[Columns, np.ndarray]:
        p = None if weight is None else weight / weight.sum()
        rows = rng.choice(len(self.label), n, p=p)
        return {name: values[rows] for name, values in self.features.items()}, self.label[rows]


def table_of(features: Columns, label: np.ndarray) -> pa.Table:
    columns = {n: pa.array(v, from_pandas=True) for n, v in features.items()}
    return pa.table({**columns, "label": pa.array(label)})


def populations(names: list[str]) -> list[Population]:
    return [_population(name) for name in names]


def names(bundled_only: bool = False) -> list[str]:
    shared = [] if bundled_only or not SHARED.is_dir() else sorted(p.stem for p in SHARED.glob("*.parquet"))
    return [*shared, "breast_cancer", "digits", "diabetes", "mixed8", "mixed30", "mixed100"]


def _population(name: str) -> Population:
    if name.startswith("mixed"):
        return _synthetic(int(name[5:]))
    if name in ("breast_cancer", "digits", "diabetes"):
        bunch = getattr(datasets, f"load_{name}")()
        label = bunch.target if name == "diabetes" else bunch.target.astype(str).astype(object)
        columns = {f"f{i}": bunch.data[:, i] for i in range(min(bunch.data.shape[1], 64))}
        return Population(name=name, features=columns, label=label, task=TASKS.get(name, "classification"))
    table = pq.read_table(SHARED / f"{name}.parquet")
    columns = {}
    for column in table.column_names:
        values = table[column]
        if pa.types.is_dictionary(values.type):
            values = values.cast(values.type.value_type)
        text = pa.types.is_string(values.type) or pa.types.is_large_string(values.type)
        columns[column] = (
            np.array(values.to_pylist(), dtype=object) if text else np.asarray(values.to_pandas(), float)
        )
    label = columns.pop("label")
    task = TASKS.get(name, "classification")
    if task == "classification":
        label = np.array([str(v) for v in label], dtype=object)
    return Population(name=name, features=columns, label=label, task=task)


def _synthetic(width: int) -> Population:
    """Correlated numbers of several shapes, Zipf categories, nulls; three classes that depend on a few of
    them."""
    rng = np.random.default_rng(width)
    rows = 60_000
    factors = rng.normal(size=(rows, 3))
    columns: Columns = {}
    for place in range(width):
        z = factors @ rng.normal(size=3) * 0.5 + rng.normal(size=rows)
        columns[f"c{place}"] = _shaped(z, place % 8, rng)
    score = np.sin(columns["c0"]) + 0.7 * factors[:, 0] + 0.5 * factors[:, 1] * (columns["c0"] > 0)
    cuts = np.quantile(score + rng.normal(size=rows), [0.5, 0.85])
    label = np.searchsorted(cuts, score + rng.normal(size=rows)).astype(str).astype(object)
    return Population(name=f"mixed{width}", features=columns, label=label, task="classification")


def _shaped(z: np.ndarray, shape: int, rng: np.random.Generator) -> np.ndarray:
    rows = len(z)
    match shape:
        case 1:
            return np.exp(z)
        case 2:
            return np.floor(np.exp(z / 2) * 2)
        case 3:
            return np.where(rng.random(rows) < 0.7, 0.0, np.exp(z))
        case 4:
            levels = np.minimum(np.floor(np.exp(np.abs(z) * 1.3)), 40).astype(int)
            return np.array([f"k{level}" for level in levels], dtype=object)
        case 5:
            return np.where(rng.random(rows) < 0.08, np.nan, z)
        case 6:
            return z / np.sqrt(rng.chisquare(3, rows) / 3)
        case _:
            return z


@dataclass(frozen=True, eq=False, kw_only=True)
class Case:
    """A pair of tables with its truth: the kinds that are right, the damaged features, the true row
    weights."""

    train: pa.Table
    test: pa.Table
    task: str
    kinds: tuple[str, ...]
    features: tuple[str, ...] = ()
    class_ratio: Mapping[str, float] | None = None
    row_ratio: np.ndarray | None = None


Plant = Callable[[Population, int, int, int, np.random.Generator], Case | None]
FAMILIES: dict[str, Plant] = {}


def family(plant: Plant) -> Plant:
    FAMILIES[plant.__name__] = plant
    return plant


def _case(pop: Population, train: tuple, test: tuple, kinds: tuple[str, ...], **truth: object) -> Case:
    return Case(train=table_of(*train), test=table_of(*test), task=pop.task, kinds=kinds, **truth)


def clean(pop: Population, n: int, m: int, rng: np.random.Generator) -> Case:
    return _case(pop, pop.draw(n, rng), pop.draw(m, rng), ("none",))


DAMAGE = ("covariate", "mixed")


def _damage(change: Callable, wants: str = "numbers") -> Plant:
    """A family that changes one random column of the test rows."""

    def plant(pop: Population, n: int, m: int, strength: int, rng: np.random.Generator) -> Case | None:
        candidates = getattr(pop, wants)
        if not candidates:
            return None
        name = candidates[rng.integers(len(candidates))]
        train, (features, label) = pop.draw(n, rng), pop.draw(m, rng)
        features[name] = change(features[name].copy(), pop.features[name], strength, rng)
        return _case(pop, train, (features, label), DAMAGE, features=(name,))

    return plant


def _sd(values: np.ndarray) -> float:
    return float(np.nanstd(values))


def _at(values: np.ndarray, share: float, rng: np.random.Generator) -> np.ndarray:
    return rng.random(len(values)) < share


FAMILIES["mean"] = _damage(lambda x, all_, s, rng: x + (0.2, 0.4, 0.8)[s] * _sd(all_))
FAMILIES["spread"] = _damage(
    lambda x, all_, s, rng: np.nanmedian(all_) + (1.25, 1.5, 2.0)[s] * (x - np.nanmedian(all_))
)
FAMILIES["noise"] = _damage(
    lambda x, all_, s, rng: x + np.where(_at(x, (0.2, 0.4, 0.8)[s], rng), rng.normal(0, _sd(all_), len(x)), 0)
)
FAMILIES["unit"] = _damage(lambda x, all_, s, rng: np.where(_at(x, (0.06, 0.15, 0.4)[s], rng), 10 * x + 1, x))
FAMILIES["saturation"] = _damage(
    lambda x, all_, s, rng: np.minimum(x, np.nanquantile(all_, 1 - (0.08, 0.2, 0.4)[s]) - 1e-9)
)
FAMILIES["missing"] = _damage(lambda x, all_, s, rng: np.where(_at(x, (0.03, 0.08, 0.2)[s], rng), np.nan, x))
FAMILIES["filled"] = _damage(
    lambda x, all_, s, rng: np.where(_at(x, (0.06, 0.15, 0.4)[s], rng), np.nanmedian(all_), x)
)
FAMILIES["skew"] = _damage(
    lambda x, all_, s, rng: np.where(
        x > np.nanmedian(all_), np.nanmedian(all_) + (1.4, 2.0, 3.0)[s] * (x - np.nanmedian(all_)), x
    )
)
FAMILIES["levels"] = _damage(
    lambda x, all_, s, rng: np.where(
        _at(x, (0.15, 0.3, 0.6)[s], rng),
        rng.choice(np.array(sorted(set(map(str, all_[:2000]))), object), len(x)),
        x,
    ),
    "categories",
)
FAMILIES["new_level"] = _damage(
    lambda x, all_, s, rng: np.where(_at(x, (0.06, 0.12, 0.3)[s], rng), "never seen", x), "categories"
)


@family
def shuffled(pop: Population, n: int, m: int, strength: int, rng: np.random.Generator) -> Case | None:
    """One column's values handed to other rows: margins stay, dependence goes."""
    name = pop.numbers[rng.integers(len(pop.numbers))]
    train, (features, label) = pop.draw(n, rng), pop.draw(m, rng)
    rows = np.flatnonzero(_at(label, (0.35, 0.65, 1.0)[strength], rng))
    features[name][rows] = features[name][rng.permutation(rows)]
    return _case(pop, train, (features, label), DAMAGE, features=(name,))


@family
def everywhere(pop: Population, n: int, m: int, strength: int, rng: np.random.Generator) -> Case:
    train, (features, label) = pop.draw(n, rng), pop.draw(m, rng)
    for name in pop.numbers:
        features[name] = features[name] + (0.12, 0.2, 0.4)[strength] * _sd(pop.features[name])
    return _case(pop, train, (features, label), DAMAGE, features=tuple(pop.numbers))


@family
def nuisance(pop: Population, n: int, m: int, strength: int, rng: np.random.Generator) -> Case:
    """A feature that has nothing to do with the label moves."""
    train, test = pop.draw(n, rng), pop.draw(m, rng)
    train[0]["extra"] = rng.normal(size=n)
    test[0]["extra"] = rng.normal((0.2, 0.4, 0.8)[strength], 1, m)
    return _case(pop, train, test, ("covariate",), features=("extra",))


def _scores(pop: Population, rng: np.random.Generator, count: int) -> np.ndarray:
    chosen = rng.choice(pop.numbers, min(count, len(pop.numbers)), replace=False)
    scores = []
    for name in chosen:
        values = np.nan_to_num(pop.features[name], nan=np.nanmedian(pop.features[name]))
        rank = np.argsort(np.argsort(values + 1e-9 * rng.random(len(values)))) / len(values)
        scores.append((rank - 0.5) * np.sqrt(12))
    return np.stack(scores, axis=1)


def _selected(
    pop: Population, n: int, m: int, weight: np.ndarray, rng: np.random.Generator, kinds: tuple
) -> Case:
    rows = rng.choice(len(pop.label), n)
    train = {name: values[rows] for name, values in pop.features.items()}, pop.label[rows]
    ratio = weight[rows] / weight.mean()
    return _case(pop, train, pop.draw(m, rng, weight), kinds, row_ratio=ratio)


@family
def selection(pop: Population, n: int, m: int, strength: int, rng: np.random.Generator) -> Case:
    weight = np.exp((0.2, 0.4, 0.8)[strength] * _scores(pop, rng, 2).sum(axis=1))
    return _selected(pop, n, m, weight, rng, ("covariate",))


@family
def thinned(pop: Population, n: int, m: int, strength: int, rng: np.random.Generator) -> Case:
    weight = np.where(_scores(pop, rng, 1)[:, 0] > 0, 1.0, (0.65, 0.4, 0.15)[strength])
    return _selected(pop, n, m, weight, rng, ("covariate",))


@family
def middle(pop: Population, n: int, m: int, strength: int, rng: np.random.Generator) -> Case:
    weight = np.exp(-(0.3, 0.6, 1.2)[strength] * np.abs(_scores(pop, rng, 2)).sum(axis=1))
    return _selected(pop, n, m, weight, rng, ("covariate",))


def _by_class(pop: Population, n: int, m: int, factors: dict, rng: np.random.Generator) -> Case:
    weight = np.array([factors.get(v, 1.0) for v in pop.label])
    total = weight.mean()
    ratio = {str(v): factors.get(v, 1.0) / total for v in set(pop.label)}
    return _case(pop, pop.draw(n, rng), pop.draw(m, rng, weight), ("label",), class_ratio=ratio)


def _classes(pop: Population) -> list[str]:
    values, counts = np.unique(pop.label.astype(str), return_counts=True)
    return list(values[np.argsort(-counts)])


@family
def tilt(pop: Population, n: int, m: int, strength: int, rng: np.random.Generator) -> Case | None:
    if pop.task == "regression":
        rank = np.argsort(np.argsort(pop.label + 1e-9 * rng.random(len(pop.label)))) / len(pop.label)
        weight = np.exp((0.7, 1.4, 2.8)[strength] * (rank - 0.5))
        return _case(pop, pop.draw(n, rng), pop.draw(m, rng, weight), ("label",))
    classes = _classes(pop)
    return _by_class(pop, n, m, {classes[rng.integers(1, len(classes))]: (1.5, 2.2, 4.0)[strength]}, rng)


@family
def knock_out(pop: Population, n: int, m: int, strength: int, rng: np.random.Generator) -> Case | None:
    if pop.task == "regression" or min(np.unique(pop.label.astype(str), return_counts=True)[1]) < 0.08 * len(
        pop.label
    ):
        return None
    return _by_class(pop, n, m, {_classes(pop)[-1]: (0.7, 0.45, 0.05)[strength]}, rng)


def _relabel(pop: Population, label: np.ndarray, rows: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Other classes at the marked rows; for a regression, half a standard deviation more."""
    out = label.copy()
    if pop.task == "regression":
        out[rows] = out[rows] + 0.7 * _sd(pop.label)
        return out
    classes = _classes(pop)[:4]
    place = {c: i for i, c in enumerate(classes)}
    for row in np.flatnonzero(rows):
        out[row] = classes[(place.get(out[row], 0) + 1) % len(classes)]
    return out


def _region(pop: Population, features: Columns, share: float, rng: np.random.Generator) -> np.ndarray:
    first, second = rng.choice(pop.numbers, 2, replace=False)
    out = np.ones(len(features[first]), bool)
    for name in (first, second):
        edge = np.nanquantile(pop.features[name] + 0.0, 1 - share**0.5)
        out &= np.nan_to_num(features[name], nan=-np.inf) >= edge
    return out


@family
def region(pop: Population, n: int, m: int, strength: int, rng: np.random.Generator) -> Case:
    """Labels changed in a corner of two features."""
    train, (features, label) = pop.draw(n, rng), pop.draw(m, rng)
    inside = _region(pop, features, 0.3, rng) & _at(label, (0.25, 0.5, 1.0)[strength], rng)
    return _case(pop, train, (features, _relabel(pop, label, inside, rng)), ("concept",))


@family
def half(pop: Population, n: int, m: int, strength: int, rng: np.random.Generator) -> Case:
    """Labels changed with some chance above the median of one feature."""
    train, (features, label) = pop.draw(n, rng), pop.draw(m, rng)
    name = pop.numbers[rng.integers(len(pop.numbers))]
    above = np.nan_to_num(features[name], nan=-np.inf) > np.nanmedian(pop.features[name])
    rows = above & _at(label, (0.1, 0.2, 0.4)[strength], rng)
    return _case(pop, train, (features, _relabel(pop, label, rows, rng)), ("concept",))


@family
def label_noise(pop: Population, n: int, m: int, strength: int, rng: np.random.Generator) -> Case:
    """Some labels handed to other rows: the mix of labels stays."""
    train, (features, label) = pop.draw(n, rng), pop.draw(m, rng)
    rows = np.flatnonzero(_at(label, (0.12, 0.25, 0.5)[strength], rng))
    label = label.copy()
    label[rows] = label[rng.permutation(rows)]
    return _case(pop, train, (features, label), ("concept",))


@family
def label_swap(pop: Population, n: int, m: int, strength: int, rng: np.random.Generator) -> Case | None:
    """Two classes confused for each other."""
    if pop.task == "regression":
        return None
    one, two = _classes(pop)[:2]
    train, (features, label) = pop.draw(n, rng), pop.draw(m, rng)
    rows = _at(label, (0.06, 0.15, 0.4)[strength], rng)
    swapped = np.where(label == one, two, np.where(label == two, one, label))
    return _case(pop, train, (features, np.where(rows, swapped, label)), ("concept",))


@family
def mixed_selection(pop: Population, n: int, m: int, strength: int, rng: np.random.Generator) -> Case:
    """Other rows, and labels changed among them."""
    weight = np.exp((0.25, 0.4, 0.6)[strength] * _scores(pop, rng, 2).sum(axis=1))
    features, label = pop.draw(m, rng, weight)
    rows = _region(pop, features, 0.5, rng) & _at(label, (0.3, 0.5, 0.9)[strength], rng)
    return _case(pop, pop.draw(n, rng), (features, _relabel(pop, label, rows, rng)), ("mixed",))


@family
def mixed_nuisance(pop: Population, n: int, m: int, strength: int, rng: np.random.Generator) -> Case:
    """An unrelated feature moves and labels get noisy."""
    case = nuisance(pop, n, m, strength, rng)
    label = np.array(case.test["label"].to_pylist(), dtype=pop.label.dtype)
    rows = np.flatnonzero(_at(label, (0.15, 0.3, 0.5)[strength], rng))
    label[rows] = label[rng.permutation(rows)]
    test = case.test.set_column(case.test.column_names.index("label"), "label", pa.array(label))
    return Case(train=case.train, test=test, task=pop.task, kinds=("mixed",))
