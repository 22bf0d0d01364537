"""sorted-labels."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from .. import _sequences as sequences
from .._format import number, percent, plural
from .._ranks import mid_ranks
from ..dataset_profile import DatasetProfile
from ..finding import Finding
from ..statistics.label_order import LabelOrder
from . import _fixes
from ._order import NO_ORDER, label_runs
from .base import Checker, Example, need

_MOST = 1 << 17  # rows whose target is ranked


@dataclass(frozen=True, kw_only=True)
class SortedLabels(Checker):
    """Training rows that are sorted by label, or whose labels follow each other too closely.

    What it finds:
        A label that repeats from row to row more often than in a random order: sorted by class, grouped by
        file, or drifting in time; for a regression target, neighbours that are alike, or a rising order.

    Why it matters for training:
        Stochastic gradient descent takes each batch for a random draw. In a sorted file a batch shows a few
        classes, and the network forgets those that it saw before. With a share r of repeats, a batch of B
        rows is worth only B (1 - r) / (1 + r) independent ones.

    How it decides:
        Classes: the number of label changes against its exact mean and variance over all orders of the same
        labels; one test for any number of classes, exact for two. The effect is 1 - changes / expected,
        less the changes that even a sorted file has: 0 in a random order, 1 when sorted, and close to the
        chance of repeating the label before in a sticky sequence.
        Regression: the correlation of neighbouring ranks (von Neumann's ratio). Both a p-value and an effect
        are required. Measured: no finding in 500 random orders (2 to 20 classes, 100 to 2,000 rows) and of
        200 random targets; 400 of 400 sorted files and 200 of 200 that are sorted to two thirds found.

    When it is wrong:
        A series in the order of time is meant to be correlated; it still needs shuffled windows. The order
        is harmless where the loader shuffles: `shuffled = true`. Of a regression target, and where a shuffled
        file has more than 65,536 runs, only the first rows are kept.

    What to do:
        Shuffle in every epoch. Split into train and test after shuffling, or by class: a sorted file cut at
        80 % has classes in the test set that training never saw.

    References:
        Wald & Wolfowitz 1940, On a test whether two samples are from the same population. Barton & David
        1957, Multiple runs. Bartels 1982, The rank version of von Neumann's ratio test for randomness.
    """

    scope = "train"
    clean = Example(
        splits={"train": {"x": [float(i) for i in range(60)], "label": [i * i % 7 % 3 for i in range(60)]}},
        label="label",
    )
    dirty = Example(
        splits={"train": {"x": [float(i) for i in range(60)], "label": [i // 20 for i in range(60)]}},
        label="label",
        finds=("label",),
    )

    info_effect: float = 0.2
    """Effect that is mentioned: a batch is worth two thirds of its rows; a small network on digits lost half
    a point of accuracy (benchmarks/detection/label_order_cost.py)."""
    warn_effect: float = 0.5
    """Effect that is a warning: a batch is worth a third of its rows; the same network lost 2.0 points."""
    fail_effect: float = 0.9
    """Effect that is an error: a batch is worth a twentieth; the same network lost 5.2 points, with batch
    normalisation 2.1, and 15 of both at an effect of 0.98."""
    rising: float = 0.9
    """Rank correlation of target and row from which a target counts as sorted: the same share of the variance
    of the order as `fail_effect`."""
    alpha: float = 1e-4
    """Largest chance of so few changes in a random order: no false alarm in 700 random orders."""

    def check(self, data: DatasetProfile, split: str) -> Iterator[Finding]:
        """At most one finding."""
        label = data.label(split)
        need(label.counts.rows > 1, "one row has no order")
        if data.schema.classification:
            yield from self._classes(data, split)
        else:
            yield from self._target(data, split)

    def detectable(self, data: DatasetProfile, split: str) -> str:
        """The smallest effect that is reported."""
        return f"labels that repeat the row before {percent(self.info_effect)} more often than by chance"

    def _classes(self, data: DatasetProfile, split: str) -> Iterator[Finding]:
        runs = label_runs(data, split)
        need(bool(np.count_nonzero(runs.counts) > 1), "there is one class only; class-imbalance reports it")
        fewest = int(np.count_nonzero(runs.counted)) - 1
        expected, _ = sequences.changes_by_chance(runs.counted)
        need(expected > fewest, "every label stands once, so that no order is sorted")
        effect = 1 - (runs.changes - fewest) / (expected - fewest)
        p = sequences.changes_p(runs.changes, runs.counted)
        if p >= self.alpha or effect < self.info_effect:
            return
        severity = "error" if effect >= self.fail_effect else self._mild(effect)
        evidence = {"changes": runs.changes, "expected_changes": expected, "effect": effect, "p": p}
        message = (
            f"The label changes {number(runs.changes)} times from row to row; in a random order it would "
            f"change {number(expected)} times. {_worth(effect, data.training.batch_size)}"
        )
        yield self._finding(data, split, severity, message, evidence)

    def _target(self, data: DatasetProfile, split: str) -> Iterator[Finding]:
        need(data.splits[split].label_order.rows > 0, NO_ORDER)
        ranks = _ranks(data.splits[split].label_order)
        need(len(ranks) > 1, "fewer than two values of the target are known")
        effect, p = sequences.lag_correlation(ranks)
        if p >= self.alpha or effect < self.info_effect:
            return
        rise = float(np.corrcoef(ranks, np.arange(len(ranks)))[0, 1])
        if abs(rise) >= self.rising:
            severity, what = (
                "error",
                f"The rows are sorted by the target (rank correlation {number(rise, 3)}).",
            )
        else:
            severity = self._mild(effect)
            what = f"Neighbouring rows have similar targets (correlation of their ranks {number(effect, 2)})."
        message = f"{what} {_worth(effect, data.training.batch_size)}"
        evidence = {"effect": effect, "p": p, "correlation_with_row": rise, "rows": len(ranks)}
        yield self._finding(data, split, severity, message, evidence)

    def _mild(self, effect: float) -> str:
        return "warning" if effect >= self.warn_effect else "info"

    def _finding(
        self, data: DatasetProfile, split: str, severity: str, message: str, evidence: Mapping[str, float]
    ) -> Finding:
        return self.finding(
            split,
            "info" if data.training.shuffled else severity,
            message + (" The loader shuffles, so this does no harm." if data.training.shuffled else ""),
            columns=[str(data.schema.label)],
            evidence=evidence,
            advice="Shuffle the training rows in every epoch, and shuffle before you split.",
            fix=_fixes.shuffle(data.training.batch_size),
        )


def _worth(effect: float, batch: int) -> str:
    """What a batch in file order is worth, as the mean of an autocorrelated sequence is."""
    rows = max(1, round(batch * (1 - min(effect, 1.0)) / (1 + effect)))
    return f"Without shuffling, a batch of {batch} tells as much as {plural(rows, 'random row')}."


def _ranks(order: LabelOrder) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Mid-ranks of the known targets in file order."""
    values, lengths, _ = order.sequence()
    known = np.array([np.nan if value is None else float(value) for value in values])
    keep = np.isfinite(known)
    runs = int(np.searchsorted(np.cumsum(lengths[keep]), _MOST)) + 1
    rows = np.repeat(known[keep][:runs], np.minimum(lengths[keep][:runs], _MOST))[:_MOST]
    return mid_ranks(rows)
