"""What every statistic is."""

import base64
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import Field, fields
from typing import Any, Self

import numpy as np


class Statistic(ABC):
    """A frozen dataclass with `of(values)` and `+`, whose empty instance is `cls()`.

    Three laws, tested for every statistic that the package holds: the empty one is neutral; `+` is
    associative and commutative; any split of the rows equals the whole (sketches: within their stated
    error). Axis 0 of `values` is rows; the trailing shape is kept, so one instance may serve a whole
    block of columns, and `column(i)` takes one out.
    """

    @classmethod
    @abstractmethod
    def of(cls, values: Any) -> Self:
        """The statistic of these rows."""

    @abstractmethod
    def __add__(self, other: Self) -> Self: ...

    def column(self, index: int) -> Self:
        """The statistic of one column of a block, as plain numbers."""
        return type(self)(**{f.name: _item(getattr(self, f.name), index) for f in _fields(self)})

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values, from the fields."""
        return {f.name: _encode(getattr(self, f.name)) for f in _fields(self)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """The inverse of `to_json`; an unknown or missing field raises TypeError or KeyError."""
        return cls(**{f.name: _decode(data[f.name]) for f in _fields(cls)})

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and self.to_json() == other.to_json()

    __hash__ = None  # type: ignore[assignment]


def _fields(statistic: Any) -> tuple[Field[Any], ...]:
    """The fields of what only its subclasses make a dataclass."""
    return fields(statistic)


def _item(value: Any, index: int) -> Any:
    if isinstance(value, np.ndarray):
        return value[..., index].item()
    return value[index] if isinstance(value, tuple) else value


def _encode(value: Any) -> Any:
    if isinstance(value, np.ndarray) and value.dtype == np.uint64:
        return {"uint64": base64.b64encode(value.astype("<u8").tobytes()).decode()}
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, Mapping):
        return [[_encode(key), _encode(item)] for key, item in value.items()]
    if isinstance(value, (tuple, list)):
        return [_encode(item) for item in value]
    return value.item() if isinstance(value, np.generic) else value


def _decode(value: Any) -> Any:
    if isinstance(value, dict):
        return np.frombuffer(base64.b64decode(value["uint64"]), "<u8").astype(np.uint64)
    return value
