"""What `watch` adds to an epoch of 224x224 JPEGs: paired runs, plain and watched in turn.

    python benchmarks/speed/loader.py [--images 512] [--pairs 15] [--workers 0]

The loader decodes with Pillow, scales to 0..1, normalises, and stacks batches of 32; nothing is trained, so
the whole epoch is the loader's. What is done at the end of the epoch counts. Prints the median of the ratios
of wall and CPU time with a 95 % bootstrap interval over the pairs.
"""

import argparse
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch.utils.data import DataLoader, Dataset

from datacheck.loader import watch

MEAN = torch.tensor([0.485, 0.456, 0.406]).reshape(3, 1, 1)
STD = torch.tensor([0.229, 0.224, 0.225]).reshape(3, 1, 1)


class Jpegs(Dataset[Any]):
    """Decoded and normalised images with a class."""

    def __init__(self, folder: Path) -> None:
        self.paths = sorted(folder.glob("*.jpg"))

    def __len__(self) -> int:
        return len(self.paths)

    def __getitem__(self, index: int) -> Any:
        pixels = torch.from_numpy(np.array(Image.open(self.paths[index]).convert("RGB")))
        return (pixels.permute(2, 0, 1).float().div_(255) - MEAN) / STD, index % 10


def write_images(folder: Path, count: int) -> None:
    """Smooth noise, which compresses like a photograph."""
    rng = np.random.default_rng(0)
    for i in range(count):
        coarse = Image.fromarray(rng.integers(0, 256, (28, 28, 3), dtype=np.uint8)).resize((224, 224))
        noise = rng.normal(0, 6, (224, 224, 3))
        Image.fromarray(np.clip(np.asarray(coarse) + noise, 0, 255).astype(np.uint8)).save(
            folder / f"{i:05}.jpg"
        )


def epoch(loader: Any) -> tuple[float, float]:
    """Wall and CPU seconds of one epoch; CPU without that of workers."""
    wall, cpu = time.perf_counter(), time.process_time()
    for _ in loader:
        pass
    return time.perf_counter() - wall, time.process_time() - cpu


def main() -> None:
    """Runs the pairs and prints the ratios."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--images", type=int, default=512)
    parser.add_argument("--pairs", type=int, default=15)
    parser.add_argument("--workers", type=int, default=0)
    options = parser.parse_args()
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as name:
        write_images(Path(name), options.images)
        loader = DataLoader(Jpegs(Path(name)), batch_size=32, shuffle=True, num_workers=options.workers)
        epoch(watch(loader))
        seconds = [_pair(loader, i) for i in range(options.pairs)]
    plain = np.array([pair[0] for pair in seconds])
    watched = np.array([pair[1] for pair in seconds])
    about = f"{options.images} images, {options.workers} workers, {options.pairs} pairs"
    print(f"{about}, plain {plain[:, 0].mean():.2f} s")
    for i, what in enumerate(("wall", "CPU of the main process")):
        print(f"  {what}: ratio {_interval(watched[:, i] / plain[:, i])}")


def _pair(loader: Any, number: int) -> tuple[tuple[float, float], tuple[float, float]]:
    """Plain and watched, in an order that changes from pair to pair."""
    if number % 2:
        second = epoch(watch(loader))
        return epoch(loader), second
    return epoch(loader), epoch(watch(loader))


def _interval(ratios: Any) -> str:
    rng = np.random.default_rng(0)
    medians = np.median(rng.choice(ratios, (2000, len(ratios))), axis=1)
    low, high = np.quantile(medians, [0.025, 0.975])
    return f"{np.median(ratios):.3f} ({low:.3f}..{high:.3f})"


if __name__ == "__main__":
    main()
