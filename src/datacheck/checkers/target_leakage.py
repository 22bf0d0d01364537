"""target-leakage."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from ..dataset_profile import DatasetProfile
from ..finding import Finding
from ..records.leakage import CategoryScore, FeatureScore, Leakage
from .base import Checker, Example

_DICE = Random(0)
_NOISE = [_DICE.random() for _ in range(300)]
_Y = [_DICE.randrange(2) for _ in range(300)]


@dataclass(frozen=True, kw_only=True)
class TargetLeakage(Checker):
    """One feature, or one value of it, that gives the label away nearly alone.

    What it finds:
        A copy of the label under another name, a column filled in after the outcome was known, a value (or
        a missing value) that only one class has.

    Why it matters for training:
        The network learns the leak and nothing else. In use, the column is empty or unknown, and the
        accuracy that was measured is gone.

    How it decides:
        Each feature alone predicts the label on rows held out, by its values or quantile bins: the share of
        the label's entropy (classes) or variance (numbers) that it explains. For values, the lower 95 %
        bound of the share of one class among the rows with it, and how much of that class has it.

    When it is wrong:
        Some tasks are that easy: a sensor that measures the target. Leaks shared between several columns,
        each of which says half, are not seen.

    What to do:
        Ask when the column becomes known. If not before the label, drop it.

    References:
        Kaufman, Rosset & Perlich 2012, Leakage in Data Mining.
    """

    requires = ("leakage",)
    clean = Example(splits={"train": {"x": _NOISE, "y": _Y}}, label="y", task="classification")
    dirty = Example(
        splits={"train": {"x": _NOISE, "copy": [3.0 * y + 1 for y in _Y], "y": _Y}},
        label="y",
        task="classification",
        finds=("copy",),
    )

    alone: float = 0.9
    """Share of the label that one feature explains alone. The best single features of thirteen clean
    tables reach 0.10 to 0.75 (benchmarks/detection/labels.py)."""

    def check(self, data: DatasetProfile, split: str) -> Iterator[Finding]:
        """One finding for each telling feature, or value of a feature."""
        found: Leakage = data.record("leakage", split)
        told = {score.feature: score for score in found.features if score.score >= self.alone}
        for score in told.values():
            yield self._feature(score, found, split)
        for category in found.categories:
            if category.feature not in told:
                yield self._category(category, split)

    def _feature(self, score: FeatureScore, found: Leakage, split: str) -> Finding:
        return self.finding(
            split,
            "error",
            f"{score.feature!r} alone explains {score.score:.1%} of the label on rows held out",
            columns=[score.feature],
            evidence={"score": score.score, "together": found.together},
            advice="Ask whether this column is known before the label is; if not, drop it.",
            fix=f"table = table.drop([{score.feature!r}])",
        )

    def _category(self, found: CategoryScore, split: str) -> Finding:
        value = "missing" if found.value is None else repr(found.value)
        return self.finding(
            split,
            "warning",
            f"{found.feature!r} = {value}: {found.precision:.1%} of these {found.rows:,} rows have the label "
            f"{found.label!r}, and {found.recall:.0%} of that class have it",
            columns=[found.feature],
            evidence={"precision": found.precision, "recall": found.recall, "rows": found.rows},
            advice="Ask whether this value is known before the label is; if not, drop the column.",
            fix=f"table = table.drop([{found.feature!r}])",
        )
