"""Faults of cells: empty ones, and numbers that are none."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from .base import Fault, Planted, planted
from .splits import Splits, share_of


class MissingLabels(Fault):
    """Training rows lose their label."""

    unit = "share of the training rows without a label"
    strengths = (0.001, 0.01, 0.1)

    def _plant(self, data: Splits, strength: float, rng: np.random.Generator) -> Planted:
        rows = share_of(len(data.train), strength, rng)
        made = data.with_column(data.first, data.labelled(), _without(data.train, data.labelled(), rows))
        return planted(made, data.first, rows=rows)


class MissingValues(Fault):
    """A feature loses values."""

    unit = "share of a feature's values that is missing"
    strengths = (0.02, 0.15, 0.5)

    def _plant(self, data: Splits, strength: float, rng: np.random.Generator) -> Planted:
        name, rows = data.pick(rng), share_of(len(data.train), strength, rng)
        made = data.with_column(data.first, name, _without(data.train, name, rows))
        return planted(made, data.first, columns=(name,), rows=rows)


class NonFiniteValues(Fault):
    """NaN or infinities among a feature's numbers."""

    unit = "share of a feature's values that is NaN or infinite"
    strengths = (0.001, 0.01, 0.1)

    def _plant(self, data: Splits, strength: float, rng: np.random.Generator) -> Planted:
        name, rows = data.pick(rng), share_of(len(data.train), strength, rng)
        values = data.values(data.first, name)
        values[rows] = rng.choice([np.nan, np.inf, -np.inf], len(rows))
        made = data.with_column(data.first, name, values)
        return planted(made, data.first, columns=(name,), rows=rows)


def _without(table: pa.Table, name: str, rows: np.ndarray) -> pa.ChunkedArray:
    """A column with nulls in these rows."""
    gone = np.zeros(len(table), bool)
    gone[rows] = True
    return pc.if_else(pa.array(gone), pa.scalar(None, table.schema.field(name).type), table.column(name))
