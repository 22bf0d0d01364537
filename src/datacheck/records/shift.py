"""The record of the shift probe: which of P(x), P(y), P(x|y) and P(y|x) moved, by how much, and what kind it
is."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from datacheck.records.column_shift import ColumnShift, LabelShift

QUESTIONS = ("x", "y", "x_given_y", "y_given_x")
"""Keys of `p_values`, `effects` and `intervals`."""

KINDS = ("none", "covariate", "label", "concept", "mixed", "cannot tell")


@dataclass(frozen=True, eq=False, kw_only=True, slots=True)
class Weights:
    """What makes training rows stand for the compared split.

    `classes` maps a class to its weight (label shift). `rows` are positions in the row sample of the training split and
    `values` their weights with mean 1, shape (n,) each (covariate shift). `effective_share` is the effective
    sample size over n. `refused` says why there are none.
    """

    classes: dict[object, float] | None = None
    rows: npt.NDArray[np.int64] | None = None
    values: npt.NDArray[np.float64] | None = None
    effective_share: float | None = None
    refused: str = ""

    def at(self, rows: npt.NDArray[np.int64]) -> Weights:
        """The weights of rows of a sample as those of the rows that the sample was taken from."""
        return self if self.rows is None else replace(self, rows=rows[self.rows])

    def to_json(self) -> dict[str, Any]:
        """The weights as report.json writes them: those of classes; rows stay in memory."""
        return {
            "classes": None if self.classes is None else {str(k): v for k, v in self.classes.items()},
            "rows": None if self.rows is None else len(self.rows),
            "effective_share": self.effective_share,
            "refused": self.refused,
        }


@dataclass(frozen=True, eq=False, kw_only=True, slots=True)
class Shift:
    """What differs between a split and its reference.

    Effects are shares (0 to 1): of the rows for `x`, `y` and `x_given_y`, of label probability on comparable
    rows for `y_given_x`. A question that could not be asked has None. `columns` are the shifted columns, the
    clearest first; `features` their names, or those that a joint test points at; `detectable` is the smallest
    effect that would have been found with 90 % power; `groups` are how many groups each split's rows come in,
    where a column says so; `beside` compares the split with other evaluation splits directly; `label` is P(y)
    by itself; `skipped` says which columns were not compared and why.

    >>> Shift(reference="train", rows=(100, 20), seed=0).kind
    'none'
    """

    reference: str
    rows: tuple[int, int]
    seed: int
    kind: str = "none"
    reason: str = ""
    groups: tuple[int, int] | None = None
    p_values: dict[str, float | None] = field(default_factory=dict)
    effects: dict[str, float | None] = field(default_factory=dict)
    intervals: dict[str, tuple[float, float] | None] = field(default_factory=dict)
    label: LabelShift | None = None
    columns: tuple[ColumnShift, ...] = ()
    trifles: tuple[ColumnShift, ...] = ()
    features: tuple[str, ...] = ()
    auc: float | None = None
    detectable: dict[str, float | None] = field(default_factory=dict)
    weights: Weights = field(default_factory=Weights)
    skipped: dict[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    beside: dict[str, Shift] = field(default_factory=dict)

    @property
    def shifted(self) -> bool:
        """Whether a shift was found, of whatever kind."""
        return self.kind not in ("none", "cannot tell")

    def to_json(self) -> dict[str, Any]:
        """The record as report.json writes it."""
        return {
            "reference": self.reference,
            "rows": list(self.rows),
            "groups": self.groups and list(self.groups),
            "kind": self.kind,
            "reason": self.reason,
            "p_values": self.p_values,
            "effects": self.effects,
            "intervals": {key: value and list(value) for key, value in self.intervals.items()},
            "features": list(self.features),
            "auc": self.auc,
            "detectable": self.detectable,
            "weights": self.weights.to_json(),
            "skipped": self.skipped,
            "notes": list(self.notes),
            "beside": {name: shift.to_json() for name, shift in self.beside.items()},
            "seed": self.seed,
        }
