"""Every column as rows of a table, one row a split, and its histogram."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .._format import number, percent
from ..profiles import ColumnProfile
from .document import Document
from .pictures.marks import Axis
from .shapes import Histogram, ends, histogram
from .visible import visible

CHARTS = 300
"""Columns up to which all get a histogram (1 kB each); in wider tables those with a finding do."""

GROUP = 60
"""Columns of one table; the first table is open, the others are folded."""

Links = Sequence[tuple[str, str, str]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """One column in one split."""

    index: int
    split: str
    missing: str
    distinct: str
    mean: str
    range: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Chart:
    """A small histogram: SVG paths with their CSS classes, and the same in words."""

    words: str
    paths: tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One column; `found` are the findings that name it, as (card, checker, severity)."""

    name: str
    kind: str
    found: Links
    lines: tuple[Line, ...]
    chart: Chart | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Group:
    """Columns that share a table."""

    title: str
    rows: tuple[Row, ...]


def groups(document: Document, found: Mapping[str, Links]) -> list[Group]:
    """All columns in the order of the data, cut into tables."""
    names = document.columns
    splits = list(document.splits)
    all_drawn = len(names) <= CHARTS
    parts = [names[i : i + GROUP] for i in range(0, len(names), GROUP)]
    return [
        Group(
            title=_title(i * GROUP, part, len(names)),
            rows=tuple(_row(name, document, splits, found.get(name, ()), all_drawn) for name in part),
        )
        for i, part in enumerate(parts)
    ]


def _title(first: int, part: Sequence[str], total: int) -> str:
    if len(part) == total:
        return "All columns"
    return (
        f"Columns {first + 1:,} to {first + len(part):,}: {visible(part[0], 40)} to {visible(part[-1], 40)}"
    )


def _row(name: str, document: Document, splits: list[str], found: Links, drawn: bool) -> Row:
    columns = document.column(name)
    kinds = dict.fromkeys(visible(column.dtype, 60) for column in columns.values())
    label = ", label" if name == document.label else ""
    return Row(
        name=visible(name, 120),
        kind=" / ".join(kinds) + label,
        found=found,
        lines=tuple(_line(splits.index(split), split, column) for split, column in columns.items()),
        chart=_chart(histogram(columns), splits) if drawn or found else None,
    )


def _line(index: int, split: str, column: ColumnProfile) -> Line:
    return Line(
        index=index % 6,
        split=visible(split, 30),
        missing=percent(column.counts.missing_rate),
        distinct=_distinct(column),
        mean=_mean(column),
        range=_range(column),
    )


def _distinct(column: ColumnProfile) -> str:
    if column.distinct is None:
        return ""
    return ("" if column.distinct.exact else "≈ ") + number(column.distinct.estimate, 3)


def _mean(column: ColumnProfile) -> str:
    if not column.measured or column.moments is None or column.moments.mean is None:
        return ""
    return f"{number(column.moments.mean)} ± {number(column.moments.std)}"


def _range(column: ColumnProfile) -> str:
    if column.extrema is not None and column.extrema.min is not None:
        return " to ".join(_ends(column.extrema.min, column.extrema.max))
    levels = column.levels.counts if column.levels is not None else None
    if not levels:
        return ""
    often = max(levels, key=lambda level: levels[level])
    return f"most often {visible(often, 24)}"


def _ends(low: Any, high: Any) -> tuple[str, str]:
    if isinstance(low, (int, float)) and isinstance(high, (int, float)):
        return ends(low, high, 4)
    return visible(low, 30), visible(high, 30)


def _chart(shape: Histogram | None, splits: list[str]) -> Chart | None:
    if shape is None or len(shape.labels) < 2:
        return None
    most = max(s for shares in shape.shares.values() for s in shares) or 1.0
    x, y = Axis(0, 1, 0, 132), Axis(0, most, 43, 3)
    places = [splits.index(split) % 6 for split in shape.shares]
    if shape.categories:
        paths = [
            (f"fill s{p}", _bars(s, i, len(places), y)) for i, (p, s) in enumerate(_pairs(places, shape))
        ]
    else:
        paths = [(f"outline s{p}", _data(s, x, y)) for p, s in _pairs(places, shape)]
        paths.insert(0, (f"soft s{places[0]}", paths[0][1] + "V43H0Z"))
    return Chart(words=_words(shape), paths=tuple(paths))


def _pairs(places: Sequence[int], shape: Histogram) -> list[tuple[int, tuple[float, ...]]]:
    return list(zip(places, shape.shares.values(), strict=True))


def _bars(shares: Sequence[float], place: int, splits: int, y: Axis) -> str:
    """Bars of one split, side by side with those of the others."""
    cell = 132 / len(shares)
    wide = cell * 0.84 / splits
    tops = [43 - y.at(share) for share in shares]
    return "".join(
        f"M{_short(i * cell + place * wide)} 43v-{_short(tall)}h{_short(wide)}v{_short(tall)}z"
        for i, tall in enumerate(tops)
        if tall
    )


def _short(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def _data(shares: Sequence[float], x: Axis, y: Axis) -> str:
    """A step outline in the shortest SVG commands."""
    wide, tops = 132 / len(shares), [_short(y.at(share)) for share in shares]
    moves = [f"V{top}H{_short((i + 1) * wide)}" for i, top in enumerate(tops)]
    return f"M0 {tops[0]}" + "".join(moves)[len(tops[0]) + 1 :]


def _words(shape: Histogram) -> str:
    if shape.categories:
        return "Shares of " + ", ".join(visible(label, 20) for label in shape.labels[:6])
    return f"Histogram from {shape.ends[0]} to {shape.ends[1]}"
