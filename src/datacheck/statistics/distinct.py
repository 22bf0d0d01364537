"""How many different values."""

from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from .._hash import Hashes, hash_numbers, hash_strings
from .._smallest import KEEP, different, smallest
from .base import Statistic


def _none() -> Hashes:
    return np.empty(0, np.uint64)


@dataclass(frozen=True, kw_only=True, eq=False)
class Distinct(Statistic):
    """The smallest 2,048 hashes of the values seen: exact up to that many, an estimate beyond.

    The relative standard error of the estimate is 1 / sqrt(k - 2) = 2.2 % (Beyer et al. 2007, section 3.2),
    and the result is the same whatever the order and the chunking. Nulls are not values.

    >>> Distinct.of(np.arange(1000) % 7).estimate
    7
    """

    hashes: Hashes = field(default_factory=_none)

    @classmethod
    def of(cls, values: NDArray[Any] | pa.Array) -> Self:
        """The sketch of non-null values of shape (rows,)."""
        return cls.of_hashes(hash_numbers(values) if isinstance(values, np.ndarray) else hash_strings(values))

    @classmethod
    def of_hashes(cls, hashes: Hashes) -> Self:
        """The sketch of values whose hashes are known already."""
        return cls(hashes=smallest(hashes))

    def __add__(self, other: Self) -> Self:
        if not (len(self.hashes) and len(other.hashes)):
            return self if len(self.hashes) else other
        more = other.hashes if self.exact else other.hashes[: np.searchsorted(other.hashes, self.hashes[-1])]
        if not len(more):
            return self
        # a stable sort merges two stretches that are in order
        return type(self)(hashes=different(np.concatenate([self.hashes, more]), "stable")[:KEEP].copy())

    @property
    def exact(self) -> bool:
        """Whether the estimate is a count."""
        return len(self.hashes) < KEEP

    @property
    def estimate(self) -> int:
        """Number of different values; beyond 2,047 an estimate with a standard error of 2.2 %."""
        if self.exact:
            return len(self.hashes)
        return round((KEEP - 1) / ((float(self.hashes[-1]) + 1) / 2.0**64))
