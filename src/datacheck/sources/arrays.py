"""From NumPy arrays to Arrow columns."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from .._bits import packed
from ..errors import InputError


def column(values: NDArray[np.generic], what: str) -> pa.Array:
    """The column of an array of shape (rows, ...); several dimensions become one list of numbers per row.

    Raises InputError for arrays that are no column of numbers, texts or times: 0-d, object and complex ones.
    """
    if values.ndim == 0:
        raise InputError(f"{what} is a single value (0-d); expected an array whose first axis is rows")
    kind = values.dtype.kind
    if kind == "O":
        raise InputError(
            f"{what} holds Python objects, which cannot be read safely; save it as numbers or texts instead"
        )
    if kind not in "biufUSmM" or (values.ndim > 1 and kind not in "biuf"):
        raise InputError(f"{what} is of type {values.dtype}; expected real numbers, texts or times")
    plain = _plain(values)
    if plain.ndim == 1:
        try:
            return _flat(plain)
        except pa.ArrowException as error:
            raise InputError(f"{what} cannot become a column: {str(error).splitlines()[0]}") from error
    size = int(np.prod(plain.shape[1:]))
    if not size:
        raise InputError(
            f"{what} has shape {values.shape}: rows without values; expected at least one per row"
        )
    return pa.FixedSizeListArray.from_arrays(_flat(plain.reshape(-1)), size)


def column_of(values: Sequence[Any], type_: pa.DataType) -> pa.Array:
    """The column of a list of numbers or texts, null where there is None.

    `pa.array` would first import pandas, which takes as long as decoding 800 small photographs.

    >>> column_of([1, None], pa.int32()).to_pylist(), column_of(["a", None], pa.string()).to_pylist()
    ([1, None], ['a', None])
    """
    valid = packed(value is not None for value in values)
    if pa.types.is_string(type_):
        texts = [(value or "").encode() for value in values]
        ends = pa.py_buffer(np.cumsum([0, *map(len, texts)], dtype=np.int32))
        return pa.StringArray.from_buffers(len(texts), ends, pa.py_buffer(b"".join(texts)), valid)
    plain = np.array([value or 0 for value in values], str(type_))
    return pa.Array.from_buffers(type_, len(plain), [valid, pa.py_buffer(plain)])


def _flat(values: NDArray[np.generic]) -> pa.Array:
    if values.dtype.kind == "S":
        return pa.array(values.tolist(), pa.binary()).cast(pa.string())
    return pa.array(values)


def _plain(values: NDArray[np.generic]) -> NDArray[np.generic]:
    """The values in this machine's byte order, row by row, in a type that Arrow has."""
    dtype = values.dtype.newbyteorder("=")
    if dtype.kind == "f" and dtype.itemsize > 8:
        dtype = np.dtype(np.float64)
    if dtype.kind == "b" and values.ndim > 1:
        dtype = np.dtype(np.uint8)
    if dtype.kind in "mM" and dtype.str[4:-1] not in ("s", "ms", "us", "ns", "D"):
        dtype = np.dtype(f"{dtype.kind}8[s]")
    return np.ascontiguousarray(values, dtype)
