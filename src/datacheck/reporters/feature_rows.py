"""Every column as rows of a table, one row a split, and its histogram."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .._format import number, percent
from ..profiles import ColumnProfile
from .document import Document
from .pictures.marks import Axis
from .shapes import Histogram, histogram
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
    if not column.numeric or column.moments is None or column.moments.mean is None:
        return ""
    return f"{number(column.moments.mean)} ± {number(column.moments.std)}"


def _range(column: ColumnProfile) -> str:
    if column.extrema is not None and column.extrema.min is not None:
        return f"{_end(column.extrema.min)} to {_end(column.extrema.max)}"
    levels = column.levels.counts if column.levels is not None else None
    if not levels:
        return ""
    often = max(levels, key=lambda level: levels[level])
    return f"most often {visible(often, 24)}"


def _end(value: Any) -> str:
    return number(value) if isinstance(value, (int, float)) else visible(value, 30)


def _chart(shape: Histogram | None, splits: list[str]) -> Chart | None:
    if shape is None or len(shape.labels) < 2:
        return None
    most = max(s for shares in shape.shares.values() for s in shares) or 1.0
    x, y = Axis(0, 1, 0, 132), Axis(0, most, 43, 3)
    drawn = [
        (f"outline s{splits.index(split) % 6}", _data(shares, x, y)) for split, shares in shape.shares.items()
    ]
    first = next(iter(shape.shares.values()))
    soft = (f"soft s{splits.index(next(iter(shape.shares))) % 6}", _data(first, x, y) + "V43H0Z")
    return Chart(words=_words(shape), paths=(soft, *drawn))


def _data(shares: Sequence[float], x: Axis, y: Axis) -> str:
    """A step outline in the shortest SVG commands."""
    wide, tops = 132 / len(shares), [f"{y.at(share):.1f}".removesuffix(".0") for share in shares]
    moves = [f"V{top}H{(i + 1) * wide:.1f}".removesuffix(".0") for i, top in enumerate(tops)]
    return f"M0 {tops[0]}" + "".join(moves)[len(tops[0]) + 1 :]


def _words(shape: Histogram) -> str:
    if shape.categories:
        return "Shares of " + ", ".join(visible(label, 20) for label in shape.labels[:6])
    return f"Histogram from {shape.ends[0]} to {shape.ends[1]}"
