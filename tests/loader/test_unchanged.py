import multiprocessing
import random
from typing import Any

import numpy as np
import pytest
import torch
from torch.utils.data import DataLoader, Dataset, DistributedSampler, RandomSampler, TensorDataset

from datacheck.loader import audit_loader, watch


def _states() -> list[Any]:
    kind, keys, *rest = np.random.get_state()
    return [random.getstate(), (kind, keys.tolist(), *rest), torch.get_rng_state().tolist()]


def _order(loader: Any) -> list[int]:
    return [int(i) for batch in loader for i in batch[-1]]


class Noisy(Dataset[Any]):
    def __init__(self) -> None:
        self.rng = np.random.default_rng(3)

    def __len__(self) -> int:
        return 64

    def __getitem__(self, index: int) -> Any:
        noise = self.rng.normal() + random.random() + np.random.random() + float(torch.rand(()))
        return torch.tensor([noise], dtype=torch.float32), index


@pytest.mark.parametrize("workers", [0, 2])
def test_random_states_are_what_they_were(workers: int) -> None:
    loader = DataLoader(Noisy(), batch_size=16, shuffle=True, num_workers=workers)
    before = _states(), loader.dataset.rng.bit_generator.state

    audit_loader(loader)

    assert (_states(), loader.dataset.rng.bit_generator.state) == before


def test_training_after_an_audit_sees_what_it_would_have_seen() -> None:
    torch.manual_seed(5)
    plain = [x.tolist() for x, _ in DataLoader(Noisy(), batch_size=16, shuffle=True)]
    torch.manual_seed(5)
    random.seed(1), np.random.seed(1)
    first = DataLoader(Noisy(), batch_size=16, shuffle=True)
    state = random.getstate(), np.random.get_state()
    expected = [x.tolist() for x, _ in first]

    torch.manual_seed(5)
    random.setstate(state[0]), np.random.set_state(state[1])
    second = DataLoader(Noisy(), batch_size=16, shuffle=True)
    audit_loader(second)

    assert [x.tolist() for x, _ in second] == expected
    assert len(plain) == len(expected)


def test_the_audit_sees_the_order_that_training_would(images: TensorDataset) -> None:
    loader = DataLoader(images, batch_size=32, shuffle=True)
    torch.manual_seed(1)
    expected = [y.tolist() for _, y in loader]
    torch.manual_seed(1)

    seen = audit_loader(loader).profile.records["loader"]["train"]

    assert seen.epochs[0].labels.astype(int).tolist() == [label for batch in expected for label in batch]


@pytest.mark.parametrize(
    "make", [lambda g: {"generator": g}, lambda g: {"sampler": RandomSampler(range(64), generator=g)}]
)
def test_generators_of_loader_and_sampler_are_put_back(make: Any) -> None:
    generator = torch.Generator().manual_seed(2)
    options = make(generator)
    loader = DataLoader(Noisy(), batch_size=16, shuffle=None if "sampler" in options else True, **options)
    before = generator.get_state().tolist()

    audit_loader(loader)

    assert generator.get_state().tolist() == before


def test_a_distributed_sampler_keeps_its_epoch(images: TensorDataset) -> None:
    sampler = DistributedSampler(images, num_replicas=2, rank=0)
    sampler.set_epoch(7)

    report = audit_loader(DataLoader(images, batch_size=32, sampler=sampler))

    assert sampler.epoch == 7
    assert not [f for f in report.findings if f.severity.rank]


@pytest.mark.parametrize("persistent", [False, True])
def test_no_worker_is_left(images: TensorDataset, persistent: bool) -> None:
    loader = DataLoader(images, batch_size=32, shuffle=True, num_workers=2, persistent_workers=persistent)

    audit_loader(loader, max_batches=2)

    assert not multiprocessing.active_children()
    assert loader._iterator is None


def test_an_interrupt_passes_and_leaves_no_worker(images: TensorDataset) -> None:
    def interrupt(epoch: int, batch: int, total: int | None) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        audit_loader(DataLoader(images, batch_size=32, num_workers=2), progress=interrupt)

    assert not multiprocessing.active_children()


@pytest.mark.parametrize("workers", [0, 2])
def test_watch_yields_the_very_same_batches(workers: int) -> None:
    expected, watched = (
        DataLoader(Noisy(), batch_size=16, shuffle=True, num_workers=workers) for _ in range(2)
    )
    torch.manual_seed(4), random.seed(4), np.random.seed(4)
    plain = [(x.tolist(), i.tolist()) for _ in range(2) for x, i in expected]
    after = _states()
    torch.manual_seed(4), random.seed(4), np.random.seed(4)
    wrapped = watch(watched)

    assert [(x.tolist(), i.tolist()) for _ in range(2) for x, i in wrapped] == plain
    assert _states() == after
    assert len(wrapped) == 4
    assert wrapped.batch_size == 16


def test_a_watch_that_is_left_early_leaves_no_worker(images: TensorDataset) -> None:
    wrapped = watch(DataLoader(images, batch_size=32, shuffle=True, num_workers=2))

    for _ in wrapped:
        break

    assert not multiprocessing.active_children()
    assert wrapped.report().profile.records["loader"]["train"].epochs[0].complete is False


def test_a_watch_keeps_persistent_workers_of_the_user(images: TensorDataset) -> None:
    loader = DataLoader(images, batch_size=32, shuffle=True, num_workers=2, persistent_workers=True)
    wrapped = watch(loader)

    counts = [len(list(wrapped)) for _ in range(2)]

    assert counts == [20, 20]
    assert len(multiprocessing.active_children()) == 2
    loader._iterator._shutdown_workers()
