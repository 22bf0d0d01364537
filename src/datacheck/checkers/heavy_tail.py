"""heavy-tail."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from .._format import number
from ..dataset_profile import DatasetProfile
from ..finding import Finding, Rows
from ..profiles import ColumnProfile, Profile
from ._columns import NORMAL_90, bounds, varying
from .base import Checker, Example, need

_SHOWN = 5
_FEWEST = 20  # rows from which a tenth of them is two rows


@dataclass(frozen=True, kw_only=True)
class _Tail:
    squeeze: float  # std / robust spread
    furthest: float  # max |x - median| / robust spread
    median: float
    spread: float


@dataclass(frozen=True, kw_only=True)
class HeavyTail(Checker):
    """Features in which a few extreme values make the standard deviation.

    What it finds:
        Numeric features of the training split whose standard deviation is far larger than the spread of the
        middle 90 % of the rows: outliers, slips of the unit, or a tail without a finite variance.

    Why it matters for training:
        Dividing by such a standard deviation squeezes all ordinary rows into a narrow band, so the network
        hardly sees their differences; the few extreme rows bring gradients that swamp a batch. The sample
        standard deviation of such a feature changes from one split to the next.

    How it decides:
        The squeeze is std / ((95 % quantile - 5 % quantile) / 3.29): 1 for a normal, 1.1 for an exponential,
        1.2 for Student t with 3 degrees of freedom, 1.4 for a standard log-normal, 6.6 for a log-normal with
        sigma 2, unbounded for a Cauchy. A feature that is one value in half of its rows is not judged: its
        tail is its activity. Normal, uniform, exponential, t3 and standard log-normal features, 200 to 5,000
        rows: at most 1 warning in 200 (0 in 1,500 in a larger run); one value 1,000 spreads out in up to
        5,000 rows, or a Cauchy of 2,000 rows: at least 195 of 200.

    When it is wrong:
        Prices, counts and durations are heavy-tailed by nature; nothing is wrong with them, but they still
        need a logarithm or a robust scale. Features with many zeros are passed over.

    What to do:
        Look at the extreme rows first: typing errors are cured at the source. Else take log(1 + x), or scale
        by quantiles and clip; `normalization.json` chooses one of them for such features.

    References:
        Hampel, Ronchetti, Rousseeuw & Stahel 1986, Robust Statistics, section 1.2 (the standard deviation has
        breakdown point 0); Huber & Ronchetti 2009, Robust Statistics, section 1.1.
    """

    scope = "train"
    clean = Example(splits={"train": {"x": [float(i % 17) for i in range(100)]}})
    dirty = Example(
        splits={
            "train": {
                "x": [float(i % 17) for i in range(100)],
                "slip": [float(i % 17) for i in range(99)] + [9e4],
            }
        },
        finds=("slip",),
    )

    info_squeeze: float = 2.0
    """Squeeze from which a word is worth it: three quarters of the variance then come from the outer 10 % of
    the rows, if the rest is no wider than uniform, and the normalisation contract turns to a robust scale."""

    warning_squeeze: float = 4.0
    """Squeeze that is likely to cost accuracy: standardised, the middle 90 % of a symmetric feature fill
    ±0.41, and most of the variance comes from the outer 10 %. Of the judged features of scikit-learn's wine,
    breast cancer, iris, digits and diabetes data the largest squeeze is 1.6."""

    def check(self, data: DatasetProfile, split: str) -> Iterator[Finding]:
        """One finding per feature with a heavy tail."""
        profile = data.splits[split]
        need(profile.rows >= _FEWEST, f"fewer than {_FEWEST} rows have no tail to speak of")
        for column in varying(data, split):
            tail = _tail(column)
            if tail is None or tail.squeeze < self.info_squeeze:
                continue
            yield self.finding(
                split,
                "warning" if tail.squeeze >= self.warning_squeeze else "info",
                _message(column.name, tail),
                columns=[column.name],
                rows=_rows(profile, column, tail),
                evidence=_evidence(column, tail),
                advice="Look at the extreme rows; if they are real, take the logarithm or a robust scale.",
                fix=_fix(column),
            )

    def detectable(self, data: DatasetProfile, split: str) -> str | None:
        return f"a standard deviation {number(self.info_squeeze)} times the spread of the middle 90 %"


def _tail(column: ColumnProfile) -> _Tail | None:
    quantiles, (low, high) = column.quantiles, bounds(column)
    if (
        quantiles is None
        or not len(quantiles.values)
        or low is None
        or high is None
        or column.moments is None
    ):
        return None
    q05, q25, median, q75, q95 = (float(quantiles.at(q) or 0.0) for q in (0.05, 0.25, 0.5, 0.75, 0.95))
    spread = (q95 - q05) / NORMAL_90
    if q25 == q75 or not spread:
        return None
    furthest = max(high - median, median - low) / spread
    return _Tail(squeeze=column.moments.std / spread, furthest=furthest, median=median, spread=spread)


def _message(name: str, tail: _Tail) -> str:
    return (
        f"Standardised, nine tenths of the rows of {name!r} are squeezed into a band "
        f"{number(tail.squeeze, 2)} times too narrow: extreme values, up to {number(tail.furthest, 2)} "
        f"spreads from the median {number(tail.median)}, make its standard deviation."
    )


def _rows(profile: Profile, column: ColumnProfile, tail: _Tail) -> Rows | None:
    """The most extreme of the sampled rows, furthest first; None where the rows are not known."""
    if profile.sample.table is None:
        return None
    away = np.abs(np.nan_to_num(profile.values(column.name) - tail.median, nan=0.0, posinf=0.0, neginf=0.0))
    extreme = away > 10 * tail.spread
    order = np.argsort(-away, kind="stable")[: min(_SHOWN, int(extreme.sum()))]
    share = profile.rows / max(len(away), 1)
    count = round(int(extreme.sum()) * share)
    return Rows(count=count, examples=tuple(int(row) for row in profile.sample_positions[order]))


def _evidence(column: ColumnProfile, tail: _Tail) -> dict[str, Any]:
    moments, (low, high) = column.moments, bounds(column)
    return {
        "squeeze": tail.squeeze,
        "furthest": tail.furthest,
        "median": tail.median,
        "spread": tail.spread,
        "std": moments and moments.std,
        "kurtosis": moments and moments.kurtosis,
        "min": low,
        "max": high,
    }


def _fix(column: ColumnProfile) -> str:
    name = repr(column.name)
    if (bounds(column)[0] or 0.0) >= 0:
        return f"features[{name}] = numpy.log1p(features[{name}])"
    return (
        f"low, high = train[{name}].quantile([0.01, 0.99])\n"
        f"features[{name}] = features[{name}].clip(low, high)"
    )
