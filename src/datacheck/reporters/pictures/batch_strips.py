"""What the first batches are made of."""

from typing import Any

from ...finding import Finding
from ..document import Document
from ..sparks import MARKS
from ..visible import visible
from .base import Picture
from .marks import WIDTH, Axis, Figure, Mark, ends, rect

_HEIGHT = 96.0


class BatchStrips(Picture):
    """One column per batch in the order they come, filled with the classes of its rows."""

    evidence = frozenset({"first_batches", "classes"})

    def draw(self, finding: Finding, document: Document) -> Figure | None:
        """Stacked columns, all of one height."""
        batches, classes = _batches(self.data(finding))
        if not batches:
            return None
        x = Axis(1, len(batches), 0, WIDTH)
        used = [i for i in range(len(classes)) if any(batch[i] for batch in batches)]
        bars = [bar for i, batch in enumerate(batches) for bar in _column(i, batch, WIDTH / len(batches))]
        return Figure(
            title="Classes in the first batches",
            description=f"The first {len(batches)} batches in the order they come; each column is one batch, "
            "divided by the classes of its rows.",
            height=_HEIGHT + 20,
            marks=(*bars, *ends(x, _HEIGHT, ("batch 1", f"batch {len(batches)}"))),
            legend=tuple((f"k{i}", visible(classes[i], 40)) for i in used),
        )

    def lines(self, finding: Finding, document: Document, width: int) -> list[str]:
        """One character per batch: its commonest class."""
        batches, classes = _batches(self.data(finding))
        shown = batches[: max(width - 24, 8)]
        used = sorted({_commonest(batch) for batch in shown})
        strip = "".join(MARKS[min(_commonest(batch), 7)] for batch in shown)
        legend = "  ".join(f"{MARKS[min(i, 7)]} {visible(classes[i], 16)}" for i in used)
        return (
            [f"batch 1 ▕{strip}▏ batch {len(shown)}", f"commonest class of each batch: {legend}"]
            if shown
            else []
        )


def _batches(evidence: Any) -> tuple[list[list[int]], list[str]]:
    return evidence["first_batches"], evidence["classes"]


def _column(place: int, batch: Any, wide: float) -> list[Mark]:
    total, top, bars = sum(batch) or 1, 0.0, []
    for i, rows in enumerate(batch):
        tall = rows / total * _HEIGHT
        if rows:
            bars.append(rect(f"fill k{i}", place * wide, top, wide - min(1, wide / 4), tall))
        top += tall
    return bars


def _commonest(batch: Any) -> int:
    return max(range(len(batch)), key=lambda i: batch[i])
