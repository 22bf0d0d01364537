from typing import Any

import pytest
import torch
from torch.utils.data import DataLoader, Subset, TensorDataset

from datacheck.finding import Finding
from datacheck.loader import audit_loader


def told(loader: Any, checker: str, **options: Any) -> list[Finding]:
    report = audit_loader(loader, **options)
    assert not report.crashed
    return [f for f in report.findings if f.checker == checker]


def serious(findings: list[Finding]) -> list[str]:
    return [f.message for f in findings if f.severity.rank]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda x: x.abs() * 60, "it was not scaled"),
        (lambda x: x.sigmoid() / 255, "divided by 255 twice"),
        (lambda x: x * 4, "normalised twice"),
        (lambda x: ((x.sigmoid().clamp(0.1, 0.9) - 0.1) / 0.8 - 0.1307) / 0.3081, None),
        (lambda x: x.sigmoid(), None),
        (lambda x: x.tanh(), None),
        (lambda x: x, None),
    ],
)
def test_scales_of_images(images: TensorDataset, change: Any, words: str | None) -> None:
    data = TensorDataset(change(images.tensors[0]), images.tensors[1])

    found = serious(told(DataLoader(data, batch_size=32, shuffle=True), "loader-values"))

    assert [words in message for message in found] == ([True] if words else [])


def test_known_constants_are_named() -> None:
    mean, std = torch.tensor([0.485, 0.456, 0.406]), torch.tensor([0.229, 0.224, 0.225])
    x = torch.rand(320, 8, 8, 3)
    data = TensorDataset(((x - mean) / std - mean) / std, torch.arange(320) % 2)

    (found,) = serious(told(DataLoader(data, batch_size=32, shuffle=True), "loader-values"))

    assert "twice with the constants of ImageNet" in found


def test_whole_number_images_are_information() -> None:
    data = TensorDataset(torch.randint(0, 256, (320, 3, 8, 8), dtype=torch.uint8), torch.arange(320) % 2)

    found = told(DataLoader(data, batch_size=32, shuffle=True), "loader-values")

    assert [f.severity for f in found] == ["info"]


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), -float("inf")])
def test_what_is_not_finite_is_placed(bad: float) -> None:
    x = torch.randn(64, 3, 50, 50)
    x[37, 2, 49, 49] = bad

    (found,) = told(DataLoader(TensorDataset(x, torch.arange(64) % 2), batch_size=16), "loader-values")

    assert "in 1 sample, first in epoch 0, batch 2, sample 5 of the batch" in found.message


@pytest.mark.parametrize(
    ("labels", "words"),
    [
        (torch.arange(320).unsqueeze(1) % 4, "shape (n, 1): cross_entropy expects (n,)"),
        (torch.arange(320) % 4 + 1, "the classes are 1..4"),
        (torch.arange(320) % 4 - 1, "the smallest class is -1"),
        ((torch.arange(320) % 4).float(), "4 classes as float32"),
        ((torch.arange(320) % 4).short(), "4 classes as int16"),
        (torch.rand(320).masked_fill(torch.arange(320) == 3, torch.nan), "1 labels are NaN"),
        (torch.arange(320) % 4, None),
        ((torch.arange(320) % 2).float(), None),
        ((torch.arange(320) % 2).float().unsqueeze(1), None),
        ((torch.arange(320) % 2) * 2 - 1, None),
        (torch.where(torch.arange(320) % 9 == 0, -100, torch.arange(320) % 4), None),
        (torch.rand(320), None),
        (torch.randint(0, 3, (320, 8, 8)), None),
    ],
)
def test_labels_against_the_loss(labels: torch.Tensor, words: str | None) -> None:
    loader = DataLoader(TensorDataset(torch.randn(320, 5), labels), batch_size=32, shuffle=True)

    found = serious(told(loader, "loader-values"))

    assert [words in message for message in found] == ([True] if words else [])


def test_a_validation_loader_on_another_scale_is_found(images: TensorDataset) -> None:
    held = DataLoader(TensorDataset(images.tensors[0] * 0.2 + 3, images.tensors[1]), batch_size=32)

    found = told(DataLoader(images, batch_size=32, shuffle=True), "loader-values", val_loader=held)

    assert "on another scale" in serious(found)[0]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"batch_size": 8}, "off by about 50 %"),
        ({"batch_size": 1}, "no variance to divide by"),
        ({"batch_size": 71}, "the last batch has one sample"),
        ({"batch_size": 71, "drop_last": True}, None),
        ({"batch_size": 16}, None),
    ],
)
def test_batch_sizes(images: TensorDataset, options: dict[str, Any], words: str | None) -> None:
    data = Subset(images, range(569 if options["batch_size"] == 71 else 640))

    found = serious(told(DataLoader(data, shuffle=True, **options), "loader-batch-statistics"))

    assert [words in message for message in found] == ([True] if words else [])


def test_alike_samples_that_come_together_are_found_without_labels() -> None:
    x = torch.randn(640, 5)
    x[:, 2] += torch.linspace(-2, 2, 640)

    found = told(DataLoader(TensorDataset(x), batch_size=32), "loader-batch-statistics")

    assert "(channel 2)" in serious(found)[0]


def test_features_constant_within_batches_are_information() -> None:
    x = torch.randn(640, 3)
    x[:, 1] = (torch.arange(640) == 100).float()

    (found,) = told(DataLoader(TensorDataset(x), batch_size=32, shuffle=True), "loader-batch-statistics")

    assert found.severity == "info"
    assert found.evidence["features"] == [1]
