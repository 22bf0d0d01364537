"""Sums over batches of one array, per channel: ranges, moments, and how much batches differ."""

from dataclasses import dataclass, field, replace
from typing import Any, Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from .digest import READ, digest, stride

MOST_CHANNELS = 512
BLOCK = 16  # neighbouring values read together
FEW = 4  # an axis this short is the channels of an image or a signal
Floats = NDArray[np.float64]


def channel_axis(shape: tuple[int, ...]) -> int | None:
    """Axis of the channels in a sample of this shape; None for one channel.

    Two axes or more: the first axis with 4 or fewer elements among first, second (videos) and last. One axis:
    the features themselves, up to 512.

    >>> channel_axis((3, 32, 32)), channel_axis((32, 32, 3)), channel_axis((28, 28)), channel_axis((20,))
    (0, 2, None, 0)
    """
    if len(shape) == 1:
        return 0 if shape[0] <= MOST_CHANNELS else None
    candidates = {0: shape[:1], 1: shape[1:2] if len(shape) > 3 else (), len(shape) - 1: shape[-1:]}
    short = [axis for axis, size in candidates.items() if size and size[0] <= FEW]
    if short:
        return short[0]
    return 0 if len(shape) > 2 and shape[0] <= MOST_CHANNELS else None


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Reduction:
    """One batch of an array reduced on its device.

    `sums` has shape (6, channels): minimum, maximum, mean, variance, variance of the samples' means, and
    whether all are equal. `hashes` are those of the samples' contents, and `finite` says of each sample
    whether all its values are; shape (samples,).
    """

    path: str
    dtype: str
    shape: tuple[int, ...]
    samples: int
    sums: Tensor
    finite: Tensor | None
    hashes: Tensor

    @classmethod
    def of(cls, path: str, value: Tensor) -> Self:
        """From a (samples, ...) tensor."""
        channels = channels_of(value)
        read = thinned(value, channels)
        wide = widened(read)
        means = _means(channels, wide)
        low, high = wide.amin(dim=(0, 2)), wide.amax(dim=(0, 2))
        variance, between = wide.var(dim=(0, 2), correction=0), means.var(dim=0, correction=0)
        return cls(
            path=path,
            dtype=str(value.dtype).removeprefix("torch."),
            shape=tuple(value.shape[1:]),
            samples=len(value),
            sums=torch.stack([low, high, means.mean(dim=0), variance, between, (low == high).to(low.dtype)]),
            finite=torch.isfinite(means).all(dim=1) if value.is_floating_point() else None,
            hashes=digest(read.flatten(1)),
        )


def _means(channels: Tensor, wide: Tensor) -> Tensor:
    """Mean of each sample and channel in float64: of all values of floats, of those read of whole numbers.

    NaN and infinity anywhere in a sample show in it.
    """
    if not channels.is_floating_point() or channels.shape[2] == wide.shape[2]:
        return wide.mean(dim=2)
    kept = torch.float64 if channels.dtype == torch.float64 else torch.float32
    return widened(channels.mean(dim=2, dtype=kept))


def widened(values: Tensor) -> Tensor:
    """In float64; in float32 on Apple's devices, which have no wider type."""
    return values.float() if values.device.type == "mps" else values.double()


def channels_of(value: Tensor) -> Tensor:
    """The tensor as (samples, channels, elements), without a copy where its strides allow."""
    axis = channel_axis(tuple(value.shape[1:]))
    if axis is None:
        return value.reshape(len(value), 1, -1)
    moved = value.movedim(axis + 1, 1)
    return moved.flatten(2) if moved.ndim > 2 else moved.unsqueeze(2)


def thinned(value: Tensor, channels: Tensor) -> Tensor:
    """About 512 values of each sample, all if there are few; shape (samples, channels, read), contiguous.

    They are read in blocks, because memory comes in lines of 64 bytes, at a distance that has no factor in
    common with the last axis, so that no column of an image is read alone.
    """
    count, elements = channels.shape[1:]
    if elements * count <= 2 * READ or elements < 2 * BLOCK:
        return channels.contiguous()
    step = stride(elements - BLOCK, value.shape[-1], max(1, READ // (count * BLOCK)))
    return channels.unfold(2, BLOCK, step).flatten(2).contiguous()


@dataclass(frozen=True, kw_only=True, eq=False)
class LeafSums:
    """Sums of an array over batches that add up; arrays of shape (channels,), in float64.

    `between` and `within_square` are the sums of squares of a one-way analysis of variance by batch (Fisher
    1925) of the samples' channel means; `total` and `batch_square` hold the batch means around `shift`, the
    first batch's mean, so that no large mean is squared. `inner_square` is the same within batches of all
    values.
    """

    path: str
    dtype: str
    shape: tuple[int, ...]
    samples: int = 0
    batches: int = 0
    min: Floats = field(default_factory=lambda: np.empty(0))
    max: Floats = field(default_factory=lambda: np.empty(0))
    shift: Floats = field(default_factory=lambda: np.empty(0))
    total: Floats = field(default_factory=lambda: np.empty(0))
    inner_square: Floats = field(default_factory=lambda: np.empty(0))
    batch_square: Floats = field(default_factory=lambda: np.empty(0))
    within_square: Floats = field(default_factory=lambda: np.empty(0))
    variance: Floats = field(default_factory=lambda: np.empty(0))
    variance_square: Floats = field(default_factory=lambda: np.empty(0))
    constant: Floats = field(default_factory=lambda: np.empty(0))
    nonfinite: int = 0
    nonfinite_batches: int = 0
    first_nonfinite: tuple[int, int] | None = None

    @classmethod
    def of(cls, batch: Reduction, number: int) -> Self:
        """The sums of one batch, the `number`-th of its epoch."""
        about: dict[str, Any] = {"path": batch.path, "dtype": batch.dtype, "shape": batch.shape}
        bad = np.empty(0, np.int64) if batch.finite is None else np.flatnonzero(~batch.finite.cpu().numpy())
        if len(bad):
            first = (number, int(bad[0]))
            return cls(**about, nonfinite=len(bad), nonfinite_batches=1, first_nonfinite=first)
        n = batch.samples
        low, high, mean, variance, between, constant = batch.sums.cpu().numpy()
        return cls(
            **about,
            samples=n,
            batches=1,
            min=low,
            max=high,
            shift=mean,
            total=np.zeros_like(mean),
            inner_square=n * variance,
            batch_square=np.zeros_like(mean),
            within_square=n * between,
            variance=variance,
            variance_square=variance**2,
            constant=constant,
        )

    def __add__(self, other: Self) -> Self:
        bad: dict[str, Any] = {
            "nonfinite": self.nonfinite + other.nonfinite,
            "nonfinite_batches": self.nonfinite_batches + other.nonfinite_batches,
            "first_nonfinite": self.first_nonfinite or other.first_nonfinite,
        }
        if not (self.samples and other.samples) or self.min.shape != other.min.shape:
            return replace(self if self.samples else other, **bad)
        summed = ("samples", "batches", "inner_square", "within_square", "variance", "variance_square")
        moved = other.shift - self.shift
        return replace(
            self,
            **bad,
            **{name: getattr(self, name) + getattr(other, name) for name in summed},
            constant=self.constant + other.constant,
            min=np.minimum(self.min, other.min),
            max=np.maximum(self.max, other.max),
            total=self.total + other.total + other.samples * moved,
            batch_square=self.batch_square
            + other.batch_square
            + 2 * moved * other.total
            + other.samples * moved**2,
        )

    @property
    def mean(self) -> Floats:
        """Mean of each channel."""
        return self.shift + self.total / max(self.samples, 1)

    @property
    def std(self) -> Floats:
        """Standard deviation of all values of each channel."""
        return np.asarray(np.sqrt((self.inner_square + self.between) / max(self.samples, 1)))

    @property
    def between(self) -> Floats:
        """Sum of squares of batch means around the mean, weighted by batch size."""
        return np.maximum(self.batch_square - self.total**2 / max(self.samples, 1), 0)

    @property
    def image_like(self) -> bool:
        """Whether a sample has the axes of an image: channels and two lengths of at least 4."""
        axis = channel_axis(self.shape)
        long = [size for i, size in enumerate(self.shape) if i != axis]
        return len(self.shape) == 3 and axis is not None and self.shape[axis] <= FEW and min(long) >= FEW
