"""Bounds for hosts that hold every batch against fixed numbers, each from the profile and its sample size."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from scipy import special

from .._format import number, percent
from ..checkers._columns import NORMAL_90
from ..profiles import ColumnProfile

CONFIDENCE = 0.999
"""Of the upper bound of a rate: one bound in a thousand lies below the true rate. A suite of 100 columns
then has one too tight in ten; with 0 hits in n rows the bound is 6.9 / n, the rule of three being 3 / n."""
ALARMS = 0.01
"""Chance that any of the bands of a suite raises a false alarm on a batch like the training rows, divided
by the number of bands (Bonferroni)."""
MOVE = 0.1
"""Move of a mean, in standard deviations, and relative change of a standard deviation that are let pass in
any case: `covariate-shift` calls smaller ones trifling."""
LOW, HIGH = 0.01, 0.99
"""Quantiles from which a range starts: a hundredth of the rows on either side may be anything."""
TOLERANCE = 0.5
"""Of the width of the middle 90 %, by which a range is wider than those quantiles: it ends at 4.0 standard
deviations of a normal (2.33 + 0.5 * 3.29), beyond which lie 7 in 100,000 values."""

HEAVY = 3.0
"""Excess kurtosis beyond which the standard deviation of a sample tells too little of the next one's for a band:
the few largest values make it. Of 20,000 samples of 100 and 340 Student t rows with 3 degrees of freedom, some
1 in 85 left a band that has no such limit; the limit was chosen on the same simulation."""


@dataclass(frozen=True, kw_only=True)
class Rate:
    """The largest share of rows that may be so, and where it comes from."""

    most: float
    why: str


@dataclass(frozen=True, kw_only=True)
class Band:
    """The numbers between which something may lie, the share of rows that may not, and where it comes from."""

    low: float
    high: float
    why: str
    most_outside: float = 0.0


def rate(hits: int, rows: int, what: str) -> Rate:
    """The Clopper-Pearson upper bound of a rate, one-sided at 99.9 %, from `hits` in `rows`.

    References: Clopper & Pearson 1934, Biometrika 26; Hanley & Lippman-Hand 1983, JAMA 249 (rule of three).

    >>> rate(0, 1000, "missing").most
    0.00689
    """
    if hits >= rows:
        return Rate(most=1.0, why=f"all {rows:,} training rows are {what}")
    most = _up(float(special.betaincinv(hits + 1, rows - hits, CONFIDENCE)))
    why = f"{hits:,} of {rows:,} training rows are {what}; Clopper-Pearson upper bound at 99.9 %"
    return Rate(most=most, why=why)


def value_range(column: ColumnProfile) -> Band | None:
    """Where nearly all values lie, and the share that may not; None without values that vary."""
    quantiles, finite = column.quantiles, int(column.counts.finite)
    if quantiles is None or column.moments is None or not column.moments.std:
        return None
    low, high, first, last = (quantiles.at(q) for q in (LOW, HIGH, 0.05, 0.95))
    if low is None or high is None or first is None or last is None:
        return None
    # a column with one value in most rows has no middle: its standard deviation stands in
    margin = TOLERANCE * ((last - first) or NORMAL_90 * column.moments.std)
    low, high = low - margin, high + margin
    share = 1 - _between(column, low, high)
    outside = rate(round(share * finite), finite, "outside")
    why = (
        f"quantiles {LOW:g} and {HIGH:g} of {finite:,} training values, wider on each side by "
        f"{TOLERANCE:g} of the middle 90 % ({number(margin)}); {outside.why}"
    )
    return Band(low=_short(low), high=_short(high), most_outside=outside.most, why=why)


def mean_band(column: ColumnProfile, batch_rows: int, bands: int) -> Band | None:
    """The mean of a batch of at least so many rows, as one of so many `bands`; None for what does not vary.

    Its distance from the training mean has the variance std² (1/n + 1/m), of either mean's standard error; the
    std is taken two of its own errors higher. Of 20,000 pairs of samples (100 and 36 rows, 340 and 114, 1,000
    and 300), with 60 bands and so 0.02 % allowed, left it: normal, uniform and t(3) at most 0.06 %, exponential
    0.03 %, log-normal(1) 0.3 %.
    """
    moments = column.moments
    if moments is None or not moments.std_sample or moments.kurtosis is None:
        return None
    n, z = int(moments.n), _z(bands)
    std = moments.std_sample * math.exp(2 * math.sqrt((max(moments.kurtosis, 0) + 2) / (4 * n)))
    error = std * _error(n, batch_rows)
    half = z * error + MOVE * moments.std_sample
    why = (
        f"mean {number(moments.mean)} of {n:,} training values; {z:.2f} standard errors of its difference from "
        f"a batch of {batch_rows:,} rows ({number(error)} each) and {MOVE:g} standard deviations"
    )
    return Band(low=_short(moments.mean - half), high=_short(moments.mean + half), why=why)


def std_band(column: ColumnProfile, batch_rows: int, bands: int) -> Band | None:
    """The standard deviation (ddof = 1) likewise; None for two codes and for heavy tails.

    The error of its logarithm is sqrt((kurtosis + 2) / 4n) in a sample of n; as samples show too little of the
    kurtosis, twice as much and 3 more is reckoned with. Measured as for the mean: normal, uniform, exponential
    none left it, log-normal(0.5) and t(5) at most 0.07 %.

    References: Cramér 1946, Mathematical Methods of Statistics, section 28.3 (variance of a variance).
    """
    moments = column.moments
    if moments is None or not moments.std_sample or moments.kurtosis is None or column.binary:
        return None
    if moments.kurtosis > HEAVY:
        return None
    n, std, z = int(moments.n), moments.std_sample, _z(bands)
    error = math.sqrt((2 * max(moments.kurtosis, 0) + 5) / 4) * _error(n, batch_rows)
    factor = math.exp(z * error) * (1 + MOVE)
    why = (
        f"standard deviation {number(std)} of {n:,} training values; {z:.2f} standard errors of its logarithm "
        f"against a batch of {batch_rows:,} rows ({number(error)} each, for an excess kurtosis of "
        f"{number(moments.kurtosis, 2)}) and {percent(MOVE)}"
    )
    return Band(low=_short(std / factor), high=_short(std * factor), why=why)


def unseen_level(counts: Mapping[Any, int]) -> Rate:
    """The share of rows whose category may be new.

    Good-Turing: it is about the share of the rows whose category occurs once.

    References: Good 1953, Biometrika 40.
    """
    rows = sum(counts.values())
    return rate(sum(count == 1 for count in counts.values()), rows, "the only one of their category")


def _z(bands: int) -> float:
    return float(special.ndtri(1 - ALARMS / (2 * max(bands, 1))))


def _error(rows: int, batch_rows: int) -> float:
    return math.sqrt(1 / rows + 1 / max(batch_rows, 1))


def _between(column: ColumnProfile, low: float, high: float) -> float:
    """Share of the finite values in an interval, by the knots of the quantiles."""
    knots = column.quantiles
    assert knots is not None
    inside = (knots.values >= low) & (knots.values <= high)
    return float(knots.weights[inside].sum()) / knots.n


def _short(value: float) -> float:
    """Six digits: a bound is no better known, and a diff can be read."""
    return float(f"{value:.6g}")


def _up(share: float) -> float:
    """A share in three digits, rounded up."""
    digits = 2 - math.floor(math.log10(share))
    return float(min(1.0, round(math.ceil(share * 10**digits) / 10**digits, digits)))
