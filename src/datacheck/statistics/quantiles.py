"""Equi-rank knots of a distribution."""

import math
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from .base import Statistic

KNOTS = 1024


def _none() -> NDArray[np.float64]:
    return np.empty(0)


@dataclass(frozen=True, kw_only=True, eq=False)
class Quantiles(Statistic):
    """At most 1,024 values with weights that sum to `n`, the number of values they stand for.

    `rank_error` bounds the error of a rank: 0 while every value is kept, 1 / 2,048 for each thinning, and
    what the sampling adds (`sampled_from`).

    >>> Quantiles.of(np.arange(101.0)).at(0.25)
    25.0
    """

    values: Any = field(default_factory=_none)
    weights: Any = field(default_factory=_none)
    rank_error: float = 0.0

    @classmethod
    def of(cls, values: NDArray[Any]) -> Self:
        """Knots of finite values of shape (rows,)."""
        x = np.sort(values.astype(np.float64))
        return cls(values=x, weights=np.ones(len(x)))._thin()

    def sampled_from(self, n: int) -> Self:
        """The same knots, standing for `n` values of which these were a random sample.

        Adds the half-width of the 99 % Dvoretzky-Kiefer-Wolfowitz band, sqrt(ln(2 / 0.01) / (2 m)).
        """
        m = self.n
        if not m or n <= m:
            return self
        band = math.sqrt(math.log(200) / (2 * m))
        return type(self)(
            values=self.values, weights=self.weights * (n / m), rank_error=self.rank_error + band
        )

    def __add__(self, other: Self) -> Self:
        if not (self.n and other.n):
            return self if self.n else other
        values = np.concatenate([self.values, other.values])
        weights = np.concatenate([self.weights, other.weights])
        order = np.lexsort((weights, values))
        error = (self.n * self.rank_error + other.n * other.rank_error) / (self.n + other.n)
        return type(self)(values=values[order], weights=weights[order], rank_error=error)._thin()

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values; equal weights, the usual case, are one number."""
        same = len(self.weights) and bool(np.all(self.weights == self.weights[0]))
        weights = float(self.weights[0]) if same else self.weights.tolist()
        return {"values": self.values.tolist(), "weights": weights, "rank_error": self.rank_error}

    @classmethod
    def from_json(cls, data: Any) -> Self:
        values = np.asarray(data["values"], float)
        weights = np.zeros(len(values)) + np.asarray(data["weights"], float)
        return cls(values=values, weights=weights, rank_error=data["rank_error"])

    @property
    def n(self) -> float:
        """Number of values that the knots stand for."""
        return float(np.sum(self.weights))

    def at(self, q: float) -> float | None:
        """The `q`-quantile, 0 <= q <= 1, linear between the knots; None without values."""
        if not len(self.values):
            return None
        return float(np.interp(q * (self.n - 1), self._ranks(), self.values))

    def cdf(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Share of the values that are at most `x`, shape of `x`."""
        cumulative: NDArray[np.float64] = np.concatenate([[0.0], np.cumsum(self.weights)]) / max(self.n, 1)
        return cumulative[np.searchsorted(self.values, x, side="right")]

    def _ranks(self) -> NDArray[np.float64]:
        """Rank of each knot from 0 to n - 1: the middle of the values that it stands for."""
        middle: NDArray[np.float64] = np.cumsum(self.weights) - (self.weights + 1) / 2
        return middle

    def _thin(self) -> Self:
        if len(self.values) <= KNOTS:
            return self
        cumulative = np.cumsum(self.weights)
        total = cumulative[-1]
        wanted = (np.arange(KNOTS) + 0.5) * (total / KNOTS)
        picked = self.values[np.minimum(np.searchsorted(cumulative, wanted), len(self.values) - 1)]
        # the ends are kept: extremes are what people look for
        picked[0], picked[-1] = self.values[0], self.values[-1]
        weights = np.full(KNOTS, total / KNOTS)
        return type(self)(values=picked, weights=weights, rank_error=self.rank_error + 0.5 / KNOTS)
