"""label-encoding."""

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from .._format import listing, number, percent, plural
from ..dataset import LABEL_NAMES
from ..dataset_profile import DatasetProfile
from ..errors import NotApplicable
from ..finding import Finding, Rows
from .base import Checker, Example

_COLUMN = re.compile(r"(.+?)[_.\[-]?(\d+)\]?$")
_NAMES = (
    *LABEL_NAMES,
    "p",
    "prob",
    "proba",
    "probability",
    "probabilities",
    "soft_label",
    "onehot",
    "one_hot",
)
_FULL_LENGTH = 20  # classes whose map is written out


@dataclass(frozen=True, kw_only=True)
class LabelEncoding(Checker):
    """Class labels that cross-entropy cannot take as they are.

    What it finds:
        Class numbers that are not 0..K-1: from 1 on, with gaps, negative, or with a fraction; texts; and
        probability columns (`label_0`, `label_1`, ...) whose rows do not sum to 1.

    Why it matters for training:
        Cross-entropy takes the label for the index of an output. With labels 1..K it stops at K ("Target K is
        out of bounds") or, with K + 1 outputs, trains one that never occurs; rows of probabilities that sum
        to 2 count twice.

    How it decides:
        Exactly, from the classes of all splits together. A warning, not an error: a data set class often maps
        the labels. Whole numbers stored as floats, -1/+1 and texts are info, because the cure is a cast or a
        map that nobody forgets: torch stops at the first batch. Probabilities: an error where the sum
        of a sampled row is off by more than `tolerance` per class. Columns of 0 and 1 may carry several
        labels at once, so they are judged only where 95 % of the rows hold exactly one 1.

    When it is wrong:
        Where your code maps the labels, or where the columns are separate yes/no questions with
        probabilities (multi-label), which need not sum to 1.

    What to do:
        Map the labels with one dictionary for all splits; it is in the fix, and in `normalization.json`.

    References:
        PyTorch documentation, torch.nn.CrossEntropyLoss (class indices in [0, C), or probabilities). Sechidis
        et al. 2011, On the stratification of multi-label data (labels as columns).
    """

    scope = "train"
    clean = Example(splits={"train": {"x": [1.0, 2.0, 3.0, 4.0], "label": [0, 1, 2, 1]}}, label="label")
    dirty = Example(
        splits={"train": {"x": [1.0, 2.0, 3.0, 4.0], "label": [1, 2, 3, 1]}}, label="label", finds=("label",)
    )

    tolerance: float = 0.005
    """Rounding of one probability: they are often written with two decimals."""
    one_hot_share: float = 0.95
    """Share of rows with exactly one 1 from which columns of 0 and 1 are one label, not several: of several
    independent labels at most 50 % of the rows hold exactly one (two labels of rate one half)."""

    def check(self, data: DatasetProfile, split: str) -> Iterator[Finding]:
        """At most one finding for the label, and one for each group of probability columns."""
        groups = _groups(data, split)
        for names in groups:
            yield from self._probabilities(data, split, names)
        try:
            classes = sorted({value for name in data.splits for value in _classes(data, name)}, key=_order)
        except NotApplicable:
            if groups:
                return
            raise
        severity, message = _judge(classes)
        if severity:
            yield self.finding(
                split,
                severity,
                message,
                columns=[str(data.schema.label)],
                evidence={"classes": [str(value) for value in classes[:100]], "count": len(classes)},
                advice="Map the labels to 0..K-1 with one dictionary for all splits.",
                fix=_map(str(data.schema.label), classes),
            )

    def _probabilities(self, data: DatasetProfile, split: str, names: tuple[str, ...]) -> Iterator[Finding]:
        rows = data.splits[split].matrix(names)
        rows = rows[np.isfinite(rows).all(axis=1)]
        sums = rows.sum(axis=1)
        hard = bool(np.isin(rows, (0.0, 1.0)).all())
        if not len(rows) or (hard and np.mean(sums == 1) < self.one_hot_share):
            return
        off = (np.abs(sums - 1) > self.tolerance * len(names)) | (rows < 0).any(axis=1)
        if off.any():
            worst = float(sums[np.argmax(np.abs(sums - 1))])
            yield self.finding(
                split,
                "error",
                f"Cross-entropy weighs {percent(float(off.mean()))} of the rows wrongly: the probabilities "
                f"in {listing(list(names))} sum to {number(worst)} instead of 1, or are negative.",
                columns=names,
                rows=Rows(count=int(np.count_nonzero(off))),
                evidence={
                    "smallest_sum": float(sums.min()),
                    "largest_sum": float(sums.max()),
                    "rows": len(rows),
                },
                advice="Divide each row by its sum, or find out why it is not 1.",
                fix=f"p = table[{list(names)!r}]\ntable[{list(names)!r}] = p.div(p.sum(axis=1), axis=0)",
            )


def _classes(data: DatasetProfile, split: str) -> Mapping[Any, int]:
    """The finite classes of a split; none where it has no label but the training split has."""
    if str(data.schema.label) not in data.splits[split] and split != data.reference:
        return {}
    classes = data.classes(split)
    return {v: n for v, n in classes.items() if isinstance(v, str) or math.isfinite(v)}


def _order(value: Any) -> tuple[bool, Any]:
    return isinstance(value, str), value


def _judge(classes: list[Any]) -> tuple[str, str]:
    """Severity ("" when the classes are 0..K-1) and what is wrong."""
    texts = [value for value in classes if isinstance(value, str)]
    if not classes:
        return "", ""
    if texts:
        return (
            "info",
            f"The labels are texts ({listing(texts, 3)}); a network needs numbers, 0 to {len(classes) - 1}.",
        )
    if any(value != int(value) for value in classes):
        return (
            "warning",
            f"Class labels with a fraction, such as {_first(classes)}, are no index of an output.",
        )
    if classes == [-1, 1]:
        return "info", "The labels are -1 and 1; cross-entropy needs 0 and 1 (-1 and 1 suit a hinge loss)."
    low, high, count = int(classes[0]), int(classes[-1]), len(classes)
    if low < 0:
        return "warning", f"Cross-entropy stops at negative labels: the classes run from {low} to {high}."
    if high != count - 1:
        return "warning", (
            f"Cross-entropy with {plural(count, 'output')} stops at label {high}: the classes "
            + (
                f"run from {low} to {high}, not from 0 to {count - 1}."
                if high - low == count - 1
                else _gaps(classes)
            )
        )
    if any(isinstance(value, float) for value in classes):
        return (
            "info",
            f"The labels 0 to {high} are stored as floats; cross-entropy needs whole numbers (int64).",
        )
    return "", ""


def _first(classes: list[Any]) -> str:
    return number(next(value for value in classes if value != int(value)))


def _gaps(classes: list[Any]) -> str:
    """What is missing between 0 and the largest class."""
    present = {int(value) for value in classes}
    missing = [n for n in range(min(max(present), 10_000)) if n not in present][:5]
    return f"leave out {', '.join(map(str, missing))}{', ...' if len(missing) == 5 else ''}."


def _map(label: str, classes: list[Any]) -> str:
    if len(classes) > _FULL_LENGTH:
        return f"classes = sorted(table[{label!r}].unique())  # keep this list for every split\n" + _apply(
            label
        )
    return f"classes = {classes!r}\n" + _apply(label)


def _apply(label: str) -> str:
    return f"table[{label!r}] = table[{label!r}].map({{value: i for i, value in enumerate(classes)}})"


def _groups(data: DatasetProfile, split: str) -> list[tuple[str, ...]]:
    """Columns `label_0`, `label_1`, ... with values from 0 to 1 or just above, by their common name."""
    found: dict[str, dict[int, str]] = {}
    for column in data.numeric(split):
        match = _COLUMN.fullmatch(column.name)
        if match and match[1].lower() in _NAMES:
            found.setdefault(match[1], {})[int(match[2])] = column.name
    groups = [tuple(names[i] for i in sorted(names)) for names in found.values()]
    return [names for names in groups if len(names) > 1 and _like_shares(data, split, names)]


def _like_shares(data: DatasetProfile, split: str, names: tuple[str, ...]) -> bool:
    """Whether most values lie between 0 and 1: several regression targets do not."""
    rows = data.splits[split].matrix(names)
    return bool(len(rows)) and bool(np.nanmean((rows >= 0) & (rows <= 1)) > 0.9)
