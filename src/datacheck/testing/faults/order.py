"""Faults of the order of the training rows."""

import numpy as np

from .base import Fault, Planted, planted
from .splits import Splits


class SingleClassBatches(Fault):
    """The first part of the training rows is sorted by class."""

    unit = "share of the training rows, from the first on, that is sorted by class"
    strengths = (0.1, 0.4, 1)
    task = "classification"
    resplit = True

    def _plant(self, data: Splits, strength: float, rng: np.random.Generator) -> Planted:
        data.of_task("classification")
        return _sorted(data, strength)


class SortedLabels(Fault):
    """The first part of the training rows is sorted by label."""

    unit = "share of the training rows, from the first on, that is sorted by label"
    strengths = (0.2, 0.6, 1)
    resplit = True

    def _plant(self, data: Splits, strength: float, rng: np.random.Generator) -> Planted:
        data.labelled()
        return _sorted(data, strength)


def _sorted(data: Splits, share: float) -> Planted:
    labels = data.classes(data.first)
    head = max(2, round(share * len(labels)))
    keys = labels[:head].astype(str) if data.task == "classification" else labels[:head].astype(float)
    rows = np.append(np.argsort(keys, kind="stable"), np.arange(head, len(labels)))
    return planted(data.taking(data.first, rows), data.first, rows=range(head))
