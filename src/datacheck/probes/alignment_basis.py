"""Feature blocks and their eigenbases: every statistic of the label probes is a quadratic form in these."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Matrix = npt.NDArray[np.float64]

SCALES = (0.35, 0.7, 1.4)
"""Bandwidths of the random Fourier features, in median distances between rows: local, middling, nearly
linear."""
BINS = 8
"""Quantile bins of each column; they see bumps and steps that a smooth kernel smears."""
BINNED_COLUMNS = 64
"""Wider tables get no bins: there they cost more power (as dimensions) than they bring."""
LADDER = (0.02, 0.1, 0.4)
"""Ridge strengths of each block, as shares of its rank that stay effective degrees of freedom."""


@dataclass(frozen=True, slots=True, eq=False)
class Lift:
    """Nonlinear views of encoded rows: random Fourier features (Rahimi and Recht 2007) and quantile bins."""

    frequencies: Matrix
    phases: Matrix
    edges: Matrix

    @classmethod
    def fit(cls, rows: Matrix, rng: np.random.Generator, waves: int = 192) -> Lift:
        """Bandwidths from the median distance of `rows`, shape (n, d); `waves` random features in all."""
        width = rows.shape[1]
        scale = np.resize(SCALES, waves) * _median_distance(rows, rng)
        frequencies = rng.standard_normal((width, waves)) / scale
        return cls(frequencies, rng.uniform(0, 2 * np.pi, waves), _edges(rows))

    def waves(self, rows: Matrix) -> Matrix:
        """Random Fourier features, shape (n, waves).

        Encoded rows come in single precision, so angles are no more exact than that; its cosine takes a
        thirtieth of the time.
        """
        angles = (rows @ self.frequencies + self.phases).astype(np.float32)
        return np.cos(angles).astype(np.float64)

    def bins(self, rows: Matrix) -> Matrix:
        """Cumulative indicators 'above this quantile', shape (n, columns x 7); none for wide tables."""
        above = rows[:, :, None] > self.edges[None] if self.edges.size else np.empty((len(rows), 0))
        return above.reshape(len(rows), -1).astype(np.float64)

    def blocks(self, rows: Matrix) -> list[Matrix]:
        """The linear, Fourier and binned blocks, each shape (n, its width), without the empty ones."""
        return [block for block in (rows, self.waves(rows), self.bins(rows)) if block.shape[1]]


def _median_distance(rows: Matrix, rng: np.random.Generator) -> float:
    first, second = rng.integers(0, len(rows), (2, 2000))
    distances = np.linalg.norm(rows[first] - rows[second], axis=1)
    positive = distances[distances > 0]
    return float(np.median(positive)) if len(positive) else 1.0


def _edges(rows: Matrix) -> Matrix:
    """Inner quantiles of each column, shape (d, 7); empty above BINNED_COLUMNS columns."""
    if rows.shape[1] > BINNED_COLUMNS:
        return np.empty((0, 0))
    return np.quantile(rows, np.linspace(0, 1, BINS + 1)[1:-1], axis=0, method="lower").T


@dataclass(frozen=True, slots=True, eq=False)
class Basis:
    """Orthonormal directions of one block, `vectors` (n, r), their eigenvalues (r,) and ladder weights (3,
    r)."""

    vectors: Matrix
    eigenvalues: Matrix
    weights: Matrix


def eigenbasis(block: Matrix, keep: int = 160) -> Basis | None:
    """The leading directions of a centred block, shape (n, m), with ridge weights s / (s + lambda); None
    if constant.

    Directions past `keep` have weights near zero at every ladder step of a Fourier block and are left out.
    """
    centred = block - block.mean(axis=0)
    values, right = np.linalg.eigh(centred.T @ centred)
    values, right = values[::-1][:keep], right[:, ::-1][:, :keep]
    strong = values > max(1e-8 * values[0], 1e-12 * len(block))
    if not strong.any():
        return None
    values, right = values[strong], right[:, strong]
    return Basis(centred @ (right / np.sqrt(values)), values, _ladder(values))


def _ladder(values: Matrix) -> Matrix:
    return np.stack([values / (values + _ridge(values, share * len(values))) for share in LADDER])


def _ridge(values: Matrix, degrees: float) -> float:
    """The penalty at which sum s / (s + penalty) equals `degrees`, by bisection on its logarithm."""
    low, high = np.log(values[-1]) - 20, np.log(values.sum() / degrees) + 1
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if (values / (values + np.exp(middle))).sum() > degrees else (low, middle)
    return float(np.exp(high))


def eigenbases(blocks: list[Matrix]) -> list[Basis]:
    """One basis for each block that varies."""
    return [basis for basis in map(eigenbasis, blocks) if basis is not None]
