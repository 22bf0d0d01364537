"""The alignment and label-noise probes as checkers require them."""

from ...dataset_profile import DatasetProfile
from ...records.alignment import Alignment
from ._rows import with_neighbours


def measure(data: DatasetProfile, split: str) -> Alignment:
    """Whether the labels of a split belong to its rows; raises NotApplicable without labels or rows."""
    label, profile = data.label(split).name, data.splits[split]
    table, positions = with_neighbours(profile)
    from ..alignment import check_alignment  # not before it is known that there are labels and rows

    names = {part.name for part in profile.parts}
    return check_alignment(
        table.drop([label]),
        table[label],
        task=data.schema.task,
        files=[(part.name, part.rows) for part in profile.parts] if len(names) > 1 else None,
        positions=positions,
        ordered=bool(profile.label_order.stretches),
        noise=True,
        seed=data.seed,
    )
