"""The rows that a probe reads, in file order."""

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ..._batch import at_rows
from ...errors import NotApplicable
from ...profiles import Profile


def sampled(profile: Profile) -> pa.Table:
    """The row sample; raises NotApplicable for a saved profile, which has no rows."""
    if profile.sample.table is None:
        raise NotApplicable("a saved profile has no rows; give the data themselves")
    return profile.sample.table


def with_neighbours(profile: Profile) -> tuple[pa.Table, NDArray[np.int64]]:
    """The row sample and, where that is not every row, the first rows of each part; with rows' positions."""
    table, rows = sampled(profile), profile.sample_positions
    if len(rows) == profile.rows or profile.window.table is None:
        return table, rows
    both = np.concatenate([rows, profile.window.positions(profile.offsets)])
    _, first = np.unique(both, return_index=True)
    return pa.concat_tables([table, profile.window.table]).take(at_rows(first)), both[first]
