"""identifier-feature."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ..dataset_profile import DatasetProfile
from ..finding import Finding
from ..kinds import Kind
from ..profiles import ColumnProfile, Profile
from .base import Checker, Example

SKETCH = 0.07
"""Three standard errors of a distinct count beyond 2,047 values."""


@dataclass(frozen=True, kw_only=True)
class IdentifierFeature(Checker):
    """A feature that numbers or names the rows.

    What it finds:
        Row numbers, keys and serial numbers; text that is different in every row.

    Why it matters for training:
        An identifier says nothing about new rows. A network can memorise by it, and where rows are sorted,
        it gives the label away in a manner that no other split shares.

    How it decides:
        Every value is different. For whole numbers also: were as many drawn at random from their range, at
        least `repeats` pairs would be equal.

    When it is wrong:
        Free text is named too; it needs an encoder, not to be dropped. A key that repeats is not seen.
        Beyond 2,047 values, which are then counted to 7 %, the rows of the sample are asked instead, so that
        at most 65,536 of them; a saved profile has none, and there keys must fill a third of their range.

    What to do:
        Drop the column, or use it only to join and to keep a group of rows in one split.

    References:
        The birthday problem: n²/(2 range) expected equal pairs.
    """

    clean = Example(
        splits={"train": {"age": [i * 37 % 80 for i in range(200)], "x": [i / 7 for i in range(200)]}},
    )
    dirty = Example(
        splits={
            "train": {
                "key": [1000 + i * 7 % 200 for i in range(200)],
                "name": [f"sample-{i * 7 % 200}" for i in range(200)],
                "x": [i % 50 for i in range(200)],
            }
        },
        finds=("key", "name"),
    )

    repeats: float = 10.0
    """Equal pairs expected by chance among as many random whole numbers of this range: none of them equal
    then has a chance of exp(-10)."""

    least_rows: int = 50
    """Rows under which values may well be all different by chance."""

    def check(self, data: DatasetProfile, split: str) -> Iterator[Finding]:
        """One finding for each identifier."""
        for column in data.features(split):
            if self._identifies(column, data.splits[split]):
                yield self.finding(
                    split,
                    "warning",
                    f"{column.name!r} differs in every row: it names rows, and new ones have other names",
                    columns=[column.name],
                    evidence={"rows": column.counts.rows, "dtype": column.dtype},
                    advice="Drop it, or use it only to join tables and to split by groups.",
                    fix=f"table = table.drop([{column.name!r}])",
                )

    def _identifies(self, column: ColumnProfile, profile: Profile) -> bool:
        counts, distinct = column.counts, column.distinct
        if distinct is None or counts.rows < self.least_rows or counts.missing:
            return False
        slack = 0 if distinct.exact else SKETCH * counts.rows
        if distinct.estimate < counts.rows - slack:
            return False
        if column.kind is Kind.TEXT:
            return True
        sampled = np.empty(0) if distinct.exact or not _whole(column) else profile.values(column.name)
        if not len(sampled):
            return self._numbered(column, counts.rows, max(self.repeats, 2 * slack))
        different = len(np.unique(sampled)) == len(sampled)
        return different and self._numbered(column, len(sampled), self.repeats)

    def _numbered(self, column: ColumnProfile, rows: int, repeats: float) -> bool:
        """Whether so many numbers, drawn at random from the range of the column, would have had repeats."""
        extrema = column.extrema
        if not _whole(column) or extrema is None:
            return False
        width = float(extrema.max) - float(extrema.min) + 1
        return bool(rows**2 / (2 * width) >= repeats)


def _whole(column: ColumnProfile) -> bool:
    return column.dtype.startswith(("int", "uint"))
