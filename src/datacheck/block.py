"""The statistics of all columns of one type."""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from ._batch import Group
from ._hash import Hashes
from .errors import MergeError
from .kinds import Kind
from .statistics.counts import Counts
from .statistics.distinct import Distinct
from .statistics.extrema import Extrema
from .statistics.first_rows import FirstRows
from .statistics.levels import Levels
from .statistics.moments import Moments

_VECTORISED = ("counts", "extrema", "moments")
_SINGLE = ("distinct", "levels", "first_rows")


@dataclass(frozen=True, kw_only=True, eq=False)
class Block:
    """Columns of one type: arrays of shape (columns,) where a statistic allows it, else an object each."""

    names: tuple[str, ...]
    dtype: str
    kind: Kind
    counts: Counts
    extrema: Extrema | None = None
    moments: Moments | None = None
    distinct: tuple[Distinct, ...] = ()
    levels: tuple[Levels, ...] = ()
    first_rows: tuple[FirstRows, ...] = ()

    @classmethod
    def of(cls, group: Group, hashes: Hashes, *, part: str = "", first_row: int = 0) -> Self:
        """The statistics of a group whose values' hashes, shape (rows, columns), are known."""
        about: dict[str, Any] = {"names": group.names, "dtype": group.dtype, "kind": group.kind}
        if group.kind is Kind.OTHER:
            return cls(**about, counts=_null_counts(group))
        if group.pixels:
            return cls(**about, **_histograms(group))
        if group.text:
            kept = group.values.drop_null() if group.values.null_count else group.values
            distinct = (Distinct.of_hashes(hashes[_mask(group.valid, 0), 0]),)
            return cls(**about, counts=_null_counts(group), distinct=distinct, levels=(Levels.of(kept),))
        return cls(**about, **_numeric(group, hashes, part, first_row))

    @property
    def pixels(self) -> bool:
        """Whether these are the channels of images, whose levels are counted to the last pixel."""
        return self.kind is Kind.IMAGE and self.dtype == "uint8"

    def __add__(self, other: Self) -> Self:
        about = (self.names, self.dtype, self.kind)
        if about != (other.names, other.dtype, other.kind):
            raise MergeError(
                f"cannot add columns {self.names[:3]} of type {self.dtype} "
                f"and columns {other.names[:3]} of type {other.dtype}"
            )
        vectors: dict[str, Any] = {
            name: _plus(getattr(self, name), getattr(other, name)) for name in _VECTORISED
        }
        singles: dict[str, Any] = {
            name: tuple(a + b for a, b in zip(getattr(self, name), getattr(other, name), strict=True))
            for name in _SINGLE
        }
        return type(self)(names=self.names, dtype=self.dtype, kind=self.kind, **vectors, **singles)

    def column(self, index: int) -> dict[str, Any]:
        """The statistics of one column."""
        vectors = {name: getattr(self, name) and getattr(self, name).column(index) for name in _VECTORISED}
        singles = {name: getattr(self, name)[index] if getattr(self, name) else None for name in _SINGLE}
        return vectors | singles


def _plus(a: Any, b: Any) -> Any:
    return None if a is None else a + b


def _mask(mask: NDArray[np.bool_] | None, column: int) -> Any:
    return slice(None) if mask is None else mask[:, column]


def _null_counts(group: Group) -> Counts:
    zeros = np.zeros(1, np.int64)
    null = np.array([group.values.null_count], np.int64)
    rows = np.array([len(group.values)], np.int64)
    return Counts(
        rows=rows, null=null, nan=zeros, positive_inf=zeros, negative_inf=zeros, zero=zeros, negative=zeros
    )


def _numeric(group: Group, hashes: Hashes, part: str, first_row: int) -> dict[str, Any]:
    values, finite = group.values, _finite(group)
    columns = range(values.shape[1])
    return {
        "counts": Counts.of(values, group.valid, finite=finite is group.valid),
        "extrema": Extrema.of(values, finite),
        "moments": Moments.of(values, finite),
        "distinct": tuple(Distinct.of_hashes(hashes[_mask(finite, i), i]) for i in columns),
        "levels": tuple(Levels.of(values[_mask(finite, i), i]) for i in columns),
        "first_rows": tuple(_first_rows(group, finite, i, part, first_row) for i in columns),
    }


def _histograms(group: Group) -> dict[str, Any]:
    """Statistics of the pixels of each channel; an unreadable image has none."""
    counts: NDArray[np.int64] = group.values.sum(axis=0, dtype=np.int64)
    values = [np.flatnonzero(channel) for channel in counts]
    zeros = np.zeros(len(counts), np.int64)
    return {
        "counts": Counts(
            rows=counts.sum(axis=1),
            zero=counts[:, 0],
            **dict.fromkeys(("null", "nan", "positive_inf", "negative_inf", "negative"), zeros),
        ),
        "extrema": Extrema(
            min=np.array([int(v[0]) if len(v) else None for v in values], object),
            max=np.array([int(v[-1]) if len(v) else None for v in values], object),
        ),
        "moments": Moments.of_counts(np.arange(counts.shape[1]), counts),
        "distinct": tuple(Distinct.of(v) for v in values),
        "levels": tuple(
            Levels(counts=dict(zip(v.tolist(), channel[v].tolist(), strict=True)))
            for v, channel in zip(values, counts, strict=True)
        ),
        "first_rows": tuple(FirstRows() for _ in values),
    }


def _finite(group: Group) -> NDArray[np.bool_] | None:
    """Where the values are finite, or the group's own `valid` when all valid values are."""
    if group.values.dtype.kind != "f":
        return group.valid
    with np.errstate(over="ignore", invalid="ignore"):
        total = np.sum(group.values, axis=0)
    if np.isfinite(total).all():
        return group.valid
    finite: NDArray[np.bool_] = np.isfinite(group.values)
    if finite.all():
        return group.valid
    return finite if group.valid is None else finite & group.valid


def _first_rows(group: Group, finite: Any, column: int, part: str, first_row: int) -> FirstRows:
    if finite is group.valid:
        return FirstRows()
    values = group.values[:, column]
    if group.valid is not None:
        values = np.where(group.valid[:, column], values, 0.0)
    return FirstRows.of(values, part=part, first_row=first_row)
