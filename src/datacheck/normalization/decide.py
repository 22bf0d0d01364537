"""From the profile of a feature to the action on it, by rules that a person can check.

In this order, the first that holds:

1. an override of the configuration;
2. no finite value, one value, or a spread below the rounding noise of the training precision:
   `drop_constant`;
3. an image: `scale_by_constant`, 255 for bytes, with mean and standard deviation per channel;
4. text of at most 30 categories: `one_hot`; other text and timestamps: `none`, a person must encode them;
5. two different values: `none` if they are 0 and 1, else `minmax`;
6. mean within 0.05 of 0 and standard deviation within 5 % of 1: `none`, it is standardised already;
7. never negative, more skewed than an exponential (skewness 2), and the logarithm at least halves that:
   `log1p+standardize`;
8. a standard deviation above twice (95 % - 5 % quantile) / 3.29, its value for a normal: a few outliers would
   squeeze all others together: `robust`, clipped to ±20;
9. `standardize`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from .._ambiguity import question, typical_of_others
from .._precision import NOISE_FACTOR, is_constant_in, limits
from ..errors import ConfigError, nearest
from ..kinds import Kind
from ..profiles import ColumnProfile, Profile
from .arithmetic import middle
from .describe import Values, number, quantiles, statistics
from .feature import ACTIONS, Feature

MOST_CATEGORIES = 30
"""As many as the label probe encodes, measured on adult and german (41 and 10 levels at the most)."""
SKEWED = 2.0
"""Skewness of the exponential distribution."""
SQUEEZED = 2.0
"""Ratio of the standard deviation to the robust spread: 1 for a normal, 1.2 for Student t with 3 degrees of
freedom, 1.4 for a standard log-normal, unbounded for a Cauchy."""
ROBUST_CLIP = (-20.0, 20.0)
"""In quartile ranges: a normal value beyond 20 of them is 27 standard deviations out."""

_FINE = tuple(i / 100 for i in range(101))
_OPTIONS = ("action", "clip", "fill", "missing_indicator", "constant", "reason")


@dataclass(frozen=True, slots=True)
class Decided:
    """An action and the reason for it."""

    action: str
    reason: str


def decide(
    profile: Profile, names: tuple[str, ...], precision: str, overrides: Mapping[str, Any], start: int = 0
) -> tuple[Feature, ...]:
    """One feature per name, in this order and from position `start`.

    ConfigError for an override of no feature or of no sense.
    """
    for name in overrides:
        if name not in names:
            raise ConfigError(
                f"[tool.datacheck.features] names {name!r}, which is no feature; {nearest(name, names)}"
            )
    typical = typical_of_others([_std(profile[name]) or 0.0 for name in names])
    features = []
    for position, (name, others) in enumerate(zip(names, typical, strict=True), start):
        column, values = profile[name], Values.of(profile, name)
        option = _options(name, overrides.get(name, {}))
        features.append(_feature(column, values, position, precision, option, others))
    return tuple(features)


def _options(name: str, given: Any) -> Mapping[str, Any]:
    option = {"action": given} if isinstance(given, str) else given
    if not isinstance(option, Mapping):
        raise ConfigError(
            f"feature {name!r}: {given!r} given, an action or a table of {', '.join(_OPTIONS)} expected"
        )
    for key in option:
        if key not in _OPTIONS:
            raise ConfigError(f"feature {name!r}: {key!r} is no option; {nearest(key, _OPTIONS)}")
    if option.get("action", "none") not in ACTIONS:
        raise ConfigError(
            f"feature {name!r}: no action {option['action']!r}; {nearest(str(option['action']), ACTIONS)}"
        )
    return option


def _std(column: ColumnProfile) -> float | None:
    """Standard deviation of a numeric column that is neither an indicator nor constant."""
    if column.kind is not Kind.NUMERIC or column.moments is None or column.extrema is None or column.binary:
        return None
    std = column.moments.std
    lost = is_constant_in("float32", std, number(column.extrema.min), number(column.extrema.max))
    return None if lost else float(std)


def _feature(
    column: ColumnProfile,
    values: Values,
    position: int,
    precision: str,
    option: Mapping[str, Any],
    typical: float | None,
) -> Feature:
    bare = statistics(column, position)
    decided = _default(bare, column, values, precision)
    chosen = _overridden(bare, decided, option)
    by_config = bool(option)
    feature = replace(
        bare,
        action=chosen.action,
        reason=str(option.get("reason", chosen.reason)),
        decided_by="config" if by_config else "default",
        question=None
        if by_config or not column.numeric or column.binary
        else _question(bare, typical, precision),
    )
    return _with_options(_completed(feature, column, values), option)


def _default(feature: Feature, column: ColumnProfile, values: Values, precision: str) -> Decided:
    if column.kind is Kind.TEXT:
        return _text(column)
    if not feature.numeric:
        return Decided(
            "none", f"a column of {column.dtype} is no input of a network until a person encodes it"
        )
    constant = _constant(feature, precision)
    return constant or _indicator(feature, column) or _scaled(feature, column, values)


def _text(column: ColumnProfile) -> Decided:
    levels = column.levels.counts if column.levels is not None else None
    if levels is None or len(levels) > MOST_CATEGORIES:
        number = "more than 1,000" if levels is None else str(len(levels))
        return Decided(
            "none", f"{number} different texts, above {MOST_CATEGORIES}: encode them, or leave them out"
        )
    if len(levels) < 2:
        return Decided("drop_constant", "one text in every row" if levels else "no text in any row")
    return Decided("one_hot", f"{len(levels)} categories")


def _constant(feature: Feature, precision: str) -> Decided | None:
    if not feature.finite or feature.std is None:
        return Decided("drop_constant", "no finite value in the training rows")
    if feature.min == feature.max or not feature.std:
        return Decided("drop_constant", f"constant: {feature.min!r} in every row")
    if _lost(feature, precision):
        return Decided(
            "drop_constant",
            f"std {feature.std:.3g} is below the rounding noise of {precision} at {_max_abs(feature):.3g}",
        )
    return None


def _lost(feature: Feature, precision: str) -> bool:
    """Constant to the training precision for its offset; a merely small unit is saved by standardising."""
    low, high, std = float(feature.min or 0), float(feature.max or 0), float(feature.std or 0)
    relative = std <= NOISE_FACTOR * limits(precision).eps * _max_abs(feature)
    return relative and is_constant_in(precision, std, low, high)


def _max_abs(feature: Feature) -> float:
    return max(abs(float(feature.min or 0)), abs(float(feature.max or 0)))


def _indicator(feature: Feature, column: ColumnProfile) -> Decided | None:
    if not column.binary:
        return None
    if (feature.min, feature.max) == (0, 1):
        return Decided("none", "an indicator of 0 and 1")
    return Decided("minmax", f"two values, {feature.min!r} and {feature.max!r}: made 0 and 1")


def _scaled(feature: Feature, column: ColumnProfile, values: Values) -> Decided:
    mean, std = float(feature.mean or 0), float(feature.std or 0)
    if abs(mean) <= 0.05 and abs(std - 1) <= 0.05:
        return Decided("none", f"standardised already: mean {mean:.3g}, std {std:.3g}")
    skewness = 0.0 if column.moments is None else column.moments.skewness or 0.0
    if float(feature.min or 0) >= 0 and skewness > SKEWED and len(values.values):
        after = values.log().skewness
        if abs(after) <= skewness / 2:
            return Decided("log1p+standardize", f"skewness {skewness:.3g}, {after:.3g} after log(1 + x)")
    q05, q25, q75, q95 = (feature.quantile(p) for p in (0.05, 0.25, 0.75, 0.95))
    if q05 is not None and q95 is not None and q25 != q75 and std > SQUEEZED * (q95 / 3.29 - q05 / 3.29):
        return Decided(
            "robust", f"outliers make the std {std:.3g}, against {(q95 - q05) / 3.29:.3g} without them"
        )
    return Decided("standardize", f"mean {mean:.3g}, std {std:.3g}")


def _question(feature: Feature, typical: float | None, precision: str) -> str | None:
    return question(float(feature.std or 0), _max_abs(feature), typical, precision)


def _overridden(feature: Feature, decided: Decided, option: Mapping[str, Any]) -> Decided:
    """The configured action; where it would divide by zero, the constant is dropped after all."""
    action = option.get("action", decided.action)
    if action == decided.action:
        return decided
    if action in _DIVIDE and not feature.numeric:
        raise ConfigError(
            f"feature {feature.name!r}: {action!r} needs numbers, the column is {feature.dtype}"
        )
    if action in _DIVIDE and (not feature.std or feature.min == feature.max):
        return Decided("drop_constant", f"{decided.reason}; {action!r}, as configured, cannot divide")
    if action == "robust" and feature.quantile(0.25) == feature.quantile(0.75):
        raise ConfigError(
            f"feature {feature.name!r}: the quartiles are equal, 'robust' cannot divide; use 'standardize'"
        )
    return Decided(str(action), f"set by the configuration (by itself: {decided.action}, {decided.reason})")


_DIVIDE = ("standardize", "minmax", "robust", "log1p+standardize", "quantile", "scale_by_constant")


def _completed(feature: Feature, column: ColumnProfile, values: Values) -> Feature:
    """The feature with what its action needs, and the fill that maps a missing value to the middle."""
    if feature.action == "log1p+standardize":
        mean, std = values.log().mean_and_std
        feature = replace(feature, log_mean=mean, log_std=std or 1.0)
    elif feature.action == "quantile":
        feature = replace(feature, quantiles=quantiles(column, _FINE))
    elif feature.action == "robust":
        feature = replace(feature, clip=ROBUST_CLIP)
    elif feature.action == "one_hot":
        feature = replace(feature, categories=_categories(column))
    elif feature.action == "scale_by_constant":
        feature = replace(feature, constant=_constant_of(feature))
    return replace(feature, fill=middle(feature))


def _categories(column: ColumnProfile) -> tuple[Any, ...]:
    levels = None if column.levels is None else column.levels.counts
    if levels is None:
        raise ConfigError(
            f"feature {column.name!r}: more than 1,000 categories; 'one_hot' would make as many columns"
        )
    return tuple(levels)


def _constant_of(feature: Feature) -> float:
    """255 for bytes and what looks like them, 65535 for 16 bits, else the largest magnitude."""
    most = _max_abs(feature)
    return next((float(c) for c in (255, 65535) if c / 2 < most <= c), most)


def _with_options(feature: Feature, option: Mapping[str, Any]) -> Feature:
    changes = {key: value for key, value in option.items() if key not in ("action", "reason")}
    if "clip" in changes:
        changes["clip"] = _bounds(feature.name, changes["clip"])
    if changes.get("constant", 1) in (0, None) or isinstance(changes.get("constant", 1), (str, bool)):
        raise ConfigError(
            f"feature {feature.name!r}: constant = {changes['constant']!r}, a number other than 0 expected"
        )
    if isinstance(changes.get("fill"), str) and feature.action != "one_hot":
        raise ConfigError(f"feature {feature.name!r}: fill = {changes['fill']!r}, a number expected")
    return replace(feature, **changes)


def _bounds(name: str, given: Any) -> tuple[float, float]:
    if not (isinstance(given, (list, tuple)) and len(given) == 2 and given[0] <= given[1]):
        raise ConfigError(f"feature {name!r}: clip = {given!r}, two bounds in ascending order expected")
    return float(given[0]), float(given[1])
