from functools import reduce
from operator import add

import numpy as np
import pytest

from datacheck.statistics.distinct import KEEP as VALUES
from datacheck.statistics.distinct import Distinct
from datacheck.statistics.row_hashes import KEEP as ROWS
from datacheck.statistics.row_hashes import RowHashes


@pytest.mark.parametrize("repeats", [1, 4])
def test_row_hashes_keep_the_smallest_of_millions(repeats: int) -> None:
    rng = np.random.default_rng(repeats)
    different = rng.integers(0, 2**64, 2_500_000 // repeats + 600_000, np.uint64)
    rows = rng.permutation(np.repeat(different, repeats))

    total = reduce(add, (RowHashes.of(chunk) for chunk in np.array_split(rows, 12)))

    ordered = np.sort(different)
    kept = ordered[:ROWS]
    assert np.array_equal(total.hashes, kept)
    assert total.bound == (int(ordered[ROWS]) if len(ordered) > ROWS else 2**64)
    assert set(total.counts.tolist()) == {repeats}
    assert total.duplicates == round(len(kept) * (repeats - 1) / total.share)


@pytest.mark.parametrize("values", [100, VALUES - 1, VALUES, 3 * VALUES, 1_000_000])
def test_distinct_keeps_the_smallest_hashes_however_often_they_occur(values: int) -> None:
    rng = np.random.default_rng(values)
    hashes = rng.integers(0, 2**64, values, np.uint64)
    drawn = np.concatenate([hashes, rng.choice(hashes, 200_000)])

    whole = Distinct.of_hashes(drawn)
    parts = reduce(add, (Distinct.of_hashes(part) for part in np.array_split(drawn, 7)))

    assert np.array_equal(whole.hashes, np.sort(hashes)[:VALUES])
    assert np.array_equal(whole.hashes, parts.hashes)
