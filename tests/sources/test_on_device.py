"""Tensors that are passed over where they lie; torch does on the CPU what it does on a GPU, which CI lacks."""

import json
import math
from collections.abc import Iterator
from typing import Any, ClassVar

import numpy as np
import pytest
import torch

import datacheck as dc
from datacheck import _device
from datacheck.dataset import find
from datacheck.engines.assemble import profile_dataset
from datacheck.errors import InputError
from datacheck.saved import to_json
from datacheck.sources import arrays_in_memory
from datacheck.sources.tensor_rows import TensorRows

ROWS = 100_001


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """Floats in memory count as floats on another device."""
    floats = property(lambda rows: rows.ndim > 1 and rows.tensor.is_floating_point())
    monkeypatch.setattr(TensorRows, "elsewhere", floats)
    monkeypatch.setattr(arrays_in_memory, "_ROWS", 1 << 15)


def hard() -> np.ndarray:
    """Columns in which something is odd."""
    rng = np.random.default_rng(3)
    x = rng.normal(size=(ROWS, 12)).astype(np.float32)
    x[:, 1] = np.round(x[:, 1])
    x[:, 2] *= 1e36
    x[:, 3] = 7
    x[5:900:7, 4] = np.nan
    x[40_000:80_000, 4] = np.nan
    x[3:9, 5], x[70_000, 5] = np.inf, -np.inf
    x[:, 6] += 1e6
    x[:, 7] = np.round(500 * x[:, 7])
    x[:, 8] *= 1e-40
    x[:, 9] = np.nan
    x[:, 10] = np.where(rng.random(ROWS) < 0.5, 0.0, -0.0)
    x[0, 11] = 1e30
    return x


def profile(data: Any, threads: int = 1) -> dc.Profile:
    return profile_dataset(find(data), threads=threads).splits["data"]


def differences(a: Any, b: Any, where: str = "") -> Iterator[str]:
    """Where two JSON documents differ."""
    if isinstance(a, dict) and isinstance(b, dict) and a.keys() == b.keys():
        for key in a:
            yield from differences(a[key], b[key], f"{where}/{key}")
    elif isinstance(a, list) and isinstance(b, list) and len(a) == len(b):
        for one, other in zip(a, b, strict=True):
            yield from differences(one, other, where)
    elif a != b:
        yield where


def sampled(found: dc.Profile) -> str:
    return json.dumps([found.sample.table.to_pydict(), found.window.table.to_pydict()])


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64])
def test_all_but_the_last_digits_of_moments_is_what_the_host_finds(
    dtype: torch.dtype, request: pytest.FixtureRequest
) -> None:
    tensor = torch.from_numpy(hard()).to(dtype)
    labels = np.arange(ROWS) % 3
    host = profile((tensor, labels))
    request.getfixturevalue("elsewhere")

    there = profile((tensor, labels))

    assert sampled(there) == sampled(host)
    for where in differences(to_json(host), to_json(there)):
        assert where.rpartition("/")[2] in {"mean_", "rest", "m2", "m3", "m4"}
    for column in host:
        found = there[column.name]
        for name in ("mean", "std", "skewness", "kurtosis"):
            a, b = getattr(column.moments, name), getattr(found.moments, name)
            assert a == b or math.isclose(a, b, rel_tol=1e-11, abs_tol=1e-11 * (column.moments.std or 0))


@pytest.mark.usefixtures("elsewhere")
def test_threads_change_nothing() -> None:
    tensor = torch.from_numpy(hard())

    assert len({json.dumps(to_json(profile(tensor, threads))) for threads in (1, 2, 4)}) == 1


class Watched(torch.Tensor):
    """A tensor that notes how many values are copied to the host."""

    copied: ClassVar[list[int]] = []

    def cpu(self) -> torch.Tensor:
        self.copied.append(self.numel())
        return super().cpu().as_subclass(torch.Tensor)

    def numpy(self, *, force: bool = False) -> np.ndarray:
        self.copied.append(self.numel())
        return super().numpy(force=force)


@pytest.mark.usefixtures("elsewhere")
def test_few_values_come_to_the_host() -> None:
    values = torch.randn(600_000, 8, generator=torch.Generator().manual_seed(0))
    Watched.copied.clear()

    found = profile(values.as_subclass(Watched))

    # 65,536 sampled rows (a quarter more are read), as many neighbours, one piece of 32,768, a number per row
    assert found.rows == 600_000
    assert sum(Watched.copied) < values.numel() / 2


@pytest.mark.usefixtures("elsewhere")
def test_a_device_without_memory_is_an_error_that_tells_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(x: Any, finite: Any) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 64 MiB")

    monkeypatch.setattr(_device, "_sums", full)
    with pytest.raises(InputError, match=r"CUDA out of memory.*pass x\.cpu\(\)"):
        dc.Profile.of(torch.zeros(10, 2))
