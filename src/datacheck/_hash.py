"""64-bit hashes of numbers and strings, vectorised over rows and equal on every machine.

The mixer is the finaliser of splitmix64 (Steele, Lea & Flood 2014): a bijection whose output bits pass
the usual avalanche tests. Equal values hash alike whatever their width: 1 as int8, int64 or float32,
-0.0 as 0.0, every NaN as one NaN.
"""

import hashlib
from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ._bits import unpacked

Hashes = NDArray[np.uint64]
STRETCH = 1 << 15  # rows
GOLDEN = np.uint64(0x9E3779B97F4A7C15)
NULL = np.uint64(0xA0761D6478BD642F)
NAN = np.uint64(0x7FF8DEADBEEF0001)  # of every NaN
HALF = np.uint64(32)
MULTIPLIERS = (np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB))  # those of `mix`
_NEAR = 1 << 12  # bytes of a text that are hashed with those of all other rows at once
_LOW_BYTES = np.array([(1 << (8 * n)) - 1 for n in range(8)] + [2**64 - 1], dtype=np.uint64)


def stretches(rows: int) -> Iterator[slice]:
    """The rows in pieces so short that what is computed from one stays in the processor's cache."""
    return (slice(start, min(start + STRETCH, rows)) for start in range(0, rows, STRETCH))


def mix(bits: NDArray[Any]) -> Hashes:
    """Spreads 64-bit patterns over the whole range, in place on a fresh copy; `bits` may have any shape."""
    z = bits.astype(np.uint64)
    with np.errstate(over="ignore"):
        z += GOLDEN
        z ^= z >> np.uint64(30)
        z *= np.uint64(0xBF58476D1CE4E5B9)
        z ^= z >> np.uint64(27)
        z *= np.uint64(0x94D049BB133111EB)
        z ^= z >> np.uint64(31)
    return z


def scramble(bits: Hashes, temporary: Hashes, out: Hashes | None = None) -> None:
    """Spreads 64-bit patterns over the whole range in place, or into `out`; a bijection that leaves 0 as it is.

    Two rounds of xorshift and multiplication by the constants of `mix`. The last shift of `mix` is left out:
    the high bits, by which sketches choose, do not need it. `temporary` has the shape of `bits`, as has `out`,
    which may lie over `bits`.
    """
    z = bits if out is None else out
    for multiplier in MULTIPLIERS:
        np.right_shift(bits, HALF, out=temporary)
        np.bitwise_xor(bits, temporary, out=z)
        np.multiply(z, multiplier, out=z)
        bits = z


def key(text: str) -> np.uint64:
    """A 64-bit key of a text (a column name, a part's fingerprint) that is the same in every process.

    >>> int(key("age"))
    9128788457636358107
    """
    data = text.encode("utf-8", "surrogatepass")  # half characters: names of files that are no UTF-8
    return np.uint64(int.from_bytes(hashlib.blake2b(data, digest_size=8).digest(), "little"))


def hash_numbers(values: NDArray[Any]) -> Hashes:
    """Hashes of numbers of any width and shape."""
    if values.ndim != 1 or len(values) <= STRETCH:
        return _hash_numbers(values)
    result = np.empty(len(values), np.uint64)
    for part in stretches(len(values)):
        result[part] = _hash_numbers(values[part])
    return result


def _hash_numbers(values: NDArray[Any]) -> Hashes:
    as_float = values.astype(np.float64)
    as_float += 0.0  # -0.0 + 0.0 is 0.0
    bits = as_float.view(np.uint64)
    if values.dtype.kind in "iu" and values.dtype.itemsize == 8:
        # 2**63 and above do not cast back; they are integers that a float holds only by chance
        bits = np.where(np.abs(as_float) <= 2.0**53, bits, values.view(np.uint64))
    missing = np.isnan(as_float)
    scramble(bits, np.empty_like(bits))
    if missing.any():
        bits[missing] = NAN
    return bits


def hash_strings(values: pa.Array) -> Hashes:
    """Hashes of a string or binary Arrow array of shape (rows,), eight bytes at a time, many rows at once.

    What a text has beyond 4 KiB is taken up as one digest.
    """
    if len(values) <= STRETCH:
        return _hash_strings(values)
    result = np.empty(len(values), np.uint64)
    for part in stretches(len(values)):
        result[part] = _hash_strings(values.slice(part.start, STRETCH))
    return result


def _hash_strings(values: pa.Array) -> Hashes:
    start, words = _words(values)
    length = np.diff(start)
    result = mix(length)
    near = np.minimum(length, _NEAR)
    shortest = int(near.min(initial=_NEAR))
    for offset in range(0, int(near.max(initial=0)), 8):
        if offset + 8 <= shortest:
            _absorb(result, words[start[:-1] + offset])
        elif offset < shortest:
            _absorb(result, words[start[:-1] + offset] & _LOW_BYTES[np.minimum(near - offset, 8)])
        else:
            alive = np.flatnonzero(near > offset)
            part = result[alive]
            _absorb(part, words[start[alive] + offset] & _LOW_BYTES[np.minimum(near[alive] - offset, 8)])
            result[alive] = part
    for row in np.flatnonzero(length > _NEAR):
        _absorb(result[row : row + 1], _digest(values[row]))
    if values.null_count:
        nulls = values.is_null()
        result[unpacked(nulls.buffers()[1], nulls).view(np.bool_)] = NULL
    return result


def _digest(text: pa.Scalar) -> Hashes:
    """Eight bytes that stand for the end of a long text, shape (1,)."""
    end = memoryview(text.as_buffer())[_NEAR:]
    return np.frombuffer(hashlib.blake2b(end, digest_size=8).digest(), "<u8").astype(np.uint64)


def _absorb(state: Hashes, word: Hashes) -> None:
    """Takes up the next eight bytes of each text."""
    np.bitwise_xor(state, word, out=state)
    scramble(state, word)


def _words(values: pa.Array) -> tuple[NDArray[np.int64], Hashes]:
    """Where each text starts, and the last one ends; and the eight bytes at every place, overlapping."""
    if not (pa.types.is_string(values.type) or pa.types.is_binary(values.type)):
        values = values.cast(pa.large_binary())
    dtype = np.dtype(np.int64 if pa.types.is_large_binary(values.type) else np.int32)
    buffers, count = values.buffers(), len(values)
    if not count or buffers[1] is None:
        return np.zeros(count + 1, np.int64), np.zeros(1, np.uint64)
    offsets = np.frombuffer(buffers[1], dtype, count + 1, values.offset * dtype.itemsize).astype(np.int64)
    first, stop = int(offsets[0]), int(offsets[-1])
    padded = np.zeros(stop - first + 16, np.uint8)
    padded[: stop - first] = np.frombuffer(buffers[2] or b"", np.uint8)[first:stop]
    return offsets - first, np.ndarray((padded.size - 7,), np.uint64, padded, strides=(1,))
