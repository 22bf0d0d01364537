"""Where the first few rows of a sort stand."""

from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from .base import Statistic

KEEP = 5


@dataclass(frozen=True, kw_only=True, eq=False)
class FirstRows(Statistic):
    """The first five rows with a non-finite value, as (part, row in the part).

    >>> FirstRows.of(np.array([1.0, np.nan, np.inf]), part="a.csv").places
    (('a.csv', 1), ('a.csv', 2))
    """

    places: tuple[tuple[str, int], ...] = field(default_factory=tuple)

    @classmethod
    def of(cls, values: NDArray[Any], *, part: str = "", first_row: int = 0) -> Self:
        """From values of shape (rows,), NaN or infinite where the row counts."""
        rows = np.flatnonzero(~np.isfinite(values))[:KEEP] + first_row
        return cls(places=tuple((part, int(row)) for row in rows))

    def __add__(self, other: Self) -> Self:
        return type(self)(places=tuple(sorted(self.places + other.places)[:KEEP]))

    @classmethod
    def from_json(cls, data: Any) -> Self:
        return cls(places=tuple((part, row) for part, row in data["places"]))
