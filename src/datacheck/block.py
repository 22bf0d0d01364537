"""The statistics of all columns of one type."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Self

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ._batch import Group, at_rows, numbers
from ._column import FIELDS, Scan, scan
from ._counted import Counted, count, count_places, narrow, narrow_parts
from ._hash import NULL, Hashes, hash_numbers, hash_strings, key, mix, stretches
from ._known import Known
from ._smallest import KEEP
from .errors import MergeError
from .kinds import Kind
from .statistics import levels as tally
from .statistics.counts import Counts
from .statistics.distinct import Distinct
from .statistics.extrema import Extrema
from .statistics.first_rows import FirstRows
from .statistics.levels import Levels
from .statistics.moments import Moments

_FLOAT = np.dtype(np.float64)
_VECTORISED = ("counts", "extrema", "moments")
_SINGLE = ("distinct", "levels", "first_rows")


@dataclass(frozen=True, kw_only=True)
class Slice:
    """The rows that a batch holds: where they stand, and the sum from which their hashes are made."""

    part: str
    first_row: int
    rows: Hashes
    label: str | None = None
    known: Known = field(default_factory=Known)

    def factor(self, name: str) -> np.uint64:
        """The odd number of a column in the hashes of rows; the label has no part in them."""
        return np.uint64(0) if name == self.label else _factor(name)


@lru_cache(maxsize=1 << 17)
def _factor(name: str) -> np.uint64:
    return key(name) | np.uint64(1)


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
    def of(cls, group: Group, rows: Slice) -> Self:
        """The statistics of a group; adds what its columns contribute to the hashes of the rows."""
        about: dict[str, Any] = {"names": group.names, "dtype": group.dtype, "kind": group.kind}
        if group.pixels:
            return cls(**about, **_histograms(group, rows))
        if group.text:
            return cls(**about, **_texts(group, rows))
        if group.kind is Kind.OTHER:
            return cls(**about, counts=_null_counts(group))
        return cls(**about, **_numbers(group, rows))

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


def terms(group: Group) -> Iterator[tuple[str, Hashes]]:
    """Each column with what it adds to the hash of each row, shape (rows,)."""
    if group.digests is not None:
        columns: Any = ((mix(group.digests), None) for _ in group.names)
    elif group.text:
        array = group.values
        plain = array.cast(array.type.value_type) if pa.types.is_dictionary(array.type) else array
        columns = ((hash_strings(plain), group.valid),)
    else:
        columns = ((hash_numbers(values), valid) for values, valid in group.columns)
    for name, (hashes, valid) in zip(group.names, columns, strict=group.kind is not Kind.OTHER):
        if valid is not None:
            hashes[~valid] = NULL
        with np.errstate(over="ignore"):
            yield name, hashes * _factor(name)


def _plus(a: Any, b: Any) -> Any:
    return None if a is None else a + b


def _null_counts(group: Group) -> Counts:
    zeros = np.zeros(1, np.int64)
    null = np.array([group.values.null_count], np.int64)
    rows = np.array([len(group.values)], np.int64)
    return Counts(
        rows=rows, null=null, nan=zeros, positive_inf=zeros, negative_inf=zeros, zero=zeros, negative=zeros
    )


def _columns(group: Group, rows: Slice) -> Iterator[tuple[tuple[Scan, Distinct, Levels], int]]:
    """What was found of each column, and how many nulls; of columns on another device, there."""
    if group.device is not None:
        factors = [rows.factor(name) for name in group.names]
        scans = group.device.scans(group.names, factors, rows.known, rows.rows, tally.MOST)
        yield from ((_sketched(name, one, rows), 0) for name, one in zip(group.names, scans, strict=True))
        return
    for name, (values, valid) in zip(group.names, group.columns, strict=True):
        null = 0 if valid is None else len(valid) - int(np.count_nonzero(valid))
        yield _column(name, values, valid, rows), null


def _numbers(group: Group, rows: Slice) -> dict[str, Any]:
    """Statistics of numbers, column by column."""
    found, null = zip(*_columns(group, rows), strict=True)
    names = ("nan", "positive_inf", "negative_inf", "zero", "negative")
    return {
        "counts": Counts(
            rows=np.full(len(found), len(rows.rows), np.int64),
            null=np.array(null, np.int64),
            **{name: np.array([getattr(f, name) for f, _, _ in found], np.int64) for name in names},
        ),
        "extrema": Extrema(
            min=_objects([f.low for f, _, _ in found]), max=_objects([f.high for f, _, _ in found])
        ),
        "moments": _moments([f.moments for f, _, _ in found]),
        "distinct": tuple(distinct for _, distinct, _ in found),
        "levels": tuple(levels for _, _, levels in found),
        "first_rows": tuple(
            FirstRows(places=tuple((rows.part, rows.first_row + row) for row in f.odd[:5]))
            for f, _, _ in found
        ),
    }


def _objects(values: list[Any]) -> NDArray[np.object_]:
    result = np.empty(len(values), object)
    result[:] = [value.item() if isinstance(value, np.generic) else value for value in values]
    return result


def _column(name: str, values: NDArray[Any], valid: Any, rows: Slice) -> tuple[Scan, Distinct, Levels]:
    limits = narrow(values, valid)
    if limits is not None:
        return _counted(count(values, valid, *limits, rows.factor(name), rows.rows))
    many = name in rows.known.many
    bound = rows.known.bound(name)
    found = scan(
        values, valid, bound=bound, factor=rows.factor(name), rows=rows.rows, levels=0 if many else tally.MOST
    )
    if values.dtype.kind in "iu":
        pairs = zip(narrow_parts(values, valid), found.moments, strict=True)
        found.moments = [moments if few is None else _of_counts(*few) for few, moments in pairs]
    return _sketched(name, found, rows, values.dtype)


def _sketched(
    name: str, found: Scan, rows: Slice, dtype: np.dtype[Any] = _FLOAT
) -> tuple[Scan, Distinct, Levels]:
    """What a pass found, with the smallest hashes and the levels."""
    if found.levels is not None:
        hashes = hash_numbers(np.array([*found.levels], dtype))
        return (
            found,
            Distinct.of_hashes(hashes[hashes <= rows.known.bound(name)]),
            Levels(counts=dict(sorted(found.levels.items()))),
        )
    rows.known.many.add(name)
    distinct = Distinct.of_hashes(np.concatenate(found.hashes) if found.hashes else np.empty(0, np.uint64))
    rows.known.lower(name, distinct.hashes, KEEP)
    return found, distinct, Levels(counts=None)


def _counted(found: Counted) -> tuple[Scan, Distinct, Levels]:
    """The same from the counts of whole numbers."""
    values, counts = found.values, found.counts
    scanned = Scan()
    scanned.moments = [_of_counts(*part) for part in found.parts]
    if len(values):
        scanned.extend(int(values[0]), int(values[-1]))
    scanned.zero = int(counts[values == 0].sum())
    scanned.negative = int(counts[values < 0].sum())
    levels = dict(zip(values.tolist(), counts.tolist(), strict=True)) if len(values) <= tally.MOST else None
    return scanned, Distinct.of_hashes(found.hashes), Levels(counts=levels)


def _of_counts(values: NDArray[np.int64], counts: NDArray[np.int64]) -> tuple[float, ...]:
    moments = Moments.of_counts(values, counts.reshape(1, -1))
    return tuple(getattr(moments, name)[0] for name in FIELDS)


def _moments(columns: list[list[tuple[float, ...]]]) -> Moments:
    """The sum over the stretches of every column."""
    most = max((len(column) for column in columns), default=0)
    parts = np.zeros((max(most, 1), len(columns), len(FIELDS)))
    for i, column in enumerate(columns):
        if column:
            parts[: len(column), i] = column
    return Moments.of_stretches(parts)


def _texts(group: Group, rows: Slice) -> dict[str, Any]:
    name, array, valid = group.names[0], group.values, group.valid
    if pa.types.is_dictionary(array.type):
        distinct, levels = _coded(array, rows.factor(name), rows.rows)
        return {"counts": _null_counts(group), "distinct": (distinct,), "levels": (levels,)}
    hashes = hash_strings(array)
    with np.errstate(over="ignore"):
        for part in stretches(len(hashes)):
            rows.rows[part] += hashes[part] * rows.factor(name)
    kept = hashes <= rows.known.bound(name)
    distinct = Distinct.of_hashes(hashes[kept if valid is None else kept & valid])
    rows.known.lower(name, distinct.hashes, KEEP)
    levels = Levels(counts=None)
    if name not in rows.known.many:
        levels = Levels.of(array.drop_null() if array.null_count else array)
    if not levels.few:
        rows.known.many.add(name)
    return {"counts": _null_counts(group), "distinct": (distinct,), "levels": (levels,)}


def _coded(array: pa.DictionaryArray, factor: np.uint64, rows: Hashes) -> tuple[Distinct, Levels]:
    """Texts stored as numbers of levels: each level is looked at once. There is no null among the levels."""
    hashes = hash_strings(array.dictionary)
    counts = count_places(*numbers(array.indices), hashes, factor, rows).sum(axis=0)
    used = np.flatnonzero(counts)
    return Distinct.of_hashes(hashes[used]), Levels.of_counts(
        array.dictionary.take(at_rows(used)), counts[used]
    )


def _histograms(group: Group, rows: Slice) -> dict[str, Any]:
    """Statistics of the pixels of each channel; an unreadable image has none."""
    with np.errstate(over="ignore"):
        np.add(rows.rows, mix(np.asarray(group.digests)) * rows.factor(group.names[0]), out=rows.rows)
    counts: NDArray[np.int64] = group.values.sum(axis=0, dtype=np.int64)
    values = [np.flatnonzero(channel) for channel in counts]
    zeros = np.zeros(len(counts), np.int64)
    rest = dict.fromkeys(("null", "nan", "positive_inf", "negative_inf", "negative"), zeros)
    return {
        "counts": Counts(rows=counts.sum(axis=1), zero=counts[:, 0], **rest),
        "extrema": Extrema(
            min=_objects([int(v[0]) if len(v) else None for v in values]),
            max=_objects([int(v[-1]) if len(v) else None for v in values]),
        ),
        "moments": Moments.of_counts(np.arange(counts.shape[1]), counts),
        "distinct": tuple(Distinct.of(v) for v in values),
        "levels": tuple(
            Levels(counts=dict(zip(v.tolist(), channel[v].tolist(), strict=True)))
            for v, channel in zip(values, counts, strict=True)
        ),
        "first_rows": tuple(FirstRows() for _ in values),
    }
