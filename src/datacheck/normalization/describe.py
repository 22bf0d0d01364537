"""The statistics of a feature, from its profile."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..kinds import Kind
from ..profiles import ColumnProfile, Profile
from ..statistics.quantiles import Quantiles
from .arithmetic import Floats, signed_log1p
from .feature import Feature

PROBABILITIES = (0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99)


@dataclass(frozen=True, slots=True)
class Values:
    """Values that stand for a column, with weights: its sampled rows, or the knots of its quantiles."""

    values: Floats
    weights: Floats

    @classmethod
    def of(cls, profile: Profile, name: str) -> "Values":
        column = profile[name]
        if column.kind is not Kind.NUMERIC or column.quantiles is None:
            return cls(np.empty(0), np.empty(0))
        if profile.sample.table is None:
            return cls(column.quantiles.values, column.quantiles.weights)
        values = profile.values(name)
        finite = values[np.isfinite(values)]
        return cls(finite, np.ones(len(finite)))

    def log(self) -> "Values":
        """Their signed logarithms."""
        return Values(signed_log1p(self.values), self.weights)

    def moment(self, order: int, center: float = 0.0) -> float:
        """Weighted mean of the powers of the deviations."""
        return float(np.average((self.values - center) ** order, weights=self.weights))

    @property
    def mean_and_std(self) -> tuple[float, float]:
        mean = self.moment(1)
        return mean, self.moment(2, mean) ** 0.5

    @property
    def skewness(self) -> float:
        mean, std = self.mean_and_std
        return self.moment(3, mean) / std**3 if std else 0.0


def statistics(column: ColumnProfile, position: int) -> Feature:
    """The feature with its statistics and no decision."""
    counts, moments, extrema = column.counts, column.moments, column.extrema
    return Feature(
        name=column.name,
        position=position,
        dtype=column.dtype,
        action="none",
        reason="",
        count=int(counts.rows),
        missing=int(counts.missing),
        finite=int(counts.finite),
        mean=None if moments is None else moments.mean,
        std=None if moments is None else moments.std,
        min=None if extrema is None else number(extrema.min),
        max=None if extrema is None else number(extrema.max),
        quantiles=quantiles(column, PROBABILITIES),
    )


def number(value: Any) -> float | int | None:
    return value if value is None or isinstance(value, int) else float(value)


def quantiles(column: ColumnProfile, probabilities: tuple[float, ...]) -> tuple[tuple[float, float], ...]:
    """Pairs of probability and value; the ends are the exact extrema."""
    knots = _pixels(column) if column.kind is Kind.IMAGE else column.quantiles
    if knots is None or not column.counts.finite or column.kind not in (Kind.NUMERIC, Kind.IMAGE):
        return ()
    ends = {} if column.extrema is None else {0.0: column.extrema.min, 1.0: column.extrema.max}
    pairs = ((p, ends.get(p, knots.at(p))) for p in probabilities)
    return tuple((p, float(value)) for p, value in pairs if value is not None)


def _pixels(column: ColumnProfile) -> Quantiles | None:
    """Of a channel of images, whose levels are all counted."""
    if column.dtype != "uint8" or column.levels is None or not column.levels.counts:
        return None
    levels = sorted(column.levels.counts)
    counts = [float(column.levels.counts[level]) for level in levels]
    return Quantiles(values=np.array(levels, float), weights=np.array(counts))
