"""Decoded images as columns: an exact histogram of each channel, and what describes the image."""

import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from .._batch import IMAGE_LEVELS, image_field
from ..errors import MissingExtraError
from ..records.thumbnail import Thumbnail

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
_GREY = ("1", "L", "LA", "I", "I;16", "I;16B", "I;16L")


@dataclass(frozen=True, kw_only=True, slots=True)
class Picture:
    """One image: pixels per level of each channel, shape (channels, 256), or the reason why there are none.

    The pixels are those of `image.convert("RGB")`, as data loaders have them; grey images have one channel
    while a source holds no other. The levels of 16-bit images are divided by 257 and rounded: no mean is off
    by more than half a level. `content` is a digest of the encoded bytes or of the pixels. `layout` is the
    image as 8 x 8 means in RGB, shape (192,), and `sharpness` the mean absolute difference of pixels that stand
    side by side, in levels of grey; both from at most 32 evenly spaced rows.
    """

    mode: str | None = None
    width: int | None = None
    height: int | None = None
    histogram: NDArray[np.int32] | None = None
    layout: NDArray[np.uint8] | None = None
    sharpness: float | None = None
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
        layout, sharpness = _in_small(levels)
        return Picture(
            mode=_mode(image),
            width=image.width,
            height=image.height,
            histogram=np.array(levels.histogram(), np.int32).reshape(-1, IMAGE_LEVELS),
            layout=layout,
            sharpness=sharpness,
            content=int.from_bytes(hashlib.blake2b(encoded, digest_size=8).digest(), "little"),
        )
    except (OSError, ValueError, SyntaxError, EOFError, image_module.DecompressionBombError) as error:
        return Picture(unreadable=f"{about}: {str(error) or type(error).__name__}"[:200])


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
    schema = image_schema(name, grey=grey)
    bad = np.array([p.histogram is None for p in pictures])
    counts = _or_zero([p.histogram for p in pictures], (1 if grey else 3, IMAGE_LEVELS), np.int32)
    layouts = _or_zero([p.layout for p in pictures], (3 * LAYOUT**2,), np.uint8)
    fields = list(schema.field(0).type)
    lists = pa.FixedSizeListArray.from_arrays(counts.ravel(), type=fields[0].type)
    content = pa.array([p.content for p in pictures], pa.uint64())
    layout = pa.FixedSizeListArray.from_arrays(layouts.ravel(), type=fields[2].type)
    pixels = pa.StructArray.from_arrays([lists, content, layout], fields=fields, mask=pa.array(bad))
    brightness, contrast = _spread(counts.sum(axis=1))
    return [
        pixels,
        *(
            pa.array([getattr(p, key) for p in pictures], schema.field(f"{name}.{key}").type)
            for key in _ABOUT
        ),
        pa.array(brightness, mask=bad),
        pa.array(contrast, mask=bad),
        pa.array([p.sharpness for p in pictures], pa.float64()),
    ]


_ABOUT = ("width", "height", "mode", "unreadable")
_LOOK = ("brightness", "contrast", "sharpness")


def _or_zero(arrays: Sequence[NDArray[Any] | None], shape: tuple[int, ...], dtype: Any) -> NDArray[Any]:
    none = np.zeros(shape, dtype)
    return np.array([none if array is None else array for array in arrays])


def _spread(counts: NDArray[Any]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean and standard deviation of each image's pixels, all channels together, in levels of 0 to 255."""
    levels = np.arange(IMAGE_LEVELS, dtype=np.float64)
    n = np.maximum(counts.sum(axis=1), 1)
    mean = counts @ levels / n
    variance = (counts * (levels - mean[:, None]) ** 2).sum(axis=1) / n
    return mean, np.sqrt(variance)


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


def _in_small(levels: "Image") -> tuple[NDArray[np.uint8], float]:
    """The layout and the sharpness of an image, from at most 32 evenly spaced rows of it."""
    resampling = _pillow().Resampling
    few = levels.resize((levels.width, min(levels.height, _ROWS)), resampling.NEAREST)
    layout = np.asarray(few.resize((LAYOUT, LAYOUT), resampling.BOX).convert("RGB")).ravel()
    grey = np.asarray(few.convert("L"))
    left, right = grey[:, :-1], grey[:, 1:]
    steps = int((np.maximum(left, right) - np.minimum(left, right)).sum())
    return layout, steps / max(left.size, 1)


def _mode(image: "Image") -> str:
    frames = getattr(image, "n_frames", 1)
    return image.mode if frames == 1 else f"{image.mode}, {frames} frames"


def _pillow() -> Any:
    try:
        import PIL.Image
    except ImportError as error:
        raise MissingExtraError("pillow", extra="images") from error
    return PIL.Image
