"""target-scale."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from .._format import number
from .._precision import limits
from ..dataset_profile import DatasetProfile
from ..finding import Finding
from ..profiles import ColumnProfile
from ._columns import magnitude, root_mean_square
from .base import Checker, Example, need


@dataclass(frozen=True, kw_only=True)
class TargetScale(Checker):
    """A regression target far from mean 0 and standard deviation 1.

    What it finds:
        A numeric target of the training split that is far larger or smaller than what a fresh network puts
        out, and one whose square overflows the training precision.

    Why it matters for training:
        A fresh network puts out numbers near 0 and of size 1. The squared error of a target of size 1,000
        starts at a million, and so do the gradients: a usual step size diverges. A target of size 0.001 has a
        loss of 0.000001, which looks like success before anything is learned.

    How it decides:
        The root mean square of the target, sqrt(mean² + std²), is above `factor` or below 1 / `factor`: for
        information, since it is the habit of raw data. A warning where the largest target squared is infinite
        in the training precision. Targets N(0, 1), uniform and Student t with 3 degrees of freedom: 0 of 200
        named; targets in units of 1,000 or 0.001: 200 of 200.

    When it is wrong:
        With losses that do not grow with the square of the error (Huber, log-cosh) or a last layer whose bias
        starts at the mean.

    What to do:
        Train on (y - mean) / std of the training split and invert the predictions; for positive targets over
        several orders of magnitude, on log(1 + y).

    References:
        Bishop 1995, Neural Networks for Pattern Recognition, section 8.2; LeCun et al. 1998, Efficient
        BackProp, section 4.5.
    """

    scope = "train"
    clean = Example(
        splits={"train": {"x": [1.0, 2.0, 3.0, 4.0], "y": [-1.2, 0.1, 0.4, 1.9]}},
        label="y",
        task="regression",
    )
    dirty = Example(
        splits={"train": {"x": [1.0, 2.0, 3.0], "price": [210000.0, 350500.0, 99000.5]}},
        label="price",
        task="regression",
        finds=("price",),
    )

    factor: float = 10.0
    """Size of the target, or its inverse, that is far from 1: the first loss is then 100 times what a network
    that puts out numbers of size 1 can cause by itself, the factor of `input-range`."""

    def check(self, data: DatasetProfile, split: str) -> Iterator[Finding]:
        """One finding if the target is far from size 1."""
        target = _target(data, split)
        size = root_mean_square(target) or 0.0
        need(bool(size), "the target is 0 in every row")
        overflows = magnitude(target) > math.sqrt(limits(data.training.precision).max)
        if 1 / self.factor <= size <= self.factor and not overflows:
            return
        yield self.finding(
            split,
            "warning" if overflows else "info",
            _message(target, size, data.training.precision if overflows else None),
            columns=[target.name],
            evidence=_evidence(target),
            advice="Standardise the target with the training split's mean and std; invert the predictions.",
            fix=_FIX.format(name=target.name),
        )

    def detectable(self, data: DatasetProfile, split: str) -> str | None:
        return f"a target of size above {number(self.factor)} or below {number(1 / self.factor)}"


_FIX = """mean, std = train[{name!r}].mean(), train[{name!r}].std()
train[{name!r}] = (train[{name!r}] - mean) / std"""


def _evidence(target: ColumnProfile) -> dict[str, Any]:
    moments = target.moments
    return {"mean": moments and moments.mean, "std": moments and moments.std, "largest": magnitude(target)}


def _target(data: DatasetProfile, split: str) -> ColumnProfile:
    label = data.label(split)
    need(data.schema.task == "regression", "the label is a class, not a number to predict")
    need(label.numeric and root_mean_square(label) is not None, "the target holds no finite number")
    return label


def _message(target: ColumnProfile, size: float, overflows: str | None) -> str:
    known = _evidence(target)
    about = f"{target.name!r} has mean {number(known['mean'])} and std {number(known['std'])}"
    if overflows:
        return f"The squared error is infinite in {overflows}: {about}, and its largest square does not fit."
    if size > 1:
        return f"The first losses and gradients are about {number(size**2, 2)} times the usual: {about}."
    return f"The loss looks small before anything is learned, about {number(size**2, 2)}: {about}."
