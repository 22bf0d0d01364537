"""The smallest and the largest value."""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from .base import Statistic


@dataclass(frozen=True, kw_only=True, eq=False)
class Extrema(Statistic):
    """Smallest and largest finite value in the column's own type; exact, integers beyond 2**53 included.

    `min` and `max` are None (one column) while there is no value; in a block, object arrays hold Python
    numbers and None.

    >>> Extrema.of(np.array([2**63 - 1, -5])).max.item()
    9223372036854775807
    """

    min: Any = None
    max: Any = None

    @classmethod
    def of(cls, values: NDArray[Any], valid: NDArray[np.bool_] | None = None) -> Self:
        """Extrema of `values`, shape (rows,) or (rows, columns), where `valid`; the rest is passed over."""
        low, high = _limits(values.dtype)
        if valid is None and len(values):
            return cls(min=_objects(values.min(axis=0)), max=_objects(values.max(axis=0)))
        mask = np.zeros(values.shape, bool) if valid is None else valid
        least = np.min(values, axis=0, initial=high, where=mask)
        most = np.max(values, axis=0, initial=low, where=mask)
        some = mask.any(axis=0)
        return cls(min=_objects(least, some), max=_objects(most, some))

    def __add__(self, other: Self) -> Self:
        return type(self)(min=_pick(min, self.min, other.min), max=_pick(max, self.max, other.max))


def _limits(dtype: np.dtype[Any]) -> tuple[Any, Any]:
    if dtype.kind == "f":
        return -np.inf, np.inf
    info = np.iinfo(dtype)
    return info.min, info.max


def _objects(values: Any, some: Any = True) -> NDArray[np.object_]:
    result: NDArray[np.object_] = np.asarray(values).astype(object)
    result[~np.broadcast_to(some, result.shape)] = None
    return result


def _pick(choose: Any, left: Any, right: Any) -> Any:
    if left is None or right is None:
        return right if left is None else left
    if not isinstance(left, np.ndarray):
        return choose(left, right)
    pairs = zip(left.ravel(), np.asarray(right).ravel(), strict=True)
    merged = np.empty(left.size, object)
    merged[:] = [_pick(choose, a, b) for a, b in pairs]
    return merged.reshape(left.shape)
