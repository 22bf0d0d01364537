"""conflicting-labels."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from .._format import percent, plural
from ..dataset_profile import DatasetProfile
from ..finding import Finding, Rows
from ..profiles import Profile
from ._coincidence import beyond, chance_of_equal, need_comparable, row_hashes
from .base import Checker, Example, need

_SHOWN = 5


@dataclass(frozen=True, kw_only=True)
class ConflictingLabels(Checker):
    """Rows with the same features and different classes.

    What it finds:
        Rows that are equal in all features but carry two labels or more. Missing labels disagree with none.

    Why it matters for training:
        No network can be right on all of them. It learns their average, or memorises noise trying; and as
        many of the labels are likely to be wrong elsewhere.

    How it decides:
        Exactly, by a hash over all features (beyond a million different rows, from a uniform sample). In
        coarse data equal rows are not copies and honest cases differ, so it is a warning only where equal
        rows are `beyond_chance` times as frequent as chance makes them, as in duplicate-rows; else info.
        Measured: no warning on 200 tables without copies; 200 of 200 tables in which 5 % of the rows were
        copied with another label found.

    When it is wrong:
        Several annotators may have labelled the same row: then average their answers. A feature that tells
        the rows apart may have been dropped or rounded.

    What to do:
        Look at the rows named; keep the right label, take the majority, or train on the shares of the labels.

    References:
        Northcutt, Athalye & Mueller 2021, Pervasive label errors in test sets destabilize machine learning
        benchmarks. Brodley & Friedl 1999, Identifying mislabeled training data.
    """

    clean = Example(
        splits={"train": {"x": [0.1 * i for i in range(50)], "kind": ["a", "b"] * 25, "label": [0, 1] * 25}},
        label="label",
    )
    dirty = Example(
        splits={
            "train": {
                "x": [0.1 * (i % 45) for i in range(50)],
                "z": [(i % 45) ** 2 for i in range(50)],
                "label": [i % 2 for i in range(50)],
            }
        },
        label="label",
        finds=("label",),
    )

    share: float = 0.01
    """Smallest share of the rows that is a warning: Northcutt et al. 2021 find 3.3 % label errors on average
    in ten test sets, and at a few per cent more other models that win."""
    beyond_chance: float = 3.0
    """Equal pairs per pair that chance gives: at most 2.2 on 72 simulated tables without copies."""

    def check(self, data: DatasetProfile, split: str) -> Iterator[Finding]:
        """At most one finding."""
        label = data.label(split)
        need(data.schema.classification, "the label is not a class; equal rows may have different targets")
        need(label.counts.missing < label.counts.rows, f"every label in {label.name!r} is missing")
        need_comparable(data, split)
        profile = data.splits[split]
        rows = profile.row_hashes.conflicting
        if rows < self.share * profile.rows or not rows:
            return
        expected = chance_of_equal(profile, label.name) * profile.rows * (profile.rows - 1) / 2
        pairs = profile.row_hashes.pairs
        copied = beyond(pairs, expected, self.beyond_chance)
        yield self.finding(
            split,
            "warning" if copied else "info",
            f"No network can be right on all of {plural(rows, 'row')} ({percent(rows / profile.rows)}): "
            "their features are equal and their labels differ"
            + ("." if copied else "; the features are so coarse that honest cases coincide."),
            columns=[label.name],
            rows=Rows(count=rows, examples=_examples(profile, label.name)),
            evidence={
                "conflicting": rows,
                "groups": int(np.count_nonzero(profile.row_hashes.conflicts)),
                "equal_pairs": pairs,
                "equal_pairs_by_chance": expected,
                "exact": profile.row_hashes.share == 1,
            },
            advice="Look at these rows; keep the right label, or take the majority." if copied else "",
            fix=f"features = [c for c in table.columns if c != {label.name!r}]\n"
            f"labels = table.groupby(features)[{label.name!r}]\n"
            f"table[{label.name!r}] = labels.transform(lambda same: same.mode()[0])",
        )

    def detectable(self, data: DatasetProfile, split: str) -> str:
        """The smallest share that is reported."""
        return f"{percent(self.share)} of the rows with conflicting labels"


def _examples(profile: Profile, label: str) -> tuple[int, ...]:
    """Positions of sampled rows in conflict, equal ones side by side."""
    hashes = row_hashes(profile, label)
    found = np.flatnonzero(np.isin(hashes, profile.row_hashes.hashes[profile.row_hashes.conflicts]))
    groups = found[np.argsort(hashes[found], kind="stable")][:_SHOWN]
    return tuple(profile.sample_positions[groups].tolist())
