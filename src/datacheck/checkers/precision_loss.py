"""precision-loss."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._batch import numbers
from .._format import number, percent
from .._precision import limits, round_to
from ..dataset_profile import DatasetProfile
from ..finding import Finding
from ..kinds import Kind
from ..profiles import ColumnProfile, Profile
from ._columns import bounds, magnitude, varying
from .base import Checker, Example, need

_SECONDS = {"s": 1.0, "ms": 1e-3, "us": 1e-6, "ns": 1e-9, "day": 86400.0}
_EPOCHS = {"seconds": 1e9, "milliseconds": 1e12, "microseconds": 1e15, "nanoseconds": 1e18}
_WHOLE = 2.0**53  # floats beyond are whole numbers by their format, not by meaning


@dataclass(frozen=True, kw_only=True)
class _Loss:
    severity: str
    message: str
    advice: str
    fix: str
    evidence: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class PrecisionLoss(Checker):
    """Numbers that the training precision cannot hold.

    What it finds:
        Values that become infinite when they are cast to the training precision; integers beyond the largest
        that it counts to without gaps (2²⁴ in float32, 2¹¹ in float16, 2⁸ in bfloat16); times whose
        resolution is lost.

    Why it matters for training:
        70,000 is infinite in float16, and one infinity turns every weight NaN. In float32, 16,777,217 is
        16,777,216: different identifiers become one, and seconds since 1970 are told apart by 128 s only.

    How it decides:
        An overflow, found from the extrema, is an error. Whole numbers beyond the limit are rounded as the
        cast does: a warning where at least `collapsed` of the different values become equal to another one
        and that matters - they are all different and dense, as identifiers off a counter, or the rounding is
        `noise` of the standard deviation and more - or where they look like a time since 1970; else for
        information. Whole numbers below the limits of float32 and amounts up to 10⁹ without meaning in their
        last digit: 0 warnings in 200. Consecutive identifiers beyond the limit, and values beyond the largest
        of float16: 200 of 200.

    When it is wrong:
        Where the values are normalised in float64 before the cast, an overflow does not happen; where a
        column feeds an embedding, it stays an integer and loses nothing.

    What to do:
        Normalise before the cast. Encode identifiers (or drop them); turn times into differences, hour and
        weekday.

    References:
        IEEE 754-2019, section 3.6; Kalamkar et al. 2019, A Study of BFLOAT16 for Deep Learning Training;
        Widrow & Kollár 2008, Quantization Noise, section 1 (rounding has standard deviation step / sqrt(12)).
    """

    clean = Example(splits={"train": {"id": [1, 2, 3, 16777216], "x": [0.1, 1e30, -1e30, 2.0]}})
    dirty = Example(
        splits={
            "train": {
                "id": list(range(16777216, 16777336)),
                "large": [1e39] + [1.0, 2.0, 3.0] * 39 + [4.0, 5.0],
                "x": [float(i) for i in range(120)],
            }
        },
        finds=("id", "large"),
    )

    collapsed: float = 0.01
    """Share of the different values that are lost to another one from which it may be a warning. Amounts
    drawn at random from 0 to 10⁹ lose 0.1 % of 65,536 in float32, by chance alone."""

    noise: float = 0.1
    """Rounding noise in standard deviations that matters: 1 % of the variance is then noise. In bfloat16, the
    largest of scikit-learn's wine, breast cancer, iris, digits and diabetes data is 0.022."""

    identifier: float = 10.0
    """Width of the range, in numbers per row, up to which whole numbers that are all different are taken for
    identifiers off a counter. Amounts at random so dense are all different with chance exp(-rows / 20)."""

    fewest: int = 100
    """Rows from which numbers can be taken for identifiers: that chance is then 0.7 %."""

    def check(self, data: DatasetProfile, split: str) -> Iterator[Finding]:
        """One finding per column that the cast damages; other splits only where the training split is
        sound."""
        names = [column.name for column in _judged(data, split)]
        need(bool(names), "there are no numbers or times")
        known = set(self._losses(data, data.reference)) if split != data.reference else set()
        for name, loss in self._losses(data, split).items():
            if name not in known:
                yield self.finding(
                    split,
                    loss.severity,
                    loss.message,
                    columns=[name],
                    evidence=loss.evidence | {"precision": data.training.precision},
                    advice=loss.advice,
                    fix=loss.fix,
                )

    def detectable(self, data: DatasetProfile, split: str) -> str | None:
        limit = limits(data.training.precision)
        return f"whole numbers above {limit.exact_integers:,} or any above {number(limit.max)}"

    def _losses(self, data: DatasetProfile, split: str) -> dict[str, _Loss]:
        profile, precision = data.splits[split], data.training.precision
        constant = {c.name for c in data.numeric(split)} - {c.name for c in varying(data, split)}
        found: dict[str, _Loss] = {}
        for column in _judged(data, split):
            if column.kind is Kind.TIMESTAMP:
                loss = _time(column, precision)
            else:
                loss = _overflow(column, precision)
                if loss is None and column.name not in constant:
                    loss = self._integers(profile, column, precision)
            if loss is not None:
                found[column.name] = loss
        return found

    def _counted(self, profile: Profile, column: ColumnProfile) -> bool:
        low, high = bounds(column)
        dense = low is not None and high is not None and high - low <= self.identifier * profile.rows
        return dense and profile.rows >= self.fewest

    def _integers(self, profile: Profile, column: ColumnProfile, precision: str) -> _Loss | None:
        if magnitude(column) <= limits(precision).exact_integers:
            return None
        values = _whole_numbers(profile, column)
        if not len(values):
            return None
        before, after = np.unique(values), np.unique(round_to(values, precision))
        changed = float(np.mean(round_to(values, precision) != values.astype(np.float64)))
        lost = 1 - len(after) / len(before)
        epoch = _epoch(column)
        if not (changed or lost):
            return None
        noise = _step(column, precision) / math.sqrt(12) / float(column.moments.std if column.moments else 1)
        counted = len(before) == len(values) and self._counted(profile, column)
        bad = lost >= self.collapsed and (counted or noise >= self.noise)
        return _Loss(
            severity="warning" if bad or epoch else "info",
            message=_integer_message(column, precision, changed, lost, epoch),
            advice="Encode identifiers or drop them; subtract the first time from times, before the cast.",
            fix=f"features[{column.name!r}] -= train[{column.name!r}].min()  # in int64, before the cast",
            evidence={
                "changed": changed,
                "collapsed": lost,
                "rounding_noise": noise,
                "max": magnitude(column),
            },
        )


def _judged(data: DatasetProfile, split: str) -> list[ColumnProfile]:
    """Numbers and times that go through the cast: all but a class label."""
    columns = data.splits[split] if data.schema.task == "regression" else data.features(split)
    return [c for c in columns if c.kind in (Kind.NUMERIC, Kind.TIMESTAMP) and bounds(c)[0] is not None]


def _overflow(column: ColumnProfile, precision: str) -> _Loss | None:
    low, high = bounds(column)
    assert low is not None and high is not None
    largest = max(low, high, key=abs)
    if np.isfinite(round_to([largest], precision)).all():
        return None
    most = limits(precision).max
    return _Loss(
        severity="error",
        message=f"{column.name!r} becomes infinite in {precision}: it reaches {number(largest)}, "
        f"and {precision} ends at {number(most, 5)}.",
        advice="Normalise in float64 before the cast, or train in a wider precision.",
        fix=f"x = features[{column.name!r}]\n"
        f"features[{column.name!r}] = (x - train_mean) / train_std  # before the cast",
        evidence={"min": low, "max": high, "largest_in_precision": most},
    )


def _time(column: ColumnProfile, precision: str) -> _Loss | None:
    step = _step(column, precision)
    unit = _unit(column.dtype)
    if step <= 1 or unit is None:
        return None
    seconds = f"{number(step * unit, 3)} s"
    return _Loss(
        severity="info",
        message=f"No network takes the times in {column.name!r} as they are; cast to {precision}, they would "
        f"be told apart by {seconds} only.",
        advice="Turn them into what repeats (hour, weekday, month) and into time since an event.",
        fix=f"features['hour'] = features[{column.name!r}].dt.hour\n"
        f"features['weekday'] = features[{column.name!r}].dt.weekday",
        evidence={"resolution_seconds": step * unit},
    )


def _unit(dtype: str) -> float | None:
    """Seconds of one step of an Arrow temporal type.

    >>> _unit("timestamp[ms, tz=UTC]"), _unit("date32[day]")
    (0.001, 86400.0)
    """
    inside = dtype.partition("[")[2].rstrip("]").split(",")[0]
    return _SECONDS.get(inside)


def _step(column: ColumnProfile, precision: str) -> float:
    """Distance of neighbouring numbers of the format at the column's largest magnitude."""
    most = magnitude(column)
    return limits(precision).eps * 2.0 ** math.floor(math.log2(most)) if most else 0.0


def _whole_numbers(profile: Profile, column: ColumnProfile) -> NDArray[Any]:
    """The sampled values if they are whole, else none; the different values where there is no sample."""
    if profile.sample.table is None:
        values = np.array(list((column.levels.counts if column.levels else None) or ()))
    elif column.name in profile.sample.table.column_names:
        values, valid = numbers(profile.sample.table.column(column.name).combine_chunks())
        values = values if valid is None else values[valid]
    else:
        values = profile.values(column.name)
    if values.dtype.kind != "f":
        return values
    values = np.asarray(values[np.isfinite(values)])
    whole = magnitude(column) <= _WHOLE and (values == np.floor(values)).all()
    return values if whole else values[:0]


def _epoch(column: ColumnProfile) -> str | None:
    """The unit in which the values would be times between 2001 and 2033, if all of them would."""
    low, high = bounds(column)
    return next((u for u, one in _EPOCHS.items() if low and high and one <= low and high <= 2 * one), None)


def _integer_message(
    column: ColumnProfile, precision: str, changed: float, lost: float, epoch: str | None
) -> str:
    limit = limits(precision).exact_integers
    times = f" They look like {epoch} since 1970." if epoch else ""
    effect = f"Different values of {column.name!r} become the same number in {precision}"
    share = f"{percent(lost)} of the different values are lost to another"
    if not lost:
        effect = f"The last digits of {column.name!r} are rounded off in {precision}"
        share = f"{percent(changed)} of the values change"
    return f"{effect}: up to {number(magnitude(column))}, beyond {limit:,}, where gaps begin; {share}.{times}"
