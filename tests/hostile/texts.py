"""CSV and JSON Lines."""

import bz2
import gzip
import json
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from case import Answered, Case, Content, Either, file, flipped, refused

_GOOD = b"a,b,c\n" + b"".join(b'%d,%d.5,"text, %d"\n' % (i, i, i % 3) for i in range(40))
_LINES = b"".join(b'{"a": %d, "b": %d.5, "c": "text %d"}\n' % (i, i, i % 3) for i in range(40))
_RANDOM = bytes((i * i * 31 + i * 7 + (i >> 3)) % 256 for i in range(65_536))
_ESCAPE = "\x1b[31mred\x1b[0m"


def _csv(name: str, content: Content | str, expected: Any, suffix: str = "csv", **options: Any) -> Case:
    data = content.encode() if isinstance(content, str) else content
    return Case(f"csv: {name}", file(f"data.{suffix}", data), expected, **options)


def _json(name: str, content: Content | str, expected: Any, suffix: str = "jsonl", **options: Any) -> Case:
    data = content.encode() if isinstance(content, str) else content
    return Case(f"jsonl: {name}", file(f"data.{suffix}", data), expected, **options)


def _columns(*names: str) -> Callable[[dict[str, Any]], bool]:
    return lambda report: tuple(report["splits"]["data"]["columns"]) == names


def _bomb(head: bytes, unit: bytes, megabytes: int) -> Callable[[], bytes]:
    """Makes the head and so many MiB of one unit, gzipped: a thousandth of that."""

    def make() -> bytes:
        packer = zlib.compressobj(9, wbits=31)
        block = unit * ((1 << 20) // len(unit))
        return (
            packer.compress(head)
            + b"".join(packer.compress(block) for _ in range(megabytes))
            + packer.flush()
        )

    return make


def _wide(columns: int) -> bytes:
    names = ",".join(f"c{i}" for i in range(columns))
    return "\n".join([names, *(",".join(["1.5"] * columns) for _ in range(3)), ""]).encode()


def _late(line: bytes) -> bytes:
    """Six MB of good rows, beyond what types are guessed from, and a bad one."""
    return b"a,b\n" + b"1234567,ham and eggs\n" * 300_000 + line


def _sparse_field(folder: Path) -> None:
    with (folder / "data.csv").open("wb") as out:
        out.write(b'a,b\n1,"')
        out.seek(1 << 30, 1)
        out.write(b'"\n')


def csv_cases() -> Iterator[Case]:
    for cut in (1, 4, 6, 9, 40, 200, 333, len(_GOOD) - 1, len(_GOOD) - 3):
        yield _csv(f"cut after {cut} bytes", _GOOD[:cut], Either())
    for seed in range(8):
        yield _csv(f"bits flipped, {seed}", flipped(_GOOD, seed), Either())
    yield _csv("no bytes", b"", refused("data.csv", "empty"))
    yield _csv("a BOM and nothing else", b"\xef\xbb\xbf", refused("data.csv"))
    yield _csv("line breaks only", b"\n\r\n\n", refused("data.csv"))
    yield _csv("a header and no row", b"a,b\n", refused("data.csv", "no rows"))
    yield _csv("NUL bytes in a text", b"a,b\n1,x\0y\n2,z\n" * 1, Answered(2))
    yield _csv("64 KiB of NUL", bytes(65_536), Either())
    yield _csv("random bytes", _RANDOM, refused("data.csv"))
    yield _csv("UTF-16, little end first", "a,b\n1,é\n".encode("utf-16"), refused("data.csv", "UTF-16"))
    yield _csv("UTF-16, big end first", b"\xfe\xff" + "a,b\n1,é\n".encode("utf-16-be"), refused("UTF-16"))
    yield _csv("UTF-32", "a,b\n1,é\n".encode("utf-32"), refused("data.csv"))
    yield _csv("Latin-1 in a cell", "a,b\n1,é\n2,x\n".encode("latin-1"), refused("data.csv", "UTF-8"))
    yield _csv("Latin-1 in the header", "a,é\n1,2\n".encode("latin-1"), refused("data.csv", "UTF-8"))
    yield _csv("UTF-8 and far below Latin-1", _late(b"1,caf\xe9\n"), refused("data.csv", "UTF-8"))
    yield _csv("half a surrogate pair", b"a,b\n1,\xed\xa0\x80\n", refused("data.csv", "UTF-8"))
    yield _csv("a letter in too many bytes", b"a,b\n1,\xc0\xafx\n", refused("data.csv", "UTF-8"))
    yield _csv(
        "a BOM and Windows line ends", b"\xef\xbb\xbfa,b\r\n1,2\r\n3,4\r\n", Answered(2, _columns("a", "b"))
    )
    yield _csv("line ends of a Macintosh", b"a,b\r1,2\r3,4\r", Answered(2, _columns("a", "b")))
    yield _csv("line ends mixed", b"a,b\r\n1,2\n3,4\r\n5,6\n", Answered(3, _columns("a", "b")))
    yield _csv("blank lines between", b"a,b\n1,2\n\n3,4\n\n\n", Answered(2))
    yield _csv("a quote that never ends", b'a,b\n1,"x\n2,y\n3,z\n', refused("data.csv"))
    yield _csv("a quote that never ends, in the header", b'"a,b\n1,x\n2,y\n', refused("data.csv"))
    yield _csv("quotes within a text", b'a,b\n1,x"y"z\n2,"p""q"\n', Answered(2))
    yield _csv("a row that is short", b"a,b\n1,2\n3\n", refused("data.csv", "columns"))
    yield _csv("a row that is long", b"a,b\n1,2\n3,4,5\n", refused("data.csv", "columns"))
    yield _csv("a row that is long, far below", _late(b"1,2,3\n"), refused("data.csv", "columns"))
    yield _csv("one name twice", b"a,a\n1,2\n", refused("data.csv", "'a'"))
    yield _csv("a name of nothing", b"a,,c\n1,2,3\n", refused("data.csv", "empty name"))
    yield _csv("names of blanks", b"a, ,c\n1,2,3\n", refused("data.csv", "empty name"))
    yield _csv("a name of 100 kB", b"a," + b"b" * 100_000 + b"\n1,2\n3,4\n", Answered(2))
    yield _csv("a name with a line break", b'a,"b\nc"\n1,2\n3,4\n', Answered(2, _columns("a", "b\nc")))
    yield _csv("names that colour a terminal", f"a,{_ESCAPE}\n1,2\n3,4\n", Answered(2))
    yield _csv("names that write from right to left", "a,b\u202ecsv\n1,2\n3,4\n", Answered(2))
    yield _csv("names that are scripts", "a,<script>alert(1)</script>\n1,2\n3,4\n", Answered(2))
    yield _csv("cells that a spreadsheet would run", "a,b\n1,=cmd|' /C calc'!A0\n2,@SUM(1)\n", Answered(2))
    yield _csv("numbers beyond float64", "a,b\n1e400,1\n-1e999,2\n", Answered(2))
    yield _csv("whole numbers of 40 digits", f"a,b\n{10**40},1\n1,2\n", Answered(2))
    yield _csv("a number of 100,000 digits", f"a,b\n{'9' * 100_000},1\n1,2\n", Answered(2))
    yield _csv("names for nothing and for infinity", "a,b\nnan,inf\nNA,-Infinity\nnull,1\n", Answered(3))
    yield _csv("a text of 8 MB", b'a,b\n1,"' + b"x" * 8_000_000 + b'"\n2,y\n', Either())
    # 80 s and 1.9 GB where memory is not limited
    yield _csv("100,000 columns", lambda: _wide(100_000), Either(), slow=True, seconds=300)
    yield _csv("1,000,000 columns", lambda: _wide(1_000_000), Either(), seconds=300)
    yield Case("csv: a field of 1 GiB", _sparse_field, Either(), seconds=120)
    yield from _packed_csv()


def _packed_csv() -> Iterator[Case]:
    packed = gzip.compress(_GOOD, mtime=0)
    for cut in (1, 10, len(packed) // 2, len(packed) - 1):
        yield _csv(f"gzip cut after {cut} bytes", packed[:cut], refused("data.csv.gz"), "csv.gz")
    yield _csv("gzip with a wrong checksum", packed[:-8] + bytes(4) + packed[-4:], Either(), "csv.gz")
    yield _csv("gzip and garbage", packed + b"garbage", Either(), "csv.gz")
    yield _csv("plain text called gzip", _GOOD, refused("data.csv.gz"), "csv.gz")
    yield _csv("plain text called zstd", _GOOD, refused("data.csv.zst"), "csv.zst")
    yield _csv("bzip2 cut", bz2.compress(_GOOD)[:60], refused("data.csv.bz2"), "csv.bz2")
    yield _csv("gzip of one line of 1 GiB", _bomb(b"a,b\n1,", b"x", 1024), refused(), "csv.gz", seconds=60)
    yield _csv("gzip of a header of 1 GiB", _bomb(b"a", b",", 1024), Either(), "csv.gz", seconds=300)
    yield _csv(
        "gzip of 20,000,000 rows", _bomb(b"a,b\n", b"1,2\n", 80), Answered(80 << 18), "csv.gz", seconds=120
    )


def jsonl_cases() -> Iterator[Case]:
    for cut in (1, 7, 38, 100, len(_LINES) - 3):
        yield _json(f"cut after {cut} bytes", _LINES[:cut], Either())
    for seed in range(8):
        yield _json(f"bits flipped, {seed}", flipped(_LINES, seed), Either())
    yield _json("no bytes", b"", refused("data.jsonl", "empty"))
    yield _json("blank lines only", b"\n \n\n", refused("data.jsonl"))
    yield _json("lists instead of objects", "[1, 2]\n[3, 4]\n", refused("data.jsonl"))
    yield _json("numbers instead of objects", "1\n2\n", refused("data.jsonl"))
    yield _json("null instead of objects", "null\nnull\n", refused("data.jsonl", "null"))
    yield _json("objects of nothing", "{}\n{}\n", refused("data.jsonl"))
    yield _json("one array of objects", json.dumps([{"a": 1}, {"a": 2}]), refused("data.jsonl"))
    yield _json("nested 1,000 times", '{"a": ' * 1000 + "1" + "}" * 1000 + "\n", Either())
    yield _json(
        "nested 100,000 times", '{"a": ' * 100_000 + "1" + "}" * 100_000 + "\n", refused("data.jsonl")
    )
    yield _json("lists nested 1,000,000 times", '{"a": ' + "[" * 1_000_000, refused("data.jsonl"))
    yield _json("one key twice", '{"a": 1, "a": 2}\n', refused("data.jsonl"))
    yield _json("NaN", '{"a": NaN}\n{"a": 1}\n', Either())
    yield _json("numbers beyond float64", '{"a": 1e999}\n{"a": 1}\n', Either())
    yield _json("whole numbers of 400 digits", f'{{"a": {10**400}}}\n{{"a": 1}}\n', Either())
    yield _json("half a surrogate pair", '{"a": "\\ud800"}\n{"a": "x"}\n', Either())
    yield _json("NUL in a text", '{"a": "x\\u0000y"}\n{"a": "z"}\n', Answered(2))
    yield _json("a BOM", b"\xef\xbb\xbf" + b'{"a": 1}\n{"a": 2}\n', Either())
    yield _json("UTF-16", '{"a": 1}\n'.encode("utf-16"), refused("data.jsonl"))
    yield _json("Latin-1", '{"a": "é"}\n'.encode("latin-1"), refused("data.jsonl", "UTF-8"))
    yield _json("a number, then a text", '{"a": 1}\n{"a": "x"}\n', refused("data.jsonl", "a"))
    yield _json("an object, then a list", '{"a": {"b": 1}}\n{"a": [1]}\n', refused("data.jsonl"))
    yield _json("a line of 8 MB", '{"a": "' + "x" * 8_000_000 + '"}\n{"a": "y"}\n', Answered(2))
    yield _json("another key in every line", "".join(f'{{"k{i}": 1}}\n' for i in range(200)), Answered(200))
    yield _json("null behind an object", '{"a": 1} null\n{"a": 2}\n', refused("data.jsonl", "line 1", "null"))
    yield _json("null within a text", '{"a": "} null"}\n{"a": null}\n', Answered(2))
    yield _json("gzip cut", gzip.compress(_LINES)[:50], refused("data.jsonl.gz"), "jsonl.gz")
    bomb = _bomb(b'{"a": "', b"x", 1024)
    yield _json("gzip of one line of 1 GiB", bomb, refused(), "jsonl.gz", seconds=120)


def cases() -> Iterator[Case]:
    """All of them."""
    yield from csv_cases()
    yield from jsonl_cases()
