"""Means and co-moments of the numeric features."""

from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from .base import Statistic


def _none() -> NDArray[np.float64]:
    return np.empty(0)


@dataclass(frozen=True, kw_only=True, eq=False)
class Comoments(Statistic):
    """Count, means `(features,)` and central co-moments `(features, features)` of complete rows.

    References: Chan, Golub & LeVeque 1983, eq. 2.1b, the pairwise merge, for products of two features.

    >>> Comoments.of(np.array([[0.0, 1.0], [2.0, 3.0]])).covariance.tolist()
    [[1.0, 1.0], [1.0, 1.0]]
    """

    n: int = 0
    mean: Any = field(default_factory=_none)
    products: Any = field(default_factory=_none)

    @classmethod
    def of(cls, values: NDArray[Any]) -> Self:
        """Co-moments of a finite matrix of shape (rows, features)."""
        if not len(values):
            return cls()
        mean = values.mean(axis=0, dtype=np.float64)
        centred = values - mean
        return cls(n=len(values), mean=mean, products=centred.T @ centred)

    def __add__(self, other: Self) -> Self:
        if not (self.n and other.n):
            return self if self.n else other
        n = self.n + other.n
        step = other.mean - self.mean
        products = self.products + other.products + np.outer(step, step) * (self.n * other.n / n)
        return type(self)(n=n, mean=self.mean + step * (other.n / n), products=products)

    @classmethod
    def from_json(cls, data: Any) -> Self:
        return cls(
            n=data["n"], mean=np.asarray(data["mean"], float), products=np.asarray(data["products"], float)
        )

    @property
    def covariance(self) -> NDArray[np.float64]:
        """Population covariance matrix (ddof = 0), shape (features, features)."""
        return self.products / max(self.n, 1)  # type: ignore[no-any-return]

    @property
    def second_moments(self) -> NDArray[np.float64]:
        """Mean of x x', not centred, shape (features, features): the Hessian of a linear model on x."""
        return self.covariance + np.outer(self.mean, self.mean)
