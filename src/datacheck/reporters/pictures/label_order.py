"""The labels from the first row to the last."""

from typing import Any

from ...finding import Finding
from ..document import Document
from ..shapes import order_strip
from ..sparks import strip_lines
from ..visible import visible
from .base import Picture
from .marks import WIDTH, Axis, Figure, ends, path, rect, runs

_CELLS = 200
_COLOURS = 8  # more classes than that are no longer told apart by colour: the rarer share the last one


class LabelOrderStrip(Picture):
    """A strip of class colours in file order; a line for a numeric target."""

    checkers = frozenset({"sorted-labels"})

    def draw(self, finding: Finding, document: Document) -> Figure | None:
        """The strip of the finding's split."""
        strip = _strip(finding, document, _CELLS)
        if not strip:
            return None
        rows = document.splits[finding.split]["rows"]
        base = ends(Axis(0, rows, 0, WIDTH), 60, ("first row", f"row {rows:,}"))
        classes = _classes(strip)
        if len(classes) > 3 * _COLOURS and all(isinstance(value, (int, float)) for value in classes):
            return _line(strip, base)
        cell = WIDTH / len(strip)
        named = {value: f"k{min(i, _COLOURS - 1)}" for i, value in enumerate(classes)}
        bars = [
            rect(f"fill {named[value]}", a * cell, 8, (b - a) * cell, 52, visible(value, 60))
            for a, b, value in runs([value for value, _ in strip])
        ]
        legend = [(f"k{i}", visible(value, 40)) for i, value in enumerate(classes[: _COLOURS - 1])]
        if len(classes) >= _COLOURS:
            last = visible(classes[-1], 40) if len(classes) == _COLOURS else "other classes"
            legend.append((f"k{_COLOURS - 1}", last))
        return Figure(
            title="Labels in file order",
            description="The commonest label of each stretch of rows, from the first row to the last.",
            height=80,
            marks=(*bars, *base),
            legend=tuple(legend),
        )

    def lines(self, finding: Finding, document: Document, width: int) -> list[str]:
        """One character a stretch of rows."""
        strip = _strip(finding, document, max(width - 24, 20))
        classes = _classes(strip)
        return strip_lines(strip, classes) if strip and len(classes) <= 3 * _COLOURS else []


def _strip(finding: Finding, document: Document, cells: int) -> tuple[tuple[Any, float], ...]:
    profile = document.profiles.get(finding.split)
    return order_strip(profile, cells) if profile is not None else ()


def _classes(strip: tuple[tuple[Any, float], ...]) -> list[Any]:
    found: dict[Any, int] = {}
    for value, _ in strip:
        found[value] = found.get(value, 0) + 1
    frequent = sorted(found, key=lambda value: -found[value])
    shown, rest = frequent[: _COLOURS - 1], frequent[_COLOURS - 1 :]
    return (
        sorted(
            shown,
            key=lambda v: (not isinstance(v, (int, float)), v if isinstance(v, (int, float)) else str(v)),
        )
        + rest
    )


def _line(strip: tuple[tuple[Any, float], ...], base: Any) -> Figure:
    values = [float(value) for value, _ in strip]
    x, y = Axis(0, len(values) - 1, 0, WIDTH), Axis(min(values), max(values), 58, 8)
    points = [(x.at(i), y.at(value)) for i, value in enumerate(values)]
    return Figure(
        title="Target in file order",
        description="A typical target of each stretch of rows, from the first row to the last.",
        height=80,
        marks=(path("outline s0", points), *base),
    )
