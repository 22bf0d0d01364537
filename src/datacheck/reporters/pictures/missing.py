"""Missing values by split."""

from ...finding import Finding
from ..document import Document
from ..shapes import Histogram, missing_rates
from ..sparks import share_lines
from ..visible import visible
from .base import Picture
from .class_balance import level_bars
from .marks import Figure


class Missing(Picture):
    """A bar per split, as long as the share of its rows without a value."""

    checkers = frozenset({"missing-values", "missing-labels"})

    def draw(self, finding: Finding, document: Document) -> Figure | None:
        """Bars of the finding's column."""
        shape = _shape(finding, document)
        if shape is None:
            return None
        title = f"Rows without a value of {visible(finding.columns[0], 60)}"
        return level_bars(shape, list(document.splits), title)

    def lines(self, finding: Finding, document: Document, width: int) -> list[str]:
        """One line a split."""
        shape = _shape(finding, document)
        return share_lines(shape, width) if shape is not None else []


def _shape(finding: Finding, document: Document) -> Histogram | None:
    return missing_rates(document.column(finding.columns[0])) if len(finding.columns) == 1 else None
