"""Truth values in Arrow's bitmaps, without the pandas that `pa.array` and `np.asarray` import first."""

from collections.abc import Iterable

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray


def packed(values: Iterable[bool]) -> pa.Buffer:
    """The bitmap of truth values.

    >>> packed([True, False, True]).to_pybytes()
    b'\\x05'
    """
    return pa.py_buffer(np.packbits(np.array([*values], np.bool_), bitorder="little"))


def unpacked(bitmap: pa.Buffer, array: pa.Array) -> NDArray[np.uint8]:
    """0 or 1 for each row of an array, from a bitmap of it."""
    first, past = divmod(array.offset, 8)
    used = np.frombuffer(bitmap, np.uint8, -(-(past + len(array)) // 8), first)
    return np.unpackbits(used, bitorder="little")[past : past + len(array)]
