"""What the contract knows and decides about one feature."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from itertools import pairwise
from typing import Any

from .document import Node

ACTIONS: dict[str, str] = {
    "standardize": "(x - mean) / std",
    "minmax": "(x - min) / (max - min)",
    "robust": "(x - median) / (75 % quantile - 25 % quantile)",
    "log1p+standardize": "(sign(x) log(1 + |x|) - log_mean) / log_std",
    "quantile": "normal score of the rank of x, linear between the stored quantiles",
    "scale_by_constant": "x / constant, then per channel (x - mean) / std where channels are given",
    "one_hot": "one column of 0 and 1 per category, one more for an unknown category",
    "none": "x as it is; columns that are no numbers are left out of matrices",
    "drop_constant": "0 for every row",
}
"""Every action and its formula."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Channel:
    """One colour channel after division by the constant: mean and standard deviation (ddof = 0)."""

    name: str
    mean: float
    std: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Feature:
    """One feature: its statistics on the training rows and the action taken with it.

    `count` is rows, `missing` rows that are null or NaN, `finite` the values that the statistics describe.
    `mean`, `std` (ddof = 0), `min`, `max` and the `quantiles` (probability, value) are in the unit of the
    column, `log_mean` and `log_std` in that of sign(x) log(1 + |x|). `fill` stands in for a missing value,
    in the unit of the column (for `one_hot` a category; None: no category is set). `clip` bounds the result.
    `question` says what a person should decide, or is None.

    >>> Feature(name="x", position=0, dtype="double", action="none", reason="set by hand").outputs
    ('x',)
    """

    name: str
    position: int
    dtype: str
    action: str
    reason: str
    decided_by: str = "default"
    question: str | None = None
    count: int = 0
    missing: int = 0
    finite: int = 0
    mean: float | None = None
    std: float | None = None
    min: float | int | None = None
    max: float | int | None = None
    quantiles: tuple[tuple[float, float], ...] = ()
    log_mean: float | None = None
    log_std: float | None = None
    constant: float | None = None
    channels: tuple[Channel, ...] = ()
    categories: tuple[Any, ...] = ()
    fill: Any = None
    missing_indicator: bool = False
    clip: tuple[float, float] | None = None

    @property
    def outputs(self) -> tuple[str, ...]:
        """Names of the columns that the action makes."""
        names: tuple[str, ...] = (self.name,)
        if self.action == "one_hot":
            names = (*(f"{self.name}={category}" for category in self.categories), f"{self.name}=<unknown>")
        return (*names, f"{self.name}=<missing>") if self.missing_indicator else names

    @property
    def numeric(self) -> bool:
        """Whether the column holds numbers or booleans, or nothing but nulls."""
        return self.dtype.startswith(_NUMERIC)

    @property
    def in_matrix(self) -> bool:
        """Whether the feature has columns in a matrix of numbers."""
        return self.action == "one_hot" or self.numeric

    @property
    def missing_rate(self) -> float | None:
        """Share of the training rows that are null or NaN; None without rows."""
        return self.missing / self.count if self.count else None

    def quantile(self, probability: float) -> float | None:
        """The stored quantile at exactly this probability."""
        return dict(self.quantiles).get(probability)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values; fields that the action does not use are left out."""
        data = {f.name: getattr(self, f.name) for f in fields(self)}
        data["quantiles"] = {repr(p): value for p, value in self.quantiles}
        data["channels"] = [{"name": c.name, "mean": c.mean, "std": c.std} for c in self.channels]
        return {key: _plain(value) for key, value in data.items() if key in _ALWAYS or not _unused(value)}

    @classmethod
    def from_json(cls, node: Node) -> "Feature":
        """The inverse of `to_json`; ContractError that names the path of a senseless field."""
        given = node.fields(_ALWAYS, _READ)
        feature = cls(**{key: _READ[key](value) for key, value in given.items()})
        _check_sense(feature, node, given)
        return feature


_NUMERIC = ("int", "uint", "float", "halffloat", "double", "bool", "decimal", "null")
_ALWAYS = ("name", "position", "dtype", "action", "reason", "decided_by", "count", "missing", "finite")


def _unused(value: Any) -> bool:
    return value is None or value is False or (isinstance(value, (tuple, list, dict)) and not value)


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _quantiles(node: Node) -> tuple[tuple[float, float], ...]:
    pairs = tuple((_probability(key, value), value.real()) for key, value in node.pairs())
    for (p, x), (q, y) in pairwise(pairs):
        if p >= q or x > y:
            raise node.refuse("probabilities and values in ascending order")
    return pairs


def _probability(key: str, node: Node) -> float:
    try:
        probability = float(key)
    except ValueError:
        probability = -1.0
    if not 0 <= probability <= 1:
        raise node.refuse(f"a probability from 0 to 1 as its key, not {key!r}")
    return probability


def _categories(node: Node) -> tuple[Any, ...]:
    categories = tuple(item.scalar() for item in node.items())
    if len(set(categories)) < len(categories):
        raise node.refuse("categories that do not overlap")
    return categories


def _channels(node: Node) -> tuple[Channel, ...]:
    return tuple(_channel(item.fields(("name", "mean", "std"))) for item in node.items())


def _channel(given: Mapping[str, Node]) -> Channel:
    return Channel(name=given["name"].text(), mean=given["mean"].real(), std=given["std"].at_least(0))


def _clip(node: Node) -> tuple[float, float]:
    bounds = [item.real() for item in node.items()]
    if len(bounds) != 2 or bounds[0] > bounds[1]:
        raise node.refuse("two bounds in ascending order")
    return bounds[0], bounds[1]


def _optional(read: Callable[[Node], Any]) -> Callable[[Node], Any]:
    return lambda node: node.optional(read)


def _spread(node: Node) -> float:
    return node.at_least(0)


_READ: dict[str, Callable[[Node], Any]] = {
    "name": Node.text,
    "position": Node.count,
    "dtype": Node.text,
    "action": lambda node: node.one_of(ACTIONS),
    "reason": Node.text,
    "decided_by": lambda node: node.one_of(("default", "config")),
    "question": _optional(Node.text),
    "count": Node.count,
    "missing": Node.count,
    "finite": Node.count,
    "mean": _optional(Node.real),
    "std": _optional(_spread),
    "min": _optional(Node.number),
    "max": _optional(Node.number),
    "quantiles": _quantiles,
    "log_mean": _optional(Node.real),
    "log_std": _optional(_spread),
    "constant": _optional(Node.real),
    "channels": _channels,
    "categories": _categories,
    "fill": _optional(Node.scalar),
    "missing_indicator": Node.flag,
    "clip": _optional(_clip),
}

_NEEDS = {
    "standardize": ("mean", "std"),
    "minmax": ("min", "max"),
    "log1p+standardize": ("log_mean", "log_std"),
    "robust": ("quantiles",),
    "quantile": ("quantiles",),
    "scale_by_constant": ("constant",),
}
_DIVISORS = {"standardize": "std", "log1p+standardize": "log_std", "scale_by_constant": "constant"}


def _check_sense(feature: Feature, node: Node, given: Mapping[str, Node]) -> None:
    """What no single field can tell: that the action has what it needs, and divides by no zero."""
    for name in _NEEDS.get(feature.action, ()):
        if getattr(feature, name) in (None, ()):
            raise node.refuse(f"the field {name!r}, which the action {feature.action!r} needs,")
    divisor = _DIVISORS.get(feature.action)
    if divisor is not None and getattr(feature, divisor) == 0:
        raise given[divisor].refuse(f"a number other than 0, by which {feature.action!r} divides,")
    if feature.min is not None and feature.max is not None and feature.min > feature.max:
        raise given["min"].refuse(f"at most max = {feature.max!r}")
    if feature.missing + feature.finite > feature.count:
        raise given["count"].refuse("at least missing + finite")
    _check_quantiles(feature, node)
    _check_channels(feature, given)


def _check_quantiles(feature: Feature, node: Node) -> None:
    if feature.action == "minmax" and feature.min == feature.max:
        raise node.refuse("min below max, since 'minmax' divides by their difference,")
    if feature.action == "robust":
        low, middle, high = (feature.quantile(p) for p in (0.25, 0.5, 0.75))
        if low is None or middle is None or high is None or low == high:
            raise node.refuse("quantiles 0.25, 0.5 and 0.75 that differ, as 'robust' needs,")
    if feature.action == "quantile" and len({value for _, value in feature.quantiles}) < 2:
        raise node.refuse("at least two different quantiles, as 'quantile' needs,")


def _check_channels(feature: Feature, given: Mapping[str, Node]) -> None:
    if any(channel.std == 0 for channel in feature.channels):
        raise given["channels"].refuse("no std of 0")
    if feature.action != "one_hot" and isinstance(feature.fill, str):
        raise given["fill"].refuse("a number")
