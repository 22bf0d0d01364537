"""Learning curves of an infinitely wide network in closed form, for the given labels and shuffled ones."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from datacheck.probes.alignment_omnibus import tail_p
from datacheck.records.memorization import KernelCurves

Matrix = npt.NDArray[np.float64]

ROWS = 1000
"""Rows used: one symmetric eigenproblem of this order takes a quarter of a second."""
STEPS = np.geomspace(0.5, 2e5, 120)
"""Gradient steps at which the loss is looked up, at the largest stable step size."""
JITTER = 1e-4
"""Ridge on y'H^-1 y, in units of the mean eigenvalue: the smallest eigenvalues are rounding."""


def kernel_curves(
    encoded: Matrix, scores: Matrix, rng: np.random.Generator, permutations: int = 200
) -> KernelCurves | None:
    """L(t) = sum_j (1 - eta l_j)^(2t) (u_j'y)^2 on the kernel of a two-layer ReLU network; None without
    variation.

    `encoded`, shape (n, d), and centred `scores`, shape (n, q). The kernel is that of Du et al. 2018 and
    Arora et al. 2019, H_ij = x_i'x_j (pi - arccos x_i'x_j) / (2 pi) for rows of unit length.
    """
    some = np.sort(rng.permutation(len(encoded))[:ROWS])
    values, vectors = np.linalg.eigh(_kernel(encoded[some]))
    values = np.maximum(values, 0)
    goal = scores[some] - scores[some].mean(axis=0)
    total = float((goal**2).sum())
    if values[-1] <= 0 or total == 0:
        return None
    orders = [np.arange(len(some)), *(rng.permutation(len(some)) for _ in range(permutations))]
    energy = np.stack([((vectors.T @ goal[order]) ** 2).sum(axis=1) for order in orders]) / total
    decay = np.exp(2 * np.outer(np.log1p(-np.minimum(values / values[-1], 1 - 1e-9)), STEPS))
    losses = energy @ decay
    hardness = energy @ (1 / (values + JITTER * values.mean()))
    null = hardness[1:]
    return KernelCurves(
        steps=tuple(STEPS.tolist()),
        given=tuple(losses[0].round(5).tolist()),
        permuted=tuple(losses[1:].mean(axis=0).round(5).tolist()),
        ratio=_half(losses[1:].mean(axis=0)) / _half(losses[0]),
        z=float((null.mean() - hardness[0]) / null.std()),
        p_value=tail_p(-float(hardness[0]), -null),
    )


def _kernel(rows: Matrix) -> Matrix:
    """The kernel of rows scaled to unit length, with a bias coordinate of typical size."""
    scale = np.sqrt((rows**2).sum(axis=1).mean()) or 1.0
    extended = np.column_stack([rows, np.full(len(rows), scale / 2)])
    unit = extended / np.linalg.norm(extended, axis=1, keepdims=True)
    cosine = np.clip(unit @ unit.T, -1, 1)
    return np.asarray(cosine * (np.pi - np.arccos(cosine)) / (2 * np.pi))


def _half(loss: Matrix) -> float:
    """Steps until half of the initial loss is gone, at most the last of the grid."""
    return float(np.interp(-0.5, -loss, STEPS))
