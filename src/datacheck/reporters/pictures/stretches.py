"""Where in the file labels do not belong to their rows."""

from collections.abc import Mapping
from typing import Any

from ..._format import number
from ...finding import Finding
from ..document import Document
from ..visible import visible
from .base import Picture
from .marks import WIDTH, Axis, Figure, ends, line, rect


class Stretches(Picture):
    """A bar per stretch of rows: up where labels fit their rows, down where they do not.

    Evidence `starts` (first row of each stretch) and `nats` (mean log-likelihood ratio a row).
    """

    evidence = frozenset({"starts", "nats"})

    def draw(self, finding: Finding, document: Document) -> Figure | None:
        """Bars around zero, the bad ones in the colour of errors."""
        found = self.data(finding)
        starts, nats = found["starts"], found["nats"]
        if not starts or len(starts) != len(nats):
            return None
        rows = document.splits.get(finding.split, {}).get("rows") or starts[-1] + 1
        x, y = Axis(starts[0], rows, 0, WIDTH), Axis(min([*nats, 0]), max([*nats, 0]), 100, 8)
        zero = y.at(0)
        edges = [x.at(start) for start in (*starts, rows)]
        bars = [
            rect(
                "fill bad" if nat < 0 else "fill s0",
                edges[i],
                min(y.at(nat), zero),
                max(edges[i + 1] - edges[i] - 0.5, 0.5),
                abs(y.at(nat) - zero),
                f"rows from {start:,}: {number(nat, 3)} nats a row",
            )
            for i, (start, nat) in enumerate(zip(starts, nats, strict=True))
        ]
        bad = sum(nat < 0 for nat in nats)
        return Figure(
            title="Do the labels fit their rows?",
            description=f"{bad} of {len(nats)} stretches of rows fit other labels better than their own.",
            height=120,
            marks=(*bars, line("axis", 0, zero, WIDTH, zero), *ends(x, 102, ("first row", f"row {rows:,}"))),
        )


class BadBlocks(Picture):
    """All rows as one strip, the stretches with wrong labels marked.

    Evidence `blocks` lists mappings with `rows` (first, after the last) and `kind`.
    """

    evidence = frozenset({"blocks"})

    def draw(self, finding: Finding, document: Document) -> Figure | None:
        """The strip of the finding's split."""
        blocks = _blocks(self.data(finding)["blocks"])
        rows = document.splits.get(finding.split, {}).get("rows") or max((b for _, b, _ in blocks), default=0)
        if not blocks or not rows:
            return None
        x = Axis(0, rows, 0, WIDTH)
        bad = [
            rect("fill bad", x.at(a), 8, max(x.at(b) - x.at(a), 1), 40, f"rows {a:,} to {b:,}: {kind}")
            for a, b, kind in blocks
        ]
        return Figure(
            title="Rows whose labels are not theirs",
            description="; ".join(f"rows {a:,} to {b:,}: {kind}" for a, b, kind in blocks[:20]),
            height=70,
            marks=(rect("soft s0", 0, 8, WIDTH, 40), *bad, *ends(x, 48, ("first row", f"row {rows:,}"))),
            legend=(("soft s0", "labels fit their rows"), ("bad", "labels of other rows")),
        )

    def lines(self, finding: Finding, document: Document, width: int) -> list[str]:
        """The strip in characters."""
        blocks = _blocks(self.data(finding)["blocks"])
        rows = document.splits.get(finding.split, {}).get("rows") or 0
        if not blocks or not rows:
            return []
        cells = max(width - 24, 20)
        strip = ["·"] * cells
        for first, last, _ in blocks:
            for cell in range(
                first * cells // rows, min(max(last * cells // rows, first * cells // rows + 1), cells)
            ):
                strip[cell] = "█"
        return [f"first row ▕{''.join(strip)}▏ last row", "█ labels of other rows"]


def _blocks(found: Any) -> list[tuple[int, int, str]]:
    listed = [b for b in found if isinstance(b, Mapping) and len(b.get("rows", ())) == 2]
    return [(int(b["rows"][0]), int(b["rows"][1]), visible(b.get("kind", ""), 40)) for b in listed]
