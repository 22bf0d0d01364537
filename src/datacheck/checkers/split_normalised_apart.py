"""split-normalised-apart."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._format import listing, number
from ..dataset_profile import DatasetProfile
from ..finding import Finding
from ..profiles import ColumnProfile
from ._columns import spread, varying
from .base import Checker, Example, need

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

_STEPS = {"red": 37, "green": 91, "blue": 53}  # of the pixels in the example


@dataclass(frozen=True, kw_only=True)
class _Pair:
    """The features that two splits share, as arrays of shape (features,)."""

    names: tuple[str, ...]
    rows: tuple[int, int]
    mean: tuple[Floats, Floats]
    std: tuple[Floats, Floats]
    spread: tuple[Floats, Floats]

    def named(self, which: Mask) -> tuple[str, ...]:
        """Names of the features of a mask."""
        return tuple(name for name, chosen in zip(self.names, which, strict=True) if chosen)


@dataclass(frozen=True, kw_only=True)
class _Verdict:
    severity: str = "error"
    message: str
    which: Mask
    constant: float | None = None


@dataclass(frozen=True, kw_only=True)
class SplitNormalisedApart(Checker):
    """Splits that do not share one normalisation.

    What it finds:
        A split whose features have mean 0 and standard deviation 1 by themselves, to rounding, beside a
        training split that is raw or was also normalised by itself; a raw split beside a training split that
        is normalised; a split that is another by a constant, such as 255.

    Why it matters for training:
        The network learns on one scale and is judged on another: with raw beside normalised inputs, its
        answers are worthless. Two splits, each normalised by its own statistics, lose the shift between them,
        and the network meets numbers in use that it never saw in the test.

    How it decides:
        Mean and standard deviation (of either kind) of at least `share` of the features are within
        min(`rounding`, 0.01 / sqrt(n)) of 0 and 1. Features normalised with the statistics of other rows are
        that close by chance with probability 0.0002 each, whatever n. The raw split beside a normalised
        training split has most features `factor` in spread or offset away from it. For a constant, the ratios
        of the spreads of three features and more agree within `agreement`, the offsets follow, and their
        median is `factor` away from 1. Clean splits of normal, Student t, log-normal and pixel-like features,
        raw or normalised with the training split, 30 to 800 rows: 0 of 200 in the test and 1 of 1,500 in a
        larger run; one split normalised by itself, left raw, or divided by 255: 200 of 200.

    When it is wrong:
        A real shift that multiplies every feature alike, such as another exposure of all images.

    What to do:
        Fit the normalisation on the training split once, save it, and apply it to every split.

    References:
        Hastie, Tibshirani & Friedman 2009, The Elements of Statistical Learning, section 7.10.2 (what is
        fitted outside the training rows falsifies the test).
    """

    scope = "others"
    clean = Example(
        splits={
            "train": {"a": [float(i % 13) for i in range(60)], "b": [float(i % 7) for i in range(60)]},
            "test": {"a": [float(i % 11) for i in range(40)], "b": [float(i % 8) for i in range(40)]},
        }
    )
    dirty = Example(
        splits={
            "train": {name: [i * k % 256 for i in range(60)] for name, k in _STEPS.items()},
            "test": {name: [i * k % 256 / 255 for i in range(60)] for name, k in _STEPS.items()},
        },
        finds=tuple(_STEPS),
    )

    fewest: int = 10
    """Rows below which nothing is judged: two rows that differ always have mean 0 and standard deviation 1
    after some scaling by a constant; with 10, round numbers no longer do so by accident."""

    rounding: float = 1e-4
    """Distance of the mean from 0 and of the std from 1 that is rounding: statistics or values written with
    four decimals, or computed in float32 at an offset of 1,000 standard deviations."""

    share: float = 0.9
    """Share of the features that must be normalised: leaves room for a few that a person passed over."""

    factor: float = 3.0
    """Constant, or its inverse, from which a split is scaled apart: no pair of splits of the same data came
    near it in the clean draws of the test, and 255, 100, 1,000 and 2.54 cm in an inch but for a little
    are beyond it."""

    agreement: float = 1.5
    """Factor within which three quarters of the ratios agree with their median. The ratio of two robust
    spreads of 30 normal rows each is within it in 94 % of 5,000 draws."""

    fewest_rows_for_ratio: int = 30
    """Rows of either split from which spreads are compared: below, 5 % and 95 % quantiles are the
    extremes."""

    def check(self, data: DatasetProfile, split: str) -> Iterator[Finding]:
        """At most one finding per split."""
        pair = _pair(data, split)
        need(bool(pair.names), f"no numeric feature varies in both {split} and {data.reference}")
        need(min(pair.rows) >= self.fewest, f"fewer than {self.fewest} rows")
        verdict = self._verdict(pair)
        if verdict is not None:
            yield self.finding(
                split,
                verdict.severity,
                verdict.message.format(
                    split=split, train=data.reference, features=listing(pair.named(verdict.which), 3)
                ),
                columns=pair.named(verdict.which),
                evidence=_evidence(pair, verdict.constant),
                advice="Fit the normalisation on the training split alone and apply that one to every split.",
                fix=_FIX,
            )

    def _verdict(self, pair: _Pair) -> _Verdict | None:
        there, here = self._own(pair, 0), self._own(pair, 1)
        if self._most(here) and self._most(there):
            return _Verdict(severity="warning", message=_APART_BOTH, which=here)
        if self._most(here):
            return _Verdict(
                message=_APART.format(own="{split}", other="{train}", features="{features}"), which=here
            )
        raw = self._raw(pair, 1)
        if self._most(there) and np.mean(raw) > 0.5:
            return _Verdict(
                message=_APART.format(own="{train}", other="{split}", features="{features}"), which=there
            )
        return self._scaled(pair)

    def _most(self, which: Mask) -> bool:
        return bool(np.mean(which) >= self.share)

    def _own(self, pair: _Pair, side: int) -> Mask:
        """The features that a split has standardised with its own statistics."""
        rows, std = pair.rows[side], pair.std[side]
        near = min(self.rounding, 0.01 / math.sqrt(rows))
        sample = std * math.sqrt(rows / (rows - 1))
        one: Mask = np.minimum(np.abs(std - 1), np.abs(sample - 1)) <= near
        return one & (np.abs(pair.mean[side]) <= near)

    def _raw(self, pair: _Pair, side: int) -> Mask:
        """The features of a split that cannot have been normalised like those of mean 0 and std 1 in the
        other.

        Their standard deviation is `factor` away from 1, or their mean as many standard deviations from 0.
        """
        scaled: Mask = np.abs(np.log(pair.std[side])) > math.log(self.factor)
        return scaled | (np.abs(pair.mean[side]) > self.factor)

    def _scaled(self, pair: _Pair) -> _Verdict | None:
        """The factor by which most features of the split are larger than in the training split."""
        if len(pair.names) < 3 or min(pair.rows) < self.fewest_rows_for_ratio:
            return None
        ratio = np.log(pair.spread[1] / pair.spread[0])
        middle = float(np.median(ratio))
        alike = np.abs(ratio - middle) <= math.log(self.agreement)
        follows = np.abs(pair.mean[1] - math.exp(middle) * pair.mean[0]) <= pair.std[1]
        if abs(middle) < math.log(self.factor) or np.mean(alike & follows) < 0.75:
            return None
        nearer = np.abs(ratio - middle) <= np.minimum(np.abs(ratio), math.log(self.factor))
        how = f"{'multiplied' if middle > 0 else 'divided'} by {number(math.exp(abs(middle)), 3)}"
        return _Verdict(message=_SCALED.format(how=how), which=nearer, constant=math.exp(middle))


_FIX = """mean, std = train.mean(), train.std()
train, test = (train - mean) / std, (test - mean) / std"""
_APART = (
    "What was learned on one scale is applied on another: {own} was normalised by itself (mean 0 and "
    "std 1 to rounding in {features}), {other} was not."
)
_APART_BOTH = (
    "The shift between {train} and {split} was taken out: each was normalised by itself (mean 0 and std 1 "
    "to rounding in {features} of both), so {split} is not what the network will meet in use."
)
_SCALED = "{{split}} is on another scale: {{features}} are {how} there, compared with {{train}}."


def _pair(data: DatasetProfile, split: str) -> _Pair:
    mine = {column.name: column for column in varying(data, split) if not column.binary}
    theirs = {column.name: column for column in varying(data, data.reference) if not column.binary}
    both = [(theirs[name], mine[name]) for name in theirs if name in mine]
    sides = [[pair[side] for pair in both] for side in (0, 1)]
    return _Pair(
        names=tuple(column.name for column in sides[0]),
        rows=(data.train.rows, data.splits[split].rows),
        mean=(_means(sides[0]), _means(sides[1])),
        std=(_stds(sides[0]), _stds(sides[1])),
        spread=(_spreads(sides[0]), _spreads(sides[1])),
    )


def _means(columns: list[ColumnProfile]) -> Floats:
    return np.array([column.moments.mean if column.moments else 0.0 for column in columns])


def _stds(columns: list[ColumnProfile]) -> Floats:
    return np.array([column.moments.std if column.moments else 1.0 for column in columns])


def _spreads(columns: list[ColumnProfile]) -> Floats:
    return np.array([spread(c) or (c.moments.std if c.moments else 1.0) for c in columns])


def _evidence(pair: _Pair, constant: float | None) -> dict[str, Any]:
    rows = zip(pair.names, *pair.mean, *pair.std, strict=True)
    return {
        "constant": constant,
        "features": [
            {"column": name, "train_mean": m0, "mean": m1, "train_std": s0, "std": s1}
            for name, m0, m1, s0, s1 in rows
        ],
    }
