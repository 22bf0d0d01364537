"""What columns would look like under each reading of what was done to them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..profiles import ColumnProfile
from .arithmetic import Column, Floats
from .describe import PROBABILITIES, quantiles
from .feature import Feature
from .images import channel_columns

LOCATION = 0.35
"""Standard deviations by which honest data may be displaced: shifts of up to half of one stay likely."""
SPREAD = 0.3
"""Logarithm of the ratio of spreads: honest data may be a third wider or narrower."""
TAILS = 4.0
"""Degrees of freedom of the Student t that scores a column: one odd column does not decide for all."""

CONSTANTS: dict[float, str] = {
    255.0: "bytes as fractions of 1",
    128.0: "bytes as -1 to 1",
    65535.0: "16-bit pixels as fractions of 1",
    2.0: "a factor of two",
    10.0: "a factor of ten",
    100.0: "per cent, or centi-",
    1000.0: "kilo- or milli-",
    1e6: "mega- or micro-",
    1e9: "giga- or nano-",
}
"""Factors by which whole tables are scaled, here or the other way round."""

UNITS: dict[float, str] = {
    60.0: "minutes and seconds",
    3600.0: "hours and seconds",
    24.0: "days and hours",
    1440.0: "days and minutes",
    86400.0: "days and seconds",
    2.54: "inches and centimetres",
    12.0: "feet and inches, or years and months",
    0.3048: "feet and metres",
    0.45359237: "pounds and kilograms",
    28.349523125: "ounces and grams",
    1.609344: "miles and kilometres",
    3.6: "m/s and km/h",
    4.184: "calories and joules",
    57.29577951308232: "radians and degrees",
    1024.0: "binary kilo-",
}
"""Factors between units of one column."""

OFFSETS: tuple[tuple[float, float, str], ...] = (
    (1.8, 32.0, "degrees Celsius to Fahrenheit"),
    (1 / 1.8, -32.0 / 1.8, "degrees Fahrenheit to Celsius"),
    (1.0, 273.15, "degrees Celsius to kelvin"),
    (1.0, -273.15, "kelvin to degrees Celsius"),
    (1 / 127.5, -1.0, "bytes to -1 to 1"),
    (2.0, -1.0, "fractions to -1 to 1"),
)
"""Factor, offset and name of changes of one column that also move the zero."""


@dataclass(frozen=True, slots=True)
class Summaries:
    """Means and standard deviations (columns,) and quantiles (columns, 9); NaN where unknown."""

    mean: Floats
    std: Floats
    q: Floats

    def times(self, factor: float | Floats, offset: float | Floats = 0.0) -> "Summaries":
        """The summaries of factor * x + offset, factor > 0."""
        a, b = np.broadcast_to(factor, self.mean.shape), np.broadcast_to(offset, self.mean.shape)
        return Summaries(self.mean * a + b, self.std * a, self.q * a[:, None] + b[:, None])

    def take(self, which: Sequence[int] | NDArray[np.int64]) -> "Summaries":
        """The summaries of some columns."""
        return Summaries(self.mean[which], self.std[which], self.q[which])

    def robust(self, which: NDArray[np.bool_]) -> "Summaries":
        """Mean and standard deviation of the quantiles in place of the exact ones, for heavy tails."""
        mean = np.where(which, self.q.mean(axis=1), self.mean)
        return Summaries(mean, np.where(which, self.q.std(axis=1), self.std), self.q)


def cost(observed: Summaries, predicted: Summaries) -> Floats:
    """Minus log-likelihood per column, up to a constant; 0 for a perfect match. Broadcasts over columns."""
    with np.errstate(all="ignore"):
        scale = np.maximum(predicted.std, 1e-300)
        location = (observed.mean - predicted.mean) / scale / LOCATION
        spread = np.log(np.maximum(observed.std, 1e-300) / scale) / SPREAD
        shape = np.abs(observed.q - predicted.q) / scale[..., None] / LOCATION
        known = np.isfinite(shape)
        mean_shape = np.where(known, shape, 0).sum(axis=-1) / np.maximum(known.sum(axis=-1), 1)
        squared = location**2 + spread**2 + mean_shape**2
    squared = np.where(np.isfinite(squared), np.minimum(squared, 1e12), 1e12)
    return (TAILS + 1) / 2 * np.log1p(squared / TAILS)


@dataclass(frozen=True)
class Reference:
    """The numeric columns of the contract: what they were in training, and what the contract makes of them.

    Columns that are constant, encoded or no numbers are left out: they cannot tell one reading from another.
    """

    names: tuple[str, ...]
    features: tuple[Feature, ...]
    columns: tuple[Column, ...]
    raw: Summaries

    @classmethod
    def of(cls, features: Sequence[Feature]) -> "Reference":
        """The columns of some features, image channels one by one."""
        rows = [row for feature in features for row in _described(feature)]
        return cls(
            names=tuple(name for name, *_ in rows),
            features=tuple(feature for _, feature, *_ in rows),
            columns=tuple(column for _, _, column, *_ in rows),
            raw=Summaries(
                np.array([mean for *_, mean, _, _ in rows], float),
                np.array([std for *_, std, _ in rows], float),
                np.array([q for *_, q in rows], float).reshape(-1, len(PROBABILITIES)),
            ),
        )

    @property
    def bent(self) -> NDArray[np.bool_]:
        """Columns of which only the quantiles are to be trusted: other than affine actions, and outliers."""
        return np.array(
            [f.action in ("log1p+standardize", "quantile", "robust") for f in self.features], bool
        )

    @property
    def images(self) -> bool:
        """Whether the columns are the channels of an image."""
        return any(feature.channels for feature in self.features)

    @property
    def by_quantiles(self) -> NDArray[np.bool_]:
        """Columns of which only the quantiles are compared: `bent` ones, and those of heavy tails.

        Heavy is a standard deviation above 1.5 times the width of the middle 90 % in units of a normal's: it
        then hangs on few values, and differs from sample to sample.
        """
        q = self.raw.q
        with np.errstate(invalid="ignore"):
            heavy = (self.raw.std > 1.5 * (q[:, 7] - q[:, 1]) / 3.29) & (q[:, 7] > q[:, 1])
        return self.bent | heavy

    @property
    def telling(self) -> NDArray[np.bool_]:
        """Columns whose bulk varies: the spread of rare events is too uncertain to tell readings apart.

        All columns where there are no others.
        """
        q = self.raw.q
        with np.errstate(invalid="ignore"):
            varies: NDArray[np.bool_] = q[:, 2] != q[:, 6]
        return varies if varies.any() else ~varies

    @property
    def seen(self) -> Summaries:
        """The training columns as they are compared."""
        return self.raw.robust(self.by_quantiles)

    def normalised(self, given: Summaries, by: Sequence[int] | None = None) -> Summaries:
        """The summaries after the action of each column, or of the columns numbered `by`."""
        columns = [self.columns[i] for i in (range(len(self.columns)) if by is None else by)]
        with np.errstate(all="ignore"):
            shrink, center, scale = (
                np.array([getattr(c, n) for c in columns]) for n in ("shrink", "center", "scale")
            )
            made = np.stack([c.forward(row) for c, row in zip(columns, given.q, strict=True)])
            q = np.where(np.isnan(given.q), np.nan, made)
            exact = Summaries((given.mean * shrink - center) / scale, given.std * shrink / np.abs(scale), q)
        bent = np.array([not c.affine for c in columns])
        return exact.robust(bent | self.by_quantiles) if by is None else exact.robust(bent)


def _described(feature: Feature) -> Iterator[tuple[str, Feature, Column, float, float, list[float]]]:
    unknown = [np.nan] * len(PROBABILITIES)
    if feature.channels:
        for channel, column in zip(feature.channels, channel_columns(feature), strict=True):
            yield f"{feature.name}[{channel.name}]", feature, column, column.center, column.scale, unknown
    elif feature.numeric and feature.action not in ("one_hot", "drop_constant") and feature.std:
        stored = dict(feature.quantiles)
        q = [stored.get(p, np.nan) for p in PROBABILITIES]
        yield feature.name, feature, Column.of(feature), float(feature.mean or 0), feature.std, q


@dataclass(frozen=True, slots=True)
class Observed:
    """One column at hand: what `Summaries` holds of it, its size and its ends."""

    n: int
    mean: float
    std: float
    q: tuple[float, ...]
    min: float
    max: float

    @classmethod
    def of(cls, values: NDArray[np.generic]) -> "Observed":
        """Of an array of any shape; NaN and infinities are passed over."""
        x = values.astype(np.float64).ravel()
        x = x[np.isfinite(x)]
        if not len(x):
            return cls(0, np.nan, np.nan, (np.nan,) * len(PROBABILITIES), np.nan, np.nan)
        half = x / 2
        return cls(
            n=len(x),
            mean=float(half.mean() * 2),
            std=float(half.std() * 2),
            q=tuple(np.quantile(x, PROBABILITIES).tolist()),
            min=float(x.min()),
            max=float(x.max()),
        )

    @classmethod
    def of_column(cls, column: ColumnProfile) -> "Observed":
        """Of a profile."""
        if not column.counts.finite or column.moments is None or column.extrema is None:
            return cls.of(np.empty(0))
        return cls(
            n=int(column.counts.finite),
            mean=column.moments.mean,
            std=column.moments.std,
            q=tuple(value for _, value in quantiles(column, PROBABILITIES)),
            min=float(column.extrema.min),
            max=float(column.extrema.max),
        )


def summaries(observed: Sequence[Observed]) -> Summaries:
    """The columns at hand as arrays."""
    q = np.array([o.q for o in observed], float).reshape(-1, len(PROBABILITIES))
    return Summaries(np.array([o.mean for o in observed]), np.array([o.std for o in observed]), q)
