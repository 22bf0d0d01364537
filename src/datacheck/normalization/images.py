"""Images in the contract: one constant for all pixels, mean and standard deviation per channel."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .._precision import is_constant_in
from ..errors import ContractError, InputError, nearest
from ..profiles import ColumnProfile, Profile
from ..statistics.extrema import Extrema
from ..statistics.moments import Moments
from .arithmetic import Column, Matrix
from .feature import Channel, Feature

if TYPE_CHECKING:
    from .contract import Normalization

_BYTE = 255.0
_NAMES = {
    1: ("grey",),
    2: ("grey", "alpha"),
    3: ("red", "green", "blue"),
    4: ("red", "green", "blue", "alpha"),
}


def of_images(pixels: Iterable[NDArray[Any]], name: str = "image", channels: Sequence[str] = ()) -> Feature:
    """The feature of training images, given in batches of shape (n, height, width, channels), integers.

    >>> batch = np.arange(24, dtype=np.uint8).reshape(2, 2, 2, 3)
    >>> feature = of_images([batch])
    >>> feature.constant, [c.name for c in feature.channels]
    (255.0, ['red', 'green', 'blue'])
    """
    moments, extrema, rows, dtype = Moments(), Extrema(), 0, np.dtype(np.uint8)
    for batch in pixels:
        if batch.ndim != 4 or batch.dtype.kind not in "iu":
            raise InputError(
                f"a batch of shape {batch.shape} and type {batch.dtype} given, integers of shape "
                "(n, height, width, channels) expected"
            )
        flat = batch.reshape(-1, batch.shape[-1])
        moments, extrema = moments + Moments.of(flat), extrema + Extrema.of(flat)
        rows, dtype = rows + len(batch), batch.dtype
    if not np.any(moments.n):
        raise InputError("no pixel given; a contract needs at least one image")
    return _feature(name, channels, rows, dtype, moments, extrema)


def of_profile(profile: Profile, names: Sequence[str]) -> tuple[tuple[Feature, ...], tuple[str, ...]]:
    """The images among the columns of a training split, each one feature, and the columns that are no part
    or description (`image.width`, ...) of an image."""
    pixels = [name for name in names if profile[name].pixels]
    images = dict.fromkeys(name.partition("[")[0] for name in pixels)
    found = [
        _of_columns(image, [profile[n] for n in pixels if n.startswith(f"{image}[")]) for image in images
    ]
    about = tuple(f"{image}." for image in images)
    rest = [name for name in names if name not in pixels and not name.startswith(about)]
    return tuple(
        replace(f, position=i, count=profile.rows, finite=profile.rows) for i, f in enumerate(found)
    ), tuple(rest)


def _of_columns(image: str, columns: Sequence[ColumnProfile]) -> Feature:
    """From the statistics of the channels, which are exact to the last pixel."""
    known = [(c, c.moments, c.extrema) for c in columns if c.moments is not None and c.extrema is not None]
    read = [(c.name, float(m.mean), float(m.std), e.min, e.max) for c, m, e in known if e.max is not None]
    if len(read) < len(columns):
        return Feature(
            name=image, position=0, dtype="image[uint8]", action="none", reason="no image could be read"
        )
    return Feature(
        name=image,
        position=0,
        dtype="image[uint8]",
        action="scale_by_constant",
        reason="uint8 pixels: the constant is 255",
        min=min(int(low) for *_, low, _ in read),
        max=max(int(high) for *_, high in read),
        constant=_BYTE,
        channels=tuple(
            Channel(name=name.partition("[")[2].rstrip("]"), mean=m / _BYTE, std=_spread(s, float(h)) / _BYTE)
            for name, m, s, _, h in read
        ),
    )


def _feature(
    name: str, channels: Sequence[str], rows: int, dtype: np.dtype[Any], moments: Moments, extrema: Extrema
) -> Feature:
    constant = float(np.iinfo(dtype).max)
    width = len(moments.mean)
    names = tuple(channels) or _NAMES.get(width) or tuple(f"channel {i}" for i in range(width))
    if len(names) != width:
        raise InputError(f"{len(names)} names given for {width} channels")
    return Feature(
        name=name,
        position=0,
        dtype=f"image[{dtype}]",
        action="scale_by_constant",
        reason=f"{dtype} pixels: the constant is {constant:g}",
        count=rows,
        finite=rows,
        min=int(min(extrema.min)),
        max=int(max(extrema.max)),
        constant=constant,
        channels=tuple(
            Channel(name=n, mean=float(m) / constant, std=_spread(float(s), float(h)) / constant)
            for n, m, s, h in zip(names, moments.mean, moments.std, extrema.max, strict=True)
        ),
    )


def _spread(std: float, high: float) -> float:
    """A channel of one value is centred, not divided: an image has no column to drop."""
    return 1.0 if is_constant_in("float32", std, 0.0 if std else high, high) else std


def image_feature(contract: "Normalization", name: str | None) -> Feature:
    """The image of the contract; ContractError where it has none, or several and none is named."""
    images = {feature.name: feature for feature in contract if feature.channels}
    if name is not None and name in images:
        return images[name]
    if name is None and len(images) == 1:
        return next(iter(images.values()))
    if not images:
        raise ContractError("the contract has no image; fit one with Normalization.of_images(batches)")
    raise ContractError(f"{name!r} given for the image; {nearest(str(name), images)}")


def channel_columns(feature: Feature) -> tuple[Column, ...]:
    """The map of each channel, from pixels to normalised values."""
    constant = feature.constant or 1.0
    return tuple(Column(center=c.mean * constant, scale=c.std * constant) for c in feature.channels)


def transform_images(feature: Feature, x: NDArray[Any], out: NDArray[Any]) -> None:
    """Writes normalised images (…, channels); ContractError for floats and for another number of channels."""
    if x.dtype.kind not in "iu" or x.shape[-1] != len(feature.channels):
        names = ", ".join(c.name for c in feature.channels)
        raise ContractError(
            f"images of shape {x.shape} and type {x.dtype} given, integers of shape "
            f"(…, {len(feature.channels)}: {names}) expected: floats were scaled before, and divided twice"
        )
    width = len(feature.channels)
    matrix = Matrix(channel_columns(feature), float(np.finfo(out.dtype).max))
    matrix.forward(np.ascontiguousarray(x).reshape(-1, width), out.reshape(-1, width))
