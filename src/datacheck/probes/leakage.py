"""Does one feature, or one value of it, give the label nearly alone?"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from datacheck._batch import at_rows
from datacheck.errors import NotApplicable
from datacheck.kinds import Kind, kind_of
from datacheck.probes.alignment_rows import labelled_rows
from datacheck.probes.calibration import calibrated
from datacheck.probes.encoding import filled, numeric_values
from datacheck.probes.row_model import Ridge
from datacheck.probes.target import Target, make_target
from datacheck.probes.threads import one_thread
from datacheck.records.leakage import CategoryScore, FeatureScore, Leakage

Matrix = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]

ROWS = 20_000
"""Rows used at most: shares of explained entropy are then right to about one part in a hundred."""
CELLS = 48
"""Values or quantile bins of a feature that are told apart."""
FOLDS = 5
SMOOTHING = 1.0
"""Prior rows in each cell, spread as the labels are: a cell of three rows proves nothing."""
SURE = 0.97
"""Lower 95 % bound (Wilson 1927) of the share of one class among the rows with a value, from which it is
reported;"""
COVERS = 0.3
"""and the share of that class that must have the value."""
RARE = 0.7
"""A class with more of the labels than this is too frequent for a value to give it away."""


@one_thread()
def score_features(
    table: pa.Table, labels: pa.ChunkedArray | pa.Array, *, task: str | None = None, seed: int = 0
) -> Leakage:
    """Score each feature alone, and all together, on rows held out. Raises NotApplicable as
    `check_alignment` does.

    >>> y = np.arange(300) % 3
    >>> score_features(pa.table({"copy": y, "noise": np.arange(300) % 7}), pa.array(y)).features[0].feature
    'copy'
    """
    rng = np.random.default_rng(seed)
    target = make_target(labels, task)
    usable = np.sort(rng.permutation(np.flatnonzero(target.valid))[:ROWS])
    rows, known = table.take(at_rows(usable)), target.take(usable)
    folds = rng.permutation(len(usable)) % FOLDS
    scores, categories = [], []
    for name in table.column_names:
        cells, values = _cells(rows.column(name), kind_of(table.schema.field(name)))
        if cells is not None:
            scores.append(FeatureScore(feature=name, score=_score_alone(cells, known, folds)))
            categories += _telling(name, cells, values, known)
    return Leakage(
        features=tuple(sorted(scores, key=lambda score: (-score.score, score.feature))),
        categories=tuple(sorted(categories, key=lambda c: (-c.recall, c.feature))),
        together=_score_together(rows, known, rng),
        n_used=len(usable),
        seed=seed,
    )


def _cells(column: pa.ChunkedArray, kind: Kind) -> tuple[Rows | None, list[Any]]:
    """Cell number of each row, shape (n,), and the value of each cell (None: missing, or a range of
    numbers)."""
    if kind is Kind.TEXT:
        return _levels(column.cast(pa.string()))
    if kind not in (Kind.NUMERIC, Kind.TIMESTAMP):
        return None, []
    values = numeric_values(column)
    finite = values[np.isfinite(values)]
    distinct = np.unique(finite[:: max(1, len(finite) // 4096)])
    cuts = (
        distinct if len(distinct) <= CELLS else np.unique(np.quantile(finite, np.linspace(0, 1, CELLS)[1:-1]))
    )
    cells = np.searchsorted(cuts, values, side="left" if len(distinct) <= CELLS else "right")
    exact = [float(cut) for cut in cuts] if len(distinct) <= CELLS else [None] * len(cuts)
    missing = len(cuts) + 1
    return np.where(np.isfinite(values), cells, missing), [*exact, None, None]


def _levels(column: pa.ChunkedArray) -> tuple[Rows, list[Any]]:
    """The most frequent levels, then one cell for all others, then one for missing."""
    encoded = column.combine_chunks().dictionary_encode()
    codes = filled(encoded.indices, -1)
    counts = np.bincount(codes[codes >= 0], minlength=len(encoded.dictionary))
    order = np.argsort(-counts, kind="stable")[:CELLS]
    place = np.full(len(counts) + 1, len(order))
    place[order] = np.arange(len(order))
    place[-1] = len(order) + 1
    return place[codes], [*encoded.dictionary.take(at_rows(order)).to_pylist(), None, None]


def _score_alone(cells: Rows, target: Target, folds: Rows) -> float:
    """Held-out share explained by the cell means of the other folds."""
    goal = _goal(target)
    mean, width = goal.mean(axis=0), int(cells.max()) + 1
    total = np.zeros((FOLDS, width, goal.shape[1]))
    counts = np.zeros((FOLDS, width, 1))
    np.add.at(total, (folds, cells), goal)
    np.add.at(counts, (folds, cells), 1.0)
    others = total.sum(axis=0) - total + SMOOTHING * mean
    guess = others / (counts.sum(axis=0) - counts + SMOOTHING)
    return _share(guess[folds, cells], goal, target)


def _goal(target: Target) -> Matrix:
    if target.task == "regression":
        return target.values[:, None]
    return np.eye(len(target.classes))[target.codes]


def _share(guess: Matrix, goal: Matrix, target: Target) -> float:
    """One minus the loss over the loss of the constant guess: log-loss for classes, squared error for
    numbers."""
    if target.task == "regression":
        return float(1 - ((goal - guess) ** 2).sum() / ((goal - goal.mean()) ** 2).sum())
    constant = -np.log(target.priors[target.codes]).sum()
    own = np.maximum(guess[np.arange(len(goal)), target.codes], 1e-6)
    return float(1 + np.log(own).sum() / constant)


def _score_together(rows: pa.Table, target: Target, rng: np.random.Generator) -> float:
    try:
        encoded = np.asarray(labelled_rows(rows, target, None).encoded, dtype=np.float64)
    except NotApplicable:
        return 0.0
    ridge = Ridge.plan(encoded, rng, remembering=False)
    guess = ridge.predict(encoded, _goal(target), target.valid, rng)
    if target.task == "classification":
        guess = np.exp(calibrated([guess, np.log(np.clip(guess, 1e-3, None))], target.codes, target.valid))
    return _share(guess, _goal(target), target)


def _telling(name: str, cells: Rows, values: list[Any], target: Target) -> list[CategoryScore]:
    """Values that nearly only rows of one class have, and that many rows of that class have."""
    if target.task == "regression":
        return []
    counts = np.zeros((len(values), len(target.classes)))
    np.add.at(counts, (cells, target.codes), 1.0)
    found = []
    for cell in np.flatnonzero(counts.sum(axis=1) >= 30):
        label = int(counts[cell].argmax())
        rows, own = counts[cell].sum(), counts[cell, label]
        recall = own / counts[:, label].sum()
        named = values[cell] is not None or cell == len(values) - 1
        if named and target.priors[label] < RARE and recall >= COVERS and _wilson_lower(own, rows) >= SURE:
            found.append(_category(name, values[cell], target.classes[label], rows, own, recall))
    return found


def _category(name: str, value: Any, label: Any, rows: float, own: float, recall: float) -> CategoryScore:
    return CategoryScore(
        feature=name,
        value=value,
        label=label,
        rows=int(rows),
        precision=float(own / rows),
        recall=float(recall),
    )


def _wilson_lower(successes: float, rows: float) -> float:
    z, share = 1.96, successes / rows
    centre = share + z * z / (2 * rows)
    half = z * np.sqrt(share * (1 - share) / rows + z * z / (4 * rows * rows))
    return float((centre - half) / (1 + z * z / rows))
