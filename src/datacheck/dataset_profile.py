"""What checkers see: the profiles of all splits and what is known about them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .errors import NotApplicable
from .kinds import Kind
from .profiles import ColumnProfile, Profile
from .schema import Schema, Training


@dataclass(frozen=True, kw_only=True)
class DatasetProfile:
    """The profiles of the splits by name, the training split first if there is one.

    `records` holds what probes measured, by the probe's name and the split; where a probe could not be
    applied, its reason stands instead, a NotApplicable. `unreadable` holds, by split, the files that were
    left out because they cannot be read, with the reason. `group` and `time` name the column by which rows
    depend on each other, if one does.
    """

    splits: Mapping[str, Profile]
    schema: Schema = field(default_factory=Schema)
    training: Training = field(default_factory=Training)
    seed: int = 0
    records: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    unreadable: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    group: str | None = None
    time: str | None = None

    @property
    def reference(self) -> str:
        """Name of the split that the others are held against: the training split, else the first."""
        return "train" if "train" in self.splits else next(iter(self.splits))

    @property
    def train(self) -> Profile:
        """Profile of the reference split."""
        return self.splits[self.reference]

    @property
    def others(self) -> tuple[str, ...]:
        """Names of all splits but the reference."""
        return tuple(name for name in self.splits if name != self.reference)

    def record(self, probe: str, split: str) -> Any:
        """What a probe measured on a split; raises NotApplicable where it could not, or did not run."""
        found = self.records.get(probe, {}).get(split)
        if found is None:
            raise NotApplicable(f"the probe {probe!r} did not run on this split")
        if isinstance(found, NotApplicable):
            raise found
        return found

    def features(self, split: str) -> tuple[ColumnProfile, ...]:
        """The columns of a split but its label and what describes images."""
        columns = (column for column in self.splits[split] if column.name != self.schema.label)
        return tuple(column for column in columns if column.kind is not Kind.IMAGE)

    def compared(self, split: str) -> tuple[ColumnProfile, ...]:
        """The features of a split, and what describes its images: their sizes, brightness, sharpness."""
        columns = (column for column in self.splits[split] if column.kind is Kind.IMAGE)
        described = (c for c in columns if not c.pixels and not c.name.endswith(".unreadable"))
        return (*self.features(split), *described)

    def numeric(self, split: str) -> tuple[ColumnProfile, ...]:
        """The numeric features of a split."""
        return tuple(column for column in self.features(split) if column.numeric)

    def label(self, split: str) -> ColumnProfile:
        """The label of a split; raises NotApplicable where there is none."""
        name = self.schema.label
        if name is None:
            raise NotApplicable("no label column is known; name it with --label")
        if name not in self.splits[split]:
            raise NotApplicable(f"the label {name!r} is not a column of this split")
        return self.splits[split][name]

    def classes(self, split: str) -> Mapping[Any, int]:
        """Count of every class of a split; raises NotApplicable where the labels are not classes."""
        label = self.label(split)
        if not self.schema.classification:
            raise NotApplicable("the label is not a class but a number to predict")
        if label.levels is None or label.levels.counts is None:
            raise NotApplicable("the label has more than 1,000 classes")
        return label.levels.counts
