"""How much of the label each feature gives alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True, slots=True)
class FeatureScore:
    """Held-out share of the label that one feature explains: of its entropy for classes, R2 of its normal
    scores."""

    feature: str
    score: float


@dataclass(frozen=True, kw_only=True, slots=True)
class CategoryScore:
    """A value of a feature that nearly only one class has.

    `value` is None for 'missing'. Of the `rows` with it, `precision` have the class `label`; of that
    class, `recall` have the value.
    """

    feature: str
    value: Any
    label: Any
    rows: int
    precision: float
    recall: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Leakage:
    """Scores of the features alone, best first, and of all of them together, on rows held out."""

    features: tuple[FeatureScore, ...]
    categories: tuple[CategoryScore, ...]
    together: float
    n_used: int
    seed: int

    def to_json(self) -> dict[str, Any]:
        """The record as report.json writes it."""
        return {
            "features": [[f.feature, round(f.score, 6)] for f in self.features],
            "categories": [
                [c.feature, c.value, c.label, c.rows, round(c.precision, 6), round(c.recall, 6)]
                for c in self.categories
            ],
            "together": round(self.together, 6),
            "n_used": self.n_used,
            "seed": self.seed,
        }
