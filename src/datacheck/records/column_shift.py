"""How one column differs between the training split and another: a record per column and aspect."""

from __future__ import annotations

from dataclasses import dataclass

from datacheck._contingency import CategoryShift, RateShift
from datacheck._two_sample import NumberShift

MIN_DISTANCE = 0.04
"""Share of the rows that must lie on the other side of some threshold before a number counts as shifted."""

MIN_MOVE = 0.10
"""Mean move, in standard deviations of the training split, that counts even when fewer rows moved."""

MIN_MIX = 0.05
"""Share of the rows that must have changed level before a category counts as shifted."""

MIN_MISSING = 0.02
"""Change of the missing rate that counts."""

SEVERE = 3.0
"""An effect whose lower 95 % bound is this many tolerances is an error, not a warning."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ColumnShift:
    """One aspect of one column: `values` of a number, `mix` of a category, or its `missing` rate.

    `effect` is a share of rows (0 to 1) with its 95 % `interval`; `relevant` says that it reaches the tolerance,
    `severe` that even its lower bound is three times that; `story` says in words what moved.
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
        '30.0 points of the rows lie higher (fewer at or below 59); location'
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
        low, high = shift.interval
        return cls(
            column=column,
            aspect=what,
            p=shift.p,
            effect=abs(shift.difference),
            interval=(max(0.0, low, -high), max(abs(low), abs(high))),
            relevant=abs(shift.difference) >= MIN_MISSING,
            severe=max(low, -high) >= SEVERE * MIN_MISSING,
            story=f"{what} in {shift.train:.1%} of the rows, now in {shift.test:.1%}",
        )


def _story_of_values(shift: NumberShift) -> str:
    lower = shift.below_test > shift.below_train
    where = f"{'more' if lower else 'fewer'} at or below {shift.threshold:,.6g}"
    shape = f"; {shift.shape}" if shift.shape else ""
    return f"{shift.points:.1f} points of the rows lie {'lower' if lower else 'higher'} ({where}){shape}"
