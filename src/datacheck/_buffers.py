"""Arrays and tables as numbered byte strings beside a JSON header."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import accumulate, pairwise
from typing import Any, Self

import numpy as np
import pyarrow as pa

_MOST = 1 << 16  # times that a buffer may grow on unpacking: zstd reaches about 30,000 on zeros
_SMALL = 1 << 12  # bytes of an array that shares a buffer: packing one costs as much as some kB


@dataclass(frozen=True, kw_only=True, slots=True)
class Buffers:
    """The buffers: as they are stored (zstd where that is shorter), and (stored bytes, bytes) of each.

    Small arrays lie one after the other in the `shared` buffer, which is stored last.
    """

    stored: list[bytes | memoryview] = field(default_factory=list)
    sizes: list[tuple[int, int]] = field(default_factory=list)
    shared: bytearray = field(default_factory=bytearray)

    @classmethod
    def of(cls, data: memoryview, sizes: Iterable[tuple[int, int]]) -> Self:
        """The buffers that lie one after the other in `data`; ValueError where the sizes do not fit."""
        pairs = [(int(stored), int(full)) for stored, full in sizes]
        ends = list(accumulate((stored for stored, _ in pairs), initial=0))
        if ends[-1] != len(data) or any(full > _MOST * max(stored, 1) for stored, full in pairs):
            raise ValueError("the sizes of the buffers do not fit")
        found = cls(stored=[data[a:b] for a, b in pairwise(ends)], sizes=pairs)
        found.shared.extend(found.get(len(pairs) - 1))
        return found

    def sealed(self) -> list[tuple[int, int]]:
        """Stores what was shared; returns the sizes of all."""
        self.put(self.shared)
        return self.sizes

    def put(self, data: Any, *, pack: bool = True) -> int:
        """Keeps a buffer; returns its number."""
        plain = memoryview(data).cast("B") if len(data) else memoryview(b"")
        packed = pa.compress(plain, codec="zstd", asbytes=True) if pack and len(plain) else plain
        self.stored.append(packed if len(packed) < len(plain) else bytes(plain))
        self.sizes.append((len(self.stored[-1]), len(plain)))
        return len(self.stored) - 1

    def get(self, number: int) -> bytes | memoryview:
        """A buffer as it was put."""
        (stored, full), data = self.sizes[number], self.stored[number]
        return data if stored == full else bytes(pa.decompress(data, full, codec="zstd", asbytes=True))

    def put_array(self, values: Any, *, pack: bool = True) -> Any:
        """An array as its place, type and shape; anything else as it is."""
        if not isinstance(values, np.ndarray):
            return values
        if values.dtype == object:
            return {"objects": values.tolist()}
        plain = np.ascontiguousarray(values, values.dtype.newbyteorder("<"))
        about = {"dtype": plain.dtype.str, "shape": list(values.shape)}
        if plain.nbytes >= _SMALL:
            return {"buffer": self.put(plain.reshape(-1), pack=pack), **about}
        self.shared.extend(plain.tobytes())
        return {"end": len(self.shared), **about}

    def get_array(self, about: Any) -> Any:
        """The inverse of `put_array`; a large array may be a view of all the data."""
        if not isinstance(about, dict):
            return about
        if "objects" in about:
            objects = np.empty(len(about["objects"]), object)
            objects[:] = about["objects"]
            return objects
        dtype = np.dtype(about["dtype"])
        values = np.frombuffer(self._bytes(about, dtype), dtype).reshape(about["shape"])
        return values.astype(dtype.newbyteorder("="), copy="buffer" not in about)

    def _bytes(self, about: dict[str, Any], dtype: np.dtype[Any]) -> bytes | memoryview:
        if "buffer" in about:
            return self.get(about["buffer"])
        end = about["end"]
        return bytes(self.shared[end - math.prod(about["shape"]) * dtype.itemsize : end])

    def put_table(self, table: pa.Table) -> int:
        """Keeps a table as an Arrow IPC stream; returns its number."""
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, table.schema) as writer:
            writer.write_table(table)
        return self.put(sink.getvalue())

    def get_table(self, number: int) -> pa.Table:
        """The inverse of `put_table`; raises ArrowInvalid for a table that is not sound."""
        # a copy, where nothing was packed: rows in a sample would keep all buffers in memory
        table = pa.ipc.open_stream(bytes(self.get(number))).read_all()
        table.validate(full=True)
        return table
