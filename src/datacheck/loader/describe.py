"""What a loader says of itself."""

from collections.abc import Sized
from typing import Any

import numpy as np
from torch.utils.data import (
    BatchSampler,
    DataLoader,
    IterableDataset,
    RandomSampler,
    SequentialSampler,
    Subset,
    SubsetRandomSampler,
    WeightedRandomSampler,
)
from torch.utils.data.distributed import DistributedSampler

from .seen import Facts, Ints

_ORDERS: tuple[tuple[type, str], ...] = (
    (SequentialSampler, "sequential"),
    (WeightedRandomSampler, "weighted"),
    (SubsetRandomSampler, "subset"),
    (DistributedSampler, "distributed"),
    (RandomSampler, "random"),
)


def describe(loader: Any, *, watched: bool = False) -> Facts:
    """The facts of a loader; few for an object that is no torch DataLoader."""
    name = type(loader).__name__
    if not isinstance(loader, DataLoader):
        return Facts(loader=name, batches=length(loader), watched=watched)
    iterable = isinstance(loader.dataset, IterableDataset)
    sampler = _sampler(loader)
    own = type(loader.batch_sampler)
    return Facts(
        loader=name,
        dataset=type(loader.dataset).__name__,
        order="iterable" if iterable else _order(sampler),
        sampler=type(sampler).__name__,
        custom_batches=not iterable and own not in (BatchSampler, type(None)),
        batches=length(loader),
        rows=length(loader.dataset),
        batch_size=loader.batch_size or getattr(loader.batch_sampler, "batch_size", None),
        drop_last=bool(loader.drop_last or getattr(loader.batch_sampler, "drop_last", False)),
        workers=loader.num_workers,
        persistent=loader.persistent_workers,
        replicas=getattr(sampler, "num_replicas", 1),
        subset=length(getattr(sampler, "indices", None))
        if isinstance(sampler, SubsetRandomSampler)
        else None,
        base=id(base(loader.dataset)[0]),
        watched=watched,
    )


def length(value: Any) -> int | None:
    """The length of a sized object; None for one without, or whose length is not defined."""
    if not isinstance(value, Sized):
        return None
    try:
        return len(value)
    except (TypeError, NotImplementedError):
        return None


def _sampler(loader: Any) -> Any:
    """The sampler of samples, also where a batch sampler of torch's own holds it."""
    if type(loader.batch_sampler) is BatchSampler:
        return loader.batch_sampler.sampler
    return loader.sampler if loader.batch_sampler is None else loader.batch_sampler


def _order(sampler: Any) -> str:
    found = next((order for cls, order in _ORDERS if isinstance(sampler, cls)), "custom")
    return "replacement" if found == "random" and getattr(sampler, "replacement", False) else found


def base(dataset: Any) -> tuple[Any, Ints | None]:
    """The dataset under nested Subsets, and the indices into it, shape (rows,); None for all of it."""
    indices: Ints | None = None
    while isinstance(dataset, Subset):
        own = np.asarray(dataset.indices, np.int64)
        indices = own if indices is None else own[indices]
        dataset = dataset.dataset
    return dataset, indices
