"""Datasets of the loader benchmark: digits, and synthetic images of 2 to 100 classes."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from sklearn.datasets import load_digits
from torch.utils.data import Dataset, TensorDataset

SIZES = {"digits": 1797, "synthetic-2": 1200, "synthetic-10": 1500, "synthetic-100": 3000}


@dataclass(frozen=True, kw_only=True, eq=False)
class Images:
    """Images of shape (rows, channels, height, width) in 0..1, and classes 0..K-1 of shape (rows,)."""

    pixels: torch.Tensor
    labels: torch.Tensor

    @property
    def mean(self) -> float:
        """Mean of all pixels."""
        return float(self.pixels.mean())

    @property
    def std(self) -> float:
        """Standard deviation of all pixels."""
        return float(self.pixels.std())

    @property
    def normalised(self) -> torch.Tensor:
        """Pixels of mean 0 and std 1."""
        return (self.pixels - self.mean) / self.std

    def dataset(self, labels: torch.Tensor | None = None) -> TensorDataset:
        """Normalised images with labels."""
        return TensorDataset(self.normalised, self.labels if labels is None else labels)


def images(name: str, seed: int) -> Images:
    """A dataset in random order; 100 classes of unequal size at most."""
    rng = np.random.default_rng([seed, SIZES[name]])
    if name == "digits":
        pixels, labels = load_digits(return_X_y=True)
        order = rng.permutation(len(labels))
        shaped = torch.tensor(pixels[order] / 16, dtype=torch.float32).reshape(-1, 1, 8, 8)
        return Images(pixels=shaped, labels=torch.tensor(labels[order]))
    classes = int(name.rpartition("-")[2])
    shares = rng.dirichlet(np.full(classes, 5.0))
    # every class occurs at least twice
    labels = np.concatenate(
        [np.repeat(np.arange(classes), 2), rng.choice(classes, SIZES[name] - 2 * classes, p=shares)]
    )
    rng.shuffle(labels)
    patterns = rng.random((classes, 3, 12, 12))
    noisy = patterns[labels] * 0.5 + rng.random((SIZES[name], 3, 12, 12)) * 0.5
    return Images(pixels=torch.tensor(noisy, dtype=torch.float32), labels=torch.tensor(labels))


class Augmented(Dataset[Any]):
    """Adds noise from `draw` to every image."""

    def __init__(self, inner: TensorDataset, draw: Any) -> None:
        self.inner, self.draw = inner, draw

    def __len__(self) -> int:
        return len(self.inner)

    def __getitem__(self, index: int) -> Any:
        pixels, label = self.inner[index]
        return pixels + 0.1 * float(self.draw()), label
