"""The label as the shift probe sees it: classes or bins, P(y), and the strata inside which P(x|y) is
compared."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from datacheck._batch import at_rows
from datacheck._two_sample import compare_numbers
from datacheck.probes.encoding import filled
from datacheck.probes.shift_columns import number_shares
from datacheck.probes.shift_groups import level_shares
from datacheck.probes.shift_table import Pair, floats
from datacheck.records.column_shift import ColumnShift, LabelShift

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

MOST_CLASSES = 8
"""Classes the label model tells apart; the rarer ones are one class to it (not to the test of P(y))."""

STRATA = 10
"""Bins of a regression label inside which P(x|y) is compared."""

MODEL_BINS = 4
"""Bins of a regression label that the label model tells apart."""


@dataclass(frozen=True, eq=False, kw_only=True, slots=True)
class Label:
    """Labels over both splits, training rows first.

    `target` (n,) are the classes that models learn, `strata` (n,) those inside which features are compared;
    `names` are the classes of a classification, in the order of `counts` (2, k).
    """

    name: str
    target: IntArray
    strata: IntArray
    names: tuple[object, ...]
    counts: npt.NDArray[np.int64]
    numbers: FloatArray | None = None

    def take(self, rows: IntArray) -> Label:
        """The labels of some rows; `counts` stay those of all."""
        numbers = None if self.numbers is None else self.numbers[rows]
        return Label(
            name=self.name,
            target=self.target[rows],
            strata=self.strata[rows],
            names=self.names,
            counts=self.counts,
            numbers=numbers,
        )


def label_of(name: str, train: pa.ChunkedArray, test: pa.ChunkedArray, task: str) -> Label:
    """Labels of a classification or regression task; both sides must be free of nulls."""
    domain = np.repeat([0, 1], [len(train), len(test)])
    if task == "regression":
        values = np.concatenate([floats(train), floats(test)])
        return Label(
            name=name,
            target=_bins(values, MODEL_BINS),
            strata=_bins(values, STRATA),
            names=(),
            counts=np.zeros((2, 0), np.int64),
            numbers=values,
        )
    names, codes = classes_of(train, test)
    counts = np.stack([np.bincount(codes[domain == side], minlength=len(names)) for side in (0, 1)])
    merged = np.minimum(codes, MOST_CLASSES - 1)
    return Label(name=name, target=merged, strata=codes, names=names, counts=counts)


def _bins(values: FloatArray, count: int) -> IntArray:
    edges = np.unique(np.quantile(values, np.arange(1, count) / count))
    return np.unique(np.searchsorted(edges, values), return_inverse=True)[1].astype(np.int64)


def classes_of(*sides: pa.ChunkedArray) -> tuple[tuple[object, ...], IntArray]:
    """Distinct labels by falling frequency, and the position of each row's label among them, shape (n,)."""
    if pa.types.is_dictionary(sides[0].type):
        sides = tuple(side.cast(side.type.value_type) for side in sides)
    chunks = [chunk for side in sides for chunk in side.cast(sides[0].type).chunks]
    encoded = pa.chunked_array(chunks, sides[0].type).combine_chunks().dictionary_encode()
    codes = filled(encoded.indices, -1)
    order = np.argsort(-np.bincount(codes, minlength=len(encoded.dictionary)), kind="stable")
    return tuple(encoded.dictionary.take(at_rows(order)).to_pylist()), np.argsort(order)[codes]


def label_shift(label: Label, pair: Pair) -> LabelShift | None:
    """P(y) of the two splits, whose rows are those of the label; None when a side has no label."""
    if label.numbers is not None:
        sides = [label.numbers[pair.domain == side] for side in (0, 1)]
        numbers = compare_numbers(*sides, independent=number_shares(label.numbers, pair))
        return None if numbers is None else LabelShift(column=ColumnShift.of_values(label.name, numbers))
    shares = level_shares(label.strata, pair.domain, pair.groups)
    train, test = (
        {name: float(c * share) for name, c in zip(label.names, side, strict=True) if c}
        for side, share in zip(label.counts, shares, strict=True)
    )
    return LabelShift.of_classes(label.name, train, test)
