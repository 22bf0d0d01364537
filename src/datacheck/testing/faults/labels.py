"""Faults of labels: wrong, shifted, coded otherwise, too rare, or given away."""

from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from .base import Fault, Planted, planted
from .splits import Rows, Splits, share_of


class ClassImbalance(Fault):
    """The rarest class is thinned out."""

    unit = "training rows of the most common class per row of the rarest"
    strengths = (5, 50, 200)
    task = "classification"

    def _plant(self, data: Splits, strength: float, rng: np.random.Generator) -> Planted:
        data.of_task("classification")
        codes, counts = _codes(data, data.first)
        rare, common = int(np.argmin(counts)), int(counts.max())
        order = rng.permutation(np.flatnonzero(codes == rare))
        keep = np.flatnonzero(codes != rare)
        kept = order[: max(1, round(common / strength))]
        return planted(data.taking(data.first, np.sort(np.append(keep, kept))), data.first)


class LabelEncoding(Fault):
    """Classes numbered from another number than 0."""

    unit = "number of the first class"
    strengths = (1, 2, 10)
    task = "classification"

    def _plant(self, data: Splits, strength: float, rng: np.random.Generator) -> Planted:
        label = data.of_task("classification")
        names = sorted({str(v) for split in data.tables for v in data.classes(split) if v is not None})
        number = {name: index + round(strength) for index, name in enumerate(names)}
        for split in data.tables:
            codes = [None if v is None else number[str(v)] for v in data.classes(split)]
            data = data.with_column(split, label, pa.array(codes, pa.int64()))
        return planted(data, data.first)


class LabelMisalignment(Fault):
    """In a stretch of the training rows, every label stands one row too late."""

    unit = "share of the training rows, in one stretch, with the label of the row before"
    strengths = (0.1, 0.3, 1)

    def _plant(self, data: Splits, strength: float, rng: np.random.Generator) -> Planted:
        labels = data.classes(data.first)
        size = max(2, round(strength * len(labels)))
        first = int(rng.integers(0, len(labels) - size + 1))
        labels[first : first + size] = np.roll(labels[first : first + size], 1)
        return planted(data.with_labels(data.first, labels), data.first, rows=range(first, first + size))


class LabelNoise(Fault):
    """Scattered training rows get another class, or the target of another row."""

    unit = "share of the training rows with a wrong label"
    strengths = (0.05, 0.1, 0.2)

    def _plant(self, data: Splits, strength: float, rng: np.random.Generator) -> Planted:
        data.labelled()
        rows = share_of(len(data.train), strength, rng)
        return planted(
            data.with_labels(data.first, exchanged(data, data.first, rows, rng)), data.first, rows=rows
        )


class TargetLeakage(Fault):
    """A new feature that is the label in most rows."""

    unit = "share of the rows in which a new feature tells the label (of a target: of its variance)"
    strengths = (0.8, 0.95, 1)

    def _plant(self, data: Splits, strength: float, rng: np.random.Generator) -> Planted:
        data.labelled()
        for split in data.tables:
            made = _telling_class if data.task == "classification" else _telling_number
            data = data.with_column(split, "planted_leak", made(data, split, strength, rng))
        return planted(data, data.first, columns=("planted_leak",))


class UnseenLabel(Fault):
    """Rows of the last split get a class that training does not have."""

    unit = "share of the rows of a split with a class that training does not have"
    strengths = (0.001, 0.01, 0.1)
    task = "classification"
    needs = 2

    def _plant(self, data: Splits, strength: float, rng: np.random.Generator) -> Planted:
        data.of_task("classification")
        labels = data.classes(data.last)
        rows = share_of(len(labels), strength, rng)
        known = [label for label in labels if label is not None]
        labels[rows] = "planted class" if isinstance(known[0], str) else max(known) + 1
        return planted(data.with_labels(data.last, labels), data.last, rows=rows)


def exchanged(data: Splits, split: str, rows: Rows, rng: np.random.Generator) -> NDArray[Any]:
    """The labels of a split with other classes in these rows, or with their targets permuted."""
    labels = data.classes(split)
    if data.task != "classification":
        labels[rows] = labels[rng.permutation(rows)]
        return labels
    classes = np.array(sorted({c for c in labels if c is not None}, key=str), object)
    place = {value: index for index, value in enumerate(classes)}
    for row in rows:
        step = int(rng.integers(1, max(len(classes), 2)))
        labels[row] = classes[(place.get(labels[row], 0) + step) % len(classes)]
    return labels


def _codes(data: Splits, split: str) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Number of each row's class, and the rows of each class."""
    _, codes, counts = np.unique(data.classes(split).astype(str), return_inverse=True, return_counts=True)
    return codes, counts


def _telling_class(data: Splits, split: str, strength: float, rng: np.random.Generator) -> pa.Array:
    codes, counts = _codes(data, split)
    told = rng.random(len(codes)) < strength
    return pa.array(np.where(told, codes, rng.integers(0, len(counts), len(codes))))


def _telling_number(data: Splits, split: str, strength: float, rng: np.random.Generator) -> pa.Array:
    values = data.values(split, data.labelled())
    noise = np.nanstd(values) * np.sqrt(1 / strength - 1)
    return pa.array(values + noise * rng.standard_normal(len(values)))
