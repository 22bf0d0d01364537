"""What was found, as a record and in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from datacheck.probes.alignment_rows import Dependence, LabelledRows
from datacheck.probes.alignment_stretches import Localised
from datacheck.probes.label_blocks import SHORTEST, Stretch
from datacheck.probes.offset_scan import Scan
from datacheck.records.alignment import Alignment, Block, OffsetCurve, Strip

Rows = npt.NDArray[np.int64]

STRIPS = 200
"""Points of the plot of evidence along the rows."""


def verdict(
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


def offset_curve(scan: Scan | None) -> OffsetCurve | None:
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


def no_evidence(found: Dependence) -> str:
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
