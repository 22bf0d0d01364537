"""What the slices seen so far allow later ones to skip."""

from dataclasses import dataclass, field

import numpy as np

from ._hash import Hashes

ALL = np.uint64(2**64 - 1)


@dataclass(frozen=True, slots=True)
class Known:
    """Bounds that only ever fall, shared by the threads of one reading.

    A sketch keeps the smallest hashes. Once one slice has filled it, no hash above the largest that it kept can
    be among the smallest of the whole, so that other slices may drop it at once: their own sketches then hold
    less, the sum is the same. `many` names columns of more levels than are counted, `below` bounds the hashes
    of different values by column, `rows` (one number) those of rows.
    """

    many: set[str] = field(default_factory=set)
    below: dict[str, np.uint64] = field(default_factory=dict)
    rows: list[int] = field(default_factory=lambda: [2**64])

    def bound(self, name: str) -> np.uint64:
        """Largest hash worth keeping of a column's values."""
        return self.below.get(name, ALL)

    def lower(self, name: str, kept: Hashes, most: int) -> None:
        """Notes the hashes that one slice kept, in rising order."""
        if len(kept) >= most and kept[most - 1] < self.bound(name):
            self.below[name] = kept[most - 1]

    def lower_rows(self, bound: int) -> None:
        """Notes the bound of a sketch of rows."""
        if bound < self.rows[0]:
            self.rows[0] = bound
