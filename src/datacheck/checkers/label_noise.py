"""label-noise."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from ..dataset_profile import DatasetProfile
from ..errors import NotApplicable
from ..finding import Finding, Rows
from ..records.alignment import Alignment
from ..records.label_noise import LabelNoise as Record
from .base import Checker, Example

_DICE = Random(0)
_A, _B = ([_DICE.gauss(0, 1) for _ in range(600)] for _ in range(2))
_Y = [int(a + b > 0) for a, b in zip(_A, _B, strict=True)]
_WRONG = [1 - y if i % 10 == 0 else y for i, y in enumerate(_Y)]


@dataclass(frozen=True, kw_only=True)
class LabelNoise(Checker):
    """Single wrong labels, scattered over the rows.

    What it finds:
        The share of labels that are wrong, with an interval; the rows that are most likely mislabelled,
        each with a better label; which classes are taken for which.

    Why it matters for training:
        A network first learns the rule and then memorises the exceptions: test accuracy falls while
        training goes on. Wrong labels in a test split hide which of two models is better.

    How it decides:
        Out-of-fold opinions of boosted trees, extremely randomised trees and a kernel ridge, pooled; a
        mixture of right labels and exchanged ones, fitted by likelihood with a free sharpness; each row
        gets the posterior chance that its label was exchanged.

    When it is wrong:
        Errors that follow the features (a rule misread in one region) are learnt as truth. With features
        that say little about the label the interval is wide and the ranking poor.

    What to do:
        Look at the listed rows; relabel or drop them. More than a few per cent call for another look at how
        labels are made.

    References:
        Northcutt, Jiang & Chuang 2021, Confident Learning. Pleiss et al. 2020 (AUM). Dawid & Skene 1979.
    """

    requires = ("alignment",)
    clean = Example(splits={"train": {"a": _A, "b": _B, "y": _Y}}, label="y", task="classification")
    dirty = Example(
        splits={"train": {"a": _A, "b": _B, "y": _WRONG}}, label="y", task="classification", finds=("y",)
    )

    certain: float = 5.4
    """Nats by which some noise must be likelier than none: chance 1e-3 by Wilks' theorem."""

    warn_above: float = 0.05
    """Share of wrong labels that warns when even the lower end of the interval reaches it. Judged by the
    estimate itself, clean splits of `benchmarks/detection/clean_splits.py` warned: seven, with estimates of
    0.050 to 0.100, whose lower ends were 0.018 to 0.048."""

    pointed: float = 1 / 3
    """Share of the wrong labels that must be more likely wrong than right, one by one, for a warning. Measured
    on 3,000 rows: 0.95 of exchanged labels where the features say much, 0.4 where they say little; 0.05 to 0.07
    where nothing was exchanged and labels are drawn at random given the features."""

    def check(self, data: DatasetProfile, split: str) -> Iterator[Finding]:
        """At most one finding."""
        found: Alignment = data.record("alignment", split)
        if found.label_noise is None:
            raise NotApplicable(f"labels are judged one by one only where they are aligned: {found.label}")
        noise = found.label_noise.noise
        if noise.log_odds < self.certain or noise.fraction <= 0:
            return
        low, high = noise.interval
        label = data.label(split).name
        yield self.finding(
            split,
            "warning" if low >= self.warn_above and _pointed(found.label_noise) >= self.pointed else "info",
            f"{noise.fraction:.1%} of the labels {label!r} look wrong (90 % interval: {low:.1%}-{high:.1%})",
            columns=[label],
            rows=_rows(found.label_noise),
            evidence=found.label_noise.to_json(),
            advice="Look at the listed rows, the worst first; relabel them or leave them out.",
            fix=f"scores = report.suspicion({split!r})  # review the rows with the highest",
        )


def _pointed(record: Record) -> float:
    """Rows more likely wrong than right, as a share of the labels estimated to be wrong."""
    return float((record.scores > 0.5).mean()) / record.noise.fraction


def _rows(record: Record) -> Rows:
    """The rows more likely wrong than right, worst first."""
    likely = [suspect.row for suspect in record.suspects if suspect.score > 0.5]
    return Rows(count=int((record.scores > 0.5).sum()), examples=tuple(likely[:10]))
