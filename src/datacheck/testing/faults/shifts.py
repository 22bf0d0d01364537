"""Faults between splits: what differs in the last one."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .base import Fault, Planted, planted
from .labels import exchanged
from .splits import Numbers, Splits


class ConceptShift(Fault):
    """In the last split, labels change above the median of one feature."""

    unit = "share of the rows above the median of a feature with another label (target: + 0.7 sd)"
    strengths = (0.1, 0.2, 0.4)
    resplit = True
    needs = 2

    def _plant(self, data: Splits, strength: float, rng: np.random.Generator) -> Planted:
        label, values = data.labelled(), data.values(data.last, data.pick(rng))
        changed = (values > np.nanmedian(values)) & (rng.random(len(values)) < strength)
        rows = np.flatnonzero(changed)
        if data.task == "classification":
            return planted(
                data.with_labels(data.last, exchanged(data, data.last, rows, rng)), data.last, rows=rows
            )
        target = data.values(data.last, label)
        target[rows] += 0.7 * data.spread(label)
        return planted(data.with_numbers(data.last, label, target), data.last, rows=rows)


class CovariateShift(Fault):
    """In the last split, a feature moves."""

    unit = "move of the mean of a feature, in standard deviations"
    strengths = (0.1, 0.2, 0.5)
    resplit = True
    needs = 2

    def _plant(self, data: Splits, strength: float, rng: np.random.Generator) -> Planted:
        name = data.pick(rng)
        return planted(_moved(data, name, strength, rng), data.last, columns=(name,))


class LabelShift(Fault):
    """In the last split, rows of all classes but one (of the low targets) are left out."""

    unit = "share of the rows that changed class, or that crossed the median of the target"
    strengths = (0.03, 0.06, 0.12)
    resplit = True
    needs = 2

    def _plant(self, data: Splits, strength: float, rng: np.random.Generator) -> Planted:
        data.labelled()
        more = _half_of(data, rng)
        share = float(more.mean())
        wanted = min(share + strength, 0.99)
        others = rng.permutation(np.flatnonzero(~more))[: round(more.sum() * (1 - wanted) / wanted)]
        return planted(data.taking(data.last, np.sort(np.append(np.flatnonzero(more), others))), data.last)


class OddSplit(Fault):
    """In the last of three splits a feature moves; the one before stays like training."""

    unit = "move of the mean of a feature in one of two splits, in standard deviations"
    strengths = (0.1, 0.3, 0.6)
    resplit = True
    needs = 3

    def _plant(self, data: Splits, strength: float, rng: np.random.Generator) -> Planted:
        return planted(_moved(data, data.pick(rng), strength, rng), data.last)


class SchemaMismatch(Fault):
    """The last split loses features."""

    unit = "features that a split lacks"
    strengths = (1, 2, 3)
    resplit = True
    needs = 2

    def _plant(self, data: Splits, strength: float, rng: np.random.Generator) -> Planted:
        lost = tuple(str(name) for name in rng.permutation(np.array(data.features))[: round(strength)])
        return planted(
            data.with_table(data.last, data.tables[data.last].drop(list(lost))), data.last, columns=lost
        )


class SplitNormalisedApart(Fault):
    """The last split is divided by a constant."""

    unit = "constant that the features of a split are divided by"
    strengths = (2, 10, 255)
    resplit = True
    needs = 2

    def _plant(self, data: Splits, strength: float, rng: np.random.Generator) -> Planted:
        names = data.numbers
        for name in names:
            data = data.with_numbers(data.last, name, data.values(data.last, name) / strength)
        return planted(data, data.last, columns=names)


def _moved(data: Splits, name: str, by: float, rng: np.random.Generator) -> Splits:
    """A feature of the last split moved by so many standard deviations; whole numbers stay whole."""
    step = by * data.spread(name)
    values = data.values(data.last, name)
    whole = bool(np.all(values[np.isfinite(values)] % 1 == 0))
    return data.with_numbers(data.last, name, _by_chance(values, step, rng) if whole else values + step)


def _by_chance(values: Numbers, step: float, rng: np.random.Generator) -> Numbers:
    """Whole numbers moved by whole steps, up or down at random, that are `step` on average."""
    moved: Numbers = values + np.floor(step + rng.random(len(values)))
    return moved


def _half_of(data: Splits, rng: np.random.Generator) -> NDArray[Any]:
    """Rows of one class of the last split, or those whose target lies above the median."""
    if data.task == "classification":
        labels = data.classes(data.last)
        present = sorted({label for label in labels if label is not None}, key=str)
        return np.asarray(labels == present[int(rng.integers(len(present)))])
    target = data.values(data.last, data.labelled())
    return np.asarray(target > np.nanmedian(target))
