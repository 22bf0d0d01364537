"""Faults in one feature's size, spread and values."""

import numpy as np

from ...finding import Severity
from ...schema import Training
from .base import Fault, Planted, planted
from .splits import Numbers, Splits


class BatchStatistics(Fault):
    """Training in small batches; the data stay as they are."""

    unit = "rows in a training batch"
    strengths = (24, 12, 4)
    severity = Severity.INFO

    def _plant(self, data: Splits, strength: float, rng: np.random.Generator) -> Planted:
        return planted(data, data.first, training=Training(batch_size=round(strength)))


class ConstantFeature(Fault):
    """A feature's spread shrinks around 1 until float32 sees one value."""

    unit = "orders of magnitude of a feature's mean above its standard deviation"
    strengths = (5, 7, 9)

    def _plant(self, data: Splits, strength: float, rng: np.random.Generator) -> Planted:
        name = data.pick(rng)
        values = 1 + _standard(data, name) * 10.0**-strength
        return planted(data.with_numbers(data.first, name, values), data.first, columns=(name,))


class FeatureScaleDisparity(Fault):
    """A feature in another unit: its spread lies orders of magnitude above that of the others."""

    unit = "orders of magnitude of a feature's spread above the widest other"
    strengths = (0.5, 2, 3)

    def _plant(self, data: Splits, strength: float, rng: np.random.Generator) -> Planted:
        name = data.pick(rng)
        widest = max([data.spread(other) for other in data.numbers if other != name], default=1.0) or 1.0
        values = _standard(data, name) * widest * 10.0**strength
        return planted(data.with_numbers(data.first, name, values), data.first, columns=(name,))


class HeavyTail(Fault):
    """One value of a feature slips far out."""

    unit = "distance of one value from the mean, in standard deviations"
    strengths = (50, 200, 1000)

    def _plant(self, data: Splits, strength: float, rng: np.random.Generator) -> Planted:
        name, row = data.pick(rng), int(rng.integers(len(data.train)))
        values = data.values(data.first, name)
        values[row] = np.nanmean(values) + strength * data.spread(name)
        return planted(data.with_numbers(data.first, name, values), data.first, columns=(name,), rows=(row,))


class IdentifierFeature(Fault):
    """A column of different whole numbers; the fuller their range, the surer they are no measurement."""

    unit = "share of the numbers of its range that a key uses"
    strengths = (0.001, 0.1, 1)

    def _plant(self, data: Splits, strength: float, rng: np.random.Generator) -> Planted:
        rows = len(data.train)
        keys = rng.choice(round(rows / strength), rows, replace=False)
        return planted(
            data.with_column(data.first, "planted_key", keys), data.first, columns=("planted_key",)
        )


class InputRange(Fault):
    """A feature of another size than networks are made for."""

    unit = "root mean square of a feature"
    strengths = (3, 30, 1000)
    severity = Severity.INFO

    def _plant(self, data: Splits, strength: float, rng: np.random.Generator) -> Planted:
        name = data.pick(rng)
        values = data.values(data.first, name)
        finite = values[np.isfinite(values)]
        values *= strength / max(float(np.sqrt(np.mean(finite**2))), np.finfo(float).tiny)
        return planted(data.with_numbers(data.first, name, values), data.first, columns=(name,))


class NearConstantFeature(Fault):
    """A feature holds its median in all rows but a few."""

    unit = "rows of a feature that differ from all others"
    strengths = (20, 4, 1)

    def _plant(self, data: Splits, strength: float, rng: np.random.Generator) -> Planted:
        name, rows = data.pick(rng), len(data.train)
        odd = rng.permutation(rows)[: round(strength)]
        usual = float(np.nanmedian(data.values(data.first, name)))
        values = np.full(rows, usual)
        values[odd] = usual + (data.spread(name) or 1.0)
        # nulls would be exceptions of their own, so the column is written anew
        return planted(data.with_column(data.first, name, values), data.first, columns=(name,), rows=odd)


class NeedsDecision(Fault):
    """A feature's spread lies orders of magnitude below that of the others."""

    unit = "orders of magnitude of a feature's spread below the narrowest other"
    strengths = (1, 3, 5)
    severity = Severity.INFO

    def _plant(self, data: Splits, strength: float, rng: np.random.Generator) -> Planted:
        name = data.pick(rng)
        spreads = [data.spread(other) for other in data.numbers if other != name and data.spread(other)]
        values = _standard(data, name) * min(spreads, default=1.0) * 10.0**-strength
        return planted(data.with_numbers(data.first, name, values), data.first, columns=(name,))


class PrecisionLoss(Fault):
    """A column of consecutive numbers that begins near or beyond the last one that float32 counts to."""

    unit = "first number of a counter, in units of 2^24"
    strengths = (0.5, 2, 8)

    def _plant(self, data: Splits, strength: float, rng: np.random.Generator) -> Planted:
        numbers = round(strength * 2**24) + rng.permutation(len(data.train))
        made = data.with_column(data.first, "planted_counter", numbers)
        return planted(made, data.first, columns=("planted_counter",))


class TargetScale(Fault):
    """A regression target in another unit."""

    unit = "root mean square of the target"
    strengths = (3, 30, 1000)
    severity = Severity.INFO
    task = "regression"

    def _plant(self, data: Splits, strength: float, rng: np.random.Generator) -> Planted:
        label = data.of_task("regression")
        for split in data.tables:
            values = data.values(split, label)
            finite = values[np.isfinite(values)]
            scale = strength / max(float(np.sqrt(np.mean(finite**2))), np.finfo(float).tiny)
            data = data.with_numbers(split, label, values * scale)
        return planted(data, data.first)


def _standard(data: Splits, name: str) -> Numbers:
    """A training feature with mean 0 and standard deviation 1."""
    values = data.values(data.first, name)
    finite = values[np.isfinite(values)]
    standard: Numbers = (values - finite.mean()) / (finite.std() or 1.0)
    return standard
