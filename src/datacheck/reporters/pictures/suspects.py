"""Rows whose labels are probably wrong, worst first."""

from typing import Any

from ..._format import percent
from ...finding import Finding
from ..document import Document
from ..visible import visible
from .base import Picture
from .marks import WIDTH, Axis, Figure, Mark, fitting, rect, text, wide

_MOST = 12
_ROW = 17
_GUTTER = 254  # units for the row, the label given and the likelier one


class Suspects(Picture):
    """A bar per row: the chance that its label is wrong, with the label given and the one suggested.

    Evidence `suspects` lists (row, score, given, suggested).
    """

    evidence = frozenset({"suspects"})

    def draw(self, finding: Finding, document: Document) -> Figure | None:
        """The worst rows."""
        found = [item for item in map(_suspect, self.data(finding)["suspects"]) if item is not None][:_MOST]
        if not found:
            return None
        room = (_GUTTER - 16 - wide(" → ") - max(wide(f"{item[0]:,}") for item in found)) / 2
        x = Axis(0, 1, _GUTTER, WIDTH - 60)  # beside it ">99.9 %" of a narrow screen
        return Figure(
            title="Labels that are probably wrong: row, given → likelier",
            description=f"The {len(found)} rows whose labels are most probably wrong.",
            height=len(found) * _ROW + 4,
            marks=tuple(mark for i, item in enumerate(found) for mark in _row(item, i * _ROW + 2, x, room)),
        )

    def lines(self, finding: Finding, document: Document, width: int) -> list[str]:
        """One line a row."""
        found = [item for item in map(_suspect, self.data(finding)["suspects"]) if item is not None][:5]
        return [f"{_name(item)}  {percent(item[1])}" for item in found]


def _suspect(item: Any) -> tuple[int, float, str, str] | None:
    if isinstance(item, dict):
        item = [item.get(name) for name in ("row", "score", "given", "suggested")]
    if not isinstance(item, (list, tuple)) or len(item) < 4 or not isinstance(item[1], (int, float)):
        return None
    return item[0], float(item[1]), visible(item[2], 40), visible(item[3], 40)


def _name(item: tuple[int, float, str, str]) -> str:
    return f"row {item[0]:,}: {item[2]} → {item[3]}"


def _row(item: tuple[int, float, str, str], y: float, x: Axis, room: float) -> list[Mark]:
    """The row's number, two labels of at most `room` units, and the bar."""
    length = x.at(item[1]) - x.start
    return [
        text("label", 0, y + 11, f"{item[0]:,}"),
        text("label", _GUTTER - 8, y + 11, " → ".join(fitting(label, room) for label in item[2:]), "end"),
        rect("fill bad", x.start, y + 2, length, 11, _name(item)),
        text("value", x.start + length + 4, y + 11, percent(item[1])),
    ]
