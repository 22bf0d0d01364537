"""Rows that come in groups, or one after the other in time, are fewer than they look."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from datacheck._ranks import mid_ranks
from datacheck.probes.encoding import filled

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

FEWEST_GROUPS = 30
"""Groups, or blocks of time, that a split needs: with fewer, a variance between groups is a guess."""

FORGOTTEN = 0.1
"""Autocorrelation below which rows are taken for independent."""

BLOCK_LAGS = 5
"""Length of a block in the lags until rows are independent: the share of a sum's variance that blocks miss is
about one over this, divided by two (Künsch 1989, on blocks and dependence)."""

MOST_LEVELS = 10
"""Levels of a category whose design effect is looked at."""

MOST_SERIES = 50
"""Columns whose autocorrelation is looked at."""


def groups_of(sides: tuple[pa.Table, pa.Table], group: str | None, time: str | None) -> IntArray | None:
    """Number of each row's group, shape (n,), training rows first; None without a group or time column.

    With `time`, the groups are blocks of consecutive rows of a split, long enough that rows a block apart
    have forgotten each other.
    """
    name = group or time
    if name is None or any(name not in side.column_names for side in sides):
        return None
    codes = [_of_column(side[name]) if group else _blocks(side, name) for side in sides]
    return np.concatenate([codes[0], codes[0].max(initial=-1) + 1 + codes[1]])


def group_counts(groups: IntArray, domain: IntArray) -> tuple[int, int]:
    """Groups in each split."""
    return len(np.unique(groups[domain == 0])), len(np.unique(groups[domain == 1]))


def representatives(groups: IntArray, rng: np.random.Generator) -> IntArray:
    """One random row of each group: permuting these permutes whole groups."""
    order = rng.permutation(len(groups))
    return np.sort(order[np.unique(groups[order], return_index=True)[1]])


def independent_share(scores: FloatArray, groups: IntArray) -> float:
    """Independent rows per row (0 to 1]: the inverse of the largest design effect of some scores (n, k).

    The design effect of a mean is its variance between groups over what it would be if rows were independent
    (Kish 1965); tests of counts are divided by it (Rao and Scott 1984).

    >>> independent_share(np.repeat([[0.0], [1.0]] * 50, 4, axis=0), np.repeat(np.arange(100), 4))
    0.2475
    """
    centred = scores - scores.mean(axis=0)
    numbers = np.unique(groups, return_inverse=True)[1]
    count = int(numbers.max(initial=0)) + 1
    sums = np.stack([np.bincount(numbers, weights=column, minlength=count) for column in centred.T])
    between = (sums**2).sum(axis=1) * count / max(count - 1, 1)
    within = (centred**2).sum(axis=0)
    varies = within > 1e-12
    return float(min(1.0, (within[varies] / between[varies]).min(initial=1.0)))


def independent_shares(scores: FloatArray, domain: IntArray, groups: IntArray | None) -> tuple[float, float]:
    """`independent_share` of each split; 1 without groups."""
    if groups is None or not len(scores):
        return 1.0, 1.0
    one, two = (independent_share(scores[domain == side], groups[domain == side]) for side in (0, 1))
    return one, two


def level_shares(codes: IntArray, domain: IntArray, groups: IntArray | None) -> tuple[float, float]:
    """`independent_shares` of a mix of levels (n,), by its most common ones."""
    if groups is None:
        return 1.0, 1.0
    shown = np.arange(min(int(codes.max(initial=0)) + 1, MOST_LEVELS))
    return independent_shares((codes[:, None] == shown).astype(np.float64), domain, groups)


def rank_scores(values: FloatArray) -> FloatArray:
    """The four Legendre components of the smooth test of each row, shape (n, 4); no value may be missing."""
    rank = (mid_ranks(values) - 0.5) / max(len(values), 1)
    return np.asarray(np.polynomial.legendre.legvander(2 * rank - 1, 4)[:, 1:])


def _of_column(column: pa.ChunkedArray) -> IntArray:
    whole = column.combine_chunks()
    encoded = whole if pa.types.is_dictionary(whole.type) else whole.dictionary_encode()
    codes = filled(encoded.indices, -1)
    return np.unique(codes, return_inverse=True)[1].astype(np.int64)


def _blocks(table: pa.Table, time: str) -> IntArray:
    order = np.asarray(pc.sort_indices(table[time]), dtype=np.int64)
    most = max(len(table) // FEWEST_GROUPS, 1)
    lags = max((_memory(series[order], most) for series in _series(table, time)), default=1)
    length = min(BLOCK_LAGS * lags, most) if lags > 1 else 1
    blocks = np.empty(len(table), dtype=np.int64)
    blocks[order] = np.arange(len(table)) // length
    return blocks


def _series(table: pa.Table, time: str) -> Iterator[FloatArray]:
    """Ranks of numbers, and for texts whether they are the most common one."""
    names = [name for name in table.column_names if name != time]
    for column in (table[name] for name in names[:MOST_SERIES]):
        if pa.types.is_integer(column.type) or pa.types.is_floating(column.type):
            values = np.asarray(pc.cast(column, pa.float64(), safe=False).to_numpy(zero_copy_only=False))
            yield mid_ranks(np.nan_to_num(values, nan=0.0))
        elif pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
            codes = _of_column(column)
            yield (codes == np.bincount(codes).argmax()).astype(np.float64)


def _memory(series: FloatArray, most: int) -> int:
    """First lag at which the autocorrelation is at most 0.1, or what chance leaves; at most `most`."""
    centred = series - series.mean()
    if not centred.any():
        return 1
    spectrum = np.fft.rfft(centred, 2 * len(centred))
    correlation = np.fft.irfft(np.abs(spectrum) ** 2)[: most + 1]
    least = max(FORGOTTEN, 3 / np.sqrt(len(centred)))
    low = np.flatnonzero(correlation <= least * correlation[0])
    return int(low[0]) if len(low) else most
