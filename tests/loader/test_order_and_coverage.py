import logging
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch
from torch.utils.data import (
    DataLoader,
    Dataset,
    DistributedSampler,
    IterableDataset,
    Subset,
    TensorDataset,
    WeightedRandomSampler,
)

from datacheck.finding import Finding
from datacheck.loader import audit_loader, watch


def told(loader: Any, checker: str, **options: Any) -> list[Finding]:
    report = audit_loader(loader, **options)
    assert not report.crashed
    return [f for f in report.findings if f.checker == checker]


def serious(findings: list[Finding]) -> list[str]:
    return [f.message for f in findings if f.severity.rank]


class Given:
    def __init__(self, make: Any, size: int) -> None:
        self.make, self.size = make, size

    def __iter__(self) -> Iterator[Any]:
        return iter(self.make())

    def __len__(self) -> int:
        return self.size


class Stream(IterableDataset[Any]):
    def __init__(self, data: TensorDataset, make: Any) -> None:
        self.data, self.make = data, make

    def __iter__(self) -> Iterator[Any]:
        return (self.data[int(i)] for i in self.make())


class Augmented(Dataset[Any]):
    def __init__(self, data: TensorDataset, chance: float) -> None:
        self.data, self.chance, self.rng = data, chance, np.random.default_rng(0)

    def __len__(self) -> int:
        return len(self.data)

    def __getitem__(self, index: int) -> Any:
        x, y = self.data[index]
        return (x.flip(-1) if self.rng.random() < self.chance else x), y


def _reseed(worker: int) -> None:
    torch.utils.data.get_worker_info().dataset.rng = np.random.default_rng(torch.initial_seed())


def sorted_rows(data: TensorDataset) -> list[int]:
    return torch.argsort(data.tensors[1], stable=True).tolist()


def test_sorted_labels_are_an_error_with_code(images: TensorDataset) -> None:
    found = told(DataLoader(Subset(images, sorted_rows(images)), batch_size=32), "loader-order")

    assert [f.severity for f in found] == ["error", "warning"]
    assert "come sorted" in found[0].message
    assert "shuffle=True" in found[0].fix
    assert found[0].evidence["excess"] > 0.9


def test_real_targets_in_order_are_found(images: TensorDataset) -> None:
    target = torch.linspace(0, 1, 640).unsqueeze(1)

    found = told(DataLoader(TensorDataset(images.tensors[0], target), batch_size=32), "loader-order")

    assert "come sorted" in found[0].message


def test_the_same_shuffle_every_epoch_is_found_without_indices(images: TensorDataset) -> None:
    order = np.random.default_rng(0).permutation(640)

    found = told(DataLoader(Stream(images, lambda: order), batch_size=32), "loader-order")

    assert serious(found) == ["every epoch comes in the same order: it is not reshuffled"]


def test_the_same_order_of_augmented_streams_is_found_by_labels(images: TensorDataset) -> None:
    class Noise(Stream):
        def __iter__(self) -> Iterator[Any]:
            return ((x + torch.rand(()), y) for x, y in super().__iter__())

    order = np.random.default_rng(0).permutation(640)

    assert serious(told(DataLoader(Noise(images, lambda: order), batch_size=32), "loader-order"))


def test_local_shuffles_are_found(images: TensorDataset) -> None:
    rng = np.random.default_rng(0)
    loader = DataLoader(
        Stream(images, lambda: np.argsort(np.arange(640) + 50 * rng.random(640))), batch_size=32
    )

    assert "nearly the same order" in serious(told(loader, "loader-order"))[0]


def test_set_epoch_is_missed_while_training(images: TensorDataset, caplog: pytest.LogCaptureFixture) -> None:
    sampler = DistributedSampler(images, num_replicas=2, rank=0)
    loader = watch(DataLoader(images, batch_size=32, sampler=sampler))

    with caplog.at_level(logging.WARNING, "datacheck.loader"):
        for _ in range(3):
            list(loader)

    (found,) = [f for f in loader.report().findings if f.severity.rank]
    assert "set_epoch" in found.fix
    assert [record.message for record in caplog.records] == [f"loader-order: {found.message}"]


@pytest.mark.parametrize("seed", range(3))
def test_balanced_batches_are_information(images: TensorDataset, seed: int) -> None:
    rng = np.random.default_rng(seed)
    labels = images.tensors[1].numpy()

    def batches() -> list[list[int]]:
        order = np.lexsort((rng.random(640), labels))
        return [rng.permutation(order[i::20]).tolist() for i in rng.permutation(20)]

    found = told(DataLoader(images, batch_sampler=Given(batches, 20)), "loader-composition")

    assert not serious(found)
    assert any("balanced" in f.message for f in found)


def test_weights_are_recognised(images: TensorDataset) -> None:
    weights = torch.tensor([1.0, 1.0, 1.0, 20.0])[images.tensors[1]]

    report = audit_loader(DataLoader(images, batch_size=32, sampler=WeightedRandomSampler(weights, 640)))

    assert not [f for f in report.findings if f.severity.rank]
    assert any("WeightedRandomSampler draws with replacement: class" in f.message for f in report.findings)


def test_rare_classes_come_with_a_sampler_and_a_batch_size() -> None:
    labels = (torch.arange(1000) % 50 == 0).long()
    loader = DataLoader(TensorDataset(torch.randn(1000, 3), labels), batch_size=32, shuffle=True)

    (found,) = told(loader, "loader-composition")

    assert found.severity == "info"
    assert "counts = torch.as_tensor([980, 20])" in found.fix
    assert found.evidence["batch_size"] > 150


def test_one_class_and_absent_classes_are_found(images: TensorDataset) -> None:
    one = Subset(images, np.flatnonzero(images.tensors[1] == 2).tolist())
    found = told(
        DataLoader(one, batch_size=16, shuffle=True), "loader-composition", val_loader=DataLoader(images)
    )

    assert serious(found) == [
        "the loader yields one class only: 2",
        "training never sees 3 classes of the validation loader: 0, 1, 3",
    ]


def test_rows_lost_always_or_in_turn(images: TensorDataset) -> None:
    rows = Subset(images, range(631))
    fixed = told(DataLoader(rows, batch_size=32, drop_last=True), "loader-coverage")
    shuffled = told(DataLoader(rows, batch_size=32, shuffle=True, drop_last=True), "loader-coverage")

    assert "drop_last drops 23 samples of 631 (3.6 %), always the same ones" in serious(fixed)
    assert fixed[0].rows.examples == (608, 609, 610, 611, 612)
    assert not serious(shuffled)
    assert "other ones in every epoch" in shuffled[0].message


def test_samplers_that_repeat(images: TensorDataset) -> None:
    twice = DataLoader(images, batch_size=32, sampler=[*range(640), 5])
    missing = DataLoader(images, batch_size=32, sampler=[*range(600), *range(40)])

    assert not serious(told(twice, "loader-coverage"))
    assert "leaves out 40 samples" in serious(told(missing, "loader-coverage"))[0]


@pytest.mark.parametrize(("share", "severity"), [(1, "warning"), (40, "error")])
def test_validation_inside_training_is_found_by_content(
    images: TensorDataset, share: int, severity: str
) -> None:
    fresh = torch.randn(200, 3, 8, 8)
    fresh[:share] = images.tensors[0][:share]
    held = DataLoader(TensorDataset(fresh, torch.zeros(200, dtype=torch.int64)), batch_size=50)

    found = told(DataLoader(images, batch_size=32, shuffle=True), "loader-coverage", val_loader=held)

    assert [(f.severity, f.split) for f in found] == [(severity, "validation")]


def test_validation_inside_augmented_training_is_found_by_index(images: TensorDataset) -> None:
    data = Augmented(images, 0.5)
    train, held = Subset(data, range(500)), Subset(Subset(data, range(450, 640)), range(100))

    found = told(
        DataLoader(train, batch_size=32, shuffle=True), "loader-coverage", val_loader=DataLoader(held)
    )

    assert "50 samples of the validation loader (50 %)" in serious(found)[0]


@pytest.mark.parametrize("chance", [0.5, 0.0])
def test_shared_generators_are_found_where_randomness_is_evident(
    images: TensorDataset, chance: float
) -> None:
    loader = DataLoader(Augmented(images, chance), batch_size=32, shuffle=True, num_workers=2)

    found = told(loader, "loader-worker-randomness")

    assert len(serious(found)) == (2 if chance else 0)


@pytest.mark.parametrize("persistent", [False, True])
def test_generators_seeded_by_worker_pass(images: TensorDataset, persistent: bool) -> None:
    loader = DataLoader(
        Augmented(images, 0.5),
        batch_size=32,
        shuffle=True,
        num_workers=2,
        worker_init_fn=_reseed,
        persistent_workers=persistent,
    )

    assert not serious(told(loader, "loader-worker-randomness"))


def test_what_cannot_be_asked_is_not_passed(images: TensorDataset) -> None:
    report = audit_loader(DataLoader(TensorDataset(torch.randn(64, 3)), batch_size=16, shuffle=True))

    reasons = {n.checker: n.reason for n in report.not_checked}

    assert "no label" in reasons["loader-composition"]
    assert "no workers" in reasons["loader-worker-randomness"]
    assert "loader-composition" not in {p.checker for p in report.passed}


def test_the_same_audit_twice_gives_the_same_report(images: TensorDataset) -> None:
    loader = DataLoader(images, batch_size=32, shuffle=True)
    reports = [audit_loader(loader).to_json() for _ in range(2)]

    for report in reports:
        report["findings"] = [f for f in report["findings"] if f["checker"] != "loader-throughput"]
    assert reports[0] == reports[1]
