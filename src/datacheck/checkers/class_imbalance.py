"""class-imbalance."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .. import _sequences as sequences
from .._format import number, percent, plural
from ..dataset_profile import DatasetProfile
from ..finding import Finding
from . import _fixes
from .base import Checker, Example, need


@dataclass(frozen=True, kw_only=True)
class ClassImbalance(Checker):
    """Classes so rare that the network will hardly learn them, or a single class.

    What it finds:
        Training rows of which one class has many times more than another; and a label with one class only.

    Why it matters for training:
        Most batches hold no row of a very rare class, and predicting the common class is nearly always
        right: the loss falls, accuracy looks good, and the rare class is never predicted.

    How it decides:
        By the ratio of the most common class to the rarest. A ratio of 100 is called high class imbalance and
        is a warning, and so is a ratio of 10 where the rarest class has fewer than 20 rows. It is mentioned
        from a ratio of 10 on. One class only is an error. Exact counts; 300 of 300 balanced draws (2 to 20
        classes, 40 rows a class) passed, 200 of 200 draws with a ratio of 150 were found.

    When it is wrong:
        Fraud and rare diseases are rare: the ratio is true, and the metric, not the data, must account for
        it. Easy classes are learned from few rows.

    What to do:
        Weight the loss or draw the classes evenly (not both), and judge by recall per class or average
        precision instead of accuracy.

    References:
        Leevy et al. 2018, A survey on addressing high-class imbalance in big data. Buda, Maki & Mazurowski
        2018, A systematic study of the class imbalance problem in convolutional neural networks. Liu et al.
        2019, Large-scale long-tailed recognition in an open world (few-shot classes: fewer than 20 images).
    """

    scope = "train"
    clean = Example(
        splits={"train": {"x": [float(i) for i in range(60)], "label": [i % 3 for i in range(60)]}},
        label="label",
    )
    dirty = Example(
        splits={
            "train": {"x": [float(i) for i in range(300)], "label": [int(i in (7, 99)) for i in range(300)]}
        },
        label="label",
        finds=("label",),
    )

    info_ratio: float = 10.0
    """Ratio that is mentioned: told to find one digit, a small network finds 94 % at a ratio of 9, 91 % at
    18 (benchmarks/detection/class_imbalance_cost.py)."""
    warn_ratio: float = 100.0
    """Ratio from which Leevy et al. 2018 speak of high class imbalance: the same network finds 47 % at 90 and
    1 % at 180."""
    few_rows: int = 20
    """Rows below which Liu et al. 2019 count a class as few-shot: from 120, 20 and 12 rows of a digit the
    same network learns to find 97 %, 73 % and 62 % of it."""

    def check(self, data: DatasetProfile, split: str) -> Iterator[Finding]:
        """At most one finding."""
        counts = {value: count for value, count in data.classes(split).items() if count}
        need(bool(counts), f"every label in {data.schema.label!r} is missing")
        if len(counts) == 1:
            yield self._one_class(data, split, next(iter(counts)))
            return
        most, rarest = max(counts.values()), min(counts.values())
        ratio = most / rarest
        if ratio >= self.info_ratio:
            extreme = ratio >= self.warn_ratio or rarest < self.few_rows
            yield self._imbalance(data, split, counts, "warning" if extreme else "info")

    def detectable(self, data: DatasetProfile, split: str) -> str:
        """The smallest ratio that is reported."""
        return f"a class with {number(self.info_ratio)} times as many rows as another"

    def _one_class(self, data: DatasetProfile, split: str, value: Any) -> Finding:
        return self.finding(
            split,
            "error",
            f"There is nothing to learn: every label is {value!r}.",
            columns=[str(data.schema.label)],
            evidence={"counts": {str(value): data.splits[split].rows}},
            advice="Check how the rows were selected and which column holds the label.",
        )

    def _imbalance(
        self, data: DatasetProfile, split: str, counts: Mapping[Any, int], severity: str
    ) -> Finding:
        batch, ranked = data.training.batch_size, sorted(counts, key=lambda value: -counts[value])
        most, rarest = ranked[0], ranked[-1]
        rows, ratio = sum(counts.values()), counts[most] / counts[rarest]
        missed = float(sequences.miss_chances(list(counts.values()), batch)[list(counts).index(rarest)])
        return self.finding(
            split,
            severity,
            f"{percent(missed)} of the shuffled batches of {batch} hold no row of class {rarest!r}: it has "
            f"{plural(counts[rarest], 'row')}, class {most!r} has {number(ratio, 3)} times as many. "
            f"Always answering {most!r} is right for {percent(counts[most] / rows)}.",
            columns=[str(data.schema.label)],
            evidence={
                "ratio": ratio,
                "counts": {str(value): counts[value] for value in ranked},
                "batches_without_rarest": missed,
                "batch_for_all_classes": sequences.batch_for_all(list(counts.values())),
            },
            advice="Weight the loss or draw the classes evenly, and judge by recall per class.",
            fix=_fixes.weighted_sampler(counts, batch),
        )
