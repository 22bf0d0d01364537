"""What every question to a loader is."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from .._discover import kebab
from ..checkers.base import need as need
from ..finding import Finding, Rows, Severity
from .seen import Seen


@dataclass(frozen=True, kw_only=True)
class Question(ABC):
    """One question about a loader: a frozen dataclass of thresholds with an `ask`.

    `ask` sees the record of what the loader yielded, never the loader, and yields findings; it raises
    NotApplicable(reason) where the question has no meaning. The class's name in kebab case is the name.
    """

    name: ClassVar[str]

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        cls.name = kebab(cls.__name__)

    @abstractmethod
    def ask(self, seen: Seen) -> Iterator[Finding]:
        """The findings about one loader."""

    def detectable(self, seen: Seen) -> str | None:
        """How small an effect a pass would have caught, in words; None where that has no meaning."""
        return None

    def finding(
        self,
        severity: str,
        message: str,
        *,
        split: str = "train",
        columns: Sequence[str] = (),
        rows: Rows | None = None,
        evidence: Mapping[str, Any] | None = None,
        advice: str = "",
        fix: str = "",
    ) -> Finding:
        """A finding of this question."""
        return Finding(
            checker=self.name,
            severity=Severity(severity),
            split=split,
            message=message,
            columns=tuple(columns),
            rows=rows,
            evidence=evidence or {},
            advice=advice,
            fix=fix,
        )
