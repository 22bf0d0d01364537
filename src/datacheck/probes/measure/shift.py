"""The shift probe as checkers require it."""

from ...dataset_profile import DatasetProfile
from ...errors import NotApplicable
from ...records.shift import Shift
from ..shift import shift
from ..shift_kind import ALPHA


def measure(data: DatasetProfile, split: str) -> Shift:
    """How a split differs from the reference; raises NotApplicable for the reference itself.

    Profiles that were saved have no rows: their kind of shift is "cannot tell".
    """
    if split == data.reference:
        raise NotApplicable("it is the split that the others are compared with")
    train, test = (data.splits[name] for name in (data.reference, split))
    if train.sample.table is None or test.sample.table is None:
        reason = "the kind of shift cannot be told without rows; features and label were compared one by one"
        return Shift(
            reference=data.reference,
            rows=(train.rows, test.rows),
            seed=data.seed,
            kind="cannot tell",
            reason=reason,
        )
    return shift(
        train.sample.table,
        test.sample.table,
        label=data.schema.label,
        task=data.schema.task,
        alpha=ALPHA / max(len(data.others), 1),
        reference=data.reference,
        seed=data.seed,
    )
