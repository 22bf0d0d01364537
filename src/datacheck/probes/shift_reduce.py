"""Embeddings, tensors and images made a few numbers, so that the tests for numbers apply."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]

MOST_COMPONENTS = 32
"""Principal components kept. Rabanser et al. 2019 keep 32 of up to 12,288 pixels and lose no power."""

MOST_ROWS = 5000
"""Training rows that the components are fitted on."""


def principal_components(matrix: FloatArray, train_rows: int) -> Iterator[tuple[str, FloatArray]]:
    """Brightness, contrast and principal components of each row of a matrix of shape (n, entries).

    The components are fitted on the first `train_rows` rows: the axes of the training split, in which the
    other is seen. Rows with a missing entry are missing in all of them.

    >>> matrix = np.random.default_rng(0).normal(size=(50, 4))
    >>> [name for name, _ in principal_components(matrix, 25)]
    ['mean', 'std', 'component 1', 'component 2', 'component 3', 'component 4']
    """
    yield "mean", matrix.mean(axis=1)
    yield "std", matrix.std(axis=1)
    fit = matrix[:train_rows]
    fit = fit[np.isfinite(fit).all(axis=1)][:MOST_ROWS]
    if not len(fit):
        return
    centre = fit.mean(axis=0)
    axes = np.linalg.svd(fit - centre, full_matrices=False)[2][:MOST_COMPONENTS]
    for place, scores in enumerate(((matrix - centre) @ axes.T).T, start=1):
        yield f"component {place}", scores
