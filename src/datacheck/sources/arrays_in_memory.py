"""Arrays in memory: NumPy's, tensors of PyTorch and others of their kind, alone or inputs with their labels."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any, ClassVar, Self

import numpy as np

from .._streamed import Streamed
from ..errors import InputError
from .arrays import column
from .base import Piece
from .numpy_arrays import INPUTS, TARGETS, NumpyArrays
from .tensor_rows import TensorRows

_ROWS = 1 << 17  # of a piece on another device, of which columns that have few levels come to the host
_HEAD = 1000  # rows of head and tail in the fingerprint


@dataclass(frozen=True, eq=False)
class ArraysInMemory(NumpyArrays):
    """`X`, `(X, y)` or `{"x": X, "y": y}`: columns `x` and `y`, one for each element where rows have several.

    Matrices of floats on a CUDA device stay there, other tensors come to the host in blocks (`TensorRows`).
    """

    suffixes: ClassVar[tuple[str, ...]] = ()

    @classmethod
    def from_value(cls, value: Any, name: str) -> Self:
        """The source of a value for which `is_arrays` holds; InputError for arrays that make no table."""
        named = dict(zip(("x", "y"), value, strict=False)) if isinstance(value, tuple) else value
        pairs = named if isinstance(named, Mapping) else {"x": named}
        return cls.of((), name, {str(key): _rows(array, f"{name}: {key!r}") for key, array in pairs.items()})

    def pieces(self) -> list[Piece]:
        if not any(isinstance(array, TensorRows) and array.elsewhere for array in self.arrays.values()):
            return super().pieces()
        return [
            Piece(start=at, read=partial(self._read, at, _ROWS), columns=partial(self._streamed, at))
            for at in range(0, self.rows, _ROWS)
        ]

    def _streamed(self, start: int) -> Streamed:
        rows = slice(start, min(start + _ROWS, self.rows))
        read = partial(self._columns, rows)
        return Streamed(schema=self.schema, num_rows=rows.stop - start, read=read)

    def _columns(self, rows: slice, names: list[str]) -> list[Any]:
        return [self._column(name, self.arrays[name], rows) for name in names]

    def _column(self, name: str, values: Any, rows: slice) -> Any:
        if isinstance(values, TensorRows) and values.elsewhere:
            return values.on_device(rows, self.schema.field(name).type)
        return column(values[rows], f"{self.name}: {name!r}")

    @cached_property
    def fingerprint(self) -> str:
        digest = hashlib.blake2b(digest_size=8)
        for key, values in self.arrays.items():
            digest.update(f"{key} {values.dtype} {values.shape}".encode())
            for part in (values[:_HEAD], values[-_HEAD:]):
                digest.update(np.ascontiguousarray(part).tobytes())
        return digest.hexdigest()


def is_arrays(value: object) -> bool:
    """Whether a value is an array, a pair of them, or a mapping of names to them."""
    if isinstance(value, Mapping):
        return bool(value) and all(_is_array(item) for item in value.values())
    if isinstance(value, tuple):
        return 1 <= len(value) <= 2 and all(_is_array(item) for item in value)
    return _is_array(value)


def is_one_set(value: Mapping[Any, Any]) -> bool:
    """Whether a mapping of arrays names inputs and labels, and not splits."""
    return is_arrays(value) and all(str(key).lower() in (*INPUTS, *TARGETS) for key in value)


def _is_array(value: object) -> bool:
    known = hasattr(value, "__dlpack__") and hasattr(value, "ndim")  # numpy, torch, jax, cupy
    return known and not hasattr(value, "__arrow_c_array__")


def _rows(value: Any, what: str) -> Any:
    """What can be sliced into arrays of NumPy."""
    if hasattr(value, "detach"):  # a tensor of torch
        return TensorRows.of(value, what)
    try:
        return np.asarray(value)
    except (TypeError, ValueError, RuntimeError) as error:
        raise InputError(
            f"{what} cannot become an array of NumPy: {error}; copy it to the host first"
        ) from error
