"""The different values of a column and how often each occurs, while they are few."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from .base import Statistic

MOST = 1000
_LONGEST = 200  # characters of a level that are kept: two texts that differ only beyond are one level


@dataclass(frozen=True, kw_only=True, eq=False)
class Levels(Statistic):
    """Value to count, exact, for up to 1,000 different values; `counts` is None beyond.

    Whether a column has more than 1,000 values does not depend on the order of the rows, so neither does
    this. Nulls and NaN are not levels. Values are Python numbers or texts (the first 200 characters).

    >>> Levels.of(np.array([3, 1, 3])).counts
    {1: 1, 3: 2}
    """

    counts: Mapping[Any, int] | None = field(default_factory=dict)

    @classmethod
    def of(cls, values: NDArray[Any] | pa.Array) -> Self:
        """Levels of non-null values of shape (rows,)."""
        return cls(counts=_count_numbers(values) if isinstance(values, np.ndarray) else _count_texts(values))

    @classmethod
    def of_counts(cls, texts: pa.Array, counts: NDArray[Any]) -> Self:
        """Levels of texts that occur `counts` times each."""
        return cls(counts=_few_texts(texts, counts.tolist()))

    def __add__(self, other: Self) -> Self:
        if self.counts is None or other.counts is None:
            return type(self)(counts=None)
        counts = dict(self.counts)
        for value, count in other.counts.items():
            counts[value] = counts.get(value, 0) + count
        return type(self)(counts=dict(sorted(counts.items())) if len(counts) <= MOST else None)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        counts = data["counts"]
        return cls(counts=None if counts is None else dict(counts))

    @property
    def few(self) -> bool:
        """Whether the levels are known."""
        return self.counts is not None

    @property
    def total(self) -> int | None:
        """Number of values counted; None when the levels are too many."""
        return None if self.counts is None else sum(self.counts.values())


def _count_numbers(values: NDArray[Any]) -> dict[Any, int] | None:
    if values.dtype.kind == "f":
        values = values[~np.isnan(values)] + values.dtype.type(0)  # -0.0 is 0.0
    # most columns have either few values or thousands: a short look at the head settles the second case
    if len(np.unique(values[: 4 * MOST])) > MOST:
        return None
    if values.dtype.kind in "iu" and len(values) and int(values.max()) - int(values.min()) < 4 * MOST:
        low = values.min()
        counts = np.bincount((values - low).astype(np.int64))
        return _few(np.flatnonzero(counts) + int(low), counts[counts > 0])
    return _few(*np.unique(values, return_counts=True))


def _count_texts(values: pa.Array) -> dict[Any, int] | None:
    if pa.types.is_dictionary(values.type):
        values = values.cast(values.type.value_type)
    if len(values) > 8 * MOST and len(values[: 4 * MOST].unique()) > MOST:
        return None
    table = values.value_counts()
    return _few_texts(table.field("values"), table.field("counts").to_pylist())


def _few_texts(texts: pa.Array, counts: list[int]) -> dict[Any, int] | None:
    if len(texts) > MOST:
        return None
    total: dict[Any, int] = {}
    for text, count in zip(pc.utf8_slice_codeunits(texts, 0, _LONGEST).to_pylist(), counts, strict=True):
        total[text] = total.get(text, 0) + count
    return dict(sorted(total.items()))


def _few(values: NDArray[Any], counts: NDArray[Any]) -> dict[Any, int] | None:
    return dict(zip(values.tolist(), counts.tolist(), strict=True)) if len(values) <= MOST else None
