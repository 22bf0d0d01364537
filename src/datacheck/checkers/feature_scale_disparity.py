"""feature-scale-disparity."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .._condition import Condition, condition
from .._format import listing, number
from ..dataset_profile import DatasetProfile
from ..finding import Finding, Severity
from ..profiles import ColumnProfile, Profile, comoments
from ._columns import indicator, spread, varying
from .base import Checker, Example, need

_EFFECT = {
    Severity.INFO: "{low} starts with less say than {high}",
    Severity.WARNING: "What {low} tells is learned late or never beside {high}",
    Severity.ERROR: "What {low} tells is lost beside {high}",
}
_MOST = 128  # features in the condition number: the narrowest and the widest 64 give a lower bound for all


@dataclass(frozen=True, kw_only=True)
class _Scale:
    column: str
    spread: float
    offset: float  # |mean| / std


@dataclass(frozen=True, kw_only=True)
class FeatureScaleDisparity(Checker):
    """Numeric features whose spreads lie orders of magnitude apart, or that sit far from 0.

    What it finds:
        Features of the training split whose spreads differ by a factor of 10 and more, and features whose
        mean is many standard deviations away from 0; and what that costs.

    Why it matters for training:
        Gradient descent needs a number of steps in proportion to the condition number of E[x x'], which grows
        with the square of either. A step size that is stable for the widest feature is too small for the
        weights of the narrowest, so what only the narrow feature tells is never learned.

    How it decides:
        Spread is (95 % quantile - 5 % quantile) / 3.29, the standard deviation of a normal, so that outliers
        do not count; a feature with one value in half of its rows is judged by that, by the size of its
        activity or by its standard deviation, whichever lies nearer the other features. Indicators of two
        codes are left alone, and so are features that are constant in the training precision. The condition
        number is that of the uncentred second moments of the sampled complete rows, before and after
        standardising. It never decides; it says what the disparity costs. Tables of normal features whose
        spreads lie within a factor of 5 and whose offsets are below 5: 0 findings above info in 200 (0 in
        1,500 in a larger run); one feature 1,000 times as wide or a mean at 1,000 standard deviations: found
        in 200 of 200.

    When it is wrong:
        Networks that normalise their input in the first layer, and trees, do not care. A feature may be
        narrow because it is unimportant: standardising then gives it a voice.

    What to do:
        Standardise with the statistics of the training split; `normalization.json` holds them.

    References:
        LeCun, Bottou, Orr & Müller 1998, Efficient BackProp, sections 4.3 and 5.1; Goldberg 1991, What Every
        Computer Scientist Should Know About Floating-Point Arithmetic (absorption).
    """

    scope = "train"
    clean = Example(
        splits={"train": {"x": [1.0, 2.0, 4.0, 3.0], "y": [10.0, 3.0, 2.0, 5.0], "flag": [0, 1, 0, 0]}}
    )
    dirty = Example(
        splits={
            "train": {
                "tiny": [1e-4, 3e-4, -2e-4, 2e-4],
                "x": [1.0, 2.0, 4.0, 3.0],
                "huge": [-1e7, 3e7, 2e7, 0.0],
            }
        },
        finds=("tiny", "huge"),
    )

    info_orders: float = 1.0
    """Orders of magnitude between the widest and the narrowest spread that are worth a word: beyond the
    factor of 10, a condition number of 100, that LeCun et al. 1998 normalise away as a matter of course."""

    warning_orders: float = 2.0
    """Orders of magnitude that cost accuracy. Measured on two features that tell a class of 1,000 rows
    together, with 32 hidden units after 1,000 steps at the best of the step sizes 0.001, 0.01 and, for SGD,
    0.1: SGD has 99.7 % accuracy at 0 orders, 97.7 at 1, 84.4 at 2, 75.8 at 3; Adam 99.9, 99.6, 99.2, 93.4 and
    78.2 at 4. One feature alone gives 75 %."""

    error_orders: float = 6.9
    """-log10 of the relative step of float32, in which products are summed whatever the training precision:
    beside the wide feature, the narrow one is then rounded off in the first sum."""

    offset: float = 30.0
    """|mean| / std that costs accuracy. In the same experiment, with one of two equal features moved: SGD has
    99.7 % at 0, 98.0 at 5, 85.0 at 10, 76.4 at 30; Adam 99.9, 98.9, 93.8 and 77.7."""

    def check(self, data: DatasetProfile, split: str) -> Iterator[Finding]:
        """One finding for the split, which names the features at both ends."""
        scales = _scales(data, split)
        need(bool(scales), "there is no numeric feature that varies")
        orders = math.log10(scales[-1].spread / scales[0].spread)
        far = [scale for scale in scales if scale.offset >= self.offset]
        severity = self._severity(orders, bool(far))
        if severity is None:
            return
        apart = _ends(scales) if orders >= self.info_orders else []
        cost = _cost(data.splits[split], scales)
        yield self.finding(
            split,
            severity,
            _message(scales, orders, severity if apart else None, far, cost),
            columns=list(dict.fromkeys(scale.column for scale in apart + far)),
            evidence=_evidence(scales, orders, cost),
            advice="Standardise every feature with the mean and standard deviation of the training split.",
            fix="features = (features - train_features.mean()) / train_features.std()",
        )

    def detectable(self, data: DatasetProfile, split: str) -> str | None:
        factor = number(10**self.info_orders)
        return f"spreads a factor of {factor} apart, a mean {number(self.offset)} standard deviations from 0"

    def _severity(self, orders: float, far: bool) -> Severity | None:
        if orders >= self.error_orders:
            return Severity.ERROR
        if orders >= self.warning_orders or far:
            return Severity.WARNING
        return Severity.INFO if orders >= self.info_orders else None


def _scales(data: DatasetProfile, split: str) -> list[_Scale]:
    """The features that have a scale of their own, narrowest first."""
    columns = [column for column in varying(data, split) if not indicator(column)]
    found = [(column, widths) for column in columns if (widths := _widths(column))]
    if not found:
        return []
    middle = float(np.median([max(widths) for _, widths in found]))
    scales = [_scale(column, min(max(middle, min(widths)), max(widths))) for column, widths in found]
    return sorted(scales, key=lambda scale: (scale.spread, scale.column))


def _widths(column: ColumnProfile) -> list[float]:
    """Robust spread; of a feature with one value in half of its rows, the standard deviation as well.

    Such a feature has two scales, its activity and its average: it is judged by the one nearer the others.
    """
    quantiles, moments = column.quantiles, column.moments
    widths = [spread(column)]
    if quantiles is not None and moments is not None and quantiles.at(0.25) == quantiles.at(0.75):
        widths.append(moments.std)
    return [width for width in widths if width and math.isfinite(width)]


def _scale(column: ColumnProfile, width: float) -> _Scale:
    moments = column.moments
    return _Scale(
        column=column.name, spread=width, offset=abs(moments.mean) / moments.std if moments else 0.0
    )


def _ends(scales: Sequence[_Scale]) -> list[_Scale]:
    """The narrowest and the widest, and all that are further than a factor of 10 from the middle one."""
    middle = scales[len(scales) // 2].spread
    return [s for s in scales if s in (scales[0], scales[-1]) or not 0.1 <= s.spread / middle <= 10]


def _message(
    scales: Sequence[_Scale],
    orders: float,
    apart: Severity | None,
    far: Sequence[_Scale],
    cost: Condition | None,
) -> str:
    parts = (_apart(scales, orders, apart) if apart else "", _far(far), _costs(cost, len(scales)))
    return " ".join(part for part in parts if part)


def _apart(scales: Sequence[_Scale], orders: float, severity: Severity) -> str:
    low, high = scales[0], scales[-1]
    return (
        f"{_EFFECT[severity].format(low=repr(low.column), high=repr(high.column))}: their spreads, "
        f"{number(low.spread, 2)} and {number(high.spread, 2)}, lie {number(orders, 2)} orders of magnitude "
        "apart."
    )


def _far(far: Sequence[_Scale]) -> str:
    if not far:
        return ""
    worst = max(far, key=lambda scale: scale.offset)
    who = f"{listing([scale.column for scale in far])} {'sits' if len(far) == 1 else 'sit'}"
    return f"{who} up to {number(worst.offset, 2)} standard deviations from 0, which slows all weights down."


def _costs(cost: Condition | None, features: int) -> str:
    if cost is None:
        return ""
    least = "at least " if cost.features < features else ""
    raw, standardised = (number(float(f"{value:.2g}")) for value in (cost.raw, cost.standardised))
    return (
        f"Gradient descent takes steps in proportion to the condition number, {least}{raw}; "
        f"standardised, {standardised}."
    )


def _cost(profile: Profile, scales: Sequence[_Scale]) -> Condition | None:
    if profile.sample.table is None:  # a saved profile holds no rows to multiply
        return None
    chosen = [*scales[: _MOST // 2], *scales[max(_MOST // 2, len(scales) - _MOST // 2) :]]
    # the ends first: of features that explain each other, the first are kept
    ordered = sorted(chosen, key=lambda s: -abs(math.log(s.spread / scales[len(scales) // 2].spread)))
    # squares beyond float64 give no condition number, and that is all
    with np.errstate(over="ignore", invalid="ignore"):
        moments = comoments(profile, tuple(scale.column for scale in ordered))
    return condition(moments.mean, moments.covariance) if moments.n > 1 else None


def _evidence(scales: Sequence[_Scale], orders: float, cost: Condition | None) -> dict[str, Any]:
    return {
        "orders_of_magnitude": orders,
        "condition_number": cost and cost.raw,
        "condition_number_standardised": cost and cost.standardised,
        "condition_features": cost and cost.features,
        "features": [{"column": s.column, "spread": s.spread, "offset": s.offset} for s in scales],
    }
