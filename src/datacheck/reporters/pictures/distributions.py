"""Distributions of the columns that a finding names."""

from collections.abc import Sequence

from ...finding import Finding
from ...profiles import ColumnProfile
from ..document import Document
from ..shapes import Histogram, histogram
from ..sparks import histogram_lines
from ..visible import short, visible
from .base import Fallback
from .class_balance import level_bars, level_lines
from .marks import WIDTH, Axis, Figure, Mark, area, between, ends, path, steps, text

_MOST = 3  # columns drawn: a finding that names more has its numbers in a table
_TALL = 92.0


class Distributions(Fallback):
    """Histograms over common bars, split by split; what differs from the reference is shaded."""

    def draw(self, finding: Finding, document: Document) -> Figure | None:
        """One panel per column, up to three."""
        found = _shapes(finding, document)
        if not found:
            return None
        splits, panels = list(document.splits), list[Figure]()
        for name, shape in found:
            top = sum(panel.height for panel in panels)
            draw = _levels if shape.categories else _numbers
            panels.append(draw(name, shape, document, finding.split, top))
        drawn = {split for _, shape in found for split in shape.shares}
        outlined = not any(shape.categories for _, shape in found)
        return Figure(
            title=_title([name for name, _ in found], outlined and len(drawn) > 1, finding, document),
            description=" ".join(panel.description for panel in panels),
            height=sum(panel.height for panel in panels),
            marks=tuple(mark for panel in panels for mark in panel.marks),
            legend=tuple(
                (f"{'outline ' * outlined}s{splits.index(split) % 6}", visible(split, 40))
                for split in splits
                if split in drawn
            ),
        )

    def lines(self, finding: Finding, document: Document, width: int) -> list[str]:
        """One line per column and split."""
        found = _shapes(finding, document)
        lines = [(name, line) for name, shape in found for line in _lines(shape, width - 19)]
        return [f"{short(name, 18):<19}{line}" if len(found) > 1 else line for name, line in lines]


def _lines(shape: Histogram, width: int) -> list[str]:
    return level_lines(shape, width) if shape.categories else histogram_lines(shape)


def _title(names: Sequence[str], outlined: bool, finding: Finding, document: Document) -> str:
    reference = document.content.get("reference", "")
    shaded = outlined and finding.split != reference
    what = f"; shaded: {visible(finding.split, 40)} against {visible(reference, 40)}" if shaded else ""
    return "Distribution of " + ", ".join(visible(name, 60) for name in names) + what


def _shapes(finding: Finding, document: Document) -> list[tuple[str, Histogram]]:
    shapes = ((name, histogram(_compared(name, finding, document))) for name in finding.columns[:_MOST])
    return [(name, shape) for name, shape in shapes if shape is not None and len(shape.labels) > 1]


def _compared(name: str, finding: Finding, document: Document) -> dict[str, ColumnProfile]:
    """The column in the finding's split and in the reference; in every split, if it is about that."""
    columns, reference = document.column(name), document.content.get("reference")
    if finding.split in (reference, ""):
        return columns
    return {split: column for split, column in columns.items() if split in (finding.split, reference)}


def _levels(name: str, shape: Histogram, document: Document, split: str, top: float) -> Figure:
    bars = level_bars(shape, list(document.splits), name, top + 18)
    head = text("label", 0, top + 12, visible(name, 50))
    return Figure(
        title=name, description=bars.description, height=bars.height - top + 8, marks=(head, *bars.marks)
    )


def _numbers(name: str, shape: Histogram, document: Document, split: str, top: float) -> Figure:
    most = max(s for shares in shape.shares.values() for s in shares) or 1.0
    x, y = Axis(0, 1, 0, WIDTH), Axis(0, most, top + _TALL, top + 20)
    splits, reference = list(document.splits), document.content.get("reference", "")
    marks = [text("label", 0, top + 12, visible(name, 50)), *_shaded(shape, reference, split, x, y)]
    marks += [_outline(shares, splits.index(key) % 6, x, y, key) for key, shares in shape.shares.items()]
    return Figure(
        title=name,
        description=f"{visible(name, 60)} from {shape.ends[0]} to {shape.ends[1]}, outer bars open.",
        height=_TALL + 26,
        marks=(*marks, *ends(x, top + _TALL, (shape.ends[0], shape.ends[1]))),
    )


def _shaded(shape: Histogram, reference: str, split: str, x: Axis, y: Axis) -> list[Mark]:
    """What differs between the split and its reference; else the only split, filled."""
    if split != reference and split in shape.shares and reference in shape.shares:
        return [between("difference", shape.shares[reference], shape.shares[split], x, y)]
    return [area("soft s0", next(iter(shape.shares.values())), x, y)] if len(shape.shares) == 1 else []


def _outline(shares: Sequence[float], index: int, x: Axis, y: Axis, name: str) -> Mark:
    return path(f"outline s{index}", steps(shares, x, y), tip=visible(name, 40))
