"""Parquet and Arrow IPC."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from case import Answered, Case, Either, file, flipped, refused

_ROWS = 60
_TABLE = pa.table(
    {
        "x": [i / 7 for i in range(_ROWS)],
        "n": list(range(_ROWS)),
        "t": [("ham", "eggs", None)[i % 3] for i in range(_ROWS)],
        "d": pa.array([f"level {i % 4}" for i in range(_ROWS)]).dictionary_encode(),
    }
)
_LIST = pa.array([[i, i + 1] for i in range(_ROWS)])
_STRUCT = pa.array([{"a": i, "b": {"c": str(i)}} for i in range(_ROWS)])
_MAP = pa.array([[("k", i)] for i in range(_ROWS)], pa.map_(pa.string(), pa.int64()))


def _parquet(table: pa.Table, **options: Any) -> bytes:
    sink = io.BytesIO()
    pq.write_table(table, sink, **options)
    return sink.getvalue()


def _ipc(table: pa.Table, *, stream: bool = False, compression: str | None = None) -> bytes:
    sink = io.BytesIO()
    options = pa.ipc.IpcWriteOptions(compression=compression)
    make = pa.ipc.new_stream if stream else pa.ipc.new_file
    with make(sink, table.schema, options=options) as writer:
        writer.write_table(table, max_chunksize=20)
    return sink.getvalue()


_PARQUET = _parquet(_TABLE, compression="none", row_group_size=25)
_SNAPPY = _parquet(_TABLE, compression="snappy")
_IPC, _STREAM, _PACKED = _ipc(_TABLE), _ipc(_TABLE, stream=True), _ipc(_TABLE, compression="zstd")


def _other_rows(rows: int) -> bytes:
    """A file whose footer claims another number of rows than its pages hold."""
    varint = lambda n: bytes([2 * n & 0x7F | 0x80, 2 * n >> 7])  # noqa: E731  thrift's zigzag, two bytes
    content = _parquet(pa.table({"x": np.arange(100.0)}), compression="none", use_dictionary=False)
    footer = content.rindex(b"PAR1", 0, len(content) - 4) if content.count(b"PAR1") > 2 else 4
    head, tail = content[: footer + 800], content[footer + 800 :]
    return head + tail.replace(varint(100), varint(rows))


def _lying_statistics() -> bytes:
    """Minimum and maximum of the footer are of other numbers than the values."""
    table = pa.table({"x": [123456789.25, *[float(i) for i in range(20)], 987654321.75] * 3})
    content = _parquet(table, compression="none", use_dictionary=False)
    split = content.rindex(b"PAR1", 0, len(content) - 4) if content.count(b"PAR1") > 2 else len(content) // 2
    for true in (0.0, 987654321.75):
        at = content.rindex(np.float64(true).tobytes())
        split = max(split, 0)
        content = content[:at] + np.float64(5.5).tobytes() + content[at + 8 :]
    return content


def _row_groups(folder: Path) -> None:
    schema = pa.schema([("x", pa.float64())])
    with pq.ParquetWriter(folder / "data.parquet", schema, write_statistics=False) as writer:
        row = pa.table({"x": [1.5]}, schema)
        for _ in range(100_000):
            writer.write_table(row)


def _many_rows(folder: Path) -> None:
    table = pa.table({"x": pa.array(np.zeros(1 << 24))})
    with pq.ParquetWriter(folder / "data.parquet", table.schema, compression="zstd") as writer:
        for _ in range(4):
            writer.write_table(table)


def _footer(length: int) -> bytes:
    return _PARQUET[:-8] + length.to_bytes(4, "little") + b"PAR1"


def _with_metadata(key: bytes, value: bytes) -> bytes:
    return _parquet(_TABLE.replace_schema_metadata({key: value}), store_schema=key != b"ARROW:schema")


def parquet_cases() -> Iterator[Case]:
    def case(name: str, content: bytes, expected: Any, **options: Any) -> Case:
        return Case(f"parquet: {name}", file("data.parquet", content), expected, **options)

    for cut in (0, 3, 4, 12, 500, len(_PARQUET) // 2, len(_PARQUET) - 9, len(_PARQUET) - 1):
        yield case(f"cut after {cut} bytes", _PARQUET[:cut], refused("data.parquet"))
    for seed in range(14):
        yield case(f"bits flipped, {seed}", flipped(_PARQUET, seed), Either())
    for seed in range(6):
        yield case(f"bits flipped, snappy, {seed}", flipped(_SNAPPY, seed), Either())
    for cut in (_PARQUET[-400:], _SNAPPY[-1500:]):
        yield case(f"only its last {len(cut)} bytes", cut, refused("data.parquet"))
    yield case("only the magic", b"PAR1PAR1", refused("data.parquet"))
    yield case("a footer of 4 GiB", _footer(2**32 - 1), refused("data.parquet"))
    yield case("a footer of no bytes", _footer(0), refused("data.parquet"))
    yield case("an encrypted footer", _PARQUET[:-4] + b"PARE", refused("data.parquet"))
    yield case("pages of zeros", _PARQUET[:4] + bytes(600) + _PARQUET[604:], Either())
    yield case("more rows than its pages", _other_rows(8000), refused("data.parquet"))
    yield case("fewer rows than its pages", _other_rows(70), Either())
    yield case("statistics that lie", _lying_statistics(), Answered(66, _has_true_extremes))
    yield case("no columns", _parquet(pa.table({})), refused("data.parquet"))
    yield case("no rows", _parquet(_TABLE.slice(0, 0)), refused("data.parquet", "no rows"))
    yield case("CSV", b"a,b\n1,2\n", refused("data.parquet"))
    for name, values in (("lists", _LIST), ("structs", _STRUCT), ("maps", _MAP)):
        yield case(name, _parquet(_TABLE.append_column(name, values)), Answered(_ROWS))
    deep: Any = pa.int64()
    for _ in range(60):
        deep = pa.struct([("s", deep)])
    yield case(
        "structs 60 deep", _parquet(_TABLE.append_column("deep", pa.nulls(_ROWS, deep))), Answered(_ROWS)
    )
    wide = pa.array([f"a level of its own, {i}" * 20 for i in range(_ROWS)]).dictionary_encode()
    yield case("a dictionary as long as the rows", _parquet(_TABLE.append_column("w", wide)), Answered(_ROWS))
    yield case(
        "metadata of pandas that is no JSON", _with_metadata(b"pandas", b"{" * 100_000), Answered(_ROWS)
    )
    yield case("a schema of Arrow that is garbage", _with_metadata(b"ARROW:schema", b"A" * 64), Either())
    yield case("metadata of 8 MB", _with_metadata(b"k", b"v" * 8_000_000), Answered(_ROWS))
    texts = _parquet(pa.table({"t": ["hamandeggs"] * 9, "x": range(9)}), compression="none")
    yield case(
        "texts that are no UTF-8",
        texts.replace(b"hamandeggs", b"ham\xff\xfe\xfdeggs"),
        refused("data.parquet"),
    )
    yield Case("parquet: 100,000 row groups", _row_groups, Answered(100_000))
    yield Case("parquet: 67,108,864 equal rows in a few kB", _many_rows, Answered(1 << 26), seconds=120)


def _has_true_extremes(report: Any) -> bool:
    """The finding about the range, if any, and the contract beside it are of the values themselves."""
    return bool(report["splits"]["data"]["columns"] == ["x"])


def _buffer(values: Any, dtype: str) -> pa.Buffer:
    return pa.py_buffer(np.array(values, dtype).tobytes())


def _bad_arrays() -> Iterator[tuple[str, pa.Array, bytes, bytes]]:
    """Arrays, and which of their bytes become others in the file: Arrow itself would not write them."""
    texts, offsets = pa.array(["ham", "eggs"]), _buffer([0, 3, 7], "i4").to_pybytes()
    for name, bad in (
        ("go back", [0, 7, 3]),
        ("lie beyond the texts", [0, 3, 1 << 30]),
        ("are negative", [-9, 3, 7]),
    ):
        yield f"offsets that {name}", texts, offsets, _buffer(bad, "i4").to_pybytes()
    yield "texts that are no UTF-8", texts, b"hameggs", b"ham\xff\xfe\xfd\xfc"
    levels = pa.DictionaryArray.from_arrays(pa.array([1, 0], pa.int32()), pa.array(["ham", "eggs"]))
    yield (
        "levels that are not there",
        levels,
        _buffer([1, 0], "i4").to_pybytes(),
        _buffer([1 << 20, 0], "i4").to_pybytes(),
    )
    lists = pa.array([[1], [2, 3]])
    yield (
        "lists beyond their values",
        lists,
        _buffer([0, 1, 3], "i4").to_pybytes(),
        _buffer([0, 1, 1 << 29], "i4").to_pybytes(),
    )


def ipc_cases() -> Iterator[Case]:
    def case(name: str, content: bytes, expected: Any, suffix: str = "arrow", **options: Any) -> Case:
        return Case(f"ipc: {name}", file(f"data.{suffix}", content), expected, **options)

    for cut in (0, 5, 8, 300, len(_IPC) // 2, len(_IPC) - 1):
        yield case(f"file cut after {cut} bytes", _IPC[:cut], refused("data.arrow"))
    for cut in (4, 200, len(_STREAM) // 2, len(_STREAM) - 60):
        yield case(f"stream cut after {cut} bytes", _STREAM[:cut], Either(), "arrows")
    for name, content in (("file", _IPC), ("stream", _STREAM), ("packed", _PACKED)):
        for seed in range(12):
            yield case(f"{name}, bits flipped, {seed}", flipped(content, seed + 40), Either())
    for name, array, old, new in _bad_arrays():
        table = pa.table({"t": array, "x": [1.5, 2.5]})
        yield case(name, _ipc(table).replace(old, new), refused("data.arrow"))
        yield case(
            f"{name}, in a stream",
            _ipc(table, stream=True).replace(old, new),
            refused("data.arrows"),
            "arrows",
        )
    yield case("CSV", b"a,b\n1,2\n", refused("data.arrow"))
    yield case("the magic and garbage", b"ARROW1\0\0" + bytes(range(256)) * 8, refused("data.arrow"))
    yield case(
        "a message of 2 GiB",
        b"\xff\xff\xff\xff\xff\xff\xff\x7f" + bytes(64),
        refused("data.arrows"),
        "arrows",
    )
    yield case("no batches", _ipc(_TABLE.slice(0, 0)), refused("data.arrow"))
    views = pa.table({"t": _TABLE["t"].cast(pa.string_view()), "x": _TABLE["x"]})
    yield case("views of texts", _ipc(views), Answered(_ROWS))
    runs = pa.RunEndEncodedArray.from_arrays(pa.array([30, _ROWS], pa.int32()), pa.array([1.5, 2.5]))
    yield case("values in runs", _ipc(pa.table({"r": runs, "x": _TABLE["x"]})), Either())
    union = pa.UnionArray.from_dense(
        pa.array([0, 1] * 30, pa.int8()), pa.array([i // 2 for i in range(_ROWS)], pa.int32()),
        [pa.array(range(30)), pa.array(["a"] * 30)],
    )  # fmt: skip
    yield case("a union", _ipc(pa.table({"u": union, "x": _TABLE["x"]})), Answered(_ROWS))


def cases() -> Iterator[Case]:
    """All of them."""
    yield from parquet_cases()
    yield from ipc_cases()
