"""The leakage probe as checkers require it."""

from ...dataset_profile import DatasetProfile
from ...errors import NotApplicable
from ...records.leakage import Leakage
from ..leakage import score_features


def measure(data: DatasetProfile, split: str) -> Leakage:
    """How much of the label each feature gives alone; raises NotApplicable without labels or rows."""
    label = data.label(split).name
    table = data.splits[split].sample.table
    if table is None:
        raise NotApplicable("a saved profile has no rows; give the data themselves")
    return score_features(table.drop([label]), table[label], task=data.schema.task, seed=data.seed)
