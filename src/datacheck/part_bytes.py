"""A partial profile as bytes, its rows included: what engines send between processes and a cache keeps.

Layout: a magic line, the CRC-32 of the rest and the length of the header (4 bytes each, little-endian), the
header (JSON), and buffers (arrays little-endian, tables as Arrow IPC streams, both zstd where that is shorter).
Nothing is executed on reading. Unlike a saved profile it holds rows: it belongs in memory or a private cache.
"""

import json
import struct
import zlib
from collections.abc import Mapping
from dataclasses import asdict, fields
from itertools import accumulate, islice, pairwise
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from . import __version__
from ._buffers import Buffers
from ._hash import Hashes
from .block import Block
from .errors import FormatError
from .kinds import Kind
from .part import Part
from .profiles import Profile
from .statistics.counts import Counts
from .statistics.distinct import Distinct
from .statistics.extrema import Extrema
from .statistics.first_rows import FirstRows
from .statistics.label_order import LabelOrder, Stretch
from .statistics.levels import Levels
from .statistics.moments import Moments
from .statistics.quantiles import Quantiles
from .statistics.row_hashes import KEEP, Chunk, RowHashes
from .statistics.row_sample import RowSample, Taken
from .statistics.row_window import RowWindow

# format 1: first; 2: CRC-32 for BLAKE2, small arrays in one buffer
FORMAT = 2
_MAGIC = b"datacheck part\n"
_HEAD = len(_MAGIC) + 4
_FEW = 256  # different labels that a byte can number
_DAMAGE = (
    KeyError,
    TypeError,
    ValueError,
    AttributeError,
    IndexError,
    RecursionError,
    OSError,
    pa.ArrowException,
)


def to_bytes(profile: Profile) -> bytes:
    """The profile as bytes, from which `from_bytes` makes an equal one.

    >>> p = Profile.of(pa.record_batch({"x": [1.0, 2.0, 6.0]}))
    >>> from_bytes(to_bytes(p)).sample == p.sample
    True
    """
    buffers = Buffers()
    content = {
        "parts": [asdict(part) for part in profile.parts],
        "order": list(profile.order),
        "blocks": [_block_out(block, buffers) for block in profile.blocks],
        "row_hashes": _hashes_out(profile.row_hashes, buffers),
        "sample": _sample_out(profile.sample, buffers),
        "window": _sample_out(profile.window, buffers),
        "label_order": _labels_out(profile.label_order, buffers),
        "quantiles": {name: _fields_out(q, buffers) for name, q in profile.saved_quantiles.items()},
    }
    about = {"format": FORMAT, "version": __version__, "buffers": buffers.sealed()}
    header = json.dumps({**about, "profile": content}, separators=(",", ":")).encode()
    body = b"".join([struct.pack("<I", len(header)), header, *buffers.stored])
    return b"".join([_MAGIC, struct.pack("<I", zlib.crc32(body)), body])


def from_bytes(data: bytes, where: str = "the partial profile", *, below: int = 2**64) -> Profile:
    """The inverse of `to_bytes`; raises FormatError, with `where` named, for what is damaged, foreign or too new.

    Of the hashes of rows only those below a bound are taken, for a sum that keeps no others.
    """
    if not data.startswith(_MAGIC):
        raise FormatError(f"{where} is no partial profile that datacheck wrote; delete it and profile again")
    body = memoryview(data)[_HEAD:]
    if data[len(_MAGIC) : _HEAD] != struct.pack("<I", zlib.crc32(body)):
        raise FormatError(
            f"{where} is damaged or cut short ({len(data):,} bytes); delete it and profile again"
        )
    try:
        (length,) = struct.unpack("<I", body[:4])
        header = json.loads(bytes(body[4 : 4 + length]))
        if header["format"] == FORMAT:
            return _profile(header["profile"], Buffers.of(body[4 + length :], header["buffers"]), below)
        found = f"format {header['format']!r}, written by datacheck {header['version']}"
    except _DAMAGE as error:
        raise FormatError(
            f"{where} is damaged ({type(error).__name__}: {error}); delete it and profile again"
        ) from error
    raise FormatError(
        f"{where} has {found}; this is {__version__}, which reads format {FORMAT}: delete it and profile again"
    )


def _profile(data: Mapping[str, Any], buffers: Buffers, below: int) -> Profile:
    return Profile(
        parts=tuple(Part(**part) for part in data["parts"]),
        blocks=tuple(_block_in(block, buffers) for block in data["blocks"]),
        order=tuple(data["order"]),
        row_hashes=_hashes_in(data["row_hashes"], buffers, below),
        sample=RowSample(taken=_sample_in(data["sample"], buffers)),
        window=RowWindow(taken=_sample_in(data["window"], buffers)),
        label_order=_labels_in(data["label_order"], buffers),
        saved_quantiles={name: _fields_in(Quantiles, q, buffers) for name, q in data["quantiles"].items()},
    )


def _fields_out(statistic: Any, buffers: Buffers) -> Any:
    if statistic is None:
        return None
    return {f.name: buffers.put_array(getattr(statistic, f.name)) for f in fields(statistic)}


def _fields_in(cls: Any, data: Mapping[str, Any] | None, buffers: Buffers) -> Any:
    return None if data is None else cls(**{f.name: buffers.get_array(data[f.name]) for f in fields(cls)})


def _block_out(block: Block, buffers: Buffers) -> dict[str, Any]:
    return {
        "names": list(block.names),
        "dtype": block.dtype,
        "kind": block.kind.value,
        "counts": _fields_out(block.counts, buffers),
        "extrema": _fields_out(block.extrema, buffers),
        "moments": _fields_out(block.moments, buffers),
        "distinct": _joined([item.hashes for item in block.distinct], np.uint64, buffers),
        "levels": [None if item.counts is None else [*item.counts.items()] for item in block.levels],
        "first_rows": [item.places for item in block.first_rows],
    }


def _block_in(data: Mapping[str, Any], buffers: Buffers) -> Block:
    return Block(
        names=tuple(data["names"]),
        dtype=data["dtype"],
        kind=Kind(data["kind"]),
        counts=_fields_in(Counts, data["counts"], buffers),
        extrema=_fields_in(Extrema, data["extrema"], buffers),
        moments=_fields_in(Moments, data["moments"], buffers),
        distinct=tuple(Distinct(hashes=hashes) for hashes in _cut(data["distinct"], buffers)),
        levels=tuple(Levels.from_json({"counts": counts}) for counts in data["levels"]),
        first_rows=tuple(FirstRows.from_json({"places": places}) for places in data["first_rows"]),
    )


def _joined(arrays: list[NDArray[Any]], dtype: Any, buffers: Buffers) -> dict[str, Any]:
    """Arrays of one type in one buffer, with their lengths."""
    return {
        "lengths": [len(array) for array in arrays],
        "values": buffers.put_array(np.concatenate([np.empty(0, dtype), *arrays])),
    }


def _cut(data: Mapping[str, Any], buffers: Buffers) -> list[NDArray[Any]]:
    """The inverse of `_joined`."""
    values, ends = buffers.get_array(data["values"]), list(accumulate(data["lengths"], initial=0))
    if ends[-1] != len(values):
        raise ValueError("lengths do not add up")
    return [values[a:b] for a, b in pairwise(ends)]


def _hashes_out(rows: RowHashes, buffers: Buffers) -> dict[str, Any] | None:
    """The different hashes, in order; the labels once where no row carries two."""
    if not rows.chunks:
        return {"below": rows.below}
    kept = rows.smallest(KEEP)
    chunk = kept.chunks[0]
    high = None if np.array_equal(chunk.low, chunk.high) else _coded_out(chunk.high, buffers)
    return {
        "below": kept.below,
        "hashes": buffers.put_array(chunk.hashes, pack=False),  # all but random
        "low": _coded_out(chunk.low, buffers),
        "high": high,
        "counts": buffers.put_array(chunk.counts),
    }


def _hashes_in(data: Mapping[str, Any], buffers: Buffers, below: int) -> RowHashes:
    """The hashes below a bound, which is that of the sketch then: the rest is not even unpacked."""
    below = min(below, data["below"])
    if "hashes" not in data:
        return RowHashes(below=below)
    hashes = buffers.get_array(data["hashes"])
    if below < 2**64:
        hashes = hashes[: np.searchsorted(hashes, np.uint64(below))]
    some = len(hashes)
    low = _coded_in(data["low"], buffers, some)
    high = low if data["high"] is None else _coded_in(data["high"], buffers, some)
    counts = None if data["counts"] is None else buffers.get_array(data["counts"])[:some]
    return RowHashes(chunks=(Chunk(hashes=hashes.copy(), low=low, high=high, counts=counts),), below=below)


def _coded_out(labels: Hashes, buffers: Buffers) -> dict[str, Any]:
    """Hashes of labels; where they are few, as numbers of one byte, which is faster to pack and unpack."""
    plain = pa.Array.from_buffers(pa.uint64(), len(labels), [None, pa.py_buffer(labels)])
    if any(len(part.unique()) > _FEW for part in (plain[: 4 * _FEW], plain)):
        return {"plain": buffers.put_array(labels)}
    coded = plain.dictionary_encode()
    return {
        "levels": buffers.put_array(np.asarray(coded.dictionary)),
        "codes": buffers.put_array(np.asarray(coded.indices).astype(np.uint8)),
    }


def _coded_in(data: Mapping[str, Any], buffers: Buffers, some: int) -> Hashes:
    """The first of the labels; IndexError where a number has no level."""
    if "plain" in data:
        return np.array(buffers.get_array(data["plain"])[:some])
    return np.array(buffers.get_array(data["levels"])[buffers.get_array(data["codes"])[:some]])


def _sample_out(sample: RowSample, buffers: Buffers) -> dict[str, Any] | None:
    if not len(sample):
        return None
    taken = sample.settled().taken
    return {
        "table": buffers.put_table(pa.concat_tables([t.table for t in taken])),
        "parts": [t.part for t in taken],
        "hashes": _joined([t.hashes for t in taken], np.uint64, buffers),
        "rows": _joined([t.row for t in taken], np.int64, buffers),
    }


def _sample_in(data: Mapping[str, Any] | None, buffers: Buffers) -> tuple[Taken, ...]:
    if data is None:
        return ()
    table = buffers.get_table(data["table"])
    hashes, rows = _cut(data["hashes"], buffers), _cut(data["rows"], buffers)
    starts = accumulate((len(row) for row in rows), initial=0)
    if sum(len(row) for row in rows) != len(table):
        raise ValueError("the sampled rows do not add up")
    return tuple(
        Taken(table=table.slice(start, len(row)), hashes=hash_, part=part, row=row)
        for start, part, hash_, row in zip(starts, data["parts"], hashes, rows, strict=False)
    )


_PLACE = ("part", "start", "rows", "changes")


def _labels_out(order: LabelOrder, buffers: Buffers) -> dict[str, Any] | None:
    """All runs in one table: labels of any type keep it, which JSON alone would not."""
    if not order.stretches:
        return None
    every = [value for s in order.stretches for value in (*s.values, s.last)]
    size = np.min_scalar_type(max(max(s.lengths, default=0) for s in order.stretches))
    return {
        "stretches": [[getattr(s, name) for name in _PLACE] for s in order.stretches],
        "values": buffers.put_table(pa.table({"label": pa.array(every)})),
        "lengths": _joined([np.array(s.lengths, size) for s in order.stretches], size, buffers),
    }


def _labels_in(data: Mapping[str, Any] | None, buffers: Buffers) -> LabelOrder:
    if data is None:
        return LabelOrder()
    column = buffers.get_table(data["values"]).column("label")
    plain = pa.types.is_integer(column.type) and not column.null_count
    values = iter(column.to_numpy().tolist() if plain else column.to_pylist())  # the former is faster
    stretches = []
    for place, lengths in zip(data["stretches"], _cut(data["lengths"], buffers), strict=True):
        *runs, last = islice(values, len(lengths) + 1)
        about = dict(zip(_PLACE, place, strict=True))
        stretches.append(Stretch(**about, last=last, values=tuple(runs), lengths=tuple(lengths.tolist())))
    return LabelOrder(stretches=tuple(stretches))
