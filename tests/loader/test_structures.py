from collections import namedtuple
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn.utils.rnn import pack_sequence
from torch.utils.data import DataLoader, TensorDataset

from datacheck.loader import audit_loader
from datacheck.loader.bottom import Bottom
from datacheck.loader.digest import digest
from datacheck.loader.leaf_sums import LeafSums, Reduction, channels_of, thinned
from datacheck.loader.leaves import is_sample, label_path, leaves, main_path

Pair = namedtuple("Pair", "image target")
X, Y = torch.zeros(4, 3), torch.zeros(4, dtype=torch.int64)


@dataclass
class Sample:
    image: Tensor
    label: Tensor


@pytest.mark.parametrize(
    ("batch", "paths", "label"),
    [
        ((X, Y), ["0", "1"], "1"),
        ([X], ["0"], None),
        (X, [""], None),
        ({"image": X, "label": Y}, ["image", "label"], "label"),
        ({"a": X, "b": Y}, ["a", "b"], None),
        (Pair(X, Y), ["image", "target"], "target"),
        (Sample(X, Y), ["image", "label"], "label"),
        ((X, {"boxes": X, "labels": Y}), ["0", "1.boxes", "1.labels"], "1.labels"),
        (((X, X), Y), ["0.0", "0.1", "1"], "1"),
        ([(X[0], 1), (X[0], 0), (X[0], 1), (X[0], 1)], ["0", "1"], "1"),
        ([{"x": X[0], "y": 1}] * 4, ["x", "y"], "y"),
        ({"text": ["a", "b", "c", "d"], "label": ["u", "v", "u", "v"]}, ["text", "label"], "label"),
        ([[X[:1], X[:2], X[:3], X], Y], ["0", "1"], "1"),
    ],
)
def test_arrays_and_label_are_found(batch: Any, paths: list[str], label: str | None) -> None:
    found = leaves(batch, 4)

    assert [leaf.path for leaf in found.arrays] == paths
    assert label_path(found, None) == label
    assert all(leaf.samples == 4 for leaf in found.arrays)


def test_objects_and_packed_sequences_are_opaque() -> None:
    found = leaves({"packed": pack_sequence([X, X[:2]]), "other": object(), "x": X})

    assert found.opaque == ("packed (PackedSequence)", "other (object)")
    assert main_path(found, None) == "x"


@pytest.mark.parametrize(
    ("item", "drawn", "expected"),
    [
        ((X[0], 1), 1, True),
        ((X, Y), None, False),
        ((X, Y), 4, False),
        ({"x": X}, 1, True),
        ((X, Y), 1, False),
    ],
)
def test_samples_are_told_from_batches(item: Any, drawn: int | None, expected: bool) -> None:
    assert is_sample(item, drawn) is expected


@pytest.mark.parametrize(
    "dtype", [torch.float32, torch.float16, torch.bfloat16, torch.float64, torch.uint8, torch.bool]
)
def test_hashes_depend_on_content_alone(dtype: torch.dtype) -> None:
    values = (torch.rand(20, 3, 40, 40) > 0.5).to(dtype)
    moved = values.contiguous(memory_format=torch.channels_last)

    hashes = hashed(values)

    assert len(hashes.unique()) == 20
    assert torch.equal(hashes, hashed(moved))
    assert torch.equal(hashes[5:6], hashed(values[5:6]))


def hashed(values: Tensor) -> Tensor:
    return digest(thinned(values, channels_of(values)).flatten(1))


def test_binary_samples_do_not_collide() -> None:
    values = torch.tensor([[float(b) for b in f"{i:016b}"] for i in range(1 << 16)])

    assert len(digest(values).unique()) == 1 << 16


@pytest.mark.parametrize("shape", [(), (7,), (3, 6, 5), (6, 5, 3), (9, 9), (2, 3, 6, 6), (700,)])
@pytest.mark.parametrize("offset", [0.0, 1e6])
def test_sums_over_batches_equal_numpy(shape: tuple[int, ...], offset: float) -> None:
    x = torch.randn(60, *shape, dtype=torch.float64) + offset
    parts = [LeafSums.of(Reduction.of("x", part), i) for i, part in enumerate(x.split(16))]

    total = parts[0]
    for part in parts[1:]:
        total = total + part

    channels = len(total.mean)
    axis = [i for i, size in enumerate((60, *shape)) if i and size == channels and channels > 1][:1]
    wide = np.moveaxis(x.numpy(), axis[0], 0).reshape(channels, -1) if axis else x.numpy().reshape(1, -1)
    assert total.mean == pytest.approx(wide.mean(axis=1), abs=1e-6)
    assert total.std == pytest.approx(wide.std(axis=1), rel=1e-6)
    assert total.min == pytest.approx(wide.min(axis=1))
    assert total.samples == 60


def test_bottom_k_keeps_the_same_samples_in_every_order() -> None:
    rng = np.random.default_rng(0)
    hashes = rng.integers(2**63, size=5000).astype(np.uint64)
    kept = []
    for order in (np.arange(5000), rng.permutation(5000)):
        bottom = Bottom(keep=500)
        for part in np.array_split(order, 50):
            bottom.add(hashes[part], np.full(len(part), -1))
        kept.append(bottom.kept())

    assert [len(k.key) for k in kept] == [500, 500]
    assert (
        set(kept[0].content.tolist()) == set(kept[1].content.tolist()) == set(np.sort(hashes)[:500].tolist())
    )
    assert kept[0].share == 0.1


@pytest.mark.parametrize(
    "collate", [list, None, lambda s: {"x": torch.stack([i[0] for i in s]), "y": [int(i[1]) for i in s]}]
)
def test_labels_are_read_through_any_collate(images: TensorDataset, collate: Any) -> None:
    report = audit_loader(DataLoader(images, batch_size=32, shuffle=True, collate_fn=collate))

    assert report.profile.schema.task == "classification"
    assert report.profile.train.rows == 640
    assert report.exit_code == 0
    assert report.to_json()["splits"]["train"]["rows"] == 640


def test_text_labels_and_real_targets_are_read(images: TensorDataset) -> None:
    names = [{"x": torch.rand(16, 2), "label": ["cat", "dog"] * 8}] * 4
    real = DataLoader(TensorDataset(torch.rand(320, 2), torch.rand(320, 1)), batch_size=32, shuffle=True)

    texts, numbers = audit_loader(names).profile, audit_loader(real).profile

    assert dict(texts.classes("train")) == {"cat": 32, "dog": 32}
    assert numbers.schema.task == "regression"


@pytest.mark.parametrize(
    "one_hot", [torch.eye(4)[torch.arange(64) % 4], torch.eye(4).long()[torch.arange(64) % 4]]
)
def test_one_hot_labels_are_classes(one_hot: Tensor) -> None:
    report = audit_loader(DataLoader(TensorDataset(torch.rand(64, 2), one_hot), batch_size=16, shuffle=True))

    assert len(report.profile.classes("train")) == 4


def test_unbatched_loaders_give_samples_or_their_own_batches(images: TensorDataset) -> None:
    samples = audit_loader(DataLoader(images, batch_size=None, shuffle=True))
    whole = audit_loader(DataLoader([(X, Y)] * 5, batch_size=None))

    assert samples.profile.train.rows == 640
    assert whole.profile.train.rows == 20
