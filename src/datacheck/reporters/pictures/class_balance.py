"""Classes by split."""

from collections.abc import Mapping

from ..._format import percent
from ...finding import Finding
from ..document import Document
from ..shapes import Histogram, balance
from ..sparks import histogram_lines, share_lines
from ..visible import visible
from .base import Picture
from .marks import WIDTH, Axis, Figure, Mark, fitting, rect, text

_GUTTER = 104
_BAR = 9
_FEW = 4  # levels that are written out line by line in characters


class ClassBalance(Picture):
    """A bar per class and split, as long as the class's share of the split's rows."""

    checkers = frozenset({"class-imbalance", "label-shift", "unseen-label"})

    def draw(self, finding: Finding, document: Document) -> Figure | None:
        """Bars of the label's classes in every split."""
        shape = _balance(document)
        return self.figure(shape, document) if shape is not None else None

    @staticmethod
    def figure(shape: Histogram, document: Document) -> Figure:
        """Bars of the label's classes."""
        return level_bars(shape, list(document.splits), "Share of each class, by split")

    def lines(self, finding: Finding, document: Document, width: int) -> list[str]:
        """One line per class and split."""
        shape = _balance(document)
        return level_lines(shape, width) if shape is not None else []


def level_lines(shape: Histogram, width: int) -> list[str]:
    """One line per level and split where these are few, else one per split."""
    return share_lines(shape, width) if len(shape.labels) <= _FEW else histogram_lines(shape)


def level_bars(shape: Histogram, splits: list[str], title: str, top: float = 0) -> Figure:
    """Bars of levels by split."""
    most = max((s for shares in shape.shares.values() for s in shares), default=1.0) or 1.0
    x = Axis(0, most, _GUTTER, WIDTH - 60)
    tall = len(shape.shares) * (_BAR + 1) + 6
    marks = [
        m for i, label in enumerate(shape.labels) for m in _level(i, label, shape, splits, x, top + i * tall)
    ]
    return Figure(
        title=title,
        description=_words(shape),
        height=top + len(shape.labels) * tall + 2,
        marks=tuple(marks),
        legend=tuple((f"s{splits.index(split) % 6}", visible(split, 40)) for split in shape.shares),
    )


def _balance(document: Document) -> Histogram | None:
    columns = document.column(document.label) if document.label is not None else {}
    return balance(columns) if columns else None


def _level(at: int, label: str, shape: Histogram, splits: list[str], x: Axis, top: float) -> list[Mark]:
    middle = top + len(shape.shares) * (_BAR + 1) / 2 + 4
    name = visible(label, 60)
    marks = [text("label", _GUTTER - 8, middle, fitting(label, _GUTTER - 8), "end")]
    for row, (split, shares) in enumerate(shape.shares.items()):
        y = top + row * (_BAR + 1)
        wide = x.at(shares[at]) - x.start
        tip = f"{name}, {visible(split, 40)}: {percent(shares[at])}"
        marks.append(rect(f"fill s{splits.index(split) % 6}", x.start, y, max(wide, 0.8), _BAR, tip))
        marks.append(text("value", x.start + wide + 4, y + _BAR - 1, percent(shares[at])))
    return marks


def _words(shape: Histogram) -> str:
    shares: Mapping[str, tuple[float, ...]] = shape.shares
    parts = [
        f"{visible(split, 40)}: "
        + ", ".join(
            f"{visible(name, 40)} {percent(share)}" for name, share in zip(shape.labels, values, strict=True)
        )
        for split, values in shares.items()
    ]
    return "; ".join(parts)[:600]
