"""How many values there are of each sort."""

from dataclasses import dataclass, fields
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from .base import Statistic


@dataclass(frozen=True, kw_only=True, eq=False)
class Counts(Statistic):
    """Rows, and among them nulls, NaN, infinities, zeros and negative values; exact.

    Every field is a count of shape `()` for one column or `(columns,)` for a block. Null and NaN are kept
    apart: a null is missing, a NaN is the result of a computation.

    >>> Counts.of(np.array([1.0, np.nan, 0.0, -np.inf])).column_rates()
    {'missing': 0.25, 'non_finite': 0.5, 'zero': 0.25}
    """

    rows: Any = 0
    null: Any = 0
    nan: Any = 0
    positive_inf: Any = 0
    negative_inf: Any = 0
    zero: Any = 0
    negative: Any = 0

    @classmethod
    def of(cls, values: NDArray[Any], valid: NDArray[np.bool_] | None = None, finite: bool = False) -> Self:
        """Counts of `values`, shape (rows,) or (rows, columns); `valid` is False where a value is null.

        `finite=True` promises that every valid value is finite, which saves three passes.
        """
        null = np.zeros(values.shape[1:], np.int64) if valid is None else np.count_nonzero(~valid, axis=0)
        odd = {} if finite or values.dtype.kind != "f" else _odd_values(values, valid)
        zero, negative = values == 0, values < 0
        if valid is not None:
            zero, negative = zero & valid, negative & valid
        return cls(
            rows=np.full(values.shape[1:], len(values), np.int64),
            null=null,
            zero=np.count_nonzero(zero, axis=0),
            negative=np.count_nonzero(negative, axis=0) if values.dtype.kind in "fi" else np.zeros_like(null),
            **{name: odd.get(name, np.zeros(values.shape[1:], np.int64)) for name in ODD},
        )

    def __add__(self, other: Self) -> Self:
        return type(self)(**{f.name: getattr(self, f.name) + getattr(other, f.name) for f in fields(self)})

    @property
    def finite(self) -> Any:
        """Values that are neither null, NaN nor infinite."""
        return self.rows - self.null - self.nan - self.infinite

    @property
    def infinite(self) -> Any:
        """Values that are +inf or -inf."""
        return self.positive_inf + self.negative_inf

    @property
    def missing(self) -> Any:
        """Null or NaN: values that a training loop must fill or drop."""
        return self.null + self.nan

    @property
    def missing_rate(self) -> float | None:
        """Share of rows that are null or NaN; None without rows."""
        return self.missing / self.rows if self.rows else None

    def column_rates(self) -> dict[str, float]:
        """Shares of the rows, for one column with at least one row."""
        counts = {"missing": self.missing, "non_finite": self.nan + self.infinite, "zero": self.zero}
        return {name: float(count / self.rows) for name, count in counts.items()}


ODD = ("nan", "positive_inf", "negative_inf")


def _odd_values(values: NDArray[Any], valid: NDArray[np.bool_] | None) -> dict[str, NDArray[np.int64]]:
    masks = {
        "nan": np.isnan(values),
        "positive_inf": np.isposinf(values),
        "negative_inf": np.isneginf(values),
    }
    return {
        name: np.count_nonzero(mask if valid is None else mask & valid, axis=0)
        for name, mask in masks.items()
    }
