"""How many equal rows a table holds by coincidence.

Rows of few and coarse features are equal now and then without being copies. What chance gives is read from
rows that are nearly equal. Among the pairs that agree on all columns outside two blocks a and b: if agreeing
on a and agreeing on b are unrelated, then

    agree on both / agree on a only = agree on b only / agree on neither

so that three counts give the fourth, the pairs that agree on everything by chance. Copies agree on
everything without nearly equal pairs about them, so they do not enter the estimate. It is the closure of
capture-recapture (Lincoln & Petersen). On 72 simulated tables without copies (latent classes, correlated
ratings, counts, dummies, census; 500 to 50,000 rows) there were 0 to 2.2 times as many equal pairs.
"""

from collections.abc import Iterator
from itertools import combinations

import numpy as np
import pyarrow as pa
from scipy import special

from .._batch import at_rows, groups
from .._hash import Hashes
from .._streamed import Passing
from ..block import terms
from ..dataset_profile import DatasetProfile
from ..errors import NotApplicable
from ..kinds import Kind
from ..profiles import Profile
from .base import need

_ALPHA = 1e-3  # chance that coincidence alone gives so many; iris repeats one of its 150 rows so
_CELLS = 1 << 21  # hashes looked at for the estimate: 32,768 rows of 64 columns
_FINEST = 512  # blocks into which the columns of a wide table are cut
_BLOCKS = 4  # blocks of each size that are combined, those with the most nearly equal pairs

Block = tuple[int, int]


def need_comparable(data: DatasetProfile, split: str) -> None:
    """Raises NotApplicable where equal features do not mean equal rows."""
    features, images = data.features(split), _has_images(data.splits[split])
    need(bool(features) or images, "there are no features")
    other = [column.name for column in features if column.kind is Kind.OTHER]
    need(not other, f"{other[:1]} holds values that cannot be compared")
    if len(features) == 1 and not images:
        (only,) = features
        many = only.distinct is not None and 2 * only.distinct.estimate > only.counts.rows
        need(only.kind is Kind.TEXT and many, "with one feature of few values, equal rows are no copies")


def row_hashes(profile: Profile, label: str | None) -> Hashes:
    """Hash of each sampled row as in `profile.row_hashes`, shape (sampled rows,); empty for images."""
    table = profile.sample.table
    if _has_images(profile):
        return np.empty(0, np.uint64)
    if table is None:
        raise NotApplicable("the profile was saved without its rows")
    total = np.zeros(len(table), np.uint64)
    for _, values in _columns(table, label):
        total += values
    return total


def chance_of_equal(profile: Profile, label: str | None, other: Profile | None = None) -> float:
    """Chance that two rows of a split, or a row of each of two, are equal without being copies.

    0 for images: all their pixels are equal by no chance.
    """
    if _has_images(profile):
        return 0.0
    sides = [_prefix_sums(profile, label)] + ([_prefix_sums(other, label)] if other is not None else [])
    rows = [side.shape[1] for side in sides]
    pairs = rows[0] * rows[-1] if other is not None else rows[0] * (rows[0] - 1) / 2
    return _by_chance(sides) / pairs if pairs else 0.0


def beyond(pairs: float, expected: float, times: float) -> bool:
    """Whether there are many times more equal pairs than chance gives, and surely more (Poisson)."""
    surely = expected == 0 or bool(special.gammainc(pairs, expected) < _ALPHA)
    return surely and pairs >= times * expected


def _has_images(profile: Profile) -> bool:
    return any(block.kind is Kind.IMAGE for block in profile.blocks)


def _columns(table: pa.Table, label: str | None) -> Iterator[tuple[str, Hashes]]:
    for group in groups(Passing(table.combine_chunks().to_batches()[0])):
        yield from ((name, values) for name, values in terms(group) if name != label)


def _prefix_sums(profile: Profile, label: str | None) -> Hashes:
    """Sums of the hashes of the first 0, 1, 2, ... features of evenly spaced sampled rows, shape
    (features + 1, rows)."""
    if profile.sample.table is None:
        raise NotApplicable("the profile was saved without its rows")
    step = max(1, len(profile.sample) * len(profile.columns) // _CELLS)
    table = profile.sample.table.take(at_rows(np.arange(0, len(profile.sample), step)))
    found = dict(_columns(table, label))
    ordered = [found[name] for name in profile.columns if name in found]
    return np.cumsum([np.zeros(len(table), np.uint64), *ordered], axis=0, dtype=np.uint64)


def _by_chance(sides: list[Hashes]) -> float:
    """Largest estimate over pairs of blocks: dependence within a block does no harm, between blocks it hides
    some."""
    equal = _pairs(_without(sides))
    near = {block: _pairs(_without(sides, block)) - equal for block in _blocks(len(sides[0]) - 1)}
    best = 0.0
    for a, b in combinations(_most(near), 2):
        if a[1] <= b[0] or b[1] <= a[0]:
            neither = _pairs(_without(sides, a, b)) - equal - near[a] - near[b]
            best = max(best, near[a] * near[b] / max(neither, 1.0))
    return best


def _blocks(columns: int) -> list[Block]:
    """Halves, quarters, ... of the columns down to single ones (of wide tables, to small ones): neighbours
    often describe one thing."""
    found: list[Block] = []
    size = columns
    while size > max(1, columns // _FINEST):
        size = (size + 1) // 2
        found += [(start, min(start + size, columns)) for start in range(0, columns, size)]
    return found


def _most(near: dict[Block, float]) -> list[Block]:
    """The first few blocks of each size."""
    by_size: dict[int, list[Block]] = {}
    for block in sorted(near, key=lambda block: -near[block]):
        if near[block]:
            by_size.setdefault(block[1] - block[0], []).append(block)
    return [block for same in by_size.values() for block in same[:_BLOCKS]]


def _without(sides: list[Hashes], *blocks: Block) -> list[Hashes]:
    """Row hashes over all columns but those of some blocks."""
    return [side[-1] - sum((side[stop] - side[start] for start, stop in blocks), side[0]) for side in sides]


def _pairs(sides: list[Hashes]) -> float:
    """Pairs of equal hashes within one side, or between two."""
    ordered = np.sort(sides[0])
    if len(sides) == 2:
        first, after = (np.searchsorted(ordered, sides[1], side) for side in ("left", "right"))
        return float((after - first).sum())
    edges = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1], [True]]))
    counts = np.diff(edges).astype(np.float64)
    return float((counts * (counts - 1)).sum() / 2)
