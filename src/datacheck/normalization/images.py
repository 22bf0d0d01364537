"""Images in the contract: one constant for all pixels, mean and standard deviation per channel."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .._precision import is_constant_in
from ..errors import ContractError, InputError, nearest
from ..statistics.extrema import Extrema
from ..statistics.moments import Moments
from .arithmetic import Column, Matrix
from .feature import Channel, Feature

if TYPE_CHECKING:
    from .contract import Normalization

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
