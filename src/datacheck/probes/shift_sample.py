"""The rows that are compared: groups made single rows, labelled rows, and the sample that the models read."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from datacheck.probes.shift_design import Design, linear_design, tree_design
from datacheck.probes.shift_domain import folds_of
from datacheck.probes.shift_groups import representatives
from datacheck.probes.shift_label import Label, label_of
from datacheck.probes.shift_nuisance import FOLDS, Crossed, cross_fit
from datacheck.probes.shift_table import Pair

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

FEWEST_ROWS = 30
"""Rows a split needs before anything is said about it."""

MOST_ROWS = 50_000
"""Rows of a split that the tests of columns read. On 5 million rows the verdicts of 50,000 were the same."""

MOST_TREE_COLUMNS = 60
"""Columns that the trees read; with 500, growing them would take most of the time."""

MODEL_ROWS = 5_000
"""Rows of a split that the models read."""

MODEL_CELLS = 1 << 22
"""Values of a split that the models read, above a thousand rows: 5,000 rows up to 838 columns, fewer of more."""


@dataclass(frozen=True, eq=False, kw_only=True, slots=True)
class Sample:
    """The rows that the models read: positions in the pair, features, label, folds and crossed models.

    `tree_columns` are the positions of the columns that `trees` (n, d) is made of.
    """

    rows: IntArray
    pair: Pair
    design: Design
    trees: FloatArray
    tree_columns: IntArray
    label: Label | None
    folds: IntArray
    label_model: Crossed | None


def thinned(table: pa.Table, rng: np.random.Generator) -> IntArray:
    """Positions of at most 50,000 random rows, in order."""
    return np.sort(rng.permutation(len(table))[:MOST_ROWS])


def labels_of(
    name: str | None, task: str | None, train: pa.Table, test: pa.Table
) -> tuple[Label, IntArray] | None:
    """The labels, and the rows of the pair that have one."""
    if name is None or any(name not in side.column_names for side in (train, test)):
        return None
    valid = [labelled(side[name]) for side in (train, test)]
    if min(int(v.sum()) for v in valid) < FEWEST_ROWS:
        return None
    sides = [side[name].filter(pa.array(v)) for side, v in zip((train, test), valid, strict=True)]
    return label_of(name, sides[0], sides[1], task or "classification"), np.flatnonzero(np.concatenate(valid))


def labelled(column: pa.ChunkedArray) -> npt.NDArray[np.bool_]:
    """Rows whose label is neither null nor NaN nor infinite, shape (n,)."""
    valid = pc.is_valid(column)
    if pa.types.is_floating(column.type):
        valid = pc.and_(valid, pc.fill_null(pc.is_finite(column), False))
    return np.asarray(valid.to_numpy(zero_copy_only=False), dtype=bool)


def sample_of(
    pair: Pair, labels: tuple[Label, IntArray] | None, rng: np.random.Generator, seed: int
) -> Sample:
    """At most 5,000 rows of each split, one of each group, folds that spread split and class evenly, and the
    crossed label model."""
    candidates = labels[1] if labels else np.arange(len(pair.domain))
    eligible = np.arange(len(candidates))
    if pair.groups is not None:
        eligible = representatives(pair.groups[candidates], rng)
    sides = [eligible[pair.domain[candidates[eligible]] == side] for side in (0, 1)]
    most = min(MODEL_ROWS, max(1000, MODEL_CELLS // max(len(pair.columns), 1)))
    chosen = np.sort(np.concatenate([_draw(side, most, rng) for side in sides]))
    rows = candidates[chosen]
    part = pair.take(rows)
    label = labels[0].take(chosen) if labels else None
    strata = part.domain if label is None else part.domain + 2 * label.target
    folds = folds_of(strata, FOLDS, rng)
    design = linear_design(part)
    tree_columns = _columns_for_trees(design, label, part)
    trees = tree_design(part)[:, tree_columns]
    model = None
    if label is not None:
        model = cross_fit(trees, label.target, int(label.target.max()) + 1, folds, seed)
    return Sample(
        rows=rows,
        pair=part,
        design=design,
        trees=trees,
        tree_columns=tree_columns,
        label=label,
        folds=folds,
        label_model=model,
    )


def _columns_for_trees(design: Design, label: Label | None, part: Pair) -> IntArray:
    """Of many columns, those whose terms go most with a class of the label or with the split."""
    if len(part.columns) <= MOST_TREE_COLUMNS:
        return np.arange(len(part.columns))
    wanted = (
        [part.domain]
        if label is None
        else [part.domain, *np.eye(int(label.target.max()) + 1)[label.target].T]
    )
    targets = np.stack([(w - w.mean()) / max(float(w.std()), 1e-9) for w in wanted], axis=1)
    strength = np.zeros(len(part.columns))
    np.maximum.at(strength, design.owner, np.abs(design.terms.T @ targets).max(axis=1))
    return np.sort(np.argsort(-strength, kind="stable")[:MOST_TREE_COLUMNS])


def _draw(places: IntArray, most: int, rng: np.random.Generator) -> IntArray:
    return places if len(places) <= most else rng.choice(places, most, replace=False)
