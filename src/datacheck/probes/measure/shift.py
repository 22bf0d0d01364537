"""The shift probe as checkers require it."""

from dataclasses import replace

from ...dataset_profile import DatasetProfile
from ...errors import NotApplicable
from ...records.shift import Shift
from ..shift_kind import ALPHA

MOST_OTHERS = 3
"""Evaluation splits up to which pairs of them are compared directly."""


def measure(data: DatasetProfile, split: str) -> Shift:
    """How a split differs from the reference, and from the evaluation splits before it where one of the two
    does and the other does not.

    Raises NotApplicable for the reference itself. Profiles that were saved have no rows: their kind of shift
    is "cannot tell". Direct comparisons only explain what the others found, so they need no share of alpha.
    """
    if split == data.reference:
        raise NotApplicable("it is the split that the others are compared with")
    found = _compared(data, data.reference, split)
    if len(data.others) > MOST_OTHERS:
        return found
    before = {other: data.records.get("shift", {}).get(other) for other in data.others}
    unlike = [other for other, shift in before.items() if isinstance(shift, Shift) and _unlike(found, shift)]
    return replace(found, beside={other: _compared(data, other, split) for other in unlike})


def _unlike(one: Shift, two: Shift) -> bool:
    return (one.shifted and two.kind == "none") or (two.shifted and one.kind == "none")


def _compared(data: DatasetProfile, reference: str, split: str) -> Shift:
    train, test = (data.splits[name] for name in (reference, split))
    if train.sample.table is None or test.sample.table is None:
        reason = "the kind of shift cannot be told without rows; features and label were compared one by one"
        return Shift(
            reference=reference,
            rows=(train.rows, test.rows),
            seed=data.seed,
            kind="cannot tell",
            reason=reason,
        )
    from ..shift import shift  # not before there are two splits with rows

    return shift(
        train.sample.table,
        test.sample.table,
        label=data.schema.label,
        task=data.schema.task,
        groups=data.group,
        time=data.time,
        alpha=ALPHA / max(len(data.others), 1),
        reference=reference,
        seed=data.seed,
    )
