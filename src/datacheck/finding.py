"""A finding: one answer of one checker."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Severity(StrEnum):
    """How bad it is for training; the order is that of the members.

    >>> Severity.ERROR.rank > Severity.WARNING.rank > Severity.INFO.rank
    True
    """

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"

    @property
    def rank(self) -> int:
        """Position in the order info < warning < error."""
        return list(Severity).index(self)


@dataclass(frozen=True, kw_only=True, slots=True)
class Rows:
    """The rows that a finding is about: how many, and the first few by position in the split (0-based).

    `names` are what the first of these are called, where each row is a file of its own.
    """

    count: int
    examples: tuple[int, ...] = ()
    names: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One answer: where, how bad, the numbers behind it, and what to do.

    `evidence` holds plain numbers, strings, lists and mappings only, so that every reporter can show it.
    """

    checker: str
    severity: Severity
    split: str
    message: str
    columns: tuple[str, ...] = ()
    rows: Rows | None = None
    evidence: Mapping[str, Any] = field(default_factory=dict)
    advice: str = ""
    fix: str = ""
