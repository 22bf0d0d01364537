"""Faults planted into loaders, and what must name each."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from loader_data import Augmented, Images
from torch.utils.data import DataLoader, Dataset, DistributedSampler, IterableDataset, Subset, TensorDataset

BATCH = 32


@dataclass(frozen=True, kw_only=True)
class Fault:
    """A loader with a fault, by seed; the checker that must report it as a warning or an error."""

    make: Callable[[Images, int], Any]
    checker: str
    needs: str = ""  # a word that the message must hold
    options: Callable[[Images, int], dict[str, Any]] | None = None
    watched: bool = False


class Fixed:
    """A sampler, or batch sampler, that gives the same every time."""

    def __init__(self, items: Any) -> None:
        self.items = list(items)

    def __iter__(self) -> Iterator[Any]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)


class Stream(IterableDataset[Any]):
    """Yields samples in an order that `make_order` gives for each epoch."""

    def __init__(self, inner: TensorDataset, make_order: Callable[[], Any]) -> None:
        self.inner, self.make_order = inner, make_order

    def __iter__(self) -> Iterator[Any]:
        return (self.inner[int(i)] for i in self.make_order())


class Once:
    """An iterable that is used up after one epoch."""

    def __init__(self, loader: DataLoader[Any]) -> None:
        self.batches = iter(list(loader))

    def __iter__(self) -> Iterator[Any]:
        yield from self.batches


class Raising(Dataset[Any]):
    """Raises for one sample."""

    def __init__(self, inner: TensorDataset, bad: int) -> None:
        self.inner, self.bad = inner, bad

    def __len__(self) -> int:
        return len(self.inner)

    def __getitem__(self, index: int) -> Any:
        if index == self.bad:
            raise ValueError(f"cannot decode sample {index}")
        return self.inner[index]


def shuffled(dataset: Any, **options: Any) -> DataLoader[Any]:
    return DataLoader(dataset, **({"batch_size": BATCH, "shuffle": True} | options))


def by_class(x: Images) -> Any:
    return torch.argsort(x.labels, stable=True)


def unshuffled_sorted(x: Images, seed: int) -> Any:
    return DataLoader(Subset(x.dataset(), by_class(x).tolist()), batch_size=BATCH)


def unshuffled(x: Images, seed: int) -> Any:
    return DataLoader(x.dataset(), batch_size=BATCH)


def one_class_batches(x: Images, seed: int) -> Any:
    rng = np.random.default_rng(seed)
    batches = []
    for label in x.labels.unique():
        rows = rng.permutation(np.flatnonzero(x.labels.numpy() == int(label))).tolist()
        batches += [rows[i : i + BATCH] for i in range(0, len(rows), BATCH)]
    return DataLoader(x.dataset(), batch_sampler=Fixed([batches[i] for i in rng.permutation(len(batches))]))


def same_seed_each_epoch(x: Images, seed: int) -> Any:
    return DataLoader(
        x.dataset(),
        batch_size=BATCH,
        sampler=Fixed(np.random.default_rng(seed).permutation(len(x.labels)).tolist()),
    )


def small_buffer(x: Images, seed: int) -> Any:
    rng, order = np.random.default_rng(seed), by_class(x).numpy()

    def drawn() -> Iterator[int]:
        buffer = list(order[:100])
        for row in order[100:]:
            at = int(rng.integers(100))
            yield buffer[at]
            buffer[at] = row
        yield from rng.permutation(buffer)

    return DataLoader(Stream(x.dataset(), drawn), batch_size=BATCH)


def drifting(x: Images, seed: int) -> Any:
    """The lower half of the classes is twice as likely in the first half of the epoch."""
    rng = np.random.default_rng(seed)
    labels = x.labels.numpy()
    low = labels <= np.median(labels) if labels.max() > 1 else labels == 0

    class Sampler(Fixed):
        def __iter__(self) -> Iterator[Any]:
            return iter(np.argsort(rng.random(len(labels)) + 0.5 * ~low).tolist())

    return DataLoader(x.dataset(), batch_size=BATCH, sampler=Sampler(range(len(labels))))


def repeating_sampler(x: Images, seed: int) -> Any:
    rng = np.random.default_rng(seed)

    class Sampler(Fixed):
        def __iter__(self) -> Iterator[Any]:
            return iter(rng.integers(len(self), size=len(self)).tolist())

    return DataLoader(x.dataset(), batch_size=BATCH, sampler=Sampler(range(len(x.labels))))


def always_lost(x: Images, seed: int) -> Any:
    return DataLoader(x.dataset(), batch_size=BATCH, drop_last=True)


def whole_in_each_worker(x: Images, seed: int) -> Any:
    order = np.random.default_rng(seed).permutation(len(x.labels))
    return DataLoader(Stream(x.dataset(), lambda: order), batch_size=BATCH, num_workers=2)


def overlapping(x: Images, seed: int) -> Any:
    return shuffled(TensorDataset(x.normalised, x.labels))


def held_out(x: Images, seed: int) -> dict[str, Any]:
    """5 % of the rows, as tensors of their own."""
    rows = np.random.default_rng(seed).choice(len(x.labels), len(x.labels) // 20, replace=False)
    return {"val_loader": DataLoader(TensorDataset(x.normalised[rows], x.labels[rows]), batch_size=BATCH)}


def shared_generator(x: Images, seed: int) -> Any:
    return shuffled(Augmented(x.dataset(), np.random.default_rng(seed).normal), num_workers=2)


def _seed_all(worker: int) -> None:
    np.random.seed(7)


def constant_worker_seed(x: Images, seed: int) -> Any:
    return shuffled(Augmented(x.dataset(), np.random.normal), num_workers=2, worker_init_fn=_seed_all)


def raw_scale(x: Images, seed: int) -> Any:
    return shuffled(TensorDataset(x.pixels * 255, x.labels))


def normalised_twice(x: Images, seed: int) -> Any:
    return shuffled(TensorDataset((x.normalised - x.mean) / x.std, x.labels))


def scaled_twice(x: Images, seed: int) -> Any:
    return shuffled(TensorDataset(x.pixels / 255, x.labels))


def not_a_number(x: Images, seed: int) -> Any:
    pixels = x.normalised.clone()
    pixels[np.random.default_rng(seed).integers(len(pixels)), 0, 3, 3] = float("nan")
    return shuffled(TensorDataset(pixels, x.labels))


def column_labels(x: Images, seed: int) -> Any:
    return shuffled(x.dataset(x.labels.unsqueeze(1)))


def labels_from_one(x: Images, seed: int) -> Any:
    return shuffled(x.dataset(x.labels + 1))


def negative_labels(x: Images, seed: int) -> Any:
    return shuffled(x.dataset(x.labels - 1))


def int32_labels(x: Images, seed: int) -> Any:
    return shuffled(x.dataset(x.labels.int()))


def small_batches(x: Images, seed: int) -> Any:
    return shuffled(x.dataset(), batch_size=4)


def last_batch_of_one(x: Images, seed: int) -> Any:
    return shuffled(Subset(x.dataset(), range(BATCH * 30 + 1)))


def unlabelled_order(x: Images, seed: int) -> Any:
    """Images sorted by brightness, without labels."""
    order = torch.argsort(x.normalised.mean(dim=(1, 2, 3)))
    return DataLoader(TensorDataset(x.normalised[order]), batch_size=BATCH)


def raising(x: Images, seed: int) -> Any:
    return shuffled(Raising(x.dataset(), seed * 7 % len(x.labels)), num_workers=2)


def _ragged(samples: list[Any]) -> Any:
    pixels, labels = (torch.stack(column) for column in zip(*samples, strict=True))
    return pixels, labels[labels != labels.max()]


def ragged(x: Images, seed: int) -> Any:
    return shuffled(x.dataset(), collate_fn=_ragged)


def _changing(samples: list[Any]) -> Any:
    pixels, labels = (torch.stack(column) for column in zip(*samples, strict=True))
    return (pixels, labels) if len(samples) == BATCH else {"image": pixels, "label": labels}


def changing_structure(x: Images, seed: int) -> Any:
    return shuffled(Subset(x.dataset(), range(BATCH * 30 + 5)), collate_fn=_changing)


def exhausted(x: Images, seed: int) -> Any:
    return Once(shuffled(x.dataset()))


def epoch_not_set(x: Images, seed: int) -> Any:
    sampler = DistributedSampler(x.dataset(), num_replicas=2, rank=0, seed=seed)
    return DataLoader(x.dataset(), batch_size=BATCH, sampler=sampler)


def other_scale(x: Images, seed: int) -> dict[str, Any]:
    """A validation loader that was not normalised."""
    fresh = x.pixels[:200] + 1e-4
    return {"val_loader": DataLoader(TensorDataset(fresh, x.labels[:200]), batch_size=BATCH)}


FAULTS = {
    "unshuffled, sorted by class": Fault(make=unshuffled_sorted, checker="loader-order", needs="sorted"),
    "unshuffled, random labels": Fault(make=unshuffled, checker="loader-order", needs="every epoch"),
    "same shuffle in every epoch": Fault(
        make=same_seed_each_epoch, checker="loader-order", needs="every epoch"
    ),
    "set_epoch not called (watch)": Fault(
        make=epoch_not_set, checker="loader-order", needs="every epoch", watched=True
    ),
    "sorted stream, buffer of 100": Fault(make=small_buffer, checker="loader-composition"),
    "class frequencies drift": Fault(make=drifting, checker="loader-order"),
    "one-class batches": Fault(make=one_class_batches, checker="loader-composition"),
    "sampler repeats and misses": Fault(make=repeating_sampler, checker="loader-coverage"),
    "same rows lost to drop_last": Fault(make=always_lost, checker="loader-coverage"),
    "every worker yields everything": Fault(make=whole_in_each_worker, checker="loader-coverage"),
    "5 % of training in validation": Fault(make=overlapping, checker="loader-coverage", options=held_out),
    "generator shared by workers": Fault(make=shared_generator, checker="loader-worker-randomness"),
    "constant seed in worker_init_fn": Fault(make=constant_worker_seed, checker="loader-worker-randomness"),
    "pixels in 0..255": Fault(make=raw_scale, checker="loader-values"),
    "normalised twice": Fault(make=normalised_twice, checker="loader-values", needs="twice"),
    "divided by 255 twice": Fault(make=scaled_twice, checker="loader-values", needs="twice"),
    "one NaN pixel": Fault(make=not_a_number, checker="loader-values", needs="NaN"),
    "validation not normalised": Fault(make=overlapping, checker="loader-values", options=other_scale),
    "labels of shape (n, 1)": Fault(make=column_labels, checker="loader-values"),
    "labels from 1": Fault(make=labels_from_one, checker="loader-values"),
    "negative labels": Fault(make=negative_labels, checker="loader-values"),
    "labels int32": Fault(make=int32_labels, checker="loader-values"),
    "batches of 4": Fault(make=small_batches, checker="loader-batch-statistics"),
    "last batch of one": Fault(make=last_batch_of_one, checker="loader-batch-statistics"),
    "sorted by brightness, no labels": Fault(make=unlabelled_order, checker="loader-batch-statistics"),
    "raises in a worker": Fault(make=raising, checker="loader-iteration"),
    "fewer labels than inputs": Fault(make=ragged, checker="loader-iteration"),
    "structure changes midway": Fault(make=changing_structure, checker="loader-iteration"),
    "iterable only once": Fault(make=exhausted, checker="loader-iteration"),
}
