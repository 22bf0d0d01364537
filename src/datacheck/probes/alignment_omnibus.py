"""Do the features say anything about the labels? A permutation test whose permutations share one
factorisation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from datacheck.probes.alignment_basis import Basis
from datacheck.probes.tails import pearson_quantile, pearson_tail

Matrix = npt.NDArray[np.float64]

WORK = 3e10
"""Multiplications spent on permutations: about a second of one core."""
PERMUTATIONS = (199, 999)
GRID = np.geomspace(0.002, 0.9, 40)
"""Planted shares of explained variance at which the power is looked up."""
POWER = 0.9


@dataclass(frozen=True, slots=True)
class Omnibus:
    """p-value of 'features and labels are independent' and the smallest R2 that these rows would have
    shown."""

    p_value: float
    detectable_r2: float | None


def omnibus(bases: list[Basis], scores: Matrix, rng: np.random.Generator, alpha: float = 1e-3) -> Omnibus:
    """Score statistic over all bases and ridge strengths; the maximum is calibrated by the same
    permutations.

    `scores`, shape (n, q), centred. Each statistic sum_j w_j (u_j'y)^2 is the score test of a kernel
    machine (Liu, Lin and Ghosh 2007). p is exact down to 1/(P+1); below, a Pearson-III tail fitted to the
    permuted maxima.
    """
    orders = _orders(bases, scores, rng)
    projected = [_project(basis, scores, orders) for basis in bases]
    forms = np.vstack([b.weights @ (a**2).sum(axis=1) for b, a in zip(bases, projected, strict=True)])
    centre, spread = forms.mean(axis=1), forms.std(axis=1) + 1e-12
    largest = ((forms - centre[:, None]) / spread[:, None]).max(axis=0)
    p_value = tail_p(largest[0], largest[1:])
    critical = (
        np.quantile(largest[1:], 1 - alpha) if len(largest) > 1 / alpha else _tail_quantile(largest, alpha)
    )
    return Omnibus(p_value, _detectable(bases, projected, (centre, spread, float(critical)), rng))


def _orders(bases: list[Basis], scores: Matrix, rng: np.random.Generator) -> npt.NDArray[np.int64]:
    """The identity and random permutations, shape (P + 1, n)."""
    n, q = scores.shape
    rank = sum(len(basis.eigenvalues) for basis in bases)
    count = int(np.clip(WORK / (2 * n * q * rank), *PERMUTATIONS))
    return np.stack([np.arange(n), *(rng.permutation(n) for _ in range(count))])


def _project(basis: Basis, scores: Matrix, orders: npt.NDArray[np.int64]) -> Matrix:
    """u_j'y for every direction, score column and permutation, shape (r, q, P + 1)."""
    left = np.ascontiguousarray(basis.vectors.T.astype(np.float32))
    columns = scores.astype(np.float32)
    chunks = [
        np.tensordot(left, columns[part], (1, 1)) for part in np.array_split(orders, len(orders) // 64 + 1)
    ]
    return np.concatenate(chunks, axis=1).swapaxes(1, 2).astype(np.float64)


def tail_p(observed: float, null: Matrix) -> float:
    """P(null >= observed): counted where `null` reaches, a Pearson-III tail beyond."""
    counted = (1 + int((null >= observed).sum())) / (1 + len(null))
    if counted > 10 / (1 + len(null)) or null.std() == 0:
        return counted
    return float(np.clip(pearson_tail(observed, null), 1e-300, counted))


def _tail_quantile(null: Matrix, alpha: float) -> float:
    if null[1:].std() == 0:
        return float("inf")
    return pearson_quantile(alpha, null[1:])


def _detectable(
    bases: list[Basis], projected: list[Matrix], null: tuple[Matrix, Matrix, float], rng: np.random.Generator
) -> float | None:
    """The smallest R2 whose planted signals, drawn from the probe's own prior, are found with 90 % power."""
    found = np.mean([_planted(bases, projected, null, home, rng) for home in range(len(bases))], axis=0)
    enough = np.flatnonzero(found >= POWER)
    return float(GRID[enough[0]]) if len(enough) else None


def _planted(
    bases: list[Basis],
    projected: list[Matrix],
    null: tuple[Matrix, Matrix, float],
    home: int,
    rng: np.random.Generator,
) -> Matrix:
    """Share of signals in block `home` found at each R2 of the grid, shape (40,); permuted labels are the
    noise.

    Only that block's own forms are looked at: a lower bound of the power.
    """
    basis, noise = bases[home], projected[home][:, :, 1:151]
    rows = slice(3 * home, 3 * home + 3)
    rank, q, draws = noise.shape
    prior = np.sqrt(basis.weights[1])[:, None] * rng.standard_normal((rank, draws))
    side = rng.standard_normal((q, draws))
    signal = (prior / np.linalg.norm(prior, axis=0))[:, None] * (side / np.linalg.norm(side, axis=0))[None]
    size = np.sqrt(len(basis.vectors) * _variance(projected[home]))
    forms = [
        basis.weights @ ((np.sqrt(r) * size * signal + np.sqrt(1 - r) * noise) ** 2).sum(axis=1) for r in GRID
    ]
    centre, spread, critical = null[0][rows, None], null[1][rows, None], null[2]
    return np.array([(((form - centre) / spread).max(axis=0) > critical).mean() for form in forms])


def _variance(projected: Matrix) -> float:
    """Variance of one score column: a unit direction's squared projection, averaged over permutations."""
    return float((projected[:, :, 1:] ** 2).mean())
