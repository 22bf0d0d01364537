"""label-misalignment."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from random import Random
from typing import Any

from ..dataset_profile import DatasetProfile
from ..finding import Finding, Rows
from ..records.alignment import Alignment, Block, OffsetCurve, Strip
from .base import Checker, Example

_OFFSET_FIX = "labels = np.roll(labels, {shift})  # then drop the {edge} {count} rows: their labels are lost"
_BLOCK_FIX = "keep = np.ones(len(labels), bool)\nfor first, last in {rows}:\n    keep[first:last] = False"

_DICE = Random(0)
_X = [_DICE.random() for _ in range(400)]
_Y = [int(3 * x) for x in _X]


@dataclass(frozen=True, kw_only=True)
class LabelMisalignment(Checker):
    """Labels that do not belong to their rows: offset by some rows, shuffled in a stretch, or all mixed
    up.

    What it finds:
        A header read as a label or a lost row (every label k rows off), a file or a stretch of rows whose
        labels are someone else's, a row dropped in mid-file, labels that bear no relation to the features
        at all.

    Why it matters for training:
        Networks memorise random labels, so training loss reaches zero as if all were well; only the test
        set tells, and it cannot say why.

    How it decides:
        A kernel score statistic at every shift of the label sequence, with far shifts as the null; then the
        most probable path of row-wise explanations (aligned, shuffled, offset), from out-of-fold
        predictions. Labels with memory (sorted rows, series) are whitened first, and natural lags are told
        from offsets.

    When it is wrong:
        A cause that takes effect one row later in every feature looks like an offset. Stretches of fewer
        than about 17 nats of evidence (100 rows of a task of middling difficulty) are missed, and so is all
        that stays within runs of equal labels. 'No evidence' may be a hard task: the message says what
        would have been seen.

    What to do:
        Look at how features and labels were joined; join them by a key, not by their order.

    References:
        Zhang et al. 2017, Understanding deep learning requires rethinking generalization. Liu, Lin & Ghosh
        2007 (kernel score test). Knapp & Carter 1976 (whitened delay estimation). Page 1954 (CUSUM).
    """

    requires = ("alignment",)
    clean = Example(splits={"train": {"x": _X, "y": _Y}}, label="y", task="classification")
    dirty = Example(
        splits={"train": {"x": _X, "y": [*_Y[-1:], *_Y[:-1]]}}, label="y", task="classification", finds=("y",)
    )

    silent_r2: float = 0.1
    """Labels without relation to the features are reported when at least this share of explained variance
    would have been seen: real tables with less are common, see the method's list of 26 sets."""

    def check(self, data: DatasetProfile, split: str) -> Iterator[Finding]:
        """One finding for an offset, for each bad stretch, or for no evidence."""
        found: Alignment = data.record("alignment", split)
        label = data.label(split).name
        if found.verdict == "offset" and found.offset is not None:
            yield self._offset(found, found.offset, split, label)
        for block in found.blocks:
            yield self._block(found, block, split, label)
        seen = found.detectable_r2
        if found.verdict == "no evidence" and seen is not None and seen <= self.silent_r2:
            message = f"no evidence that the features predict {label!r}: {found.reason}"
            yield self.finding(
                split,
                "warning",
                message,
                columns=[label],
                evidence=_doubt(found),
                advice=_ADVICE_NONE,
            )

    def detectable(self, data: DatasetProfile, split: str) -> str | None:
        """The smallest relation between features and labels that would have been seen."""
        seen = data.record("alignment", split).detectable_r2
        return None if seen is None else f"a relation with an R² of {seen:.3f}"

    def _offset(self, found: Alignment, offset: int, split: str, label: str) -> Finding:
        edge = "last" if offset > 0 else "first"
        return self.finding(
            split,
            "error",
            f"labels are shifted by {abs(offset)}: {found.reason}",
            columns=[label],
            evidence=_with(found, found.curve),
            advice="Join labels and rows by a key; check whether a header or a row was lost.",
            fix=_OFFSET_FIX.format(shift=-offset, edge=edge, count=abs(offset)),
        )

    def _block(self, found: Alignment, block: Block, split: str, label: str) -> Finding:
        return self.finding(
            split,
            "error",
            _block_message(block),
            columns=[label],
            rows=Rows(count=block.last - block.first, examples=tuple(range(block.first, block.last)[:5])),
            evidence=_with(found, found.strip),
            advice="Look at how this stretch was written; until it is repaired, leave it out of training.",
            fix=_BLOCK_FIX.format(rows=[(block.first, block.last)]),
        )


_ADVICE_NONE = "Check the join of features and labels on a few rows by eye; if it is right, the task is hard."


def _with(found: Alignment, plot: OffsetCurve | Strip | None) -> dict[str, Any]:
    """The record with the numbers of its picture."""
    return found.to_json() | ({} if plot is None else asdict(plot))


def _doubt(found: Alignment) -> dict[str, Any]:
    """The record with its learning curves: labels without relation to their rows are learnt like shuffled
    ones."""
    learning = found.learning
    return _with(found, found.curve) if learning is None else found.to_json() | learning.picture()


def _block_message(block: Block) -> str:
    rows = block.last - block.first
    where = f"{block.file}: {rows:,} rows" if block.file else f"rows {block.first:,} to {block.last - 1:,}"
    if block.kind == "offset":
        return f"{where} have shifted labels: that of row i sits at row i{block.offset:+d}"
    return f"{where} have labels that do not belong to them"
