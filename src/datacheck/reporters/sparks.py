"""Pictures of characters, for terminals."""

import math
from collections.abc import Sequence
from typing import Any

from .._format import number, percent
from .shapes import Histogram, Scale
from .visible import short

BARS = "▁▂▃▄▅▆▇█"
FILLS = "▏▎▍▌▋▊▉█"
MARKS = "█▓▒░▞▚▙▟"
"""One character a class; more classes share the last."""


def bars(shares: Sequence[float], most: float) -> str:
    """A histogram of one character a bar; an empty bar is a space, never a small block.

    >>> bars([0.0, 0.1, 0.4, 0.5], 0.5)
    ' ▂▇█'
    """
    return "".join(" " if not s else BARS[min(int(s / most * 8), 7)] for s in shares)


def histogram_lines(shape: Histogram) -> list[str]:
    """One line a split, over common bars."""
    most = max((s for shares in shape.shares.values() for s in shares), default=0) or 1
    wide = max(len(short(split, 16)) for split in shape.shares)
    low, high = shape.ends or (short(shape.labels[0], 16), short(shape.labels[-1], 16))
    ends = ("", "") if len(shape.labels) == 1 else (f"{low} ", f" {high}")
    return [
        f"{short(split, 16):<{wide}}  {ends[0]}▕{bars(shares, most)}▏{ends[1]}"
        for split, shares in shape.shares.items()
    ]


def scale_lines(scales: Sequence[Scale], width: int, most: int = 10) -> list[str]:
    """One line a feature on a common log axis: ● its spread."""
    shown = scales if len(scales) <= most else (*scales[: most // 2], *scales[-(most - most // 2) :])
    low = math.floor(math.log10(min(s.spread for s in shown)))
    high = math.ceil(math.log10(max(s.spread for s in shown)))
    wide = min(max(len(short(s.name, 28)) for s in shown), 28)
    room = max(min(width - wide - 14, 60), 10)
    names = [f"{short(s.name, 28):<{wide}}" for s in shown]
    axes = [f"{_on_axis(s, low, high, room)} {number(s.spread, 2)}" for s in shown]
    lines = [f"{name} {axis}" for name, axis in zip(names, axes, strict=True)]
    if len(shown) < len(scales):
        lines.insert(most // 2, f"{'':<{wide}} … {len(scales) - len(shown):,} features between")
    left, right = f"1e{low}", f"1e{high}"
    return [*lines, f"{'':<{wide}} {left}{right:>{room - len(left)}}  std, log scale"]


def _on_axis(scale: Scale, low: int, high: int, room: int) -> str:
    at = round((math.log10(scale.spread) - low) * (room - 1) / max(high - low, 1))
    return "·" * at + "●" + "·" * (room - 1 - at)


def strip_lines(strip: Sequence[tuple[Any, float]], classes: Sequence[Any]) -> list[str]:
    """The labels from the first row to the last, one character a stretch of rows, and the legend."""
    mark = dict(zip(classes, MARKS, strict=False))
    line = "".join(mark.get(value, MARKS[-1]) for value, _ in strip)
    legend = "  ".join(f"{mark[value]} {short(value, 16)}" for value in list(classes)[: len(MARKS)])
    return [f"first row ▕{line}▏ last row", legend]


def share_lines(shape: Histogram, width: int) -> list[str]:
    """One line a category and split with a bar as long as its share."""
    wide = min(max(len(short(label, 28)) for label in shape.labels), 28)
    room = max(min(width - wide - 30, 40), 8)
    labels = [f"{short(label, 28):<{wide}}" for label in shape.labels]
    return [
        f"{label}  {short(split, 10):<10} {_fill(shares[i], room)} {percent(shares[i])}"
        for i, label in enumerate(labels)
        for split, shares in shape.shares.items()
    ]


def _fill(share: float, room: int) -> str:
    eighths = round(share * room * 8)
    return "█" * (eighths // 8) + (FILLS[eighths % 8 - 1] if eighths % 8 else "")
