"""The two row samples side by side, as the shift probe reads them: numbers, codes, and why a column was left
out."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from datacheck._batch import at_rows
from datacheck._two_sample import numbers_the_rows
from datacheck.probes.encoding import filled
from datacheck.probes.shift_groups import group_counts

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

MOST_LEVELS = 1000
"""Text with more distinct values is free text or an identifier: comparing its mix says nothing."""


@dataclass(frozen=True, eq=False, kw_only=True, slots=True)
class Column:
    """One feature over both splits, training rows first: shape (n,).

    `values` are floats with NaN where missing; for a category they are codes into `levels`, by falling
    frequency. `scale` is the training split's, where these are only some of its rows;
    `vector` names the column of vectors that this is one number of.
    """

    name: str
    values: FloatArray
    infinite: npt.NDArray[np.bool_]
    levels: tuple[object, ...] | None = None
    scale: float | None = None
    vector: str | None = None

    @property
    def missing(self) -> npt.NDArray[np.bool_]:
        return np.isnan(self.values) & ~self.infinite

    def take(self, rows: IntArray) -> Column:
        return replace(self, values=self.values[rows], infinite=self.infinite[rows])


@dataclass(frozen=True, eq=False, kw_only=True, slots=True)
class Pair:
    """Training and compared rows in one table: `domain` is 0 for training rows and 1 for the others, shape
    (n,); `groups` (n,) numbers the groups that rows come in, None where every row stands for itself."""

    columns: tuple[Column, ...]
    domain: IntArray
    groups: IntArray | None = None
    skipped: dict[str, str] = field(default_factory=dict)

    @property
    def rows(self) -> tuple[int, int]:
        return int((self.domain == 0).sum()), int((self.domain == 1).sum())

    @property
    def group_counts(self) -> tuple[int, int] | None:
        """Groups in each split; None where every row stands for itself."""
        return None if self.groups is None else group_counts(self.groups, self.domain)

    def take(self, rows: IntArray) -> Pair:
        """The same columns at some rows."""
        columns = tuple(column.take(rows) for column in self.columns)
        groups = None if self.groups is None else self.groups[rows]
        return replace(self, columns=columns, domain=self.domain[rows], groups=groups)


def pair_of(train: pa.Table, test: pa.Table, leave_out: tuple[str, ...] = ()) -> Pair:
    """Features that both tables have and that can be compared; the rest is in `skipped` with its reason."""
    columns, skipped = [], {}
    ours, others = (dict(zip(side.column_names, side.columns, strict=True)) for side in (train, test))
    for name, values in ours.items():
        if name in leave_out:
            continue
        if name not in others:
            skipped[name] = "only in the training split"
            continue
        made = columns_of(name, values, others[name])
        if isinstance(made, str):
            skipped[name] = made
        else:
            columns += made
    skipped |= {name: "only in the compared split" for name in others if name not in ours}
    domain = np.repeat([0, 1], [len(train), len(test)])
    return Pair(columns=tuple(columns), domain=domain, skipped=skipped)


def columns_of(name: str, train: pa.ChunkedArray, test: pa.ChunkedArray) -> list[Column] | str:
    """The comparable columns made of one table column, or the reason why there is none."""
    kinds = {_kind(side.type) for side in (train, test)}
    if len(kinds) > 1:
        return f"{train.type} in the training split, {test.type} in the other"
    match kinds.pop():
        case "number":
            return _numbers(name, train, test)
        case "category":
            return _categories(name, train, test)
        case "vector":
            return _vectors(name, train, test)
        case _:
            return f"{train.type} columns are not compared"


def _kind(kind: pa.DataType) -> str:
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        return "number"
    if pa.types.is_boolean(kind) or pa.types.is_null(kind):
        return "number"
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return "category"
    lists = pa.types.is_fixed_size_list(kind) or pa.types.is_list(kind) or pa.types.is_large_list(kind)
    if lists and _kind(kind.value_type) == "number":
        return "vector"
    return "other"


def floats(column: pa.ChunkedArray) -> FloatArray:
    """Numbers as float64 with NaN for null, shape (n,)."""
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if not pa.types.is_floating(column.type):
        column = pc.cast(column, pa.float64(), safe=False)
    return np.asarray(column.to_numpy(zero_copy_only=False), dtype=np.float64)


def _numbers(name: str, train: pa.ChunkedArray, test: pa.ChunkedArray) -> list[Column] | str:
    values = np.concatenate([floats(train), floats(test)])
    if pa.types.is_integer(train.type) and numbers_the_rows(values):
        return "numbers the rows: every value occurs once"
    return [_number(name, values)]


def _number(name: str, values: FloatArray) -> Column:
    infinite = np.isinf(values)
    return Column(name=name, values=np.where(infinite, np.nan, values), infinite=infinite)


def _categories(name: str, train: pa.ChunkedArray, test: pa.ChunkedArray) -> list[Column] | str:
    pooled = pa.chunked_array([c for side in (train, test) for c in side.cast(pa.large_string()).chunks])
    encoded = pooled.combine_chunks().dictionary_encode()
    codes = filled(encoded.indices, -1)
    counts = np.bincount(codes[codes >= 0], minlength=len(encoded.dictionary))
    if len(counts) > min(MOST_LEVELS, max(20.0, 0.5 * len(codes))):
        return f"{len(counts):,} distinct texts in {len(codes):,} rows: an identifier or free text"
    order = np.argsort(-counts, kind="stable")
    rank = np.append(np.argsort(order), -1)
    values = np.where(codes >= 0, rank[codes], np.nan)
    levels = tuple(encoded.dictionary.take(at_rows(order)).to_pylist())
    return [Column(name=name, values=values, infinite=np.zeros(len(values), bool), levels=levels)]


def _vectors(name: str, train: pa.ChunkedArray, test: pa.ChunkedArray) -> list[Column] | str:
    from datacheck.probes.shift_reduce import as_vectors, principal_components

    before, after = as_vectors(train), as_vectors(test)
    if before is None or after is None:
        return "lists of different lengths are not compared"
    if before.type.list_size != after.type.list_size:
        return f"{before.type.list_size} entries in the training split, {after.type.list_size} in the other"
    return [
        replace(_number(f"{name}[{part}]", values), vector=name)
        for part, values in principal_components(before, after)
    ]
