"""single-class-batches."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import special

from .. import _sequences as sequences
from .._format import number, percent, plural
from ..dataset_profile import DatasetProfile
from ..finding import Finding
from ..schema import Training
from . import _fixes
from ._order import Runs, label_runs
from .base import Checker, Example, need

_DRAWN = 200  # batches whose composition is kept for the picture
_COLOURS = 11  # classes told apart in the picture


@dataclass(frozen=True, kw_only=True)
class SingleClassBatches(Checker):
    """Training batches that hold one class only.

    What it finds:
        Batches of the training rows in file order, at the configured batch size, whose rows are all of one
        class, where a shuffle would have mixed them. And data so imbalanced that even shuffled batches are
        often of one class.

    Why it matters for training:
        The gradient of a one-class batch says "predict this class", and the next batch says another:
        the weights swing and batch normalisation learns statistics that no test batch has.

    How it decides:
        The share of the full batches that lie inside one run of equal labels, against the share that a fair
        shuffle gives (hypergeometric). The surplus must be significant (binomial tail below 1e-4) and cost
        accuracy (see the thresholds). Where the loader is known to shuffle, it is never more than info.
        Measured on 500 random orders (2 to 20 classes, 200 to 3,000 rows, batches of 4 to 128): nothing above
        info; 600 of 600 files with 30, 90 or 100 % of their batches of one class were found.

    When it is wrong:
        The file order does not matter where the loader shuffles; say so with `shuffled = true`. A sampler
        that draws its own order is not seen here; `datacheck loader` audits the loader itself.

    What to do:
        Shuffle, or shuffle the files once if the loader cannot (an IterableDataset: add a shuffle buffer that
        is larger than the longest run). For imbalance, a larger batch or a weighted sampler.

    References:
        Bengio 2012, Practical recommendations for gradient-based training.
        Ioffe & Szegedy 2015, Batch Normalization, section 3.
    """

    scope = "train"
    clean = Example(
        splits={"train": {"x": [float(i) for i in range(60)], "label": [i * 7 % 3 for i in range(60)]}},
        label="label",
        training=Training(batch_size=10),
    )
    dirty = Example(
        splits={"train": {"x": [float(i) for i in range(60)], "label": [i // 30 for i in range(60)]}},
        label="label",
        training=Training(batch_size=10),
        finds=("label",),
    )

    warn_share: float = 0.1
    """Surplus of one-class batches that is a warning: a small network on digits lost 1.6 points of accuracy,
    with batch normalisation 0.6 (benchmarks/detection/label_order_cost.py)."""
    fail_share: float = 0.5
    """Surplus of one-class batches that is an error: the same networks lost 5.2 and 4.9 points."""
    alpha: float = 1e-4
    """Largest chance of so many one-class batches in a shuffle: no false alarm in 500 random orders."""

    def check(self, data: DatasetProfile, split: str) -> Iterator[Finding]:
        """At most one finding: the order's fault, or the imbalance's."""
        runs, batch = label_runs(data, split), data.training.batch_size
        need(bool(np.count_nonzero(runs.counts) > 1), "there is one class only; class-imbalance reports it")
        need(batch > 1, "a batch of one row always holds one class")
        total = sum(int(lengths.sum()) // batch for _, lengths in runs.pieces)
        need(total > 1, f"{plural(int(runs.lengths.sum()), 'row')} fill fewer than two batches of {batch}")
        found = sum(sequences.one_class_batches(lengths, batch) for _, lengths in runs.pieces)
        chance = sequences.one_class_chance(runs.counts, batch)
        surplus = found / total - chance
        if surplus >= self.warn_share and special.bdtrc(found - 1, total, chance) < self.alpha:
            yield self._order(data, split, runs, found, total, chance)
        elif chance >= self.warn_share:
            yield self._imbalance(data, split, runs, chance)

    def detectable(self, data: DatasetProfile, split: str) -> str:
        """The smallest surplus that is reported."""
        return f"{percent(self.warn_share)} more one-class batches than a shuffle gives"

    def _order(
        self, data: DatasetProfile, split: str, runs: Runs, found: int, total: int, chance: float
    ) -> Finding:
        batch, surplus = data.training.batch_size, found / total - chance
        severity = "error" if surplus >= self.fail_share else "warning"
        return self.finding(
            split,
            "info" if data.training.shuffled else severity,
            f"In file order {found:,} of {plural(total, 'batch')} of {batch} hold one class only; "
            f"shuffled it would be {percent(chance)}. {_THEN[bool(data.training.shuffled)]}",
            columns=[str(data.schema.label)],
            evidence={"one_class": found, "batches": total, **_composition(runs, batch)},
            advice="Shuffle the training rows in every epoch.",
            fix=_fixes.shuffle(batch),
        )

    def _imbalance(self, data: DatasetProfile, split: str, runs: Runs, chance: float) -> Finding:
        batch, enough = data.training.batch_size, sequences.batch_for_all(runs.counts)
        return self.finding(
            split,
            "info",
            f"{percent(chance)} of the batches of {batch} hold one class only even when shuffled, because "
            f"the classes are imbalanced; from a batch of {number(enough)} on, fewer than 1 % lack a class.",
            columns=[str(data.schema.label)],
            evidence={"batch_for_all_classes": enough, **_composition(runs, batch)},
            advice="Train with larger batches, or draw the classes evenly.",
            fix=_fixes.weighted_sampler(dict(zip(runs.classes, runs.counts.tolist(), strict=True)), batch),
        )


_THEN = {
    False: "Without shuffling, each step unlearns the others' classes.",
    True: "The loader shuffles, so this does no harm.",
}


def _composition(runs: Runs, batch: int) -> dict[str, Any]:
    """Shares by chance, and the rows of each class in the first batches (the rarer classes together)."""
    shown = np.argsort(-runs.counts, kind="stable")[:_COLOURS]
    place = np.full(len(runs.counts), len(shown))
    place[shown] = np.arange(len(shown))
    head = runs.head(_DRAWN * batch)
    batches = len(head) // batch
    code = place[head[: batches * batch]] + np.repeat(np.arange(batches), batch) * (len(shown) + 1)
    rows = np.bincount(code, minlength=batches * (len(shown) + 1)).reshape(batches, -1)
    return {
        "batch_size": batch,
        "one_class_share_shuffled": sequences.one_class_chance(runs.counts, batch),
        "missing_class_share": _missing(runs, batch),
        "missing_class_share_shuffled": float(sequences.miss_chances(runs.counts, batch).mean()),
        "classes": [str(runs.classes[i]) for i in shown] + ["other"],
        "first_batches": rows.tolist(),
    }


def _missing(runs: Runs, batch: int) -> float:
    """Share of (batch, class) pairs without a row."""
    total = sum(int(lengths.sum()) // batch for _, lengths in runs.pieces)
    count = len(runs.classes)
    held = sum(sequences.batches_with(*piece, count, batch).sum() for piece in runs.pieces)
    return float(1 - held / (total * count))
