"""cross-split-duplicates."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from .._format import percent, plural
from ..dataset_profile import DatasetProfile
from ..finding import Finding, Rows
from ..profiles import Profile
from ..statistics.row_hashes import Overlap
from ._coincidence import beyond, chance_of_equal, need_comparable, row_hashes
from .base import Checker, Example, need

_SHOWN = 5


@dataclass(frozen=True, kw_only=True)
class CrossSplitDuplicates(Checker):
    """Rows of a validation or test split that stand in the training split too.

    What it finds:
        Rows that are equal in all features to a training row, with the same label or another, beyond those
        that coincide by chance.

    Why it matters for training:
        The network has seen the answer: the score on these rows says what it remembers, not what it can
        do, and the model that remembers most is chosen.

    How it decides:
        By a hash over all features but the label: exactly up to a million different rows a split, beyond
        from a uniform sample. What chance gives is estimated from rows that are nearly equal, as in
        duplicate-rows. At least `share` of the split and `beyond_chance` times chance is an error, less is
        info. Measured: no error on 200 random splits of tables without copies; 200 of 200 splits with
        5 % of the test rows copied from training found.

    When it is wrong:
        Several measurements of one thing in one state are equal and honest, if new data will repeat them
        as often. Copies that differ in one digit are not found.

    What to do:
        Drop the rows from the evaluation split (never from training only), or split by group, so that all
        rows of one person, image or device stay on one side.

    References:
        Kaufman et al. 2012, Leakage in data mining. Barz & Denzler 2020, Do we train on test data?
    """

    scope = "others"
    clean = Example(
        splits={
            "train": {"x": [0.1 * i for i in range(40)], "z": [i * i % 17 for i in range(40)]},
            "test": {"x": [0.1 * i + 7 for i in range(20)], "z": [i * i % 17 for i in range(20)]},
        }
    )
    dirty = Example(
        splits={
            "train": {"x": [0.1 * i for i in range(40)], "z": [i * i % 17 for i in range(40)]},
            "test": {"x": [0.1 * i + 3.5 for i in range(20)], "z": [(i + 35) ** 2 % 17 for i in range(20)]},
        },
        finds=("*",),
    )

    share: float = 0.01
    """Smallest share of the split that is an error: it can move an accuracy by one point, as much as
    published improvements do (Barz & Denzler 2020)."""
    beyond_chance: float = 3.0
    """Equal pairs per pair that chance gives: at most 2.2 on 72 simulated tables without copies."""

    def check(self, data: DatasetProfile, split: str) -> Iterator[Finding]:
        """At most one finding."""
        train, here, label = data.train, data.splits[split], data.schema.label
        missing = {c.name for c in data.features(data.reference)} ^ {c.name for c in data.features(split)}
        need(
            not missing,
            f"the splits do not have the same features; see schema-mismatch ({min(missing, default='')})",
        )
        need_comparable(data, split)
        overlap = train.row_hashes.overlap(here.row_hashes)
        if not overlap.rows:
            return
        expected = chance_of_equal(train, label, here) * train.rows * here.rows
        surplus = overlap.rows * (1 - min(1.0, expected / overlap.pairs))
        leaked = beyond(overlap.pairs, expected, self.beyond_chance) and surplus >= self.share * here.rows
        labelled = label is not None and label in train and label in here
        yield self.finding(
            split,
            "error" if leaked else "info",
            _message(data, split, overlap, leaked, expected, labelled),
            rows=Rows(count=overlap.rows, examples=_examples(here, label, overlap)),
            evidence={
                "rows": overlap.rows,
                "other_label": overlap.disagreeing if labelled else None,
                "equal_pairs": overlap.pairs,
                "equal_pairs_by_chance": expected,
                "exact": overlap.share == 1,
            },
            advice="Drop them from the evaluation split, or split by group." if leaked else "",
            fix=_fix(data, split) if leaked else "",
        )

    def detectable(self, data: DatasetProfile, split: str) -> str:
        """Every common row is counted."""
        return "a single row that stands in the training split too"


def _message(
    data: DatasetProfile, split: str, overlap: Overlap, leaked: bool, expected: float, labelled: bool
) -> str:
    rows = f"{plural(overlap.rows, 'row')} ({percent(overlap.rows / data.splits[split].rows)})"
    also = f"; {overlap.disagreeing:,} of them with another label" if labelled and overlap.disagreeing else ""
    if leaked:
        return f"The score on {split!r} is too good: {rows} stand in {data.reference!r} too{also}."
    chance = " Chance gives about as many." if 2 * expected >= overlap.pairs else ""
    return f"{rows} of {split!r} stand in {data.reference!r} too{also}.{chance}"


def _examples(here: Profile, label: str | None, overlap: Overlap) -> tuple[int, ...]:
    """Positions of the first few sampled rows that training holds too."""
    found = np.flatnonzero(np.isin(row_hashes(here, label), overlap.hashes))[:_SHOWN]
    return tuple(here.sample_positions[found].tolist())


def _fix(data: DatasetProfile, split: str) -> str:
    return (
        f"features = [c for c in {split}.columns if c != {data.schema.label!r}]\n"
        f"known = {data.reference}[features].drop_duplicates()\n"
        f"seen = {split}[features].merge(known, how='left', indicator=True)['_merge'] == 'both'\n"
        f"{split} = {split}[~seen.to_numpy()]"
    )
