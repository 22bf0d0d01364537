"""Features on one logarithmic axis."""

from collections.abc import Sequence

from ..._format import number
from ...finding import Finding
from ..document import Document
from ..shapes import Scale
from ..sparks import scale_lines
from ..visible import visible
from .base import Picture
from .marks import WIDTH, Axis, Figure, Mark, circle, decades, fitting, line, text

_GUTTER = 150  # units for the names
_MOST = 14  # features drawn: the narrowest and the widest
_ROW = 17


class FeatureScales(Picture):
    """A dot at the spread of each feature; far apart is what slows training down."""

    evidence = frozenset({"features"})
    checkers = frozenset({"feature-scale-disparity"})

    def draw(self, finding: Finding, document: Document) -> Figure | None:
        """The narrowest and the widest features."""
        found = _scales(finding)
        if len(found) < 2:
            return None
        shown = _outer(found)
        exponents = decades(found[0].spread, found[-1].spread, 5)
        x = Axis(10.0 ** exponents[0], 10.0 ** exponents[-1], _GUTTER, WIDTH - 22, log=True)
        bottom = len(shown) * _ROW + 6
        grid = [m for e in exponents for m in _gridline(x.at(10.0**e), bottom, e)]
        rows = [mark for i, scale in enumerate(shown) for mark in _row(scale, i * _ROW + 12, x)]
        between = len(found) - len(shown)
        left_out = f"; {between:,} in between left out" if between else ""
        return Figure(
            title=f"Spread of the features, logarithmic{left_out}",
            description=f"From {visible(found[0].name, 60)} at {number(found[0].spread, 2)} to "
            f"{visible(found[-1].name, 60)} at {number(found[-1].spread, 2)}.",
            height=bottom + 18,
            marks=(*grid, *rows),
        )

    def lines(self, finding: Finding, document: Document, width: int) -> list[str]:
        """One line a feature."""
        found = _scales(finding)
        return scale_lines(found, width) if len(found) > 1 else []


def _scales(finding: Finding) -> list[Scale]:
    listed = finding.evidence.get("features", ())
    items = [
        f
        for f in listed
        if isinstance(f, dict) and isinstance(f.get("spread"), (int, float)) and f["spread"] > 0
    ]
    found = [Scale(name=str(f["column"]), spread=float(f["spread"])) for f in items]
    return sorted(found, key=lambda scale: scale.spread)


def _outer(scales: Sequence[Scale]) -> list[Scale]:
    return list(scales) if len(scales) <= _MOST else [*scales[: _MOST // 2], *scales[-_MOST // 2 :]]


def _gridline(x: float, bottom: float, exponent: int) -> list[Mark]:
    label = number(10.0**exponent) if -4 < exponent < 4 else f"1e{exponent}"
    return [line("grid", x, 2, x, bottom), text("tick", x, bottom + 14, label, "middle")]


def _row(scale: Scale, y: float, x: Axis) -> list[Mark]:
    name, at = visible(scale.name, 60), x.at(scale.spread)
    return [
        text("label", _GUTTER - 10, y + 4, fitting(scale.name, _GUTTER - 10), "end"),
        line("stem", _GUTTER, y, at, y),
        circle("fill s0", at, y, 4.5, f"{name}: {number(scale.spread, 3)}"),
    ]
