"""Faults of rows that stand twice."""

import numpy as np
import pyarrow as pa

from .base import Fault, Planted, planted
from .labels import exchanged
from .splits import Splits, share_of


class ConflictingLabels(Fault):
    """Copies of training rows with another class."""

    unit = "share of the training rows that is a copy of another one, with another class"
    strengths = (0.002, 0.01, 0.05)
    task = "classification"

    def _plant(self, data: Splits, strength: float, rng: np.random.Generator) -> Planted:
        data.of_task("classification")
        before, made = len(data.train), _doubled(data, strength, rng)
        copies = np.arange(before, len(made.train))
        labelled = made.with_labels(made.first, exchanged(made, made.first, copies, rng))
        return planted(labelled, data.first, rows=copies)


class CrossSplitDuplicates(Fault):
    """Rows of the last split are replaced by training rows."""

    unit = "share of the rows of a split that is copied from training"
    strengths = (0.002, 0.02, 0.1)
    needs = 2

    def _plant(self, data: Splits, strength: float, rng: np.random.Generator) -> Planted:
        here = data.tables[data.last]
        rows = share_of(len(here), strength, rng)
        source = rng.choice(len(data.train), len(rows), replace=len(rows) > len(data.train))
        copied = data.train.select(here.column_names).take(pa.array(source)).cast(here.schema)
        order = np.arange(len(here))
        order[rows] = len(here) + np.arange(len(rows))
        both = pa.concat_tables([here, copied]).take(pa.array(order))
        return planted(data.with_table(data.last, both), data.last, rows=rows)


class DuplicateRows(Fault):
    """Copies of training rows behind the last one."""

    unit = "share of the training rows that is a copy of another one"
    strengths = (0.002, 0.02, 0.1)

    def _plant(self, data: Splits, strength: float, rng: np.random.Generator) -> Planted:
        before, made = len(data.train), _doubled(data, strength, rng)
        return planted(made, data.first, rows=range(before, len(made.train)))


def _doubled(data: Splits, share: float, rng: np.random.Generator) -> Splits:
    """The training rows and, behind them, copies of some, which are `share` of the whole."""
    rows = len(data.train)
    again = share_of(rows, share / (1 - share), rng)
    return data.taking(data.first, np.append(np.arange(rows), again))
