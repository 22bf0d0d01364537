"""Decoded images as columns: an exact histogram of each channel, and what describes the image."""

import hashlib
import io
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from .._batch import IMAGE_LEVELS, image_field, numbers
from .._bits import packed
from ..errors import MissingExtraError
from ..records.thumbnail import Thumbnail
from .arrays import column_of

if TYPE_CHECKING:
    from PIL.Image import Image

SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff", ".webp", ".gif")
SIDE = 64
"""Pixels of a thumbnail's longer side: twelve of them add at most 150 kB to a report."""
LAYOUT = 8
"""Pixels of a layout's side. Rabanser et al. 2019 (Failing Loudly) find most shifts of images in 32 principal
components of their pixels, and those of 8 x 8 x 3 box means are of the same low frequencies; fifty thousand
sampled rows take 10 MB. What a box mean loses, noise and blur, stands in the sharpness."""
_ROWS = 32  # of an image that its layout and sharpness are taken from; all of them take nearly three times as long
_AT_ONCE = 32  # images whose sharpness is found by the same calls, which take longer than their work on one
_COUNTS = {grey: struct.Struct(f"={IMAGE_LEVELS * (1 if grey else 3)}i") for grey in (True, False)}
_GREY = ("1", "L", "LA", "I", "I;16", "I;16B", "I;16L")


@dataclass(frozen=True, kw_only=True, slots=True)
class Picture:
    """One image: pixels per level of each channel, (channels, 256) in int32, or the reason why there are none.

    The pixels are those of `image.convert("RGB")`, as data loaders have them; grey images have one channel
    while a source holds no other. The levels of 16-bit images are divided by 257 and rounded: no mean is off
    by more than half a level. `content` is a digest of the encoded bytes or of the pixels. `layout` is the
    image as 8 x 8 means in RGB, 192 bytes, from at most 32 evenly spaced rows; `grey` are these rows in grey.
    """

    mode: str | None = None
    width: int | None = None
    height: int | None = None
    histogram: bytes | None = None
    layout: bytes | None = None
    grey: bytes = b""
    content: int = 0
    unreadable: str | None = None


def read_picture(data: "bytes | Image", *, grey: bool, about: str) -> Picture:
    """The picture in a file's bytes or in a decoded image; `about` names it where it is unreadable."""
    image_module = _pillow()
    try:
        image = image_module.open(io.BytesIO(data)) if isinstance(data, bytes) else data
        image.load()
        encoded = data if isinstance(data, bytes) else image.tobytes()
        levels = _as_loaded(image, grey)
        layout, rows = _in_small(levels)
        return Picture(
            mode=_mode(image),
            width=image.width,
            height=image.height,
            histogram=_COUNTS[grey].pack(*levels.histogram()),
            layout=layout,
            grey=rows,
            content=int.from_bytes(hashlib.blake2b(encoded, digest_size=8).digest(), "little"),
        )
    except (OSError, ValueError, SyntaxError, EOFError, image_module.DecompressionBombError) as error:
        reason = str(error).partition(" <_io")[0]  # what follows is an address, another one in every run
        return Picture(unreadable=f"{about}: {reason or type(error).__name__}"[:200])


def thumbnail(data: bytes, name: str) -> Thumbnail | None:
    """An image at most `SIDE` pixels wide and high, encoded anew; None where it is unreadable."""
    image_module = _pillow()
    try:
        small = _as_loaded(image_module.open(io.BytesIO(data)), grey=False)
        small.thumbnail((SIDE, SIDE))
        with io.BytesIO() as encoded:
            small.save(encoded, "PNG")
            return Thumbnail(name=name, png=encoded.getvalue())
    except (OSError, ValueError, SyntaxError, EOFError, image_module.DecompressionBombError):
        return None


def is_grey(data: "bytes | Image") -> bool:
    """Whether an image has one channel, from its header; an unreadable one is no reason to say no."""
    image_module = _pillow()
    try:
        image = image_module.open(io.BytesIO(data)) if isinstance(data, bytes) else data
    except (OSError, ValueError, SyntaxError, image_module.DecompressionBombError):
        return True
    return image.mode in _GREY


def image_schema(name: str, *, grey: bool) -> pa.Schema:
    """The columns of a column `name` of images."""
    about = {"width": pa.int32(), "height": pa.int32(), "mode": pa.string(), "unreadable": pa.string()}
    counts = pa.list_(pa.int32(), IMAGE_LEVELS * (1 if grey else 3))
    layout = pa.list_(pa.uint8(), 3 * LAYOUT**2)
    pixels = pa.struct([("histogram", counts), ("content", pa.uint64()), ("layout", layout)])
    return pa.schema(
        [
            image_field(name, pixels),
            *(image_field(f"{name}.{key}", type_) for key, type_ in about.items()),
            *(image_field(f"{name}.{key}", pa.float64()) for key in _LOOK),
        ]
    )


def image_columns(name: str, pictures: Sequence[Picture], *, grey: bool) -> list[pa.Array]:
    """The arrays of `image_schema`, one row per picture; null where it is unreadable."""
    pixels, *described = image_schema(name, grey=grey)
    counts, _, layouts = (field.type for field in pixels.type)
    parts = [
        _joined([p.histogram for p in pictures], counts),
        column_of([p.content for p in pictures], pa.uint64()),
        _joined([p.layout for p in pictures], layouts),
    ]
    read = [p.histogram is not None for p in pictures]
    levels = numbers(parts[0].values)[0].reshape(len(pictures), -1, IMAGE_LEVELS)
    values = [
        *([getattr(p, key) for p in pictures] for key in _ABOUT),
        *([v if ok else None for v, ok in zip(of.tolist(), read, strict=True)] for of in _spread(levels)),
        [one for i in range(0, len(pictures), _AT_ONCE) for one in _sharpness(pictures[i : i + _AT_ONCE])],
    ]
    return [
        pa.StructArray.from_buffers(pixels.type, len(pictures), [packed(read)], children=parts),
        *map(column_of, values, [field.type for field in described]),
    ]


_ABOUT = ("width", "height", "mode", "unreadable")
_LOOK = ("brightness", "contrast", "sharpness")


def _joined(rows: Sequence[bytes | None], type_: pa.DataType) -> pa.FixedSizeListArray:
    """A column of lists of numbers from the bytes of each row; zeros where there are none."""
    none = bytes(type_.list_size * type_.value_type.bit_width // 8)
    joined = pa.py_buffer(b"".join(none if row is None else row for row in rows))
    values = pa.Array.from_buffers(type_.value_type, len(rows) * type_.list_size, [None, joined])
    return pa.FixedSizeListArray.from_arrays(values, type=type_)


def _spread(channels: NDArray[Any]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean and standard deviation of each image's pixels, all channels together, in levels of 0 to 255."""
    counts = channels.sum(axis=1)
    levels = np.arange(IMAGE_LEVELS, dtype=np.float64)
    n = np.maximum(counts.sum(axis=1), 1)
    mean = counts @ levels / n
    variance = (counts * (levels - mean[:, None]) ** 2).sum(axis=1) / n
    return mean, np.sqrt(variance)


def _sharpness(pictures: Sequence[Picture]) -> list[float | None]:
    """Mean absolute difference of pixels that stand side by side, of each picture."""
    pixels = np.frombuffer(b"".join([*(p.grey for p in pictures), b"\0\0"]), np.uint8)
    steps = np.maximum(pixels[1:], pixels[:-1])
    steps -= np.minimum(pixels[1:], pixels[:-1])
    starts = np.cumsum([0, *(len(p.grey) for p in pictures)])
    widths = [p.width or 1 for p in pictures]
    for start, end, width in zip(starts.tolist(), starts[1:].tolist(), widths, strict=False):
        steps[start + width - 1 : end : width] = 0  # from the end of a row to the start of the next
    sums = np.add.reduceat(steps, starts[:-1], dtype=np.uint64).tolist()
    counts = [len(p.grey) - len(p.grey) // width for p, width in zip(pictures, widths, strict=True)]
    return [
        total / max(count, 1) if p.grey else None
        for p, total, count in zip(pictures, sums, counts, strict=True)
    ]


def _as_loaded(image: "Image", grey: bool) -> "Image":
    """The image as data loaders have it: in bytes, with one channel or with red, green and blue."""
    if image.mode == "F":
        raise ValueError("its pixels are floating point numbers without a known range")
    if image.mode.startswith("I"):
        image = _pillow().fromarray(_eight_of_sixteen_bits(image))
    wanted = "L" if grey else "RGB"
    return image if image.mode == wanted else image.convert(wanted)


def _eight_of_sixteen_bits(image: "Image") -> NDArray[np.uint8]:
    values = np.asarray(image).astype(np.int64)
    if values.size and (values.min() < 0 or values.max() > 65_535):
        raise ValueError("its pixels are integers beyond 16 bits without a known range")
    return ((values + 128) // 257).astype(np.uint8)


def _in_small(levels: "Image") -> tuple[bytes, bytes]:
    """The layout of an image, and the rows in grey that its sharpness is taken from."""
    resampling = _pillow().Resampling
    few = levels.resize((levels.width, min(levels.height, _ROWS)), resampling.NEAREST)
    layout = few.resize((LAYOUT, LAYOUT), resampling.BOX)
    grey = few if few.mode == "L" else few.convert("L")
    return (layout if layout.mode == "RGB" else layout.convert("RGB")).tobytes(), grey.tobytes()


def _mode(image: "Image") -> str:
    frames = getattr(image, "n_frames", 1)
    return image.mode if frames == 1 else f"{image.mode}, {frames} frames"


def _pillow() -> Any:
    try:
        import PIL.Image
    except ImportError as error:
        raise MissingExtraError("pillow", extra="images") from error
    return PIL.Image
