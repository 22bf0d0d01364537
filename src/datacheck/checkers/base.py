"""What every checker is."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

from .._discover import kebab
from ..dataset_profile import DatasetProfile
from ..errors import NotApplicable
from ..finding import Finding, Rows, Severity
from ..schema import Training


@dataclass(frozen=True, kw_only=True)
class Example:
    """Small tables by split, and the columns that a checker names in them (`None`: it finds nothing).

    `unreadable` names files, with the reason, that a split would have beside its table.
    """

    splits: Mapping[str, Mapping[str, Sequence[Any]]]
    label: str | None = None
    task: str | None = None
    training: Training = field(default_factory=Training)
    unreadable: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    finds: tuple[str, ...] | None = None


@dataclass(frozen=True, kw_only=True)
class Checker(ABC):
    """One question about a dataset: a frozen dataclass of thresholds with a `check`.

    `check` sees profiles, never rows, and yields the findings for one split; none means that the split
    passed. It raises NotApplicable(reason) where the question has no meaning. The class's name in kebab case
    is the checker's name, its fields are its configuration keys, and its docstring is its manual.
    """

    name: ClassVar[str]
    requires: ClassVar[tuple[str, ...]] = ()
    scope: ClassVar[Literal["each", "train", "others"]] = "each"
    clean: ClassVar[Example]
    dirty: ClassVar[Example]

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        cls.name = kebab(cls.__name__)

    @abstractmethod
    def check(self, data: DatasetProfile, split: str) -> Iterator[Finding]:
        """The findings for one split."""

    def splits(self, data: DatasetProfile) -> tuple[str, ...]:
        """The splits to check: each one, the training split alone, or the others against it."""
        if self.scope == "train":
            return (data.reference,)
        return data.others if self.scope == "others" else tuple(data.splits)

    def detectable(self, data: DatasetProfile, split: str) -> str | None:
        """How small an effect a pass would have caught, in words; None where that has no meaning."""
        return None

    def finding(
        self,
        split: str,
        severity: Severity | str,
        message: str,
        *,
        columns: Sequence[str] = (),
        rows: Rows | None = None,
        evidence: Mapping[str, Any] | None = None,
        advice: str = "",
        fix: str = "",
    ) -> Finding:
        """A finding of this checker."""
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


def need(condition: bool, reason: str) -> None:
    """Raises NotApplicable unless the condition holds."""
    if not condition:
        raise NotApplicable(reason)
