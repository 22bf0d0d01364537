"""Loaders without a fault, among them the unusual ones."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from loader_data import Augmented, Images
from loader_faults import BATCH, Fixed, Stream, shuffled
from torch.nn.utils.rnn import pad_sequence
from torch.utils.data import (
    DataLoader,
    DistributedSampler,
    Subset,
    SubsetRandomSampler,
    TensorDataset,
    WeightedRandomSampler,
    get_worker_info,
)


def plain(x: Images, seed: int) -> Any:
    return shuffled(x.dataset())


def dropping(x: Images, seed: int) -> Any:
    rows = np.random.default_rng(seed).permutation(len(x.labels))
    train, held = rows[: -len(rows) // 5].tolist(), rows[-len(rows) // 5 :].tolist()
    dataset = x.dataset()
    return shuffled(Subset(dataset, train), drop_last=True), DataLoader(Subset(dataset, held), batch_size=64)


def augmented_in_workers(x: Images, seed: int) -> Any:
    return shuffled(Augmented(x.dataset(), torch.rand(1).uniform_), num_workers=2)


def weighted(x: Images, seed: int) -> Any:
    weights = (1.0 / torch.bincount(x.labels).clamp(min=1))[x.labels]
    return DataLoader(x.dataset(), batch_size=BATCH, sampler=WeightedRandomSampler(weights, len(weights)))


def with_replacement(x: Images, seed: int) -> Any:
    sampler = torch.utils.data.RandomSampler(x.dataset(), replacement=True)
    return DataLoader(x.dataset(), batch_size=BATCH, sampler=sampler)


class Buckets(Fixed):
    """Batches of like length, in random order."""

    def __init__(self, lengths: Any, seed: int) -> None:
        self.lengths, self.rng = lengths, np.random.default_rng(seed)

    def __iter__(self) -> Iterator[Any]:
        order = np.lexsort((self.rng.random(len(self.lengths)), self.lengths))
        batches = np.array_split(order, len(self))
        return iter([batches[i].tolist() for i in self.rng.permutation(len(batches))])

    def __len__(self) -> int:
        return len(self.lengths) // BATCH


def _pad(samples: list[Any]) -> Any:
    return pad_sequence([s[0] for s in samples], batch_first=True), torch.tensor([s[1] for s in samples])


def bucketed(x: Images, seed: int) -> Any:
    """Sequences whose length depends on the class, in batches of like length."""
    rng = np.random.default_rng(seed)
    lengths = 8 + rng.poisson(4 + 8 * x.labels.numpy() / max(int(x.labels.max()), 1))
    data = [(torch.randn(int(n), 4), int(label)) for n, label in zip(lengths, x.labels, strict=True)]
    return DataLoader(data, batch_sampler=Buckets(lengths, seed), collate_fn=_pad)


def padded(x: Images, seed: int) -> Any:
    lengths = 8 + np.random.default_rng(seed).poisson(4 + 8 * x.labels.numpy() / max(int(x.labels.max()), 1))
    data = [(torch.randn(int(n), 4), int(label)) for n, label in zip(lengths, x.labels, strict=True)]
    return DataLoader(data, batch_size=BATCH, shuffle=True, collate_fn=_pad)


def distributed(x: Images, seed: int) -> Any:
    sampler = DistributedSampler(x.dataset(), num_replicas=3, rank=seed % 3, seed=seed)
    return DataLoader(x.dataset(), batch_size=BATCH, sampler=sampler)


def subset(x: Images, seed: int) -> Any:
    rows = np.random.default_rng(seed).permutation(len(x.labels))[: len(x.labels) // 2].tolist()
    return DataLoader(x.dataset(), batch_size=BATCH, sampler=SubsetRandomSampler(rows))


class Stratified(Fixed):
    """Deals every class evenly over the batches, all rows once an epoch."""

    def __init__(self, labels: Any, seed: int) -> None:
        self.labels, self.rng = labels, np.random.default_rng(seed)

    def __iter__(self) -> Iterator[Any]:
        order = np.lexsort((self.rng.random(len(self.labels)), self.labels))
        return iter(
            [self.rng.permutation(order[i :: len(self)]).tolist() for i in self.rng.permutation(len(self))]
        )

    def __len__(self) -> int:
        return -(-len(self.labels) // BATCH)


def stratified(x: Images, seed: int) -> Any:
    return DataLoader(x.dataset(), batch_sampler=Stratified(x.labels.numpy(), seed))


def sharded_stream(x: Images, seed: int) -> Any:
    rng, count = np.random.default_rng(seed), len(x.labels)

    def order() -> Any:
        info = get_worker_info()
        drawn = np.random.default_rng(
            [seed, info.seed - info.id if info else int(rng.integers(2**31))]
        ).permutation(count)
        return drawn if info is None else drawn[info.id :: info.num_workers]

    return DataLoader(Stream(x.dataset(), order), batch_size=BATCH, num_workers=2 if seed % 4 == 0 else 0)


def regression(x: Images, seed: int) -> Any:
    target = x.normalised.mean(dim=(1, 2, 3)) + 0.1 * torch.randn(len(x.labels))
    return shuffled(x.dataset(target.unsqueeze(1)))


def tabular(x: Images, seed: int) -> Any:
    rng = np.random.default_rng(seed)
    skewed = torch.tensor(rng.lognormal(size=(len(x.labels), 6)), dtype=torch.float32)
    return shuffled(TensorDataset(skewed, x.labels), batch_size=64)


CLEAN = {
    "shuffled": plain,
    "drop_last, with validation": dropping,
    "augmented in two workers": augmented_in_workers,
    "weighted": weighted,
    "with replacement": with_replacement,
    "bucketed by length": bucketed,
    "padded, shuffled": padded,
    "distributed": distributed,
    "subset": subset,
    "stratified batches": stratified,
    "stream in shards": sharded_stream,
    "regression": regression,
    "skewed table": tabular,
}
