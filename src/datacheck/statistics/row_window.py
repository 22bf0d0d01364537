"""Neighbouring rows: what a random sample does not have."""

from typing import Self

import numpy as np
import pyarrow as pa

from .._hash import key
from .row_sample import Chosen, RowSample, quota


class RowWindow(RowSample):
    """The first rows of every part, as many in all as a row sample holds: consecutive within each part.

    Whether labels slipped by a row can only be seen where neighbours are kept. A sample whose hashes are the
    row numbers, with a digest of the part behind them to settle ties, is just that. It is not saved.

    >>> RowWindow.of(pa.table({"x": range(100_000)}), part="a").table.num_rows
    65536
    """

    @classmethod
    def choose(
        cls,
        rows: int,
        columns: int,
        *,
        part: str = "",
        first_row: int = 0,
        seed: int = 0,
        below: int = 2**63 - 1,
    ) -> Chosen:
        """The first of the `rows` that stand from `first_row` on in `part`; `seed` plays no role.

        `below` is an upper bound of the row numbers worth keeping, for callers who know all parts.
        """
        row = np.arange(first_row, first_row + max(0, min(rows, min(quota(columns), below) - first_row)))
        hashes = (row.astype(np.uint64) << np.uint64(44)) | (key(part) >> np.uint64(20))
        return Chosen(part=part, at=row - first_row, row=row, hashes=hashes)

    @classmethod
    def taking(cls, table: pa.Table, chosen: Chosen) -> Self:
        """The window of the rows that were chosen and taken; of none, nothing, not even the columns."""
        return super().taking(table, chosen) if len(chosen.at) else cls()
