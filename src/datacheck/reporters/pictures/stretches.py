"""Evidence that labels belong to their rows, stretch by stretch."""

from ..._format import number
from ...finding import Finding
from ..document import Document
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
