"""What a label probe needs to know of the labels: classes or ranks, and centred scores for quadratic
statistics."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from scipy.special import ndtri

from datacheck._ranks import mid_ranks
from datacheck.errors import InputError, NotApplicable
from datacheck.kinds import Kind, kind_of
from datacheck.probes.encoding import filled, numeric_values

Matrix = npt.NDArray[np.float64]
Task = Literal["classification", "regression"]

MIN_ROWS = 30
"""Labelled rows under which no probe is tried: a permutation test of so few rows sees only near-perfect
fits."""
OWN_CLASSES = 32
"""Beyond 64 classes the 32 most frequent keep their own code and the others share 32 buckets: the row
model keeps a probability for each code."""
SCORES = 6
"""Columns of the score matrix at most; more classes are projected at random on that many."""
FEW_VALUES = 20
"""Numeric labels with no more distinct whole values than this are taken for classes when no task is given."""


@dataclass(frozen=True, slots=True, eq=False)
class Target:
    """Labels ready for a probe.

    `values`, shape (n,): the class code or the normal score of the label; `valid`, shape (n,): False where
    the label is missing; `classes`: the class of each code, None for a bucket of rare ones; empty for
    regression.
    """

    task: Task
    values: Matrix
    valid: npt.NDArray[np.bool_]
    classes: tuple[Any, ...] = ()

    @property
    def codes(self) -> npt.NDArray[np.int64]:
        """Class codes, shape (n,); 0 where missing."""
        return self.values.astype(np.int64)

    @property
    def priors(self) -> Matrix:
        """Share of each class among labelled rows, shape (classes,)."""
        counts = np.bincount(self.codes[self.valid], minlength=len(self.classes))
        return np.asarray(counts / max(1, counts.sum()))

    def scores(self, rng: np.random.Generator) -> Matrix:
        """Centred columns whose quadratic statistics test dependence, shape (n, at most 6); 0 where missing.

        Class indicators over the root of their share (the chi-square scaling), or the normal scores.
        """
        raw = self.values[:, None] if self.task == "regression" else self._contrasts(rng)[self.codes]
        raw = raw - raw[self.valid].mean(axis=0)
        return np.where(self.valid[:, None], raw, 0.0)

    def _contrasts(self, rng: np.random.Generator) -> Matrix:
        """One row for each class: an orthogonal transform of the scaled indicators, shape (classes,
        columns)."""
        shares = np.maximum(self.priors, 1 / len(self.values))
        scaled = np.diag(shares**-0.5) - np.sqrt(shares)[None, :]
        width = len(shares) - 1
        if width <= SCORES:
            return (
                np.linalg.svd(scaled)[0][:, :width] / np.sqrt(shares)[:, None] if width > 1 else scaled[:, :1]
            )
        return scaled @ rng.standard_normal((len(shares), SCORES))

    def take(self, rows: npt.NDArray[np.int64]) -> Target:
        """The target of some rows."""
        return Target(self.task, self.values[rows], self.valid[rows], self.classes)


def make_target(labels: pa.ChunkedArray | pa.Array, task: str | None = None) -> Target:
    """Labels as a `Target`; raises NotApplicable where no alignment of them can be tested."""
    column = labels if isinstance(labels, pa.ChunkedArray) else pa.chunked_array([labels])
    kind = kind_of(pa.field("label", column.type))
    if kind not in (Kind.NUMERIC, Kind.TEXT):
        raise NotApplicable(f"labels of type {column.type} are neither classes nor numbers")
    if task not in (None, "classification", "regression"):
        raise InputError(f"task {task!r} is unknown; expected 'classification' or 'regression'")
    chosen = task or _guess_task(column, kind)
    target = _classes(column, kind) if chosen == "classification" else _ranks(column)
    _refuse(target)
    return target


def _guess_task(column: pa.ChunkedArray, kind: Kind) -> Task:
    if kind is Kind.TEXT:
        return "classification"
    values = numeric_values(column)
    distinct = np.unique(values[np.isfinite(values)])
    few = len(distinct) <= FEW_VALUES and bool(np.all(distinct == np.round(distinct)))
    return "classification" if few else "regression"


def _classes(column: pa.ChunkedArray, kind: Kind) -> Target:
    if pa.types.is_floating(column.type):
        column = pa.chunked_array([pa.array(numeric_values(column), from_pandas=True)])
    encoded = column.combine_chunks().dictionary_encode()
    codes = filled(encoded.indices, -1)
    names, valid = encoded.dictionary.to_pylist(), codes >= 0
    counts = np.bincount(codes[valid], minlength=len(names))
    if len(names) > 1 and counts[counts >= 3].sum() < valid.sum() / 2:
        raise NotApplicable(
            f"{len(names)} classes for {valid.sum()} labelled rows: too few rows in each class"
        )
    order = sorted(range(len(names)), key=lambda code: (-counts[code], str(names[code])))
    return _renumbered(codes, valid, [names[code] for code in order], np.argsort(order))


def _renumbered(
    codes: npt.NDArray[np.int64], valid: npt.NDArray[np.bool_], names: list[Any], place: npt.NDArray[np.int64]
) -> Target:
    """Codes by falling frequency; of more than 64 classes the rare ones share buckets."""
    if not names:
        return Target("classification", np.zeros(len(codes)), valid)
    if len(names) > 2 * OWN_CLASSES:
        place = np.where(place < OWN_CLASSES, place, OWN_CLASSES + place % OWN_CLASSES)
        names = [*names[:OWN_CLASSES], *[None] * OWN_CLASSES]
    return Target("classification", np.where(valid, place[codes], 0).astype(np.float64), valid, tuple(names))


def _ranks(column: pa.ChunkedArray) -> Target:
    values = numeric_values(column)
    valid = np.isfinite(values)
    scores = np.zeros(len(values))
    scores[valid] = ndtri((mid_ranks(values[valid]) - 0.5) / max(1, valid.sum()))
    return Target("regression", scores, valid)


def _refuse(target: Target) -> None:
    rows = int(target.valid.sum())
    if rows < MIN_ROWS:
        raise NotApplicable(f"{rows} labelled rows; an alignment probe needs {MIN_ROWS}")
    if np.ptp(target.values[target.valid]) == 0:
        raise NotApplicable("all labels are the same")
