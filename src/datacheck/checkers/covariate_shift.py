"""covariate-shift."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from .._format import listing, percent, plural
from .._significance import benjamini_hochberg, detectable_distance
from ..dataset_profile import DatasetProfile
from ..finding import Finding
from ..records.column_shift import ColumnShift
from ..records.shift import Shift
from ._feature_shifts import feature_shifts
from ._groups import rows_compared, rows_taken_for_independent
from .base import Checker, Example, need

Shifts = tuple[ColumnShift, ...]

_WEIGHTS_FIX = """\
weights = report.weight_table({split!r}).to_pandas()  # of training rows; {share} of them effective
model.fit(x[weights.row], y[weights.row], sample_weight=weights.weight)
sampler = WeightedRandomSampler(weights.weight.to_numpy(), num_samples=len(weights))
loader = DataLoader(Subset(dataset, weights.row.tolist()), sampler=sampler)"""


@dataclass(frozen=True, kw_only=True)
class CovariateShift(Checker):
    """Features whose distribution differs between the training split and another.

    What it finds:
        Numbers that moved, spread or changed shape; categories with another mix, with new levels or without
        old ones; another share of missing or infinite values.

    Why it matters for training:
        The network is tuned where the training rows are and judged where the other rows are. A shifted
        validation split picks the wrong model; a shifted test split measures something that training never
        saw; a unit that changed between files does both.

    How it decides:
        Each feature by p-value and effect, both: twice the smaller of the Kolmogorov-Smirnov and the smooth
        rank test, chi-square with rare levels merged, Fisher or z for rates, all under Benjamini-Hochberg;
        and 4 points of the rows on the other side of some threshold, a mean move of 0.1 standard deviations,
        5 points of changed levels, or 2 points of missing values. It is an error when even the lower 95 %
        bound of the effect is three times that. A saved profile, without rows, is compared by its quantiles,
        less their rank error. Where rows are at hand, the shift probe adds what only shows jointly: a
        ridge classifier of the split (permuted inside its folds), correlations, the label model's scores.
        When it names the shift a label shift, moved features are its consequence and told as information.

    When it is wrong:
        Rows that come in groups (sessions, patients) or one after the other are fewer than they look, and
        p-values too small: name the column with `--group` or `--time`. Groups are then permuted whole, and
        tests of single columns divided by their design effect (Rao & Scott 1984).

    What to do:
        First look for a defect: unit, encoding, default value, another source. If the difference is real,
        weight the training rows or collect rows like the others.

    References:
        Rayner & Best 1989, Smooth Tests of Goodness of Fit. Rabanser, Günnemann & Lipton 2019, Failing
        Loudly. Benjamini & Hochberg 1995, Controlling the False Discovery Rate.
    """

    scope = "others"
    requires = ("shift",)
    clean = Example(
        splits={
            "train": {"x": [float(i % 97) for i in range(400)], "city": ["a", "b", "b", "c"] * 100},
            "test": {"x": [float(i * 31 % 97) for i in range(300)], "city": ["a", "b", "b", "c"] * 75},
        }
    )
    dirty = Example(
        splits={
            "train": {"x": [float(i % 97) for i in range(400)], "city": ["a", "b", "b", "c"] * 100},
            "test": {"x": [float(i % 97) + 25 for i in range(300)], "city": ["a", "b", "d", "c"] * 75},
        },
        finds=("x", "city"),
    )

    alpha: float = 0.05
    """Chance that clean splits alarm at all, of which two fifths go to single features, divided by the pairs
    of splits. Measured: see benchmarks/detection/clean_splits.py."""

    def check(self, data: DatasetProfile, split: str) -> Iterator[Finding]:
        """What is surely large, what matters, what shows only jointly, and what is sure but trifling."""
        record = _record(data, split)
        if data.group or data.time:
            known = data.record("shift", split)
            need(record is not None, known.reason or "groups cannot be counted without rows")
        moved, trifles = (record.columns, record.trifles) if record else self._one_by_one(data, split)
        if record and record.kind == "label":
            yield from self._consequence(data, split, moved)
        else:
            yield from self._moved(data, split, moved, _fix(record, split))
        if record and record.kind in ("covariate", "mixed") and not moved:
            yield self._joint(data, split, record)
        if trifles:
            yield self._trifling(data, split, trifles)

    def detectable(self, data: DatasetProfile, split: str) -> str | None:
        """The smallest distance that a single shifted feature would have shown."""
        rows = rows_compared(data, split)
        features = max(len(data.features(split)), 1)
        distance = detectable_distance(rows[0], rows[1], self._level(data) / features)
        if distance is None:
            return None
        points = 100 * max(distance, 0.04)
        return f"a feature of which {points:.0f} points of the rows moved past a threshold (90 % power)"

    def _level(self, data: DatasetProfile) -> float:
        return 0.4 * self.alpha / max(len(data.others), 1)

    def _one_by_one(self, data: DatasetProfile, split: str) -> tuple[Shifts, Shifts]:
        """Significant features from the profiles alone: those that matter, the surest first, and the rest."""
        shifts = feature_shifts(data, split)
        adjusted = benjamini_hochberg([shift.p for shift in shifts])
        sure = [s for s, q in zip(shifts, adjusted, strict=True) if q <= self._level(data)]
        sure.sort(key=lambda shift: (-shift.interval[0], shift.column))
        return tuple(s for s in sure if s.relevant), tuple(s for s in sure if not s.relevant)

    def _moved(self, data: DatasetProfile, split: str, moved: Shifts, fix: str) -> Iterator[Finding]:
        for severity, severe in (("error", True), ("warning", False)):
            chosen = [shift for shift in moved if shift.severe == severe]
            if chosen:
                columns = _columns(chosen)
                yield self.finding(
                    split,
                    severity,
                    f"{plural(len(columns), 'feature')} unlike {data.reference!r}: {_stories(chosen)}",
                    columns=columns,
                    evidence={"shifts": [_numbers(shift) for shift in chosen]},
                    advice="Look for another unit, encoding or source; if real, weight or collect rows."
                    + rows_taken_for_independent(data),
                    fix=fix,
                )

    def _consequence(self, data: DatasetProfile, split: str, moved: Shifts) -> Iterator[Finding]:
        if moved:
            yield self.finding(
                split,
                "info",
                f"{plural(len(_columns(moved)), 'feature')} moved with the mix of labels "
                f"and are alike inside each class: {listing(_columns(moved))}",
                columns=_columns(moved),
                evidence={"shifts": [_numbers(shift) for shift in moved]},
            )

    def _joint(self, data: DatasetProfile, split: str, record: Shift) -> Finding:
        return self.finding(
            split,
            "error" if record.auc is not None and record.auc >= 0.65 else "warning",
            f"rows can be told from those of {data.reference!r} although no single feature moved much "
            f"(area under the ROC curve {record.auc:.2f})",
            columns=record.features,
            evidence={"auc": record.auc, "effect": record.effects.get("x"), "p": record.p_values.get("x")},
            advice="Look for features that no longer go together, and for a filter on several of them."
            + rows_taken_for_independent(data),
            fix=_fix(record, split),
        )

    def _trifling(self, data: DatasetProfile, split: str, trifles: Shifts) -> Finding:
        columns = _columns(trifles)
        largest = max(trifles, key=lambda shift: shift.effect)
        return self.finding(
            split,
            "info",
            f"{plural(len(columns), 'feature')} ({listing(columns)}) differ from {data.reference!r} surely "
            f"but too little to act on: {largest.column!r} most, by {percent(largest.effect)} of rows",
            columns=columns,
            evidence={"shifts": [_numbers(shift) for shift in trifles]},
        )


def _record(data: DatasetProfile, split: str) -> Shift | None:
    """The shift probe's record, where it saw rows."""
    record = data.records.get("shift", {}).get(split)
    return record if isinstance(record, Shift) and record.kind != "cannot tell" else None


def _fix(record: Shift | None, split: str) -> str:
    if record is None or record.weights.values is None:
        return ""
    share = percent(record.weights.effective_share)
    return _WEIGHTS_FIX.format(split=split, share=share)


def _columns(shifts: Sequence[ColumnShift]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(shift.column for shift in shifts))


def _stories(shifts: Sequence[ColumnShift]) -> str:
    more = f"; and {len(shifts) - 3} more" if len(shifts) > 3 else ""
    return "; ".join(f"{shift.column!r}: {shift.story}" for shift in shifts[:3]) + more


def _numbers(shift: ColumnShift) -> dict[str, Any]:
    return {
        "column": shift.column,
        "aspect": shift.aspect,
        "p": shift.p,
        "effect": shift.effect,
        "interval": list(shift.interval),
    }
