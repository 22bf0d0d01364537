"""What findings of the shift checkers say of rows that depend on each other."""

from ..dataset_profile import DatasetProfile
from ..records.shift import Shift


def rows_compared(data: DatasetProfile, split: str) -> tuple[int, int]:
    """Rows of the reference and of a split; their groups, where a column names them."""
    record = data.records.get("shift", {}).get(split)
    if isinstance(record, Shift) and record.groups:
        return record.groups
    return data.train.rows, data.splits[split].rows


def rows_taken_for_independent(data: DatasetProfile) -> str:
    """A sentence where nobody named a group or time column; else nothing."""
    if data.group or data.time:
        return ""
    return (
        " Every row was taken for independent: if rows come in groups (patients, sessions) or in time order, "
        "p-values are too small; name the column with --group or --time."
    )
