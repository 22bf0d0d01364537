"""Lines: learning curves, offset scans."""

from collections.abc import Mapping
from typing import Any

from ..._format import number
from ...finding import Finding
from ..document import Document
from ..visible import visible
from .base import Picture
from .marks import WIDTH, Axis, Figure, Mark, circle, ends, line, path, text

_TOP, _BOTTOM = 14.0, 130.0


class Curves(Picture):
    """Named series over steps: how fast true labels are learned, and random ones.

    Evidence `curves` maps a name to numbers, all over the same steps; `steps` may name these.
    """

    evidence = frozenset({"curves"})

    def draw(self, finding: Finding, document: Document) -> Figure | None:
        """One line per series."""
        found = self.data(finding)
        series = {str(name): _numbers(values) for name, values in found["curves"].items()}
        return _chart(series, found.get("steps"), "step")


class Memorization(Picture):
    """How fast networks fit these labels, and the same labels shuffled.

    Evidence `given` and `permuted`, each with `train` and `held_out`: one number an epoch; `metric` names it.
    """

    evidence = frozenset({"given", "permuted", "metric"})

    def draw(self, finding: Finding, document: Document) -> Figure | None:
        """Both on the rows seen, and these labels on rows held out."""
        found = self.data(finding)
        if not (isinstance(found["given"], Mapping) and isinstance(found["permuted"], Mapping)):
            return None
        named = {
            "these labels, rows seen": found["given"].get("train", ()),
            "these labels, rows held out": found["given"].get("held_out", ()),
            "shuffled labels, rows seen": found["permuted"].get("train", ()),
        }
        return _chart({name: _numbers(values) for name, values in named.items()}, None, "epoch")


def _chart(series: dict[str, list[float]], steps: Any, what: str) -> Figure | None:
    series = {name: values for name, values in series.items() if len(values) > 1}
    if not series:
        return None
    every = [value for values in series.values() for value in values]
    x, y = Axis(0, 1, 44, WIDTH), Axis(min(every), max(every), _BOTTOM, _TOP)
    first, last = (steps[0], steps[-1]) if steps else (1, max(map(len, series.values())))
    lines = [_curve(f"outline s{i % 6}", values, x, y) for i, values in enumerate(series.values())]
    return Figure(
        title="Learning curves",
        description=_words(series),
        height=_BOTTOM + 20,
        marks=(*_scale(y), *lines, *ends(x, _BOTTOM, (f"{what} {number(first)}", f"{what} {number(last)}"))),
        legend=tuple((f"outline s{i % 6}", visible(name, 40)) for i, name in enumerate(series)),
    )


class OffsetScan(Picture):
    """How well features fit the labels k rows on; a peak away from 0 means labels slipped.

    Evidence `offsets` and `strength`, one number each per offset; `peak` and `threshold` are marked.
    """

    evidence = frozenset({"offsets", "strength"})

    def draw(self, finding: Finding, document: Document) -> Figure | None:
        """The scan, its threshold and its peak."""
        found = self.data(finding)
        offsets, strength = _numbers(found["offsets"]), _numbers(found["strength"])
        if len(offsets) < 2 or len(offsets) != len(strength):
            return None
        threshold = found.get("threshold")
        levels = [*strength, 0.0, *([threshold] if threshold is not None else [])]
        x, y = Axis(offsets[0], offsets[-1], 44, WIDTH - 6), Axis(min(levels), max(levels), _BOTTOM, _TOP)
        points = [(x.at(a), y.at(b)) for a, b in zip(offsets, strength, strict=True)]
        marks = [path("outline s0", points)]
        if threshold is not None:
            marks.append(line("threshold", x.start, y.at(threshold), x.stop, y.at(threshold)))
        peak = found.get("peak")
        if peak in offsets:
            marks += _peak(x.at(peak), y.at(strength[offsets.index(peak)]), peak)
        return Figure(
            title="Fit of the features to labels that many rows on",
            description=f"Highest at an offset of {number(peak)} rows." if peak is not None else "",
            height=_BOTTOM + 20,
            marks=(*_scale(y), *marks, *ends(x, _BOTTOM)),
        )


def _numbers(values: Any) -> list[float]:
    return [float(v) for v in values if isinstance(v, (int, float))]


def _curve(css: str, values: list[float], x: Axis, y: Axis) -> Mark:
    last = len(values) - 1
    return path(css, [(x.at(i / last), y.at(value)) for i, value in enumerate(values)])


def _scale(y: Axis) -> list[Mark]:
    return [
        text("tick", 38, y.start, number(y.low, 2), "end"),
        text("tick", 38, y.stop + 8, number(y.high, 2), "end"),
    ]


def _peak(x: float, y: float, offset: float) -> list[Mark]:
    anchor = "end" if x > WIDTH / 2 else "start"
    away = -8 if anchor == "end" else 8
    return [circle("fill bad", x, y, 4.5), text("label", x + away, y + 4, f"offset {number(offset)}", anchor)]


def _words(series: dict[str, list[float]]) -> str:
    ends_ = (f"{visible(n, 40)} from {number(v[0], 3)} to {number(v[-1], 3)}" for n, v in series.items())
    return "; ".join(ends_)
