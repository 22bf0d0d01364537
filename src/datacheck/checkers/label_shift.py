"""label-shift."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .._significance import detectable_distance, detectable_rate
from .._two_sample import compare_numbers
from ..dataset_profile import DatasetProfile
from ..finding import Finding
from ..records import column_shift as records
from ..records.shift import Shift
from ._groups import rows_compared, rows_taken_for_independent
from .base import Checker, Example, need

_CLASS_FIX = """\
weights = {weights}  # share of the class in {split!r} over its share in {train!r}
sample_weight = [weights[y] for y in labels]  # of the training rows, in order
sampler = WeightedRandomSampler(sample_weight, num_samples=len(labels))"""

_ADVICE = "If features are alike inside each class, weight classes by the ratio of their shares."
_FOLLOWS = "Weights of classes would not correct this; see the other finding."


@dataclass(frozen=True, kw_only=True)
class LabelShift(Checker):
    """A mix of classes, or a distribution of the target, that differs between the splits.

    What it finds:
        Classes that are more or less frequent in this split than in the training split, a rare class that
        doubled, a regression target that moved or spread.

    Why it matters for training:
        A network learns the class frequencies with everything else: its scores are biased towards the
        classes that were frequent in training, and accuracy on the other split misleads.

    How it decides:
        Chi-square with rare classes merged (numbers: Kolmogorov-Smirnov and smooth rank test) and an effect:
        3 points of the rows changed class, or the share of one class changed by half as much again even at
        the two-sigma bound. It is an error when the lower 95 % bound is 9 points. When the shift probe says
        that the mix only follows from moved features, or from another labelling rule, it is information.

    When it is wrong:
        Splits stratified on purpose, a validation split that was rebalanced on purpose.

    What to do:
        If the features inside each class are alike, weight the classes by the ratio of their shares.

    References:
        Lipton, Wang & Smola 2018, Detecting and Correcting for Label Shift with Black Box Predictors.
    """

    scope = "others"
    requires = ("shift",)
    clean = Example(
        splits={
            "train": {"x": [1.0, 2.0, 3.0, 4.0] * 100, "y": ["cat", "dog", "dog", "cow"] * 100},
            "test": {"x": [1.0, 2.0, 3.0, 4.0] * 50, "y": ["cat", "dog", "dog", "cow"] * 50},
        },
        label="y",
    )
    dirty = Example(
        splits={
            "train": {"x": [1.0, 2.0, 3.0, 4.0] * 100, "y": ["cat", "dog", "dog", "cow"] * 100},
            "test": {"x": [1.0, 2.0, 3.0, 4.0] * 50, "y": ["cat", "dog", "cow", "cow"] * 50},
        },
        label="y",
        finds=("y",),
    )

    alpha: float = 0.05
    """Chance that clean splits alarm at all, of which a sixth goes to the label, divided by the pairs of
    splits. Measured: see benchmarks/detection/clean_splits.py."""

    def check(self, data: DatasetProfile, split: str) -> Iterator[Finding]:
        """At most one finding."""
        shift = _shift(data, split)
        if shift is None or shift.column.p > self._level(data) or not shift.relevant:
            return
        column, follows = shift.column, _follows(data, split)
        yield self.finding(
            split,
            "info" if follows else "error" if column.severe else "warning",
            f"the label {column.column!r} is unlike that of {data.reference!r}{follows}: {column.story}",
            columns=[column.column],
            evidence={
                "p": column.p,
                "effect": column.effect,
                "interval": list(column.interval),
                "ratio_at_least": shift.ratio_bound,
            },
            advice=(_FOLLOWS if follows else _ADVICE) + rows_taken_for_independent(data),
            fix="" if follows else _fix(data, split),
        )

    def detectable(self, data: DatasetProfile, split: str) -> str | None:
        """The smallest change of a class's share, or of the target, that would have shown."""
        rows = rows_compared(data, split)
        look, least = (detectable_rate, 0.03) if data.schema.classification else (detectable_distance, 0.04)
        effect = look(*rows, self._level(data))
        if effect is None:
            return None
        what = "changed class" if data.schema.classification else "moved past a threshold"
        return f"{100 * max(effect, least):.1f} points of the rows that {what} (90 % power)"

    def _level(self, data: DatasetProfile) -> float:
        return self.alpha / 6 / max(len(data.others), 1)


def _follows(data: DatasetProfile, split: str) -> str:
    """In words, what the label's mix follows from when the shift probe names another kind of shift."""
    record = data.records.get("shift", {}).get(split)
    kind = record.kind if isinstance(record, Shift) else ""
    return {"covariate": ", as follows from its features", "concept": ", for it was assigned otherwise"}.get(
        kind, ""
    )


def _shift(data: DatasetProfile, split: str) -> records.LabelShift | None:
    train, test = data.label(data.reference), data.label(split)
    if data.group or data.time:
        known: Shift = data.record("shift", split)
        need(known.label is not None, known.reason or "groups cannot be counted without rows")
        return known.label
    rows = [int(side.counts.rows - side.counts.null - side.counts.nan) for side in (train, test)]
    need(min(rows) >= 30, f"{min(rows)} labels in a split; 30 are needed")
    if data.schema.classification:
        before, after = data.classes(data.reference), data.classes(split)
        return records.LabelShift.of_classes(train.name, before, after)
    need(train.numeric and test.numeric, "the label is not a number in both splits")
    values = [data.splits[name].values(train.name) for name in (data.reference, split)]
    need(all(len(v) for v in values), "the profile was saved without rows")
    shift = compare_numbers(*values)
    return (
        None if shift is None else records.LabelShift(column=records.ColumnShift.of_values(train.name, shift))
    )


def _fix(data: DatasetProfile, split: str) -> str:
    if not data.schema.classification:
        return ""
    weights = _weights(data.classes(data.reference), data.classes(split))
    return _CLASS_FIX.format(weights=weights, split=split, train=data.reference) if len(weights) <= 20 else ""


def _weights(train: Mapping[Any, int], test: Mapping[Any, int]) -> dict[Any, float]:
    """Ratio of shares, half a row added to each count."""
    names = list({**train, **test})
    before = {name: train.get(name, 0) + 0.5 for name in names}
    after = {name: test.get(name, 0) + 0.5 for name in names}
    scale = sum(before.values()) / sum(after.values())
    return {name: round(after[name] / before[name] * scale, 4) for name in names}
