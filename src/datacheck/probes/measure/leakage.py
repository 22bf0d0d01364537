"""The leakage probe as checkers require it."""

from ...dataset_profile import DatasetProfile
from ...records.leakage import Leakage
from ._rows import sampled


def measure(data: DatasetProfile, split: str) -> Leakage:
    """How much of the label each feature gives alone; raises NotApplicable without labels or rows."""
    label = data.label(split).name
    table = sampled(data.splits[split])
    from ..leakage import score_features  # not before it is known that there are labels and rows

    return score_features(table.drop([label]), table[label], task=data.schema.task, seed=data.seed)
