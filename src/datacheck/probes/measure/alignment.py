"""The alignment and label-noise probes as checkers require them."""

from ...dataset_profile import DatasetProfile
from ...errors import NotApplicable
from ...records.alignment import Alignment
from ..alignment import check_alignment


def measure(data: DatasetProfile, split: str) -> Alignment:
    """Whether the labels of a split belong to its rows; raises NotApplicable without labels or rows."""
    label, profile = data.label(split).name, data.splits[split]
    table = profile.sample.table
    if table is None:
        raise NotApplicable("a saved profile has no rows; give the data themselves")
    names = {part.name for part in profile.parts}
    return check_alignment(
        table.drop([label]),
        table[label],
        task=data.schema.task,
        files=[(part.name, part.rows) for part in profile.parts] if len(names) > 1 else None,
        positions=profile.sample_positions,
        noise=True,
        seed=data.seed,
    )
