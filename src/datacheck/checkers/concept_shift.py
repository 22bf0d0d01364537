"""concept-shift."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from .._format import listing
from ..dataset_profile import DatasetProfile
from ..finding import Finding
from ..records.shift import Shift
from ._groups import rows_taken_for_independent
from .base import Checker, Example, need


@dataclass(frozen=True, kw_only=True)
class ConceptShift(Checker):
    """Rows alike in their features that carry other labels in another split.

    What it finds:
        A relation of label and features that changed: labels exchanged in a region, noisier labels, two
        classes confused, another labelling rule, a target with an offset.

    Why it matters for training:
        What is right in one split is wrong in the other. Reweighting rows or classes cannot cure it, and a
        validation split with another concept picks the wrong model.

    How it decides:
        Residuals of the label and of the split, both given the features, from cross-fitted boosted trees;
        under one concept their product has mean 0 in every direction. Tried are named directions (noisier
        labels, pairs of classes confused, a class more frequent), every feature, and one direction learned on
        other folds. It needs a p-value and 2 points of label probability on comparable rows. When the class
        mix moved and the features inside each class did not, that is a label shift and not reported here.

    When it is wrong:
        Under strong selection the models are never perfect, so the level is ten times stricter there. A
        feature that was damaged changes what the features say about the label, and shows as both.

    What to do:
        Look at how and when each split was labelled; relabel, or retrain on labels of the new kind.

    References:
        Shah & Peters 2020, The Hardness of Conditional Independence Testing. Scheidegger et al. 2022, The
        Weighted Generalised Covariance Measure. Cai, Namkoong & Yadlowsky 2023 (comparable rows only).
    """

    scope = "others"
    requires = ("shift",)
    clean = Example(
        splits={
            "train": {
                "x": [float(i * 37 % 101) for i in range(300)],
                "y": [i * 37 % 101 // 51 for i in range(300)],
            },
            "test": {
                "x": [float(i * 53 % 101) for i in range(300)],
                "y": [i * 53 % 101 // 51 for i in range(300)],
            },
        },
        label="y",
    )
    dirty = Example(
        splits={
            "train": {
                "x": [float(i * 37 % 101) for i in range(300)],
                "y": [i * 37 % 101 // 51 for i in range(300)],
            },
            "test": {
                "x": [float(i * 53 % 101) for i in range(300)],
                "y": [i * 53 % 101 // 76 for i in range(300)],
            },
        },
        label="y",
        finds=("y",),
    )

    severe: float = 0.08
    """Lower 95 % bound of the change of label probability that makes an error: four times the 2 points that
    warn (method note, section 7.1)."""

    def check(self, data: DatasetProfile, split: str) -> Iterator[Finding]:
        """At most one finding."""
        shift: Shift = data.record("shift", split)
        tau, interval = shift.effects.get("y_given_x"), shift.intervals.get("y_given_x")
        need(tau is not None and interval is not None, shift.reason or "there are no labels to compare")
        if shift.kind not in ("concept", "mixed") or tau is None or interval is None:
            return
        label = data.schema.label or ""
        where = f"; most along {listing(shift.features, 3)}" if shift.features else ""
        yield self.finding(
            split,
            "error" if interval[0] >= self.severe else "warning",
            f"rows with like features carry other labels than in {data.reference!r}: at least "
            f"{100 * tau:.1f} ± {50 * (interval[1] - interval[0]):.1f} points of {label!r} differ{where}",
            columns=[label],
            evidence={"kind": shift.kind, "effect": tau, "interval": list(interval), **_evidence(shift)},
            advice="Relabel or retrain: weights cannot help where the same rows have other labels."
            + rows_taken_for_independent(data),
        )

    def detectable(self, data: DatasetProfile, split: str) -> str | None:
        """The smallest change of label probability that would have shown."""
        shift: Shift = data.record("shift", split)
        least = shift.detectable.get("y_given_x")
        return (
            None
            if least is None
            else f"{100 * max(least, 0.02):.1f} points of label probability (90 % power)"
        )


def _evidence(shift: Shift) -> dict[str, object]:
    return {"p": shift.p_values.get("y_given_x"), "features": list(shift.features), "auc": shift.auc}
