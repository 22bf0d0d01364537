"""Which stretches of rows have labels that are not theirs: model, path, gates, and once more without the
bad rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from datacheck.probes.alignment_rows import Dependence, LabelledRows
from datacheck.probes.block_gates import named, passes
from datacheck.probes.label_blocks import NEAR, Evidence, Stretch, file_stretches, stretches
from datacheck.probes.row_likelihood import ClassLikelihood, RowLikelihood, ValueLikelihood
from datacheck.probes.row_model import Ridge
from datacheck.probes.target import Target

Rows = npt.NDArray[np.int64]

SNAP = 16
"""Rows within which the end of a stretch is taken to be the edge of a file: ends are exact to about eight
rows."""


@dataclass(frozen=True, slots=True, eq=False)
class Localised:
    """The row model and the stretches that passed every gate, offsets relative to the realigned labels."""

    model: RowLikelihood
    evidence: Evidence
    stretches: tuple[Stretch, ...]


def localise(
    rows: LabelledRows, found: Dependence, offset: int, edges: Rows, rng: np.random.Generator
) -> Localised:
    """Fit the row model, find stretches, fit it again without them, and find them for good."""
    offsets = _offsets(found, offset)
    ridge = Ridge.plan(np.asarray(rows.encoded), rng, remembering=found.whitener is not None)
    first = _pass(rows, rows.target, found, ridge, offsets, edges, rng)
    if not first.stretches:
        return first
    repaired = _repaired(rows, first.stretches)
    if repaired.valid.sum() < rows.target.valid.sum() / 2:
        return first
    return _pass(rows, repaired, found, ridge, offsets, edges, rng)


def _repaired(rows: LabelledRows, found: Sequence[Stretch]) -> Target:
    """The labels to learn from: offset stretches moved back, shuffled ones left out."""
    at, valid = np.arange(len(rows.positions)), rows.target.valid.copy()
    for stretch in found:
        inside = slice(stretch.first, stretch.last)
        if isinstance(stretch.state, int):
            at[inside] = np.clip(at[inside] + stretch.state, 0, len(at) - 1)
        else:
            valid[inside] = False
    moved = rows.target.take(at)
    return replace(moved, valid=moved.valid & valid)


def _offsets(found: Dependence, offset: int) -> list[int]:
    """Relative offsets to try: all near ones, none at all, and the scan's other peaks unless rows have
    cycles.

    Empty where a feature is made of other rows' labels, since it fits those by right.
    """
    if found.lagged:
        return []
    far = found.scan.others() if found.scan is not None and found.whitener is None else ()
    return sorted({*range(-NEAR, NEAR + 1), -offset, *(other - offset for other in far)} - {0})


def _pass(
    rows: LabelledRows,
    lesson: Target,
    found: Dependence,
    ridge: Ridge,
    offsets: list[int],
    edges: Rows,
    rng: np.random.Generator,
) -> Localised:
    model = row_likelihood(rows, lesson, ridge, rng, remembering=found.whitener is not None)
    evidence = Evidence.of(model, offsets)
    candidates = [named(s, evidence) for s in _merged(evidence, edges)]
    kept = [s for s in candidates if passes(s, evidence, model, np.asarray(rows.encoded), found.whitener)]
    return Localised(model, evidence, tuple(kept))


def row_likelihood(
    rows: LabelledRows, lesson: Target, ridge: Ridge, rng: np.random.Generator, *, remembering: bool
) -> RowLikelihood:
    """The likelihood of each label given its row, from out-of-fold predictions learnt on `lesson`."""
    target = rows.target
    classes = target.task == "classification"
    goal = np.eye(len(target.classes))[lesson.codes] if classes else lesson.values[:, None]
    scores = ridge.predict(np.asarray(rows.encoded), goal, lesson.valid, rng)
    own = lesson.valid & (lesson.values == target.values)
    kind: type[ValueLikelihood | ClassLikelihood] = ClassLikelihood if classes else ValueLikelihood
    return kind.fit(scores, target, rows.positions, own, remembering=remembering)


def _merged(evidence: Evidence, edges: Rows) -> list[Stretch]:
    """Stretches of the path with ends snapped to files, and whole files that the path did not cover."""
    path = [_snapped(stretch, edges) for stretch in stretches(evidence)]
    if len(edges) <= 2:
        return path
    whole = [
        s
        for s in file_stretches(evidence, edges)
        if not any(p.first < s.last and s.first < p.last for p in path)
    ]
    return sorted([*path, *whole], key=lambda stretch: stretch.first)


def _snapped(stretch: Stretch, edges: Rows) -> Stretch:
    return replace(stretch, first=_nearest(stretch.first, edges), last=_nearest(stretch.last, edges))


def _nearest(row: int, edges: Rows) -> int:
    closest = int(edges[np.abs(edges - row).argmin()])
    return closest if abs(closest - row) <= SNAP else row


def file_edges(files: Sequence[tuple[str, int]] | None, positions: Rows) -> Rows:
    """Indices into the rows at which files begin, shape (files + 1,)."""
    if files is None:
        return np.array([0, len(positions)])
    bounds = np.concatenate([[0], np.cumsum([count for _, count in files])])
    return np.searchsorted(positions, bounds)
