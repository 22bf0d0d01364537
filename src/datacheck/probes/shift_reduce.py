"""Embeddings, tensors and images made a few numbers, so that the tests for numbers apply."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from datacheck._batch import at_rows

FloatArray = npt.NDArray[np.float64]

MOST_COMPONENTS = 32
"""Principal components kept. Rabanser et al. 2019 keep 32 of up to 12,288 pixels and lose no power."""

MOST_ROWS = 5000
"""Rows that the components are fitted on."""

EXACT_BELOW = 256
"""Entries up to which the decomposition is exact; beyond, it is a random projection with two passes (Halko,
Martinsson and Tropp 2011), whose random numbers are always the same."""

AT_ONCE = 2_000_000
"""Entries that are turned into float64 at once, 16 MB."""


def principal_components(train: pa.ChunkedArray, test: pa.ChunkedArray) -> Iterator[tuple[str, FloatArray]]:
    """Brightness, contrast, principal components and what they leave, of each row of two columns of vectors.

    The components are fitted on random rows of both splits: axes of the training split alone would leave less
    of its rows than of others. `left` is the length of what they leave. Rows with a missing entry are missing
    in all of them.

    >>> values = pa.array(np.random.default_rng(0).normal(size=200))
    >>> column = pa.chunked_array([pa.FixedSizeListArray.from_arrays(values, 4)])
    >>> [name for name, _ in principal_components(column, column)]
    ['mean', 'std', 'component 1', 'component 2', 'component 3', 'component 4', 'left']
    """
    chosen = np.sort(np.random.default_rng(0).permutation(len(train) + len(test))[:MOST_ROWS])
    some = train.take(at_rows(chosen[chosen < len(train)]))
    others = test.take(at_rows(chosen[chosen >= len(train)] - len(train)))
    empty = np.zeros((0, train.type.list_size))
    fit = np.concatenate([empty, *_matrices(some), *_matrices(others)])
    fit = fit[np.isfinite(fit).all(axis=1)]
    centre = fit.mean(axis=0) if len(fit) else np.zeros(train.type.list_size)
    axes = _axes(fit - centre)
    numbers = [_numbers(matrix, centre, axes) for side in (train, test) for matrix in _matrices(side)]
    names = ["mean", "std", *(f"component {place}" for place in range(1, len(axes) + 1)), "left"]
    return zip(names, np.concatenate(numbers).T, strict=True)


def as_vectors(column: pa.ChunkedArray) -> pa.ChunkedArray | None:
    """Lists of one length as fixed-size lists; None where lengths differ."""
    if pa.types.is_fixed_size_list(column.type):
        return column
    lengths = pc.min_max(pc.list_value_length(column))
    low, high = lengths["min"].as_py(), lengths["max"].as_py()
    if low is None or low != high or not low:
        return None
    return column.cast(pa.list_(column.type.value_type, low))


def _matrices(column: pa.ChunkedArray) -> Iterator[FloatArray]:
    """Rows as float64, a few at a time, shape (m, entries) each; NaN where the vector is null."""
    size = column.type.list_size
    step = max(AT_ONCE // max(size, 1), 1)
    for chunk in column.chunks:
        for first in range(0, len(chunk), step):
            rows = chunk[first : first + step]
            flat = pc.cast(rows.values.slice(rows.offset * size, len(rows) * size), pa.float64())
            matrix = np.array(flat.to_numpy(zero_copy_only=False)).reshape(len(rows), size)
            matrix[np.asarray(rows.is_null())] = np.nan
            yield matrix


def _axes(centred: FloatArray) -> FloatArray:
    """The leading right singular vectors, shape (at most 32, entries)."""
    if not centred.size:
        return np.zeros((0, centred.shape[1]))
    if centred.shape[1] <= EXACT_BELOW:
        return np.linalg.svd(centred, full_matrices=False)[2][:MOST_COMPONENTS]
    rng = np.random.default_rng(0)
    span = centred.T @ (centred @ rng.normal(size=(centred.shape[1], MOST_COMPONENTS + 10)))
    for _ in range(2):
        span = centred.T @ (centred @ np.linalg.qr(span)[0])
    basis = np.linalg.qr(span)[0]
    return np.asarray(np.linalg.svd(centred @ basis, full_matrices=False)[2][:MOST_COMPONENTS] @ basis.T)


def _numbers(matrix: FloatArray, centre: FloatArray, axes: FloatArray) -> FloatArray:
    centred = matrix - centre
    scores = centred @ axes.T
    left = np.sqrt(np.maximum((centred**2).sum(axis=1) - (scores**2).sum(axis=1), 0.0))
    left = np.where(left < 1e-6 * np.sqrt((centred**2).sum(axis=1)), 0.0, left)
    return np.column_stack([matrix.mean(axis=1), matrix.std(axis=1), scores, left])
