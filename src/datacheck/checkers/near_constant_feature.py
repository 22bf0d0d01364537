"""near-constant-feature."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from .._format import number, percent, plural
from .._precision import limits
from ..dataset_profile import DatasetProfile
from ..finding import Finding, Rows
from ..profiles import ColumnProfile, Profile
from ._columns import bounds, varying
from .base import Checker, Example, need

_SHOWN = 5


@dataclass(frozen=True, kw_only=True)
class _Rare:
    mode: float
    exceptions: int  # rows with another value than the mode
    batch: float  # chance that a mini-batch holds none of them
    largest_z: float


@dataclass(frozen=True, kw_only=True)
class NearConstantFeature(Checker):
    """Features that have one value in almost every row, so that most mini-batches see a constant.

    What it finds:
        Numeric features and indicators of the training split that differ from their most frequent value in a
        handful of rows; and what normalising does to those rows.

    Why it matters for training:
        A batch without an exception teaches nothing about the feature. Standardised, the few exceptions
        become huge: an indicator with 3 ones in 5,000 rows has ones of 40.8 standard deviations, which pull
        the weights by 40 times a usual step whenever they come up. The network learns those rows by heart.

    How it decides:
        From the count of every value: with k exceptions in n rows, a batch of b rows holds none of them with
        probability C(n - k, b) / C(n, b). Info where that is likely; a warning where the exceptions are also
        too few to estimate a weight from; an error where normalising overflows the training precision. A
        small but real standard deviation is fine: it is scaled. Indicators of 2 % to 98 % and normal
        features, 300 to 5,000 rows, batches of 32: 0 findings above info in 200; 1 to 4 exceptions in 1,300
        to 20,000 rows: 200 of 200.

    When it is wrong:
        Where the few rows are the point, such as a flag of fraud: weigh or oversample them then. A feature
        with more than 1,000 different values is not judged.

    What to do:
        Drop the feature, merge it with related ones, or draw batches that hold the exceptions. Leave an
        indicator as 0 and 1 instead of standardising it.

    References:
        Vittinghoff & McCulloch 2007, American Journal of Epidemiology 165 (events per variable); Samuelson
        1968, JASA 63 (the largest |z| in n rows is sqrt(n - 1)).
    """

    scope = "train"
    clean = Example(splits={"train": {"x": [1.0, 2.0, 4.0] * 100, "flag": [0, 0, 0, 1, 0, 1] * 50}})
    dirty = Example(
        splits={"train": {"x": [1.0, 2.0, 4.0] * 400, "rare": [0] * 500 + [1] + [0] * 699}}, finds=("rare",)
    )

    info_batches: float = 0.5
    """Chance that a batch sees a constant from which the feature is mentioned: every second batch then
    teaches nothing about it."""

    warning_batches: float = 0.9
    """Chance that a batch sees a constant below which there is never a warning: the ten last gradients, the
    memory of momentum 0.9, then hold one exception on average."""

    exceptions: int = 5
    """Rows that differ below which it is a warning. Vittinghoff & McCulloch 2007: with 2 to 4 events per
    variable, wrong coverage, false positives and bias of the coefficient were fairly frequent, with 5 to 9
    uncommon."""

    def check(self, data: DatasetProfile, split: str) -> Iterator[Finding]:
        """One finding per feature that is nearly constant."""
        need(bool(data.numeric(split)), "there are no numeric features")
        profile, training = data.splits[split], data.training
        overflow = limits(training.precision).max
        for column in varying(data, split):
            rare = _rare(column, training.batch_size)
            if rare is None or rare.batch < self.info_batches:
                continue
            yield self.finding(
                split,
                self._severity(rare, overflow),
                _message(column.name, rare, profile.rows, training.batch_size),
                columns=[column.name],
                rows=_rows(profile, column.name, rare),
                evidence=_evidence(rare, overflow),
                advice="Drop it, merge it with related features, or keep an indicator as 0 and 1.",
                fix=f"features = features.drop(columns=[{column.name!r}])",
            )

    def detectable(self, data: DatasetProfile, split: str) -> str | None:
        return (
            f"a constant in {percent(self.info_batches)} of the batches of {data.training.batch_size:,} rows"
        )

    def _severity(self, rare: _Rare, overflow: float) -> str:
        if rare.largest_z > overflow:
            return "error"
        few = rare.exceptions < self.exceptions and rare.batch >= self.warning_batches
        return "warning" if few else "info"


def batch_without(exceptions: int, rows: int, batch_size: int) -> float:
    """Chance that `batch_size` of `rows` rows, drawn without replacement, hold none of the `exceptions`.

    >>> round(batch_without(3, 5000, 32), 4)
    0.9809
    """
    if exceptions + batch_size > rows:
        return 0.0
    log = math.lgamma(rows - exceptions + 1) - math.lgamma(rows - exceptions - batch_size + 1)
    return min(1.0, math.exp(log - math.lgamma(rows + 1) + math.lgamma(rows - batch_size + 1)))


def _rare(column: ColumnProfile, batch_size: int) -> _Rare | None:
    levels = column.levels.counts if column.levels else None
    low, high = bounds(column)
    if not levels or low is None or high is None or column.moments is None:
        return None
    mode = max(levels, key=lambda value: levels[value])
    rows = sum(levels.values())
    exceptions = rows - levels[mode]
    away = max(high - column.moments.mean, column.moments.mean - low)
    return _Rare(
        mode=mode,
        exceptions=exceptions,
        batch=batch_without(exceptions, rows, batch_size),
        largest_z=away / column.moments.std,
    )


def _message(name: str, rare: _Rare, rows: int, batch_size: int) -> str:
    verb = "differs" if rare.exceptions == 1 else "differ"
    return (
        f"{percent(rare.batch)} of the batches of {batch_size:,} learn nothing about {name!r}: only "
        f"{plural(rare.exceptions, 'row')} of {rows:,} {verb} from {number(rare.mode)}. Standardised, the "
        f"furthest lies {number(rare.largest_z, 3)} standard deviations out."
    )


def _rows(profile: Profile, name: str, rare: _Rare) -> Rows:
    """The first exceptions, as far as the row sample holds them."""
    if profile.sample.table is None:
        return Rows(count=rare.exceptions)
    values = profile.values(name)
    found = np.flatnonzero((values != rare.mode) & ~np.isnan(values))[:_SHOWN]
    return Rows(count=rare.exceptions, examples=tuple(int(row) for row in profile.sample_positions[found]))


def _evidence(rare: _Rare, overflow: float) -> dict[str, Any]:
    return {
        "mode": rare.mode,
        "exceptions": rare.exceptions,
        "constant_in_batch": rare.batch,
        "largest_z": rare.largest_z,
        "overflows": rare.largest_z > overflow,
        "overflows_float16": rare.largest_z > limits("float16").max,
    }
