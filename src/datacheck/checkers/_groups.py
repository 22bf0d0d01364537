"""What findings of the shift checkers say of rows that depend on each other."""

from ..dataset_profile import DatasetProfile


def rows_taken_for_independent(data: DatasetProfile) -> str:
    """A sentence where nobody named a group or time column; else nothing."""
    if data.group or data.time:
        return ""
    return (
        " Every row was taken for independent: if rows come in groups (patients, sessions) or in time order, "
        "p-values are too small; name the column with --group or --time."
    )
