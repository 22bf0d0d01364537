"""Which picture of characters a finding gets."""

from collections.abc import Callable

from ..finding import Finding
from .document import Document
from .shapes import balance, histogram, order_strip, scales
from .sparks import histogram_lines, scale_lines, share_lines, strip_lines

_ORDER = ("sorted-labels", "single-class-batches")
_BALANCE = ("class-imbalance", "label-shift", "unseen-label")
_SCALES = ("feature-scale-disparity",)
Draw = Callable[[Finding, Document, int], list[str]]


def picture(finding: Finding, document: Document, width: int) -> list[str]:
    """Lines of characters; none where the profiles are not at hand or hold nothing to draw."""
    for checkers, draw in _DRAWN.items():
        if finding.checker in checkers:
            return draw(finding, document, width)
    return _histogram(finding, document) if len(finding.columns) == 1 else []


def _order(finding: Finding, document: Document, width: int) -> list[str]:
    profile = document.profiles.get(finding.split)
    strip = order_strip(profile, max(width - 24, 20)) if profile is not None else ()
    classes = sorted({value for value, _ in strip}, key=str)
    return strip_lines(strip, classes) if strip else []


def _balance(finding: Finding, document: Document, width: int) -> list[str]:
    shape = balance(document.column(document.label)) if document.label is not None else None
    return share_lines(shape, width) if shape is not None else []


def _scales(finding: Finding, document: Document, width: int) -> list[str]:
    profile = document.profiles.get(finding.split)
    names = [name for name in document.columns if name != document.label]
    found = scales(profile, names) if profile is not None else ()
    return scale_lines(found, width) if len(found) > 1 else []


def _histogram(finding: Finding, document: Document) -> list[str]:
    shape = histogram(document.column(finding.columns[0]))
    return histogram_lines(shape) if shape is not None and len(shape.labels) > 1 else []


_DRAWN: dict[tuple[str, ...], Draw] = {_ORDER: _order, _BALANCE: _balance, _SCALES: _scales}
