"""What every picture is, and which one a finding gets."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from typing import Any, ClassVar

from ..._discover import classes
from ...finding import Finding
from ..document import Document
from .marks import Figure


class Picture(ABC):
    """A way to draw a finding, in SVG and in characters, from its evidence or from the profiles.

    It serves findings whose evidence has all the keys in `evidence`, and those of the named `checkers`.
    """

    evidence: ClassVar[frozenset[str]] = frozenset()
    checkers: ClassVar[frozenset[str]] = frozenset()

    @abstractmethod
    def draw(self, finding: Finding, document: Document) -> Figure | None:
        """The picture; None where there is nothing to draw."""

    def lines(self, finding: Finding, document: Document, width: int) -> list[str]:
        """The picture in characters, at most `width` a line; none where there is nothing to draw."""
        return []

    @classmethod
    def serves(cls, finding: Finding) -> bool:
        """Whether the picture is made for such findings."""
        return finding.checker in cls.checkers or bool(cls.evidence and cls.data(finding))

    @classmethod
    def data(cls, finding: Finding) -> Mapping[str, Any]:
        """What is drawn of the evidence: all of it, or a mapping in it that has the keys; else nothing."""
        parts = (finding.evidence, *(v for v in finding.evidence.values() if isinstance(v, Mapping)))
        return next((part for part in parts if cls.evidence <= part.keys()), {})


class Fallback(Picture):
    """A picture for findings that no other one serves."""


# evidence of another form than a picture expects (an edited report, a checker of somebody's own) is not drawn
_UNDRAWABLE = (TypeError, ValueError, LookupError, AttributeError, ArithmeticError)


def figure(finding: Finding, document: Document) -> Figure | None:
    """The first picture that has something to draw for this finding."""
    for picture in _for(finding):
        with suppress(*_UNDRAWABLE):
            shape = picture.draw(finding, document)
            if shape is not None:
                return shape
    return None


def text_lines(finding: Finding, document: Document, width: int) -> list[str]:
    """The first picture in characters that has something to draw for this finding."""
    for picture in _for(finding):
        with suppress(*_UNDRAWABLE):
            lines = picture.lines(finding, document, width)
            if lines:
                return lines
    return []


def _for(finding: Finding) -> list[Picture]:
    return [p for p in _pictures() if p.serves(finding) or isinstance(p, Fallback)]


@cache
def _pictures() -> tuple[Picture, ...]:
    """Those with the most particular evidence first, the fallback last."""
    from datacheck.reporters import pictures  # its modules import this one

    found = [cls() for cls in classes(pictures, Picture) if cls is not Fallback]
    return tuple(sorted(found, key=lambda p: (isinstance(p, Fallback), -len(p.evidence))))
