"""constant-feature."""

from collections.abc import Iterator
from dataclasses import dataclass

from .._format import number
from .._precision import is_constant_in, rounding_noise
from ..dataset_profile import DatasetProfile
from ..finding import Finding
from ..profiles import ColumnProfile
from .base import Checker, Example, need


@dataclass(frozen=True, kw_only=True)
class ConstantFeature(Checker):
    """Features that hold one value, or that become one value in the training precision.

    What it finds:
        A feature with a single value; one whose values differ in the file but are the same number, or
        differ by rounding noise only, once they are cast to the training precision; one that is constant in
        this split but varies in another.

    Why it matters for training:
        Normalisation divides by the standard deviation. Where that is 0, or is rounding noise, the feature
        becomes NaN or pure noise blown up to unit variance, and one NaN in a batch turns every weight NaN.

    How it decides:
        Exactly: smallest value = largest value. In the training precision: both ends of the range round to
        the same number, or the standard deviation is at most 2 eps(dtype) max|x|, which is more than the
        rounding of values that should be equal can cause (see `_precision.NOISE_FACTOR` for the measurement).

    When it is wrong:
        A feature that is constant in a small sample of the data may vary in the rest.

    What to do:
        Drop the feature, or find out why it stopped varying. If its small differences are real, subtract a
        constant near its mean in float64, before the cast. `normalization.json` maps it to 0.

    References:
        Widrow & Kollár 2008, Quantization Noise, section 1 (the variance of rounding).
    """

    clean = Example(splits={"train": {"x": [1.0, 2.0, 4.0], "small": [1e-9, 2e-9, 4e-9]}})
    dirty = Example(
        splits={"train": {"x": [1.0, 2.0, 4.0], "flat": [7.0, 7.0, 7.0], "jitter": [3.0, 3.0 + 1e-13, 3.0]}},
        finds=("flat", "jitter"),
    )

    def check(self, data: DatasetProfile, split: str) -> Iterator[Finding]:
        """One finding per feature that is constant in this split."""
        need(bool(data.features(split)), "there are no features")
        for column in data.features(split):
            message = _verdict(column, data.training.precision)
            if message is None or not column.counts.finite:
                continue
            if split != data.reference and _same_in_reference(column, data):
                continue
            varies = [name for name in data.splits if name != split and _varies(data, name, column.name)]
            also = f"; it varies in {', '.join(varies)}" if varies else ""
            yield self.finding(
                split,
                "error" if split == data.reference or varies else "info",
                f"{column.name!r} {message}{also}",
                columns=[column.name],
                evidence=_evidence(column, data.training.precision),
                advice="Drop it, or find out why it does not vary. Normalised naively it is NaN or noise.",
                fix=f"features = features.drop(columns=[{column.name!r}])",
            )


def _same_in_reference(column: ColumnProfile, data: DatasetProfile) -> bool:
    """Whether the training split says it already."""
    return column.name in data.train and not _varies(data, data.reference, column.name)


def _verdict(column: ColumnProfile, precision: str) -> str | None:
    if column.distinct is not None and column.distinct.exact and column.distinct.estimate == 1:
        return f"holds one value only{_value(column)}"
    if column.extrema is None or column.moments is None or not column.numeric:
        return None
    low, high, std = column.extrema.min, column.extrema.max, column.moments.std
    if low is None or not is_constant_in(precision, std, low, high):
        return None
    noise = rounding_noise(max(abs(low), abs(high)), precision)
    return f"is constant in {precision}: its std {number(std)} is below the rounding noise {number(noise)}"


def _value(column: ColumnProfile) -> str:
    levels = column.levels.counts if column.levels else None
    value = next(iter(levels)) if levels else None
    return f" ({value!r})" if value is not None else ""


def _varies(data: DatasetProfile, split: str, name: str) -> bool:
    other = data.splits[split]
    return (
        name in other
        and bool(other[name].counts.finite)
        and _verdict(other[name], data.training.precision) is None
    )


def _evidence(column: ColumnProfile, precision: str) -> dict[str, object]:
    if column.extrema is None or column.moments is None:
        return {"distinct": 1}
    low, high = column.extrema.min, column.extrema.max
    return {
        "min": low,
        "max": high,
        "std": column.moments.std,
        "rounding_noise": rounding_noise(max(abs(low), abs(high)), precision),
        "precision": precision,
    }
