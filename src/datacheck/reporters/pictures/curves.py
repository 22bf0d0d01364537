"""Lines: learning curves, offset scans."""

from collections.abc import Mapping, Sequence
from typing import Any

from ..._format import number
from ...finding import Finding
from ..document import Document
from ..sparks import bars
from ..visible import short, visible
from .base import Picture
from .marks import WIDTH, Axis, Figure, Mark, circle, ends, line, path, text

_TOP, _BOTTOM = 14.0, 130.0


class Curves(Picture):
    """Training loss over steps, as a share of the first: how fast these labels are learnt, and shuffled ones.

    Evidence `curves` maps a name to numbers, all over the same `steps`, which grow by equal factors.
    """

    evidence = frozenset({"curves", "steps"})

    def draw(self, finding: Finding, document: Document) -> Figure | None:
        """One line per series."""
        series, steps = self._series(finding)
        return _chart(series, steps, "training loss by step, log scale") if series else None

    def lines(self, finding: Finding, document: Document, width: int) -> list[str]:
        """One line per series, from the first step to the last."""
        series, steps = self._series(finding)
        wide = max((len(short(name, 30)) for name in series), default=0)
        if not series:
            return []
        shown = [f"{short(name, 30):<{wide}}  ▕{bars(v[:60], 1.0)}▏" for name, v in series.items()]
        return [*shown, f"training loss, steps {number(steps[0])} to {number(steps[-1])}, log scale"]

    def _series(self, finding: Finding) -> tuple[dict[str, list[float]], list[float]]:
        """The series of two points and more, and their steps."""
        found = self.data(finding)
        series = {str(name): _numbers(values) for name, values in found["curves"].items()}
        return {name: values for name, values in series.items() if len(values) > 1}, _numbers(found["steps"])


def learning_curves(record: Mapping[str, Any]) -> Figure:
    """How fast networks fit the given labels, and the same labels shuffled (`dc.memorization_probe`)."""
    named = {
        "these labels, rows seen": record["given"]["train"],
        "these labels, rows held out": record["given"]["held_out"],
        "shuffled labels, rows seen": record["permuted"]["train"],
    }
    series = {name: _numbers(values) for name, values in named.items()}
    return _chart(series, (1, record["epochs"]), f"{record['metric']} by epoch")


def _chart(series: Mapping[str, list[float]], steps: Sequence[float], what: str) -> Figure:
    every = [value for values in series.values() for value in values]
    x, y = Axis(0, 1, 44, WIDTH), Axis(min(every), max(every), _BOTTOM, _TOP)
    lines = [_curve(f"outline s{i % 6}", values, x, y) for i, values in enumerate(series.values())]
    middle = text("tick", (x.start + x.stop) / 2, _BOTTOM + 14, what, "middle")
    return Figure(
        title="Learning curves",
        description=_words(series),
        height=_BOTTOM + 20,
        marks=(*_scale(y), *lines, *ends(x, _BOTTOM, (number(steps[0], 3), number(steps[-1], 3))), middle),
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


def _words(series: Mapping[str, list[float]]) -> str:
    ends_ = (f"{visible(n, 40)} from {number(v[0], 3)} to {number(v[-1], 3)}" for n, v in series.items())
    return "; ".join(ends_)
