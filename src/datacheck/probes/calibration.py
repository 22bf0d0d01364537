"""Scores turned into probabilities by a handful of numbers, too few to learn the errors of the labels."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from scipy.special import logsumexp

Matrix = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]

FLOOR = 1e-4
"""Least probability ever claimed: no single row can speak with more than nine nats."""


def calibrated(
    views: list[Matrix], codes: Codes, usable: npt.NDArray[np.bool_], weight: float = 1.0
) -> Matrix:
    """Log-probabilities, shape (n, C): softmax of one temperature for each view plus one bias for each
    class.

    `views`: class scores, shape (n, C) each. A full C x C map would absorb class-conditional label errors.
    `weight` is the variance of the Gaussian prior that holds biases near zero.
    """
    rows = np.flatnonzero(usable)
    rows = rows[:: max(1, len(rows) // 8192)]
    stack = np.stack(views)
    start = np.zeros(len(views) + stack.shape[2])
    found = minimize(_loss, start, (stack[:, rows], codes[rows], weight), jac=True, method="L-BFGS-B")
    return floored(_logits(found.x, stack))


def floored(logits: Matrix) -> Matrix:
    """Normalised log-probabilities, none below FLOOR."""
    normal = logits - logsumexp(logits, axis=1, keepdims=True)
    classes = logits.shape[1]
    return np.asarray(np.log((1 - FLOOR) * np.exp(normal) + FLOOR / classes))


def _logits(parameters: Matrix, stack: Matrix) -> Matrix:
    return np.asarray(np.tensordot(parameters[: len(stack)], stack, 1) + parameters[len(stack) :])


def _loss(parameters: Matrix, stack: Matrix, codes: Codes, weight: float) -> tuple[float, Matrix]:
    """Mean negative log-likelihood and its gradient."""
    logits = _logits(parameters, stack)
    normaliser = logsumexp(logits, axis=1)
    rows = np.arange(len(codes))
    error = np.exp(logits - normaliser[:, None])
    error[rows, codes] -= 1
    biases = parameters[len(stack) :]
    gradient = np.concatenate([np.tensordot(stack, error, 2), error.sum(axis=0) + biases / weight])
    loss = (normaliser - logits[rows, codes]).sum() + (biases**2).sum() / (2 * weight)
    return float(loss / len(codes)), gradient / len(codes)
