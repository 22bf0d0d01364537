"""The label's side of the contract: class order and weights, or the scale of a regression target."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._form import number
from .._precision import is_constant_in
from ..errors import ContractError, nearest
from ..profiles import ColumnProfile
from .document import Node

BETA = 0.999
"""Of Cui et al. 2019, who try 0.9 to 0.9999: rows of a class beyond 1 / (1 - beta) = 1,000 add little."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Labels:
    """Classes in the order of their numbers with their training counts, or mean and std of a target.

    `task` is "classification" (`classes`, `counts`) or "regression" (`mean`, `std` with ddof = 0).
    `split_weights` are weights per class, by the split whose mix of classes they make of the training rows.

    References: Cui, Jia, Lin, Song & Belongie 2019, Class-Balanced Loss Based on Effective Number of Samples.

    >>> labels = Labels(name="kind", task="classification", classes=("cat", "dog"), counts=(30, 10), rows=40)
    >>> labels.encode(["dog", "cat"]).tolist(), labels.inverse_frequency
    ([1, 0], (0.6666666666666666, 2.0))
    """

    name: str
    task: str
    rows: int
    classes: tuple[Any, ...] = ()
    counts: tuple[int, ...] = ()
    mean: float | None = None
    std: float | None = None
    min: float | None = None
    max: float | None = None
    split_weights: Mapping[str, tuple[float, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, column: ColumnProfile, task: str | None) -> "Labels | None":
        """The labels of a training split; None for over 1,000 classes, or a target without a number."""
        if task == "regression":
            return cls._of_target(column)
        if column.levels is None or column.levels.counts is None:
            return None
        counts = column.levels.counts
        return cls(
            name=column.name,
            task="classification",
            rows=int(column.counts.rows),
            classes=tuple(counts),
            counts=tuple(counts.values()),
        )

    @classmethod
    def _of_target(cls, column: ColumnProfile) -> "Labels | None":
        if column.moments is None or column.extrema is None or column.extrema.min is None:
            return None
        return cls(
            name=column.name,
            task="regression",
            rows=int(column.counts.rows),
            mean=column.moments.mean,
            std=column.moments.std,
            min=float(column.extrema.min),
            max=float(column.extrema.max),
        )

    @property
    def inverse_frequency(self) -> tuple[float | None, ...]:
        """Weight per class, n / (classes * count): the mean weight of a row is 1. None for an empty class."""
        n, k = sum(self.counts), len(self.counts)
        return tuple(n / (k * count) if count else None for count in self.counts)

    @property
    def effective_number(self) -> tuple[float | None, ...]:
        """Weight per class, (1 - beta) / (1 - beta ** count), scaled to a mean of 1 over the classes."""
        raw = [1 / -np.expm1(count * np.log(BETA)) if count else 0.0 for count in self.counts]
        total = sum(raw)
        return tuple(float(len(raw) * weight / total) if weight else None for weight in raw)

    @property
    def divides(self) -> bool:
        """Whether the target varies, so that it can be standardised."""
        return self.std is not None and not is_constant_in("float64", self.std, self.min, self.max)

    def weighted(self, weights: Mapping[str, Mapping[Any, float]]) -> "Labels":
        """The labels with class weights for some splits; a class without a weight has 1."""
        ordered = {
            split: tuple(float(by_class.get(name, 1.0)) for name in self.classes)
            for split, by_class in weights.items()
        }
        return replace(self, split_weights=ordered)

    def encode(self, values: Any) -> NDArray[Any]:
        """Class numbers (int64) of labels, shape (rows,), or the standardised target (float64).

        ContractError that names a label the training rows did not have.
        """
        if self.task == "regression":
            return self._standardised(np.asarray(values, dtype=np.float64))
        order = {value: number for number, value in enumerate(self.classes)}
        return np.array([self._number(value, order) for value in list(values)], dtype=np.int64)

    def inverse(self, values: Any) -> NDArray[Any]:
        """Labels of class numbers, or the target in its own unit."""
        if self.task == "regression":
            return np.asarray(values, dtype=np.float64) * (self.std or 0.0) + (self.mean or 0.0)
        numbers = np.asarray(values)
        if numbers.size and (numbers.min() < 0 or numbers.max() >= len(self.classes)):
            raise ContractError(
                f"class numbers from {numbers.min()} to {numbers.max()} given for the label {self.name!r}, "
                f"0 to {len(self.classes) - 1} expected"
            )
        return np.array(self.classes)[numbers.astype(np.int64)]

    def _standardised(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        if not self.divides:
            return np.where(np.isnan(values), np.nan, 0.0)
        mean, std = float(self.mean or 0.0), float(self.std or 1.0)
        with np.errstate(over="ignore"):
            return np.clip((values / 2 - mean / 2) / (std / 2), -1.7e308, 1.7e308)

    def _number(self, value: Any, order: Mapping[Any, int]) -> int:
        try:
            return order[value]
        except (KeyError, TypeError):
            raise self._unseen(value) from None

    def _unseen(self, value: Any) -> ContractError:
        known = [str(c) for c in self.classes[:20]]
        return ContractError(
            f"the label {self.name!r} is {value!r}, which no training row has; {nearest(str(value), known)}"
        )

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values; the class weights stand there for other readers, and follow from the counts."""
        data: dict[str, Any] = {"name": self.name, "task": self.task, "rows": self.rows}
        if self.task == "regression":
            return {**data, "mean": self.mean, "std": self.std, "min": self.min, "max": self.max}
        found = {split: list(weights) for split, weights in self.split_weights.items()}
        return {
            **data,
            "classes": list(self.classes),
            "counts": list(self.counts),
            "weights": self._weights(),
            **({"split_weights": found} if found else {}),
        }

    def _weights(self) -> dict[str, Any]:
        effective = {"beta": BETA, "weights": list(self.effective_number)}
        return {"inverse_frequency": list(self.inverse_frequency), "effective_number": effective}

    @classmethod
    def from_json(cls, node: Node) -> "Labels":
        """The inverse of `to_json`; ContractError that names the path of a senseless field."""
        given = node.fields(("name", "task", "rows"), _FIELDS)
        labels = cls(**{key: _READ[key](value) for key, value in given.items() if key != "weights"})
        _check(labels, given, node)
        return labels


def _classes(node: Node) -> tuple[Any, ...]:
    classes = tuple(item.scalar() for item in node.items())
    if len(set(classes)) < len(classes):
        raise node.refuse("classes that are all different")
    return classes


_READ: Mapping[str, Any] = {
    "name": Node.text,
    "task": lambda node: node.one_of(("classification", "regression")),
    "rows": Node.count,
    "classes": _classes,
    "counts": lambda node: tuple(item.count() for item in node.items()),
    "mean": lambda node: node.optional(Node.real),
    "std": lambda node: node.optional(lambda n: n.at_least(0)),
    "min": lambda node: node.optional(Node.real),
    "max": lambda node: node.optional(Node.real),
    "split_weights": lambda node: {
        split: tuple(item.at_least(0) for item in weights.items()) for split, weights in node.pairs()
    },
}
_FIELDS = (*_READ, "weights")


def _check(labels: Labels, given: Mapping[str, Node], node: Node) -> None:
    if len(labels.classes) != len(labels.counts):
        raise given.get("counts", node).refuse(f"one count for each of the {len(labels.classes)} classes")
    for split, weights in labels.split_weights.items():
        if len(weights) != len(labels.classes):
            raise given["split_weights"].refuse(f"a weight for each class for {split!r}")
    if "weights" in given and not _same(given["weights"].value, labels.to_json().get("weights")):
        raise given["weights"].refuse("the weights that follow from the counts (change those, or leave both)")


def _same(given: Any, expected: Any) -> bool:
    """Equal but for the rounding of numbers."""
    if isinstance(given, dict) and isinstance(expected, dict):
        return given.keys() == expected.keys() and all(_same(given[k], expected[k]) for k in given)
    if isinstance(given, list) and isinstance(expected, list):
        return len(given) == len(expected) and all(map(_same, given, expected))
    if number(given) and number(expected):
        return bool(np.isclose(given, expected, rtol=1e-9))
    return bool(given is None and expected is None)
