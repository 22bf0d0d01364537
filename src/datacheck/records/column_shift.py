"""How one column differs between the training split and another: a record per column and aspect."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from datacheck._contingency import CategoryShift, RateShift, class_ratios, compare_levels, fisher_test
from datacheck._two_sample import NumberShift

MIN_DISTANCE = 0.04
"""Share of the rows that must lie on the other side of some threshold before a number counts as shifted."""

MIN_MOVE = 0.10
"""Mean move, in standard deviations of the training split, that counts even when fewer rows moved."""

MIN_MIX = 0.05
"""Share of the rows that must have changed level before a category counts as shifted."""

MIN_MISSING = 0.02
"""Change of the missing rate that counts."""

MIN_LABEL_MIX = 0.03
"""Share of the rows that must have changed class; less than for features, for the label is one and matters
more."""

MIN_RATIO = 1.5
"""Two-sigma bound of a class's ratio that counts by itself: sees a rare class double."""

MIN_NEW_ROWS, MIN_NEW_SHARE = 5, 0.01
"""Rows, and share of the rows, that a level must have in one split to be worth a word when the other has
none."""

SEVERE = 3.0
"""An effect whose lower 95 % bound is this many tolerances is an error, not a warning."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ColumnShift:
    """One aspect of one column: `values` of a number, `mix` of a category, `missing` rate, or `common value`.

    `effect` is a share of rows (0 to 1) with its 95 % `interval`; `relevant` says that it reaches the
    tolerance, `severe` that even its lower bound is three times that; `story` says in words what moved.
    """

    column: str
    aspect: str
    p: float
    effect: float
    interval: tuple[float, float]
    relevant: bool
    severe: bool
    story: str

    @classmethod
    def of_values(cls, column: str, shift: NumberShift) -> ColumnShift:
        """A number, by its displacement-tolerant distance or its mean move.

        >>> from datacheck._two_sample import compare_numbers
        >>> shift = compare_numbers(list(range(200)), list(range(60, 260)))
        >>> ColumnShift.of_values("age", shift).story
        '29.0 points of the rows lie higher (fewer at or below 63)'
        """
        return cls(
            column=column,
            aspect="values",
            p=shift.p,
            effect=shift.distance,
            interval=shift.interval,
            relevant=shift.distance >= MIN_DISTANCE or (shift.wasserstein or 0.0) >= MIN_MOVE,
            severe=shift.interval[0] >= (SEVERE + 0.75) * MIN_DISTANCE,
            story=_story_of_values(shift),
        )

    @classmethod
    def of_mix(cls, column: str, shift: CategoryShift, tolerance: float = MIN_MIX) -> ColumnShift:
        """A category, by total variation."""
        return cls(
            column=column,
            aspect="mix",
            p=shift.p,
            effect=shift.distance,
            interval=shift.interval,
            relevant=shift.distance >= tolerance,
            severe=shift.interval[0] >= SEVERE * tolerance,
            story=f"{shift.points:.1f} points of the rows changed level, most at {shift.level!r}: "
            f"{shift.share_train:.1%} to {shift.share_test:.1%}",
        )

    @classmethod
    def of_missing(cls, column: str, shift: RateShift, what: str = "missing") -> ColumnShift:
        """A rate of missing values."""
        return cls._of_rate(column, what, shift, MIN_MISSING, what)

    @classmethod
    def of_common(cls, column: str, value: float, shift: RateShift) -> ColumnShift:
        """The share of the rows at one of a number's common values."""
        return cls._of_rate(column, "common value", shift, MIN_DISTANCE, f"{value:.6g}")

    @classmethod
    def _of_rate(
        cls, column: str, aspect: str, shift: RateShift, tolerance: float, subject: str
    ) -> ColumnShift:
        low, high = shift.interval
        return cls(
            column=column,
            aspect=aspect,
            p=shift.p,
            effect=abs(shift.difference),
            interval=(max(0.0, low, -high), max(abs(low), abs(high))),
            relevant=abs(shift.difference) >= tolerance,
            severe=max(low, -high) >= SEVERE * tolerance,
            story=f"{subject} in {shift.train:.1%} of the rows, now in {shift.test:.1%}",
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class LabelShift:
    """P(y): the test of the column, and by how much the most changed class's share is multiplied at least."""

    column: ColumnShift
    ratio_bound: float = 1.0

    @property
    def relevant(self) -> bool:
        """Whether the mix moved by its tolerance, or one class's share by half as much again for sure."""
        return self.column.relevant or self.ratio_bound >= MIN_RATIO

    @classmethod
    def of_classes(
        cls, column: str, train: Mapping[Hashable, float], test: Mapping[Hashable, float]
    ) -> LabelShift | None:
        """Counts of classes; None when a side has none.

        >>> LabelShift.of_classes("fraud", {0: 99_800, 1: 200}, {0: 99_600, 1: 400}).relevant
        True
        """
        mix = compare_levels(train, test)
        if mix is None:
            return None
        names = list({**train, **test})
        ratios = class_ratios([train.get(n, 0) for n in names], [test.get(n, 0) for n in names], 2.0)
        return cls(
            column=ColumnShift.of_mix(column, mix, MIN_LABEL_MIX),
            ratio_bound=max(bound for _, bound in ratios),
        )


def one_sided_levels(
    column: str, train: Mapping[Hashable, float], test: Mapping[Hashable, float]
) -> Iterator[ColumnShift]:
    """New and vanished levels of a category, by count: a distance between mixes does not see one in a hundred
    rows.

    >>> [s.aspect for s in one_sided_levels("city", {"a": 500}, {"a": 480, "b": 20})]
    ['new level']
    """
    sizes = sum(train.values()), sum(test.values())
    tests = len({**train, **test})
    for aspect, has, lacks, (rows_has, rows_lacks) in (
        ("new level", test, train, sizes[::-1]),
        ("vanished level", train, test, sizes),
    ):
        for level, count in has.items():
            if level in lacks or count < max(MIN_NEW_ROWS, MIN_NEW_SHARE * rows_has):
                continue
            p = fisher_test(count, rows_has, 0, rows_lacks)
            yield _one_sided(column, aspect, level, count / rows_has, min(1.0, p * tests), rows_has)


def _one_sided(column: str, aspect: str, level: Hashable, share: float, p: float, rows: float) -> ColumnShift:
    spread = 1.96 * float(np.sqrt(share * (1 - share) / rows))
    return ColumnShift(
        column=column,
        aspect=aspect,
        p=p,
        effect=share,
        interval=(max(0.0, share - spread), min(1.0, share + spread)),
        relevant=True,
        severe=share - spread >= SEVERE * MIN_MIX,
        story=f"{aspect} {level!r} in {share:.1%} of the rows",
    )


_SHAPES = {"spread": "their spread", "skew": "their skewness", "tails": "their tails"}


def _story_of_values(shift: NumberShift) -> str:
    lower = shift.below_test > shift.below_train
    where = f"{'more' if lower else 'fewer'} at or below {shift.threshold:,.6g}"
    shape = "" if shift.shape in (None, "location") else f", most of all in {_SHAPES[shift.shape]}"
    return f"{shift.points:.1f} points of the rows lie {'lower' if lower else 'higher'} ({where}){shape}"
