"""NumPy files and images."""

import io
import pickle
import struct
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from case import Answered, Case, Either, file, flipped, refused
from PIL import Image

_X = np.arange(60.0).reshape(20, 3)


class _Trap:
    """Unpickled, it makes a file."""

    def __reduce__(self) -> Any:
        return (open, ("sprung", "w"))


def _npy(array: Any, **options: Any) -> bytes:
    out = io.BytesIO()
    np.save(out, array, **options)
    return out.getvalue()


def _header(text: str) -> bytes:
    """A .npy file with this text where its header should be, and a few values."""
    padded = text.encode().ljust(117) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(padded)) + padded + bytes(800)


def _shape(shape: str, dtype: str = "<f8") -> bytes:
    return _header(f"{{'descr': '{dtype}', 'fortran_order': False, 'shape': {shape}, }}")


def _npz(members: dict[str, bytes], packing: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", packing) as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name), content, compress_type=packing)
    return out.getvalue()


def _bomb(folder: Path) -> None:
    """An array of 4 GB of zeros in 4 MB."""
    head = _shape("(500000000,)")[:-800]
    with (
        zipfile.ZipFile(folder / "data.npz", "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("x.npy", "w", force_zip64=True) as member,
    ):
        member.write(head)
        for _ in range(4000):
            member.write(bytes(1_000_000))


def _twice() -> bytes:
    out = io.BytesIO()
    with warnings.catch_warnings(action="ignore"), zipfile.ZipFile(out, "w") as archive:
        for _ in range(2):
            archive.writestr("x.npy", _npy(_X))
    return out.getvalue()


_GOOD_NPY, _GOOD_NPZ = _npy(_X), _npz({"x.npy": _npy(_X), "y.npy": _npy(np.arange(20))})
_TRAP = np.array([_Trap()], object)


def numpy_cases() -> Iterator[Case]:
    def case(name: str, content: bytes, expected: Any, suffix: str = "npy", **options: Any) -> Case:
        return Case(f"numpy: {name}", file(f"data.{suffix}", content), expected, **options)

    for cut in (0, 5, 60, 127, 300, len(_GOOD_NPY) - 1):
        yield case(f"cut after {cut} bytes", _GOOD_NPY[:cut], refused("data.npy"))
    for cut in (10, 200, len(_GOOD_NPZ) // 2, len(_GOOD_NPZ) - 1):
        yield case(f"npz cut after {cut} bytes", _GOOD_NPZ[:cut], refused("data.npz"), "npz")
    for seed in range(10):
        yield case(f"bits flipped, {seed}", flipped(_GOOD_NPY, seed), Either())
        yield case(f"npz, bits flipped, {seed}", flipped(_GOOD_NPZ, seed), Either(), "npz")
    yield case("pickled objects", _npy(_TRAP, allow_pickle=True), refused("data.npy", "Python objects"))
    packed = _npz({"x.npy": _npy(_TRAP, allow_pickle=True)})
    yield case("pickled objects in an npz", packed, refused("data.npz", "Python objects"), "npz")
    yield case("a pickle, bare", pickle.dumps(_Trap()), refused("data.npy"))
    yield case("a header that is code", _header("__import__('os').mkdir('sprung')"), refused("data.npy"))
    yield case("a header nested 60 times", _header("(" * 60), refused("data.npy"))
    yield case("a header of 60 kB", _long_header(), refused("data.npy"))
    yield case("a shape of 8 TB", _shape("(1000000000000,)"), refused("data.npy"))
    yield case("a shape beyond 64 bits", _shape("(9999999999999999999999,)"), refused("data.npy"))
    yield case("a shape below zero", _shape("(-5,)"), refused("data.npy"))
    yield case("a shape of many zeros", _shape("(0, 1000000000)"), refused("data.npy"))
    yield case("33 dimensions", _shape("(" + "1," * 33 + ")"), Either())
    yield case("a type of no bytes", _shape("(10,)", "|V0"), refused("data.npy"))
    yield case("a type that is unknown", _shape("(10,)", "<q9"), refused("data.npy"))
    yield case("complex numbers", _npy(np.array([1 + 2j] * 5)), refused("data.npy", "complex"))
    yield case("records", _npy(np.zeros(5, [("a", "f8"), ("b", "i4")])), Answered(5))
    yield case("records in records", _npy(np.zeros(5, [("a", [("b", "f8")])])), refused("data.npy"))
    yield case("one number", _npy(np.float64(3)), refused("data.npy"))
    yield case("dates that are none", _npy(np.array(["NaT"] * 9, "M8[ns]")), Answered(9))
    yield case("columns before rows", _npy(np.asfortranarray(_X)), Answered(20))
    yield case("the big end first", _npy(_X.astype(">f4")), Answered(20))
    yield Case("numpy: an npz of 4 GB in 4 MB", _bomb, refused("data.npz"), seconds=60)
    yield case("a path out of the npz", _npz({"../../x.npy": _npy(_X)}), Answered(20), "npz")
    yield case("one name twice in the npz", _twice(), Either(), "npz")
    yield case("no arrays in the npz", _npz({}), refused("data"), "npz")
    yield case("texts in the npz", _npz({"readme.txt": b"hello"}), refused("data.npz"), "npz")
    yield case("a wrong checksum in the npz", _wrong_checksum(), refused("data.npz"), "npz")
    yield case("an encrypted npz", _encrypted(), refused("data.npz"), "npz")
    yield case("an npz packed in an unknown way", _unknown_packing(), refused("data.npz"), "npz")


def _long_header() -> bytes:
    text = b"{'descr': '<f8', 'fortran_order': False, 'shape': (" + b"1," * 30_000 + b"), }"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text + bytes(80)


def _wrong_checksum() -> bytes:
    content = bytearray(_npz({"x.npy": _npy(_X)}, zipfile.ZIP_STORED))
    content[300] ^= 255
    return bytes(content)


def _encrypted() -> bytes:
    content = bytearray(_GOOD_NPZ)
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    return bytes(content)


def _unknown_packing() -> bytes:
    content = bytearray(_npz({"x.npy": _npy(_X)}))
    content[8] = 99
    content[content.index(b"PK\x01\x02") + 10] = 99
    return bytes(content)


_PIXELS = np.arange(24 * 24 * 3, dtype=np.uint8).reshape(24, 24, 3)


def _image(form: str, **options: Any) -> bytes:
    out = io.BytesIO()
    Image.fromarray(_PIXELS).save(out, form, **options)
    return out.getvalue()


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def _png(width: int, height: int, *chunks: bytes) -> bytes:
    head = _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(chunks) + _chunk(b"IEND", b"")


def _tiff(width: int, height: int, next_page: int = 0) -> bytes:
    """One strip of 8-bit grey that is claimed to hold that many pixels."""
    tags = (
        (256, width),
        (257, height),
        (258, 8),
        (259, 1),
        (262, 1),
        (273, 8),
        (277, 1),
        (278, height),
        (279, 16),
    )
    entries = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in tags)
    return (
        b"II*\0"
        + struct.pack("<I", 8)
        + struct.pack("<H", len(tags))
        + entries
        + struct.pack("<I", next_page)
    )


def _with(name: str, content: bytes) -> Any:
    """Builds a folder of three good images in two classes and one that is not."""

    def build(folder: Path) -> None:
        for place in ("data/ham/1.png", "data/ham/2.png", "data/eggs/1.png"):
            (folder / place).parent.mkdir(parents=True, exist_ok=True)
            (folder / place).write_bytes(_image("PNG"))
        (folder / "data" / "eggs" / name).write_bytes(content)

    return build


def _one_unreadable(report: dict[str, Any]) -> bool:
    return any("bad" in str(finding) for finding in report["findings"])


def image_cases() -> Iterator[Case]:
    png, jpeg, gif, webp = (_image(form) for form in ("PNG", "JPEG", "GIF", "WEBP"))
    unreadable = {
        "png cut in its header": ("bad.png", png[:20]),
        "png cut in its pixels": ("bad.png", png[: len(png) // 2]),
        "jpeg cut in its header": ("bad.jpg", jpeg[:30]),
        "webp cut": ("bad.webp", webp[:40]),
        "gif cut": ("bad.gif", gif[:15]),
        "no bytes": ("bad.png", b""),
        "text": ("bad.png", b"not a picture\n"),
        "a script in an SVG": ("bad.png", b"<svg onload='alert(1)'/>"),
        "PostScript": ("bad.png", b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(sprung) (w) file\n"),
        "a png of 2.5 billion pixels": (
            "bad.png",
            _png(50_000, 50_000, _chunk(b"IDAT", zlib.compress(bytes(99)))),
        ),
        "a png of no pixels": ("bad.png", _png(0, 0, _chunk(b"IDAT", zlib.compress(b"")))),
        "a tiff of 10 billion pixels": ("bad.tif", _tiff(100_000, 100_000)),
        "a tiff of 2**62 pixels": ("bad.tif", _tiff(2**31 - 1, 2**31 - 1)),
        "a png with a chunk of 2 GiB": ("bad.png", png[:33] + b"\x7f\xff\xff\xffIDAT" + bytes(50)),
        "a jpeg of 65,500 x 65,500": ("bad.jpg", _resized(jpeg, 65_500)),
    }
    for name, (place, content) in unreadable.items():
        yield Case(f"image: {name}", _with(place, content), Answered(4, _one_unreadable))
    bomb = _png(200, 200, _chunk(b"zTXt", b"k\0\0" + zlib.compress(bytes(50_000_000))), _good_idat(200))
    readable = {
        "a text chunk of 50 MB in 50 kB": ("odd.png", bomb),
        "a tiff whose pages go round": ("odd.tif", _tiff(4, 4, 8)),
        "a jpeg cut in its pixels": ("odd.jpg", jpeg[: len(jpeg) - 60]),
        "a gif of 2,000 frames": ("odd.gif", _frames()),
        "palette and transparency": ("odd.gif", gif),
        "a profile of colours that is garbage": ("odd.png", _image("PNG", icc_profile=b"garbage" * 99)),
    }
    for name, (place, content) in readable.items():
        yield Case(f"image: {name}", _with(place, content), Answered(4))
    for seed in range(8):
        yield Case(f"image: png, bits flipped, {seed}", _with("bad.png", flipped(png, seed)), Answered(4))
        yield Case(f"image: jpeg, bits flipped, {seed}", _with("bad.jpg", flipped(jpeg, seed)), Answered(4))


def _resized(jpeg: bytes, size: int) -> bytes:
    at = jpeg.index(b"\xff\xc0") + 5
    return jpeg[:at] + struct.pack(">HH", size, size) + jpeg[at + 4 :]


def _good_idat(size: int) -> bytes:
    return _chunk(b"IDAT", zlib.compress(bytes((size + 1) * size)))


def _frames() -> bytes:
    out = io.BytesIO()
    frames = [Image.new("L", (8, 8), i % 256) for i in range(2000)]
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:])
    return out.getvalue()


def cases() -> Iterator[Case]:
    """All of them."""
    yield from numpy_cases()
    yield from image_cases()
