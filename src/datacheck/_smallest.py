"""The smallest of many hashes."""

from typing import Literal

import numpy as np

from ._hash import Hashes

KEEP = 2048
_PLACES = 1 << 14


def smallest(hashes: Hashes) -> Hashes:
    """The different hashes in rising order, the smallest `KEEP` of them."""
    if len(hashes) > 4 * KEEP:
        # of so many different hashes, twice the quota is expected below this bound; else take all
        below = int(hashes.max()) // len(hashes) * 2 * KEEP
        part = different(hashes.compress(hashes <= np.uint64(below)))
        if len(part) >= KEEP:
            return part[:KEEP].copy()
        hashes = _thinned(hashes)
    return different(hashes)[:KEEP].copy()  # a view would keep all of them in memory


def different(hashes: Hashes, sort: Literal["stable"] | None = None) -> Hashes:
    """The different hashes in rising order; np.unique uses a hash table, ten times slower than sorting."""
    if len(hashes) < 2:
        return hashes
    ordered = np.sort(hashes, kind=sort)
    first = np.ones(len(ordered), bool)
    np.not_equal(ordered[1:], ordered[:-1], out=first[1:])
    return ordered[first]


def _thinned(hashes: Hashes) -> Hashes:
    """The same hashes with few repeats: sorting all takes several times as long where they abound."""
    at = (hashes & np.uint64(_PLACES - 1)).view(np.int64)
    table = np.zeros(_PLACES, np.uint64)
    table[at] = hashes
    return np.concatenate([hashes[hashes != table[at]], table[table > 0], hashes[hashes == 0][:1]])
