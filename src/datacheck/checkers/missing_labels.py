"""missing-labels."""

from collections.abc import Iterator
from dataclasses import dataclass

from .._format import listing, percent, plural
from ..dataset_profile import DatasetProfile
from ..finding import Finding, Rows
from ._places import rows_with
from .base import Checker, Example

_EMPTY = ("", "nan", "null", "n/a", "?")
"""Texts that stand for a missing value; "none" and "na" are left out, they are names of real classes."""
_UNUSABLE = (None, float("inf"), float("-inf"))


@dataclass(frozen=True, kw_only=True)
class MissingLabels(Checker):
    """Rows without a label.

    What it finds:
        Null and NaN labels, infinite regression targets, and texts that stand for a missing label: the empty
        text, "nan", "null", "n/a" and "?".

    Why it matters for training:
        The loss of one such row is NaN, and so is every weight after the next step; or the text becomes a
        class of its own that the network learns to predict.

    How it decides:
        Exactly, by counting; a single row is a finding.

    When it is wrong:
        In semi-supervised training some rows are meant to have no label. A split other than the training one
        without any label is taken for a set to predict, and is info only.

    What to do:
        Find the labels, drop the rows, or mask their loss (`ignore_index` of cross-entropy).

    References:
        IEEE 754-2019, section 6.2 (NaN propagates through every operation).
    """

    clean = Example(splits={"train": {"x": [1.0, 2.0, 3.0], "label": [0, 1, 0]}}, label="label")
    dirty = Example(
        splits={"train": {"x": [1.0, 2.0, 3.0], "label": [0, None, 1]}}, label="label", finds=("label",)
    )

    def check(self, data: DatasetProfile, split: str) -> Iterator[Finding]:
        """One finding for missing labels, one for texts that stand for them."""
        label, profile = data.label(split), data.splits[split]
        unusable = int(label.counts.missing + label.counts.infinite)
        if unusable:
            yield self._missing(data, split, unusable)
        counts = (label.levels and label.levels.counts) or {}
        texts = {
            text: n for text, n in counts.items() if isinstance(text, str) and text.strip().lower() in _EMPTY
        }
        if texts:
            yield self.finding(
                split,
                "warning",
                f"{plural(sum(texts.values()), 'row')} would train a class of its own for 'no label': "
                f"the label is {listing(list(texts))}.",
                columns=[label.name],
                rows=Rows(count=sum(texts.values()), examples=rows_with(profile, texts)),
                evidence={"texts": texts},
                advice="Read these texts as missing, then drop the rows or find their labels.",
                fix=f"table[{label.name!r}] = table[{label.name!r}].replace({list(texts)!r}, None)",
            )

    def detectable(self, data: DatasetProfile, split: str) -> str:
        """Counts are exact."""
        return "a single row without a label"

    def _missing(self, data: DatasetProfile, split: str, unusable: int) -> Finding:
        label, rows = data.label(split), data.splits[split].rows
        unlabelled = split != data.reference and unusable == rows
        then = "it can be predicted, not scored" if unlabelled else "their loss is NaN, then every weight"
        return self.finding(
            split,
            "info" if unlabelled else "error",
            f"{plural(unusable, 'row')} ({percent(unusable / rows)}) have no usable label: {then}.",
            columns=[label.name],
            rows=Rows(count=unusable, examples=rows_with(data.splits[split], _UNUSABLE)),
            evidence={name: int(getattr(label.counts, name)) for name in ("null", "nan", "infinite")},
            advice="Find the labels, drop the rows, or mask their loss.",
            fix=f"table = table.dropna(subset=[{label.name!r}])",
        )
