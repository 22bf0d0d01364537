"""Images: the histograms of their channels, split by split, and a few of them small."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from ...profiles import ColumnProfile
from ...records.thumbnail import Thumbnail
from ..document import Document
from ..visible import visible
from .marks import WIDTH, Axis, Figure, Mark, ends, path, text

_LEVELS = 256
_BARS = 32  # eight levels a bar: four splits of three channels stay below 5 kB
_MOST = 4  # splits drawn
_STYLES = {"blue": 0, "red": 1, "green": 2}  # the colours of the palette that come nearest
_TALL = 76.0


def channels(document: Document) -> Figure | None:
    """One panel per split with an outline per channel, each summing to one; None without images."""
    found = {split: _shares(profile) for split, profile in document.profiles.items()}
    shown = {split: shares for split, shares in found.items() if shares}
    if not shown:
        return None
    names = list(dict.fromkeys(name for shares in shown.values() for name in shares))
    most = max(max(values) for shares in shown.values() for values in shares.values())
    panels = [
        mark
        for i, (split, shares) in enumerate(list(shown.items())[:_MOST])
        for mark in _panel(split, shares, most, i * (_TALL + 26))
    ]
    return Figure(
        title="Pixels of each channel, by level",
        description=f"Histograms of {', '.join(visible(name, 30) for name in names)} in every split.",
        height=min(len(shown), _MOST) * (_TALL + 26),
        marks=tuple(panels),
        legend=tuple((_style(name), visible(name, 30)) for name in names),
    )


def thumbnails(document: Document) -> list[Figure]:
    """A few images of each split, where the user asked for them."""
    found = {
        split: [one for item in few if (one := Thumbnail.from_json(item)) is not None]
        for split, few in document.content.get("thumbnails", {}).items()
    }
    return [
        Figure(
            title=f"Images of {visible(split, 40)}",
            description="",
            height=0,
            marks=(),
            images=tuple((one.uri, visible(one.name, 120)) for one in few),
        )
        for split, few in found.items()
        if few
    ]


def _shares(profile: Iterable[ColumnProfile]) -> dict[str, tuple[float, ...]]:
    """The share of the pixels in each bar, by channel."""
    counted = {c.name: c.levels.counts for c in profile if c.pixels and c.levels}
    return {name: _bars(counts) for name, counts in counted.items() if counts}


def _bars(counts: Mapping[int, int]) -> tuple[float, ...]:
    bars = np.bincount([int(level) * _BARS // _LEVELS for level in counts], list(counts.values()), _BARS)
    return tuple((bars / bars.sum()).tolist())


def _panel(split: str, shares: Mapping[str, Sequence[float]], most: float, top: float) -> list[Mark]:
    x, y = Axis(0, 1, 0, WIDTH), Axis(0, most, top + _TALL, top + 16)
    outlines = [path(_style(n), _middles(v, x, y), tip=visible(n, 30)) for n, v in shares.items()]
    return [text("label", 0, top + 10, visible(split, 40)), *outlines, *ends(x, y.start, ("0", "255"))]


def _middles(shares: Sequence[float], x: Axis, y: Axis) -> list[tuple[float, float]]:
    wide = (x.stop - x.start) / len(shares)
    return [(x.start + (i + 0.5) * wide, y.at(share)) for i, share in enumerate(shares)]


def _style(name: str) -> str:
    return f"outline s{_STYLES.get(name.partition('[')[2].rstrip(']'), 5)}"
