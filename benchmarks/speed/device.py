"""What a tensor on a GPU costs: `python benchmarks/speed/device.py [ROWS [COLUMNS [DEVICE]]]`.

Makes a float32 tensor of ROWS (10 million) by COLUMNS (256) on DEVICE (cuda) and prints, as seconds and as ratios to
one read of it there: moments, histograms and products by torch alone; all blocks copied to the host; the profile,
for which the values stay there; histograms and correlation from the profile. Then the peak memory of the host, and
how far the moments of the first rows are from those of the host; all else is to be equal. Says so and ends where
there is no such device.
"""

import resource
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from data import SEED
from numpy.typing import NDArray

from datacheck import Profile
from datacheck.dataset import find
from datacheck.engines.assemble import profile_dataset
from datacheck.profiles import comoments
from datacheck.sources.tensor_rows import TensorRows

BLOCK = 1 << 16  # rows that a profile copies at once
CHECKED = 1 << 18  # rows whose profile is made from the host too: the first piece of 2**17 comes there anyway


def by_torch(tensor: torch.Tensor) -> None:
    """What the device takes by itself."""
    for block in tensor.split(BLOCK):
        x = block - block.mean(dim=0)
        for power in (2, 3, 4):
            x.pow(power).sum(dim=0, dtype=torch.float64)
        x.T @ x
        for column in block.unbind(dim=1)[:8]:  # a kernel for each column: eight tell what all would cost
            torch.histc(column, 256)


def copied(tensor: torch.Tensor) -> None:
    rows = TensorRows.of(tensor, "x")
    for start in range(0, len(tensor), BLOCK):
        rows[start : start + BLOCK]


def correlation(profile: Profile) -> NDArray[np.float64]:
    covariance = comoments(profile, profile.order).covariance
    scale = np.sqrt(np.diag(covariance))
    return covariance / np.outer(scale, scale)


def distance(a: Profile, b: Profile) -> tuple[bool, float]:
    """Whether all but the moments is equal, and by how much means and spreads differ, in spreads."""
    plain = all(
        (one.counts, one.extrema, one.distinct, one.levels)
        == (two.counts, two.extrema, two.distinct, two.levels)
        for one, two in zip(a, b, strict=True)
    )
    moments = [(x.moments, y.moments) for x, y in zip(a, b, strict=True) if x.moments and y.moments]
    apart = [max(abs(m.mean - n.mean), abs(m.std - n.std)) / m.std for m, n in moments]
    return plain and bool(np.array_equal(a.row_hashes.hashes, b.row_hashes.hashes)), max(apart)


def seconds(task: Callable[[], Any], device: str, times: int = 1) -> float:
    """The least wall seconds of some runs, with what the device still had to do."""
    least = float("inf")
    for _ in range(times):
        start = time.perf_counter()
        task()
        if device.startswith("cuda"):
            torch.cuda.synchronize()
        least = min(least, time.perf_counter() - start)
    return least


def host_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measure(tensor: torch.Tensor, device: str) -> None:
    made: list[Profile] = []
    read = seconds(lambda: tensor.sum(), device, times=5)
    print("| task | seconds | ratio to one read |\n| --- | --- | --- |")
    print(f"| one read on the device | {read:.4g} | 1 |")
    tasks: dict[str, Callable[[], Any]] = {
        "moments, products and 8 histograms by torch": lambda: by_torch(tensor),
        "blocks to the host": lambda: copied(tensor),
        "profile": lambda: made.append(profile_dataset(find(tensor)).splits["data"]),
        "histograms from the profile": lambda: [column.quantiles for column in made[0]],
        "correlation from the profile": lambda: correlation(made[0]),
    }
    for name, task in tasks.items():
        took = seconds(task, device)
        print(f"| {name} | {took:.4g} | {took / read:.4g} |", flush=True)


def main(rows: int, columns: int, device: str) -> None:
    if device.startswith("cuda") and not torch.cuda.is_available():
        print("skipped: torch sees no CUDA device here")
        return
    generator = torch.Generator(device=device).manual_seed(SEED)
    tensor = torch.randn(rows, columns, device=device, generator=generator)
    some = tensor[:CHECKED]
    same, apart = distance(Profile.of(some), Profile.of(some.cpu().numpy()))
    print(f"{rows:,} x {columns} float32 on {device}; all but the moments is what the host finds: {same};")
    print(f"moments differ by at most {apart:.1e} standard deviations\n")
    before = host_mb()
    measure(tensor, device)
    print(f"\npeak memory of the host: {host_mb() - before:,.0f} MB more than the {before:,.0f} MB before")


if __name__ == "__main__":
    given = sys.argv[1:]
    rows, columns = [int(number) for number in (*given[:2], *(10_000_000, 256)[len(given[:2]) :])]
    main(rows, columns, given[2] if len(given) > 2 else "cuda")
