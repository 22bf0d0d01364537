"""The labels in file order, as the order checkers need them."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..dataset_profile import DatasetProfile
from ..profiles import Profile
from ..statistics.label_order import LabelOrder
from .base import need

NO_ORDER = "these rows have no order of their own, as files in folders have none"
_LONGEST = 200  # characters by which `Levels` tells texts apart

Ints = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True, eq=False)
class Runs:
    """Runs of equal labels in file order; missing labels are left out.

    `codes` is the class of each run (index into `classes`), `lengths` its rows, `segment` the piece of
    unbroken rows that it belongs to, all of shape (runs,). `counts` are the rows of each class in the whole
    split, shape (classes,). The label changed `changes` times over rows of which `counted` (classes,) are of
    each class; the runs may cover fewer rows than that.
    """

    classes: tuple[Any, ...]
    counts: Ints
    counted: Ints
    changes: int
    codes: Ints
    lengths: Ints
    segment: Ints

    @property
    def pieces(self) -> tuple[tuple[Ints, Ints], ...]:
        """Codes and lengths of each unbroken piece."""
        cuts = np.flatnonzero(np.diff(self.segment)) + 1
        return tuple(zip(np.split(self.codes, cuts), np.split(self.lengths, cuts), strict=True))

    def head(self, rows: int) -> Ints:
        """Classes of the first rows, at most so many, of the first piece."""
        codes, lengths = self.pieces[0]
        runs = int(np.searchsorted(np.cumsum(lengths), rows)) + 1
        return np.repeat(codes[:runs], np.minimum(lengths[:runs], rows))[:rows]


def label_runs(data: DatasetProfile, split: str) -> Runs:
    """The runs of a split's classes; raises NotApplicable for a regression target or without labels."""
    label, profile = data.label(split), data.splits[split]
    need(data.schema.classification, "the label is not a class but a number to predict")
    order = profile.label_order
    values, lengths, owner = order.sequence()
    keep = np.array([value is not None for value in values], bool)
    need(bool(values), NO_ORDER)
    need(bool(keep.any()), f"every label in {label.name!r} is missing")
    known = [_short(value) for value in values if value is not None]
    levels = (label.levels and label.levels.counts) or {}
    classes = {value: i for i, value in enumerate(dict.fromkeys([*levels, *known]))}
    codes = np.array([classes[value] for value in known])
    covered = np.bincount(codes, lengths[keep], len(classes)).astype(np.int64)
    counts = _counts(profile, label.name, classes, covered)
    whole = bool(keep.all())
    return Runs(
        classes=tuple(classes),
        counts=counts,
        counted=counts if whole else covered,
        changes=changes(order) if whole else int(np.count_nonzero(np.diff(codes))),
        codes=codes,
        lengths=lengths[keep],
        segment=_segments(order)[owner][keep],
    )


def changes(order: LabelOrder) -> int:
    """Places where the label changes, over all rows of all parts one after the other."""
    pairs = zip(order.stretches, order.stretches[1:], strict=False)
    return sum(s.changes for s in order.stretches) + sum(bool(a.last != b.values[0]) for a, b in pairs)


def _short(value: Any) -> Any:
    return value[:_LONGEST] if isinstance(value, str) else value


def _segments(order: LabelOrder) -> Ints:
    """For each stretch, the unbroken piece that it belongs to: a stretch with unknown rows ends its piece."""
    broken = np.array([stretch.covered < stretch.rows for stretch in order.stretches], np.int64)
    return np.cumsum(broken) - broken


def _counts(profile: Profile, label: str, classes: dict[Any, int], covered: Ints) -> Ints:
    """Rows of each class: exact up to 1,000 classes or where the runs cover all rows, else sampled."""
    levels = profile[label].levels
    if levels is not None and levels.counts is not None:
        return np.array([levels.counts.get(value, 0) for value in classes], np.int64)
    if profile.label_order.complete or profile.sample.table is None:
        return covered
    sampled = Counter(_short(value) for value in profile.sample.table.column(label).to_pylist())
    share = profile.rows / len(profile.sample)
    return np.maximum(covered, [round(sampled[value] * share) for value in classes])
