"""The few marks that pictures are made of; a template turns them into SVG and escapes every text."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from ..._format import number
from ..visible import visible

WIDTH = 400
"""Units of every picture's width, so that 12-unit letters are readable on a telephone."""


@dataclass(frozen=True, slots=True)
class Mark:
    """One SVG element: a `rect`, `path`, `circle`, `line` or `text`, with a CSS class and a tooltip."""

    tag: str
    css: str
    attributes: tuple[tuple[str, str], ...] = ()
    text: str = ""
    tip: str = ""


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A picture: what it shows in words for those who cannot see it, its marks, and its legend.

    `legend` pairs a CSS class with what it stands for; `images` are data URIs shown below, with their names.
    """

    title: str
    description: str
    height: float
    marks: tuple[Mark, ...]
    legend: tuple[tuple[str, str], ...] = ()
    images: tuple[tuple[str, str], ...] = field(default_factory=tuple)


@dataclass(frozen=True, slots=True)
class Axis:
    """Data from `low` to `high` on units from `start` to `stop`; logarithmic if `log`."""

    low: float
    high: float
    start: float
    stop: float
    log: bool = False

    def at(self, value: float) -> float:
        """Where a value lies, in units, kept inside the axis."""
        low, high, value = (
            (math.log10(v) for v in (self.low, self.high, value)) if self.log else self._linear(value)
        )
        share = (value - low) / (high - low) if high > low else 0.5
        return self.start + min(max(share, 0.0), 1.0) * (self.stop - self.start)

    def _linear(self, value: float) -> tuple[float, float, float]:
        return self.low, self.high, value


def rect(css: str, x: float, y: float, width: float, height: float, tip: str = "") -> Mark:
    """A filled rectangle."""
    places = (("x", x), ("y", y), ("width", max(width, 0)), ("height", max(height, 0)))
    return Mark("rect", css, _plain(places), tip=tip)


def line(css: str, x1: float, y1: float, x2: float, y2: float) -> Mark:
    """A straight line."""
    return Mark("line", css, _plain((("x1", x1), ("y1", y1), ("x2", x2), ("y2", y2))))


def circle(css: str, x: float, y: float, radius: float, tip: str = "") -> Mark:
    """A dot."""
    return Mark("circle", css, _plain((("cx", x), ("cy", y), ("r", radius))), tip=tip)


def text(css: str, x: float, y: float, content: str, anchor: str = "start") -> Mark:
    """A label; `anchor` is start, middle or end."""
    return Mark("text", css, (*_plain((("x", x), ("y", y))), ("text-anchor", anchor)), text=content)


def path(css: str, points: Iterable[tuple[float, float]], closed: bool = False, tip: str = "") -> Mark:
    """A line through points, or the area that it encloses (what it encloses twice stays empty)."""
    data = "M" + "L".join(f"{_short(x)} {_short(y)}" for x, y in points) + ("Z" if closed else "")
    return Mark("path", css, (("d", data),), tip=tip)


def steps(shares: Sequence[float], x: Axis, y: Axis) -> list[tuple[float, float]]:
    """Corners of the outline of a histogram whose bars are equally wide."""
    width = (x.stop - x.start) / max(len(shares), 1)
    edges = [(x.start + i * width, x.start + (i + 1) * width, y.at(share)) for i, share in enumerate(shares)]
    return [point for left, right, top in edges for point in ((left, top), (right, top))]


def area(css: str, shares: Sequence[float], x: Axis, y: Axis, tip: str = "") -> Mark:
    """A histogram as a filled outline."""
    base = y.start
    return path(css, [(x.start, base), *steps(shares, x, y), (x.stop, base)], closed=True, tip=tip)


def between(css: str, a: Sequence[float], b: Sequence[float], x: Axis, y: Axis) -> Mark:
    """What lies between two outlines."""
    return path(css, [*steps(a, x, y), *reversed(steps(b, x, y))], closed=True)


def decades(low: float, high: float, most: int = 7) -> list[int]:
    """Exponents of ten from below `low` to above `high`, thinned to about `most`."""
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    step = max(1, math.ceil((last - first) / most))
    return list(range(first, last + step, step))


def ends(axis: Axis, y: float, labels: tuple[str, str] | None = None) -> list[Mark]:
    """A base line with the values at its two ends."""
    low, high = labels or (number(axis.low, 3), number(axis.high, 3))
    return [
        line("axis", axis.start, y, axis.stop, y),
        text("tick", axis.start, y + 14, low),
        text("tick", axis.stop, y + 14, high, "end"),
    ]


def runs(values: Sequence[Any]) -> list[tuple[int, int, Any]]:
    """Stretches of equal neighbours as (first, after the last, value).

    >>> runs("aab")
    [(0, 2, 'a'), (2, 3, 'b')]
    """
    edges = [0, *(i for i in range(1, len(values)) if values[i] != values[i - 1]), len(values)]
    return [(a, b, values[a]) for a, b in pairwise(edges) if a < b]


def fitting(content: object, units: float) -> str:
    """The text, visible, cut so that it fits a number of units as a label of a narrow screen, the largest.

    >>> fitting("alcalinity_of_ash", 100), fitting("WWWWWWWW", 100)
    ('alcalinity…', 'WWWWW…')
    """
    shown = visible(content, 60)
    while shown and wide(shown) > units:
        shown = shown.removesuffix("…")[:-1] + "…" if shown != "…" else ""
    return shown


_LETTERS = 14.5
"""Units of a label's font size on a narrow screen, see report.css."""


def wide(content: str) -> float:
    """Units that a label takes at most.

    >>> round(wide("row 12"))
    55
    """
    return _LETTERS * sum(map(_wide, content))


def _wide(letter: str) -> float:
    """Its width in font sizes, rounded up: DejaVu Sans and Verdana, which browsers take, are the widest."""
    if letter in "fijlrtI.,:;'|!()[]/ -":
        return 0.42
    return 1.0 if letter in "mwMW@%→…" or not letter.isascii() else 0.78 if letter.isupper() else 0.64


def _plain(places: Iterable[tuple[str, float]]) -> tuple[tuple[str, str], ...]:
    return tuple((name, _short(value)) for name, value in places)


def _short(value: float) -> str:
    """A coordinate to a tenth of a unit: finer cannot be seen."""
    return f"{value:.1f}".removesuffix(".0")
