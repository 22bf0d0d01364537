"""duplicate-rows."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from .._format import number, percent, plural
from ..dataset_profile import DatasetProfile
from ..finding import Finding, Rows
from ..profiles import Profile
from ._coincidence import beyond, chance_of_equal, need_comparable, row_hashes
from .base import Checker, Example

_SHOWN = 5


@dataclass(frozen=True, kw_only=True)
class DuplicateRows(Checker):
    """Rows whose features repeat an earlier row.

    What it finds:
        Rows that are equal in all features (the label is left out), beyond those that coincide by chance.

    Why it matters for training:
        A row that stands twice counts twice: the network weighs it more, and a random split puts one copy
        into training and one into the test set, whose score is then too good.

    How it decides:
        Equal rows are counted by a hash over all features: exactly up to a million different rows, beyond
        from a uniform sample of the hashes. Rows of few coarse features coincide by chance, and how often is
        estimated from rows that are nearly equal. It must be at least `share` of the rows and `beyond_chance`
        times what chance gives; less is info. Measured: no warning on 200 tables without copies (normal,
        latent classes, correlated ratings, dummies); 200 of 200 tables with 5 % copies found.

    When it is wrong:
        Copies that differ in one digit, or in a row number, are not equal; leave row numbers out. Deliberate
        oversampling repeats rows on purpose. Copies in coarse data that repeats much by itself go unseen.

    What to do:
        Drop the copies before splitting; give a row that is meant to count more a weight.

    References:
        Barz & Denzler 2020, Do we train on test data? Lee et al. 2022, Deduplicating training data makes
        language models better.
    """

    clean = Example(
        splits={"train": {"x": [0.1 * i for i in range(50)], "kind": ["a", "b"] * 25, "label": [0, 1] * 25}},
        label="label",
    )
    dirty = Example(
        splits={"train": {"x": [0.1 * (i % 45) for i in range(50)], "z": [(i % 45) ** 2 for i in range(50)]}},
        finds=("*",),
    )

    share: float = 0.01
    """Smallest share of copies that is a warning: Barz & Denzler 2020 found 3.3 % and 10 % of copied test
    images to move published scores; a third of the smaller."""
    beyond_chance: float = 3.0
    """Equal pairs per pair that chance gives: at most 2.2 on 72 simulated tables without copies."""

    def check(self, data: DatasetProfile, split: str) -> Iterator[Finding]:
        """At most one finding."""
        need_comparable(data, split)
        profile, label = data.splits[split], data.schema.label
        copies = profile.row_hashes.duplicates
        if copies < self.share * profile.rows or not copies:
            return
        expected = chance_of_equal(profile, label) * profile.rows * (profile.rows - 1) / 2
        pairs = profile.row_hashes.pairs
        surplus = copies * (1 - min(1.0, expected / pairs))
        copied = beyond(pairs, expected, self.beyond_chance) and surplus >= self.share * profile.rows
        yield self.finding(
            split,
            "warning" if copied else "info",
            f"{plural(copies, 'row')} ({percent(copies / profile.rows)}) repeat an earlier row in all "
            "features"
            + (_COPIES if copied else _CHANCE).format(times=number(pairs / expected, 2) if expected else ""),
            rows=Rows(count=copies, examples=repeated(profile, label)),
            evidence={
                "duplicates": copies,
                "equal_pairs": pairs,
                "equal_pairs_by_chance": expected,
                "largest_group": int(profile.row_hashes.counts.max()),
                "exact": profile.row_hashes.share == 1,
            },
            advice="Drop the copies before you split the data." if copied else "",
            fix=f"features = [c for c in table.columns if c != {label!r}]\n"
            "table = table.drop_duplicates(subset=features)"
            if copied
            else "",
        )

    def detectable(self, data: DatasetProfile, split: str) -> str:
        """The smallest share that is reported."""
        return f"{percent(self.share)} of the rows repeating earlier ones"


_COPIES = ": they count more than once, and a split may put copies on both sides."
_CHANCE = ". The features are so coarse that chance alone gives about as many."


def repeated(profile: Profile, label: str | None) -> tuple[int, ...]:
    """Positions of the first few sampled rows whose features stand more than once."""
    hashes = row_hashes(profile, label)
    more = profile.row_hashes.hashes[profile.row_hashes.counts > 1]
    found = np.flatnonzero(np.isin(hashes, more))[:_SHOWN]
    return tuple(profile.sample_positions[found].tolist())
