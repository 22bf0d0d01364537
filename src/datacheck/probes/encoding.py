"""A table as a matrix that a probe can learn from, whatever the units of its columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from scipy.special import ndtri

from datacheck._batch import at_rows, numbers
from datacheck.kinds import Kind, kind_of

Matrix = npt.NDArray[np.float64]

MAX_LEVELS = 30
"""One-hot columns of one categorical feature at most; rarer levels share the zero vector."""
MAX_COLUMNS = 256
"""Wider encodings are projected on COMPONENTS principal directions: the probes factor matrices of this
order."""
COMPONENTS = 96
KNOTS = 1024
"""Points at which a column's distribution function is kept: ranks are right to one part in a thousand."""
CLIP = 4.0
"""Robust z-scores end here: a Gaussian value is beyond it once in 16,000 rows."""


@dataclass(frozen=True, slots=True, eq=False)
class NumericScale:
    """Mean of the normal score and of the clipped robust z of a column; a second column flags missing
    values."""

    name: str
    knots: Matrix
    ranks: Matrix
    centre: float
    spread: float
    flagged: bool

    @classmethod
    def fit(cls, name: str, values: Matrix) -> NumericScale | None:
        """The scale of one column, shape (n,) with NaN where missing; None when nothing varies."""
        finite = np.sort(values[np.isfinite(values)])
        flagged = 0 < len(finite) < len(values)
        if len(finite) == 0 or (finite[0] == finite[-1] and not flagged):
            return None
        knots, ranks = _distribution(finite)
        centre, spread = _robust(finite)
        return cls(name, knots, ranks, centre, spread, flagged)

    @property
    def width(self) -> int:
        """Encoded columns: two when the fitted column had missing values."""
        return 2 if self.flagged else 1

    def transform(self, values: Matrix) -> Matrix:
        """Shape (n, width)."""
        present = np.isfinite(values)
        safe = np.where(present, values, self.knots[0])
        z = np.clip((safe - self.centre) / self.spread, -CLIP, CLIP)
        score = ndtri(np.interp(safe, self.knots, self.ranks))
        column = np.where(present, (z + score) / 2, 0.0)
        return np.column_stack([column, 1.0 - present]) if self.flagged else column[:, None]


def _distribution(finite: Matrix) -> tuple[Matrix, Matrix]:
    """Distinct knots of the sorted values and the mid-rank of each in (0, 1)."""
    n = len(finite)
    knots = np.unique(finite[np.linspace(0, n - 1, min(n, KNOTS)).astype(np.int64)])
    below, through = np.searchsorted(finite, knots, "left"), np.searchsorted(finite, knots, "right")
    return knots, (below + through) / (2 * n)


def _robust(finite: Matrix) -> tuple[float, float]:
    """Median and a spread that is never zero: interquartile range, else standard deviation, else one."""
    low, middle, high = np.quantile(finite, [0.25, 0.5, 0.75])
    spread = (high - low) / 1.349 or float(np.std(finite)) or 1.0
    return float(middle), float(spread)


@dataclass(frozen=True, slots=True, eq=False)
class OneHot:
    """Centred indicator columns of the most frequent levels; two unequal levels are as far apart as in
    z-scores."""

    name: str
    levels: pa.Array
    shares: Matrix

    @classmethod
    def fit(cls, name: str, column: pa.ChunkedArray) -> OneHot | None:
        """The levels of one column; None for constants, identifiers and free text."""
        counts = pc.value_counts(column.drop_null())
        frequency = filled(counts.field("counts"), 0)
        names = counts.field("values").cast(pa.string())
        order = np.lexsort((np.arange(len(names)), -frequency))[:MAX_LEVELS]
        order = order[(frequency[order] >= 2) & (frequency[order] < len(column))]
        if len(order) == 0 or frequency[order].sum() < len(column) / 4:
            return None
        return cls(name, names.take(at_rows(order)), frequency[order] / len(column))

    @property
    def width(self) -> int:
        """Encoded columns: one for each level."""
        return len(self.levels)

    def transform(self, column: pa.ChunkedArray) -> Matrix:
        """Shape (n, width)."""
        codes = filled(pc.index_in(column, value_set=self.levels), -1)
        indicators = codes[:, None] == np.arange(len(self.levels))
        return np.asarray(indicators - self.shares, dtype=np.float64)


@dataclass(frozen=True, slots=True, eq=False)
class TensorScale:
    """Pixels or an embedding: centred, with one common scale so that quiet corners stay quiet."""

    name: str
    mean: Matrix
    spread: float

    @classmethod
    def fit(cls, name: str, values: Matrix) -> TensorScale | None:
        """The scale of one tensor column, shape (n, width)."""
        mean = np.nan_to_num(values, posinf=0.0, neginf=0.0).mean(axis=0)
        spread = float(np.nan_to_num(values - mean, posinf=0.0, neginf=0.0).std())
        return cls(name, mean, spread) if spread > 0 else None

    @property
    def width(self) -> int:
        """Encoded columns: one for each entry of the tensor."""
        return len(self.mean)

    def transform(self, values: Matrix) -> Matrix:
        """Shape (n, width)."""
        return np.nan_to_num((values - self.mean) / self.spread, posinf=0.0, neginf=0.0)


Part = NumericScale | OneHot | TensorScale


@dataclass(frozen=True, slots=True, eq=False)
class Encoder:
    """What each column becomes; fitted on sampled rows, applied to any rows of the same table."""

    parts: tuple[Part, ...]
    mean: Matrix | None = None
    directions: Matrix | None = None

    @classmethod
    def fit(cls, table: pa.Table) -> Encoder:
        """Constants, identifiers and free text are left out; a wide encoding gets principal directions."""
        parts = (_fit_column(table, name) for name in table.column_names)
        plain = cls(tuple(part for part in parts if part is not None))
        return plain if plain.width <= MAX_COLUMNS else plain._reduced(plain.transform(table))

    def _reduced(self, matrix: Matrix) -> Encoder:
        mean = matrix.mean(axis=0)
        rows = matrix[np.linspace(0, len(matrix) - 1, min(len(matrix), 1024)).astype(np.int64)] - mean
        return Encoder(self.parts, mean, _principal_directions(rows))

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns that are used."""
        return tuple(part.name for part in self.parts)

    @property
    def width(self) -> int:
        """Encoded columns."""
        plain = sum(part.width for part in self.parts)
        return plain if self.directions is None else int(self.directions.shape[1])

    def transform(self, table: pa.Table) -> Matrix:
        """Shape (rows, width); no columns when no feature varies."""
        blocks = [part.transform(_values(part, table)) for part in self.parts]
        matrix = np.hstack(blocks) if blocks else np.empty((table.num_rows, 0))
        if self.directions is None or self.mean is None:
            return matrix
        return np.asarray((matrix - self.mean) @ self.directions)


def encode(table: pa.Table) -> Matrix:
    """Every usable column of a table as numbers near unit scale, shape (rows, encoded columns).

    Numeric columns become the mean of their normal score and their clipped robust z, so that neither units
    nor outliers matter; few-level columns become indicators; more than 256 encoded columns become 96
    principal components. Identifiers, free text and constants are left out.

    >>> encode(pa.table({"x": [1.0, 2.0, 4.0, 8.0], "id": ["a", "b", "c", "d"]})).shape
    (4, 1)
    """
    return Encoder.fit(table).transform(table)


def _fit_column(table: pa.Table, name: str) -> Part | None:
    column, kind = table.column(name), kind_of(table.schema.field(name))
    if kind is Kind.TEXT:
        return OneHot.fit(name, _text(column))
    if kind is Kind.TENSOR:
        return TensorScale.fit(name, tensor_values(column))
    if kind not in (Kind.NUMERIC, Kind.TIMESTAMP):
        return None
    values = numeric_values(column)
    return None if _is_row_number(values) else NumericScale.fit(name, values)


def _values(part: Part, table: pa.Table) -> pa.ChunkedArray | Matrix:
    column = table.column(part.name)
    if isinstance(part, OneHot):
        return _text(column)
    return tensor_values(column) if isinstance(part, TensorScale) else numeric_values(column)


def _text(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return column.cast(pa.string())


def _is_row_number(values: Matrix) -> bool:
    """A column that counts rows says where a row is, not what it is."""
    steps = np.diff(values)
    return len(steps) > 1 and bool(steps[0] != 0 and np.all(steps == steps[0]))


def numeric_values(column: pa.ChunkedArray) -> Matrix:
    """Numbers, booleans and times as float64, shape (n,), NaN where missing."""
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if pa.types.is_temporal(column.type):
        column = column.cast(pa.int32() if column.type.bit_width == 32 else pa.int64())
    return filled(column.cast(pa.float64(), safe=False), np.nan)


def filled(column: pa.Array | pa.ChunkedArray, missing: float) -> npt.NDArray[Any]:
    """Numbers of a column as int64 or float64, shape (n,), `missing` where there is none.

    `np.asarray` of an Arrow array would import pandas first.
    """
    values, valid = numbers(column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column)
    values = values.astype(np.float64 if values.dtype.kind == "f" else np.int64, copy=False)
    return values if valid is None else np.where(valid, values, missing)


def tensor_values(column: pa.ChunkedArray) -> Matrix:
    """A fixed-size list column as shape (n, width), NaN rows where missing."""
    array = column.combine_chunks()
    width, present = array.type.list_size, np.asarray(array.is_valid())
    flat = filled(array.flatten().cast(pa.float64()), np.nan)
    matrix = np.full((len(array), width), np.nan)
    matrix[present] = flat.reshape(-1, width)
    return matrix


def _principal_directions(rows: Matrix) -> Matrix:
    """The leading COMPONENTS right singular vectors of centred rows, scaled so that scores have unit mean
    square."""
    values, left = np.linalg.eigh(rows @ rows.T)
    keep = np.argsort(values)[::-1][:COMPONENTS]
    keep = keep[values[keep] > 1e-9 * values[keep[0]]]
    directions = rows.T @ left[:, keep] / np.sqrt(values[keep])
    signs = np.sign(directions[np.abs(directions).argmax(axis=0), np.arange(len(keep))])
    return np.asarray(directions * signs / np.sqrt(values[keep].sum() / len(rows) / len(keep)))
