"""Do the labels belong to the samples? One verdict for a split."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from datacheck.probes.alignment_rows import Dependence, LabelledRows, dependence, labelled_rows
from datacheck.probes.block_gates import named, passes
from datacheck.probes.label_blocks import NEAR, SHORTEST, Evidence, Stretch, file_stretches, stretches
from datacheck.probes.offset_gates import columns_agree
from datacheck.probes.offset_scan import Scan
from datacheck.probes.row_likelihood import ClassLikelihood, RowLikelihood, ValueLikelihood
from datacheck.probes.row_model import Ridge
from datacheck.probes.target import Task, make_target
from datacheck.records.alignment import Alignment, Block, OffsetCurve, Strip

Matrix = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]

SIGNAL = 1e-3
"""p-value under which features are said to predict the labels: one shuffled data set in a thousand passes."""
SNAP = 16
"""Rows within which the end of a stretch is taken to be the edge of a file: ends are exact to about eight
rows."""
STRIPS = 200
"""Points of the plot of evidence along the rows."""


def check_alignment(
    table: pa.Table,
    labels: pa.ChunkedArray | pa.Array,
    *,
    task: Task | None = None,
    files: Sequence[tuple[str, int]] | None = None,
    positions: Rows | None = None,
    seed: int = 0,
) -> Alignment:
    """Say whether labels belong to their rows, are offset, shuffled in a stretch, or bear no relation to
    them.

    `table` holds the features, `labels` one label for each row. `positions`, shape (rows,), are the rows'
    places in the split when they are a sample (random rows and contiguous windows may be mixed); without
    it the rows are taken to be consecutive. `files` lists the source files in order, each with its number
    of rows in the split.

    Raises NotApplicable where the question has no meaning: too few rows, one class, no feature that
    varies.

    >>> rng = np.random.default_rng(0)
    >>> x = rng.normal(size=600)
    >>> y = np.roll(x + rng.normal(size=600), 1)
    >>> check_alignment(pa.table({"x": x}), pa.array(y)).label
    'offset 1'
    """
    rng = np.random.default_rng(seed)
    rows = labelled_rows(table, make_target(labels, task), positions)
    found = dependence(rows, rng)
    offset = claimed_offset(found, rows)
    base = Alignment(
        verdict="no evidence",
        reason=_no_evidence(found),
        p_value=found.p_value,
        detectable_r2=found.test.detectable_r2,
        n_used=int(rows.target.valid.sum()),
        seed=seed,
        curve=_curve(found.scan),
    )
    if offset == 0 and found.p_value >= SIGNAL:
        return base
    edges = _edges(files, rows.positions)
    localised = localise(rows.realigned(offset) if offset else rows, found, offset, edges, rng)
    return _verdict(base, rows, localised, offset, files)


def claimed_offset(found: Dependence, rows: LabelledRows) -> int:
    """The offset of the scan if it is beyond doubt and no natural lag of a series, else 0."""
    offset = found.scan.claimed if found.scan is not None else 0
    if offset == 0 or found.whitener is None or found.lagged:
        return 0 if found.lagged else offset
    scores = rows.target.scores(np.random.default_rng(0))[rows.window]
    encoded = np.asarray(rows.encoded[rows.window], dtype=np.float64)
    white = found.whitener.apply(encoded), found.whitener.apply(scores)
    return offset if columns_agree(*white, offset) else 0


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
    usable = rows.target.valid
    first = _pass(rows, found, ridge, usable, offsets, edges, rng)
    if not first.stretches:
        return first
    clean = usable.copy()
    for stretch in first.stretches:
        clean[stretch.first : stretch.last] = False
    if clean.sum() < usable.sum() / 2:
        return first
    return _pass(rows, found, ridge, clean, offsets, edges, rng)


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
    found: Dependence,
    ridge: Ridge,
    usable: npt.NDArray[np.bool_],
    offsets: list[int],
    edges: Rows,
    rng: np.random.Generator,
) -> Localised:
    model = row_likelihood(rows, ridge, usable, rng, remembering=found.whitener is not None)
    evidence = Evidence.of(model, offsets)
    candidates = [named(s, evidence) for s in _merged(evidence, edges)]
    kept = [s for s in candidates if passes(s, evidence, model, np.asarray(rows.encoded), found.whitener)]
    return Localised(model, evidence, tuple(kept))


def row_likelihood(
    rows: LabelledRows,
    ridge: Ridge,
    usable: npt.NDArray[np.bool_],
    rng: np.random.Generator,
    *,
    remembering: bool,
) -> RowLikelihood:
    """The likelihood of each label given its row, from out-of-fold predictions."""
    target = rows.target
    goal = (
        target.values[:, None] if target.task == "regression" else np.eye(len(target.classes))[target.codes]
    )
    scores = ridge.predict(np.asarray(rows.encoded), goal, usable, rng)
    kind: type[ValueLikelihood | ClassLikelihood]
    kind = ValueLikelihood if target.task == "regression" else ClassLikelihood
    return kind.fit(scores, target, rows.positions, usable, remembering=remembering)


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


def _edges(files: Sequence[tuple[str, int]] | None, positions: Rows) -> Rows:
    """Indices into the rows at which files begin, shape (files + 1,)."""
    if files is None:
        return np.array([0, len(positions)])
    bounds = np.concatenate([[0], np.cumsum([count for _, count in files])])
    return np.searchsorted(positions, bounds)


def _verdict(
    base: Alignment,
    rows: LabelledRows,
    localised: Localised,
    offset: int,
    files: Sequence[tuple[str, int]] | None,
) -> Alignment:
    blocks = tuple(_blocks(localised, offset, rows.positions, files))
    shared = replace(
        base, blocks=blocks, strip=_strip(localised, rows.positions), suspicion=-localised.model.ratio(0)
    )
    if blocks:
        return replace(shared, verdict="block", reason=_block_reason(blocks))
    if offset:
        return replace(shared, verdict="offset", offset=offset, reason=_offset_reason(offset))
    return replace(shared, verdict="aligned", reason="the labels fit their own rows better than any others")


def _blocks(
    localised: Localised, offset: int, positions: Rows, files: Sequence[tuple[str, int]] | None
) -> list[Block]:
    """Absolute stretches; where only part of the rows is offset, that part is the block."""
    found = list(localised.stretches)
    if offset and any(stretch.state == -offset for stretch in found):
        found = _complement(found, offset, len(positions))
    elif offset:
        found = [
            stretch for stretch in found if min(stretch.first, len(positions) - stretch.last) > abs(offset)
        ]
    return [_block(stretch, offset, positions, files) for stretch in found]


def _complement(found: list[Stretch], offset: int, rows: int) -> list[Stretch]:
    """The rows around the aligned stretches as offset ones; the other stretches as they are."""
    fine = [s for s in found if s.state == -offset]
    other = [s for s in found if s.state != -offset]
    inner = sorted([(s.first, s.last) for s in found])
    cuts = [0, *[edge for pair in inner for edge in pair], rows]
    odds = sum(s.log_odds for s in fine)
    gaps = [
        Stretch(first=a, last=b, state=0, log_odds=odds)
        for a, b in zip(cuts[::2], cuts[1::2], strict=True)
        if b - a >= SHORTEST
    ]
    return sorted([*gaps, *other], key=lambda stretch: stretch.first)


def _block(stretch: Stretch, offset: int, positions: Rows, files: Sequence[tuple[str, int]] | None) -> Block:
    first, last = int(positions[stretch.first]), int(positions[stretch.last - 1]) + 1
    shift = stretch.state + offset if isinstance(stretch.state, int) else None
    return Block(
        first=first,
        last=last,
        kind="shuffled" if shift is None else "offset",
        offset=shift,
        file=_file(first, last, files),
        log_odds=stretch.log_odds,
    )


def _file(first: int, last: int, files: Sequence[tuple[str, int]] | None) -> str | None:
    """The file whose rows these are, when they are nearly all of one file and of no other."""
    bounds = np.concatenate([[0], np.cumsum([count for _, count in files or ()])]).astype(int)
    for (name, count), (low, high) in zip(files or (), pairwise(bounds), strict=True):
        inside = min(last, high) - max(first, low)
        if inside >= 0.9 * count and inside >= 0.9 * (last - first):
            return name
    return None


def _curve(scan: Scan | None) -> OffsetCurve | None:
    if scan is None:
        return None
    keep = np.argsort(-scan.strength)[:200]
    near = np.flatnonzero(np.abs(scan.offsets) <= 100)
    chosen = np.unique(np.concatenate([keep, near]))
    return OffsetCurve(
        offsets=tuple(scan.offsets[chosen].tolist()),
        strength=tuple(scan.strength[chosen].round(3).tolist()),
        peak=scan.peak,
        threshold=float(scan.null.max()),
    )


def _strip(localised: Localised, positions: Rows) -> Strip:
    nats = localised.model.ratio(0)
    starts = np.unique(np.linspace(0, len(nats), STRIPS, endpoint=False).astype(np.int64))
    sizes = np.diff(np.append(starts, len(nats)))
    means = np.add.reduceat(nats, starts) / sizes
    return Strip(starts=tuple(positions[starts].tolist()), nats=tuple(means.round(4).tolist()))


def _no_evidence(found: Dependence) -> str:
    seen = found.test.detectable_r2
    bound = (
        f"a share of explained variance of {seen:.3f} would have been seen"
        if seen
        else "too few rows to say more"
    )
    memory = "; rows are sorted or remember each other, and agreement of slow drifts does not count"
    return f"either the task is hard or the labels are misaligned: {bound}{memory if found.whitener else ''}"


def _offset_reason(offset: int) -> str:
    cause = (
        "a header was read as a label, or a row was lost"
        if offset > 0
        else "a label was lost, or a row was added"
    )
    return f"the label of row i sits at row i{offset:+d}: {cause}"


def _block_reason(blocks: Sequence[Block]) -> str:
    rows = sum(block.last - block.first for block in blocks)
    return f"{rows} rows in {len(blocks)} stretches have labels that do not belong to them"
