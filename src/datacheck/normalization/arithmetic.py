"""The formulas of the actions on numbers, so ordered that no finite value gives NaN or infinity.

Every action on numbers is one affine map of x (or of sign(x) log(1 + |x|)), and for `quantile` one more
map, linear between knots on [0, 1]. Differences are taken at half scale where they could overflow.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._precision import limits
from .feature import Feature

Floats = NDArray[np.float64]

_LARGE = 1e290
"""A center or scale beyond this is halved, together with x: the difference of any two float64 then fits."""
_SMALL32, _LARGE32 = 1e-30, 1e30
"""float32 arithmetic is used for centers and scales within these: their reciprocals and differences fit."""
_BLOCK = 1 << 16
"""Numbers in a block: as float32 and its result it stays in a 1 MB second-level cache."""
_FARTHEST = 5.199337582605575
"""Normal score of rank 1 - 1e-7: where scikit-learn's QuantileTransformer ends, too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """The map of one feature: clip((f(x) * shrink - center) / scale, low, high), then knots."""

    center: float
    scale: float
    shrink: float = 1.0
    log: bool = False
    knots: tuple[Floats, Floats] | None = None
    low: float = -np.inf
    high: float = np.inf
    fill: float = 0.0

    @classmethod
    def of(cls, feature: Feature) -> "Column":
        """The map of a feature with numbers; its fill already mapped."""
        center, scale, shrink = _parameters(feature)
        low, high = feature.clip or (-np.inf, np.inf)
        log = feature.action == "log1p+standardize"
        knots = _knots(feature, center, scale, shrink) if feature.action == "quantile" else None
        bare = cls(center=center, scale=scale, shrink=shrink, log=log, knots=knots, low=low, high=high)
        filled = 0.0 if feature.fill is None else bare.forward(np.array([float(feature.fill)]))[0]
        fields = {name: getattr(bare, name) for name in cls.__slots__}
        return cls(**{**fields, "fill": float(filled)})

    def forward(self, x: Floats, most: float = limits("float64").max) -> Floats:
        """Normalised values, any shape, within ±`most`; NaN becomes the fill."""
        with np.errstate(all="ignore"):
            y = signed_log1p(x) if self.log else x
            y = (y * self.shrink if self.shrink != 1 else y) - self.center
            y = y / self.scale
            if self.knots is not None:
                y = np.interp(np.clip(y, 0.0, 1.0), *self.knots)
        y = np.clip(y, max(self.low, -most), min(self.high, most))
        return np.where(np.isnan(y), np.clip(self.fill, -most, most), y)

    def inverse(self, y: Floats) -> Floats:
        """Values in the unit of the column, as far as clipping and dropping left them; NaN stays NaN."""
        most = limits("float64").max
        with np.errstate(all="ignore"):
            if self.knots is not None:
                y = np.interp(y, self.knots[1], self.knots[0])
            y = np.where(np.isinf(self.scale), self.center, y * self.scale + self.center) / self.shrink
            return np.clip(signed_expm1(y) if self.log else y, -most, most)

    @property
    def affine(self) -> bool:
        """Whether there is no more to it than a center, a scale and the clip."""
        return not self.log and self.knots is None

    @property
    def safe32(self) -> bool:
        """Whether float32 arithmetic is as good, for float32 values."""
        fits = np.isinf(self.scale) or _SMALL32 < abs(self.scale) < _LARGE32
        return self.affine and self.shrink == 1 and bool(fits) and abs(self.center) < _LARGE32


def signed_log1p(x: Floats) -> Floats:
    """sign(x) log(1 + |x|): log1p where x >= 0, and finite for every finite x."""
    return np.copysign(np.log1p(np.abs(x)), x)


def middle(feature: Feature) -> float | None:
    """What stands in for a missing value unless a person says otherwise, in the unit of the column."""
    if feature.action == "log1p+standardize" and feature.log_mean is not None:
        return float(signed_expm1(np.array(feature.log_mean)))
    if feature.action in ("robust", "quantile"):
        return feature.quantile(0.5)
    return feature.mean if feature.numeric and feature.action != "one_hot" else None


def signed_expm1(y: Floats) -> Floats:
    """The inverse of `signed_log1p`."""
    return np.copysign(np.expm1(np.abs(y)), y)


def _parameters(feature: Feature) -> tuple[float, float, float]:
    """Center, scale and shrink; the first two already shrunk."""
    low, high = _ends(feature)
    shrink = 0.5 if max(abs(low), abs(high), abs(high / 2 - low / 2)) > _LARGE else 1.0
    if feature.action == "standardize":
        return _of(feature.mean) * shrink, _of(feature.std) * shrink, shrink
    if feature.action == "log1p+standardize":
        return _of(feature.log_mean), _of(feature.log_std), 1.0
    if feature.action in ("minmax", "quantile"):
        return low * shrink, high * shrink - low * shrink, shrink
    if feature.action == "robust":
        quarter, middle, three = (_of(feature.quantile(p)) for p in (0.25, 0.5, 0.75))
        return middle * shrink, three * shrink - quarter * shrink, shrink
    if feature.action == "drop_constant":
        return _of(feature.mean), np.inf, 1.0
    return 0.0, _of(feature.constant, 1.0), 1.0


def _of(value: float | None, otherwise: float = 0.0) -> float:
    return otherwise if value is None else float(value)


def _ends(feature: Feature) -> tuple[float, float]:
    if feature.action == "quantile":
        return feature.quantiles[0][1], feature.quantiles[-1][1]
    return _of(feature.min), _of(feature.max)


def _knots(feature: Feature, center: float, scale: float, shrink: float) -> tuple[Floats, Floats]:
    """Positions on [0, 1], each once, and their normal scores; equal positions share the mean score."""
    values = np.array([value for _, value in feature.quantiles])
    spread = np.clip([p for p, _ in feature.quantiles], 1e-7, 1 - 1e-7)
    scores = np.array([NormalDist().inv_cdf(p) for p in spread])
    places = (values * shrink - center) / scale
    unique, which, counts = np.unique(places, return_inverse=True, return_counts=True)
    return unique, np.clip(np.bincount(which, scores) / counts, -_FARTHEST, _FARTHEST)


@dataclass(frozen=True)
class Matrix:
    """The maps of all columns of a matrix at once; results stay within ±`most`."""

    columns: tuple[Column, ...]
    most: float

    @classmethod
    def of(cls, features: Iterable[Feature], precision: str) -> "Matrix":
        """The maps of features with numbers, for results in this precision."""
        return cls(tuple(Column.of(feature) for feature in features), limits(precision).max)

    def forward(self, x: NDArray[Any], out: NDArray[Any]) -> None:
        """Writes the normalised values of `x` to `out`, both (rows, columns) and laid out alike."""
        if not out.flags.c_contiguous:
            for j, column in enumerate(self.columns):
                Matrix((column,), self.most).forward(x[:, j : j + 1], out[:, j : j + 1])
            return
        small = x.dtype in _AS_FLOAT32 and out.dtype != np.float64 and self._affine32 is not None
        affine = self._affine32 if small and self._affine32 else self._affine64
        affine.forward(x, out)
        for j, column in enumerate(self.columns):
            if not column.affine:
                _blockwise(column, x[:, j], out[:, j], self.most)

    def inverse(self, y: NDArray[Any]) -> Floats:
        """Values in the units of the columns, shape (rows, columns)."""
        out = np.empty(y.shape)
        for j, column in enumerate(self.columns):
            out[:, j] = column.inverse(y[:, j].astype(np.float64))
        return out

    @cached_property
    def _affine32(self) -> "Affine | None":
        return Affine.in_float32(self.columns, self.most) if all(c.safe32 for c in self.columns) else None

    @cached_property
    def _affine64(self) -> "Affine":
        return Affine.in_float64(self.columns, self.most)


def _blockwise(column: Column, x: NDArray[Any], out: NDArray[Any], most: float) -> None:
    for start in range(0, len(x), _BLOCK):
        part = slice(start, start + _BLOCK)
        out[part] = column.forward(x[part].astype(np.float64), most)


_AS_FLOAT32 = tuple(
    np.dtype(name) for name in ("float32", "float16", "uint8", "int8", "uint16", "int16", "bool")
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Affine:
    """Affine maps of whole rows: a few operations in turn, each with one number per column.

    In float32 they are ((x - high part of center) - low part of center) * (1 / scale): the two parts hold
    the center to 48 bits, so a mean of 1e6 beside a std of 1 costs no accuracy, since the first subtraction
    is exact near the center (Sterbenz 1974). In float64: (x * shrink - center) / scale.
    """

    operations: tuple[tuple[np.ufunc, NDArray[Any]], ...]
    dtype: np.dtype[Any]
    bounds: tuple[NDArray[Any], NDArray[Any]] | None
    fill: NDArray[Any]
    most: float

    @classmethod
    def in_float32(cls, columns: Sequence[Column], most: float) -> "Affine":
        """The maps of columns that are all `safe32`."""
        center, rest = split32(np.array([c.center for c in columns]))
        scale = np.array([c.scale for c in columns])
        operations = [
            (np.subtract, center),
            (np.subtract, rest),
            (np.multiply, (1 / scale).astype(np.float32)),
        ]
        if (np.abs(rest) <= 2.0**-27 * np.abs(scale)).all():
            del operations[1]
        return cls._with(operations, columns, np.float32, most)

    @classmethod
    def in_float64(cls, columns: Sequence[Column], most: float, logs: bool = False) -> "Affine":
        """The maps of any columns; knots give 0, and so do logarithms unless `logs` are what is given."""
        shrink = np.array([c.shrink for c in columns])
        maps = [c.affine or (logs and c.log) for c in columns]
        center = np.where(maps, [c.center for c in columns], 0.0)
        scale = np.where(maps, [c.scale for c in columns], np.inf)
        operations = [(np.multiply, shrink), (np.subtract, center), (np.divide, scale)]
        return cls._with(operations[int((shrink == 1).all()) :], columns, np.float64, most)

    @classmethod
    def _with(cls, operations: Any, columns: Sequence[Column], dtype: Any, most: float) -> "Affine":
        low, high = (np.array([getattr(c, end) for c in columns]) for end in ("low", "high"))
        reach = limits(np.dtype(dtype).name).max
        clips = most < reach or bool(np.isfinite(low).any() or np.isfinite(high).any())
        most = min(most, reach)
        return cls(
            operations=tuple(operations),
            dtype=np.dtype(dtype),
            bounds=(np.maximum(low, -most).astype(dtype), np.minimum(high, most).astype(dtype))
            if clips
            else None,
            fill=np.clip([c.fill for c in columns], -most, most).astype(dtype),
            most=most,
        )

    def forward(self, x: NDArray[Any], out: NDArray[Any]) -> None:
        """Block by block: one pass over memory, the rest in the cache."""
        width = len(self.fill)
        if not width:
            return
        # rows are taken together so that numpy's inner loop runs over some 4,096 numbers, not one short row
        together = max(1, min(4096 // max(width, 1), len(x))) if x.flags.c_contiguous else 1
        tiled = [(ufunc, np.tile(row, together)) for ufunc, row in self.operations]
        whole = len(x) // together * together
        flat, target = (a[:whole].reshape(whole // together, together * width) for a in (x, out))
        step = max(1, _BLOCK // max(together * width, 1))
        with np.errstate(all="ignore"):
            for start in range(0, len(flat), step):
                self._block(flat[start : start + step], target[start : start + step], tiled)
            self._block(x[whole:], out[whole:], self.operations)

    def _block(self, x: NDArray[Any], out: NDArray[Any], operations: Iterable[tuple[np.ufunc, Any]]) -> None:
        work = out if out.dtype == self.dtype else np.empty(x.shape, self.dtype)
        for ufunc, row in operations:
            ufunc(x, row, out=work, dtype=self.dtype)
            x = work
        self._tidy(work.reshape(-1, len(self.fill)))
        if work is not out:
            out[...] = work

    def _tidy(self, rows: NDArray[Any]) -> None:
        if self.bounds is not None:
            np.clip(rows, *self.bounds, out=rows)
        # one sum tells whether a NaN or an infinity is in the block; a false alarm costs time only
        if not np.isfinite(rows.sum()):
            np.clip(rows, -self.most, self.most, out=rows)
            np.copyto(rows, self.fill, where=np.isnan(rows))


def split32(values: Floats) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Each float64 as the sum of two float32."""
    first = values.astype(np.float32)
    return first, (values - first).astype(np.float32)
