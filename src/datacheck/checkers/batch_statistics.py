"""batch-statistics."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from .._format import listing, number, percent, plural
from ..dataset_profile import DatasetProfile
from ..finding import Finding
from . import _fixes
from .base import Checker, Example, need


@dataclass(frozen=True, kw_only=True)
class BatchStatistics(Checker):
    """Batches too small for the mean and variance that batch normalisation takes from them.

    What it finds:
        A batch size at which the mean and variance of a batch are poor estimates, features whose tails make
        them poor at any usual batch size, and a last batch of a single row.

    Why it matters for training:
        Batch normalisation scales each batch by its own statistics and the test set by their average. The
        noisier the first, the less they resemble the second. A batch of one row has no variance: torch
        raises "Expected more than 1 value per channel when training".

    How it decides:
        The standard error of a batch's mean is 1 / sqrt(B) standard deviations; of its variance,
        (1 - 1/B) sqrt(excess kurtosis / B + 2 / (B - 1)) of the variance, for independent rows.
        Measured on 198 normal, uniform and exponential features at B = 16 to 128: within 15 % of the error of
        drawn batches. Wu & He trained ResNet-50 with batch normalisation: 23.6 % of the test images were
        wrong at 32 rows, 23.7 % at 16, 24.8 % at 8, 27.3 % at 4, 34.7 % at 2. So info below 16 rows and a
        warning at 4 and below.

    When it is wrong:
        Networks without batch normalisation (layer, group or no normalisation) do not use batch statistics.
        Of images, each channel has many values per image, so that a small batch is less poor.

    What to do:
        Larger batches, or group or layer normalisation; `drop_last=True` for a last batch of one row;
        transform features with heavy tails before they enter.

    References:
        Wu & He 2018, Group Normalization, table 2. Ioffe & Szegedy 2015, Batch Normalization.
    """

    scope = "train"
    clean = Example(splits={"train": {"x": [float(i * 7 % 64) for i in range(64)]}})
    dirty = Example(splits={"train": {"x": [i % 2 * 0.01 for i in range(127)] + [1.0]}}, finds=("x",))

    info_below: int = 16
    """Batch size below which Wu & He 2018 (table 2) measure a loss of accuracy."""
    warn_up_to: int = 4
    """Batch size at which Wu & He 2018 (table 2) measure 3.7 points more error than at 32."""
    variance_error: float = 0.71
    """Relative error of the batch variance that is mentioned: that of normal features in batches of 4,
    sqrt(2 / 4), where Wu & He 2018 measure 3.7 points more error."""

    def check(self, data: DatasetProfile, split: str) -> Iterator[Finding]:
        """Findings for the batch size, heavy tails, and a last batch of one row."""
        batch, rows = data.training.batch_size, data.splits[split].rows
        errors = variance_errors(data, split)
        need(bool(errors), "no numeric feature varies")
        if batch < self.info_below:
            yield self._small(split, batch, errors)
        else:
            yield from self._tails(split, batch, errors)
        if batch > 1 and rows > batch and rows % batch == 1:
            yield self._last(split, batch, rows)

    def detectable(self, data: DatasetProfile, split: str) -> str:
        """The largest error that passes."""
        return f"batch variances that are wrong by {percent(self.variance_error, 0)} of their value"

    def _small(self, split: str, batch: int, errors: dict[str, float]) -> Finding:
        middle = sorted(errors.values())[len(errors) // 2]
        return self.finding(
            split,
            "warning" if batch <= self.warn_up_to else "info",
            f"With batch normalisation, batches of {batch} cost accuracy: their means are wrong by "
            f"{percent(1 / math.sqrt(batch), 0)} of a standard deviation, their variances by "
            f"{number(100 * middle, 2)} % (median feature).",
            evidence={"mean_error": 1 / math.sqrt(batch), "variance_errors": errors},
            advice="Use batches of 32 rows or more, or group or layer normalisation.",
            fix="norm = torch.nn.GroupNorm(num_groups=8, num_channels=channels)  # instead of BatchNorm",
        )

    def _tails(self, split: str, batch: int, errors: dict[str, float]) -> Iterator[Finding]:
        heavy = {name: e for name, e in errors.items() if e >= self.variance_error}
        if heavy:
            worst = max(heavy, key=lambda name: heavy[name])
            yield self.finding(
                split,
                "info",
                f"The variance of {plural(len(heavy), 'feature')} changes much from batch to batch, most of "
                f"{worst!r}: by {number(100 * heavy[worst], 2)} % of its value ({listing(list(heavy))}).",
                columns=list(heavy),
                evidence={"variance_errors": heavy, "batch_size": batch},
                advice="Do not normalise them per batch: use the fixed statistics of normalization.json.",
                fix='x = datacheck.Normalization.load("normalization.json").transform(x)',
            )

    def _last(self, split: str, batch: int, rows: int) -> Finding:
        return self.finding(
            split,
            "info",
            f"The last batch holds one row ({rows:,} = {rows // batch:,} x {batch} + 1): a network with "
            "batch normalisation stops there with an error.",
            evidence={"rows": rows, "batch_size": batch},
            advice="Leave out the last batch.",
            fix=_fixes.shuffle(batch).replace(")", ", drop_last=True)"),
        )


def variance_errors(data: DatasetProfile, split: str) -> dict[str, float]:
    """Standard error of a batch's variance (ddof = 0) in units of the variance, by feature.

    Indicators are left out: their rare value, not their tail, is the question of near-constant-feature.
    """
    moments = {column.name: column.moments for column in data.numeric(split) if not column.binary}
    rows = max(data.training.batch_size, 2)  # the variance of one row is 0: wrong by all of it, as with two
    return {
        name: (rows - 1) / rows * math.sqrt(max(m.kurtosis / rows + 2 / (rows - 1), 0.0))
        for name, m in moments.items()
        if m is not None and m.kurtosis is not None
    }
