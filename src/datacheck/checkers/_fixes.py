"""Code to copy that more than one checker offers."""

from collections.abc import Mapping
from typing import Any


def shuffle(batch: int) -> str:
    """A loader that shuffles."""
    return f"loader = torch.utils.data.DataLoader(dataset, batch_size={batch}, shuffle=True)"


def weighted_sampler(counts: Mapping[Any, int], batch: int) -> str:
    """A loader that draws every class equally often, with the weights that the counts give.

    >>> print(weighted_sampler({"cat": 90, "dog": 10}, 32).splitlines()[0])
    counts = {'cat': 90, 'dog': 10}
    """
    table = dict(counts) if len(counts) <= 20 else "dict(zip(*numpy.unique(labels, return_counts=True)))"
    return (
        f"counts = {table}\n"
        "weights = [1 / counts[label] for label in labels]  # labels of the training rows, in order\n"
        "sampler = torch.utils.data.WeightedRandomSampler(weights, num_samples=len(weights))\n"
        f"loader = torch.utils.data.DataLoader(dataset, batch_size={batch}, sampler=sampler)"
    )
