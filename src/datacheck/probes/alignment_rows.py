"""Rows ready for the alignment probes, and the two questions asked of all of them at once."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from datacheck._batch import at_rows
from datacheck.errors import InputError, NotApplicable
from datacheck.probes.alignment_basis import Lift, eigenbases
from datacheck.probes.alignment_omnibus import Omnibus, omnibus
from datacheck.probes.encoding import Encoder
from datacheck.probes.offset_gates import made_of_labels
from datacheck.probes.offset_scan import Scan, offset_scan, usable_rows
from datacheck.probes.target import MIN_ROWS, Target
from datacheck.probes.whitening import Whitener

Matrix = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]

WINDOW = 65_536
"""Rows of the offset scan: 8,193 offsets against 57,000 far shifts."""
OMNIBUS_ROWS = 8_192
"""Rows of the permutation test: an R2 of 0.02 is found in all of a hundred tries by 8,000 rows."""
ENCODED_ROWS = 65_536
"""Rows that fix the encoding, and rows encoded at a time."""
PARTICIPATING = 60
"""Rows that must carry the whitened labels: of sorted ones, the runs' ends or the tails alone remain."""
CELLS = 120_000_000
"""Encoded numbers kept at most (480 MB); longer tables keep their first rows."""


@dataclass(frozen=True, slots=True, eq=False)
class LabelledRows:
    """Encoded rows, shape (n, d), and their labels, in the order of their `positions` in the split."""

    encoded: npt.NDArray[np.float32]
    target: Target
    positions: Rows

    @property
    def window(self) -> slice:
        """The longest run of consecutive rows, at most WINDOW of them."""
        starts = np.concatenate([[0], np.flatnonzero(np.diff(self.positions) != 1) + 1])
        lengths = np.diff(np.append(starts, len(self.positions)))
        longest = int(lengths.argmax())
        return slice(int(starts[longest]), int(starts[longest] + min(lengths[longest], WINDOW)))

    def realigned(self, offset: int) -> LabelledRows:
        """The same rows, each with the label `offset` rows further on."""
        at = np.clip(np.arange(len(self.positions)) + offset, 0, len(self.positions) - 1)
        kept = self.positions[at] == self.positions + offset
        moved = self.target.take(at)
        return replace(self, target=replace(moved, valid=moved.valid & kept))


def labelled_rows(table: pa.Table, target: Target, positions: Rows | None) -> LabelledRows:
    """Encode the features of a table; raises NotApplicable when none of them varies."""
    rows = np.arange(table.num_rows) if positions is None else np.asarray(positions, dtype=np.int64)
    if not len(rows) == len(target.values) == table.num_rows:
        raise InputError(
            f"{table.num_rows} rows, {len(target.values)} labels, {len(rows)} positions: pass as many of each"
        )
    order = np.argsort(rows, kind="stable")
    if np.any(order[1:] < order[:-1]):
        table, target, rows = table.take(at_rows(order)), target.take(order), rows[order]
    encoded = _encoded(table)
    return LabelledRows(encoded, target.take(np.arange(len(encoded))), rows[: len(encoded)])


def _encoded(table: pa.Table) -> npt.NDArray[np.float32]:
    some = np.unique(np.linspace(0, table.num_rows - 1, ENCODED_ROWS).astype(np.int64))
    encoder = Encoder.fit(table if len(some) == table.num_rows else table.take(at_rows(some)))
    if not encoder.parts:
        raise NotApplicable(
            "no feature varies: all are constant, identifiers, free text or of an unknown type"
        )
    rows = min(table.num_rows, CELLS // encoder.width)
    result = np.empty((rows, encoder.width), dtype=np.float32)
    for start in range(0, rows, ENCODED_ROWS):
        stop = min(rows, start + ENCODED_ROWS)
        result[start:stop] = encoder.transform(table.slice(start, stop - start))
    return result


@dataclass(frozen=True, slots=True, eq=False)
class Dependence:
    """Whether features predict labels at all, and at which offset.

    `scan` is None without enough rows in a run, `whitener` without memory in the labels; `lagged`: a
    feature is made of the labels of other rows.
    """

    scan: Scan | None
    test: Omnibus
    whitener: Whitener | None
    lagged: bool

    @property
    def p_value(self) -> float:
        """Of independence at offset 0; with memory in the labels, only the order-keeping test counts."""
        if self.scan is None:
            return self.test.p_value
        shifted = self.scan.p_value(0)
        if self.whitener is None:
            return min(1.0, 2 * min(shifted, self.test.p_value))
        return max(shifted, self.test.p_value)


def dependence(rows: LabelledRows, rng: np.random.Generator) -> Dependence:
    """Omnibus test and offset scan; both on whitened rows where neighbouring labels resemble each other."""
    scores = rows.target.scores(rng)
    window = rows.window
    run = window.stop - window.start
    whitener = Whitener.fit(scores[window]) if run >= 2 * MIN_ROWS else None
    if whitener is not None and participating(whitener.apply(scores[window])) < PARTICIPATING:
        return Dependence(None, Omnibus(1.0, None), whitener, False)
    lift = Lift.fit(np.asarray(rows.encoded[: 4 * OMNIBUS_ROWS], dtype=np.float64), rng)
    scan = _scan(rows.encoded[window], scores[window], lift, whitener) if run >= 2 * MIN_ROWS else None
    lagged = whitener is not None and bool(made_of_labels(rows.encoded[window], scores[window]).any())
    return Dependence(scan, _test(rows, scores, lift, whitener, rng), whitener, lagged)


def participating(scores: Matrix) -> float:
    """Effective number of rows in a sum of squares, (sum s)^2 / sum s^2 of the rows' squared scores."""
    squares = (scores**2).sum(axis=1)
    return float(squares.sum() ** 2 / max((squares**2).sum(), 1e-300))


def _scan(
    encoded: npt.NDArray[np.float32], scores: Matrix, lift: Lift, whitener: Whitener | None
) -> Scan | None:
    blocks, seen = whitened(lift, encoded, scores, whitener)
    n = usable_rows(len(seen))
    bases = eigenbases([block[:n] for block in blocks])
    return offset_scan(bases, seen[:n] - seen[:n].mean(axis=0)) if bases else None


def whitened(
    lift: Lift, encoded: npt.NDArray[np.float32], scores: Matrix, whitener: Whitener | None
) -> tuple[list[Matrix], Matrix]:
    """Feature blocks and label scores, both through the whitener if there is one."""
    blocks = lift.blocks(np.asarray(encoded, dtype=np.float64))
    if whitener is None:
        return blocks, scores
    return [whitener.apply(block) for block in blocks], whitener.apply(scores)


def _test(
    rows: LabelledRows, scores: Matrix, lift: Lift, whitener: Whitener | None, rng: np.random.Generator
) -> Omnibus:
    """On a random sample of all labelled rows; with memory, on whitened rows of the window."""
    if whitener is None:
        labelled = np.flatnonzero(rows.target.valid)
        some = np.sort(rng.permutation(labelled)[:OMNIBUS_ROWS])
        blocks, seen = whitened(lift, rows.encoded[some], scores[some], None)
    else:
        blocks, seen = whitened(lift, rows.encoded[rows.window], scores[rows.window], whitener)
        some = np.sort(rng.permutation(len(seen))[:OMNIBUS_ROWS])
        blocks, seen = [block[some] for block in blocks], seen[some]
    bases = eigenbases(blocks)
    return omnibus(bases, seen - seen.mean(axis=0), rng) if bases else Omnibus(1.0, None)
