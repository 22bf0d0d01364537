"""P(x): every test of the features, and whether they alarm."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from datacheck._significance import benjamini_hochberg
from datacheck.probes import shift_kind as levels
from datacheck.probes.shift_columns import column_shifts
from datacheck.probes.shift_dependence import DependenceShift, dependence_shift
from datacheck.probes.shift_design import Design
from datacheck.probes.shift_domain import DomainTest, auc_interval, domain_test, folds_of
from datacheck.probes.shift_kernel import vector_shifts
from datacheck.probes.shift_table import Column, Pair
from datacheck.probes.shift_tolerance import tolerant_scores
from datacheck.records.column_shift import MIN_DISTANCE, ColumnShift

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

MOST_PAIRED = 80
"""Columns whose correlations are compared: 3,160 pairs."""

RIDGE_FOLDS = 5
"""Folds of the domain classifier below 3,000 rows, 3 above."""


@dataclass(frozen=True, eq=False, kw_only=True, slots=True)
class FeatureTests:
    """P(x): all column tests with their adjusted p-values, and the joint tests."""

    columns: tuple[ColumnShift, ...]
    vectors: tuple[ColumnShift, ...]
    adjusted: FloatArray
    score: ColumnShift | None
    dependence: DependenceShift | None
    domain: DomainTest
    auc: float
    auc_interval: tuple[float, float]

    def flagged(self, alpha: float) -> tuple[ColumnShift, ...]:
        """Columns that are significant and relevant, the surest first; then vectors whose parts are not."""
        single = self._significant(alpha, relevant=True)
        level = levels.VECTORS * alpha / max(len(self.vectors), 1)
        whole = [v for v in self.vectors if v.p <= level and v.relevant]
        return (*single, *(v for v in whole if not any(s.column.startswith(f"{v.column}[") for s in single)))

    def trifles(self, alpha: float) -> tuple[ColumnShift, ...]:
        """Columns that are significant and not relevant."""
        return self._significant(alpha, relevant=False)

    def _significant(self, alpha: float, relevant: bool) -> tuple[ColumnShift, ...]:
        places = [i for i, q in enumerate(self.adjusted) if q <= levels.COLUMNS * alpha]
        chosen = [self.columns[i] for i in places if self.columns[i].relevant == relevant]
        return tuple(sorted(chosen, key=lambda shift: (-shift.interval[0], shift.p)))

    def alarm(self, alpha: float) -> bool:
        """Whether any of the tests is significant at its share of alpha and relevant."""
        return bool(
            self.flagged(alpha)
            or (self.score and self.score.p <= levels.SCORE * alpha and self.score.effect >= MIN_DISTANCE)
            or (
                self.dependence
                and self.dependence.p <= levels.DEPENDENCE * alpha
                and self.dependence.relevant
            )
            or (self.domain.p <= levels.RIDGE * alpha and self.auc >= levels.MIN_AUC)
        )

    @property
    def p(self) -> float:
        """Smallest p-value, each divided by the share of alpha that its test has: at most alpha rejects."""
        pieces = [float(self.adjusted.min(initial=1.0)) / levels.COLUMNS, self.domain.p / levels.RIDGE]
        pieces += [self.score.p / levels.SCORE] if self.score else []
        pieces += [self.dependence.p / levels.DEPENDENCE] if self.dependence else []
        pieces += [len(self.vectors) * vector.p / levels.VECTORS for vector in self.vectors]
        return min(1.0, *pieces)

    @property
    def strongest(self) -> ColumnShift | None:
        """The column (or label-model score) whose effect is largest by its lower bound."""
        shifts = [*self.columns, *self.vectors, *([self.score] if self.score else [])]
        return max(shifts, key=lambda shift: (shift.interval[0], shift.effect), default=None)


def feature_tests(
    whole: Pair,
    sample: Pair,
    design: Design,
    scores: FloatArray | None,
    rng: np.random.Generator,
) -> FeatureTests:
    """Columns on all rows of `whole`, joint tests on those of `sample`, whose `design` and label `scores` are
    given."""
    columns = tuple(column_shifts(whole))
    count = RIDGE_FOLDS if len(sample.domain) < 3000 else 3
    folds = folds_of(sample.domain, count, rng)
    domain = domain_test(design.terms, sample.domain, folds, folds, rng)
    auc, interval = auc_interval(_centred_by_fold(domain.scores, folds), sample.domain)
    if auc >= levels.MIN_AUC and domain.p <= levels.ALPHA:
        scores_left = tolerant_scores(domain.scores, domain.weights, folds, design, sample)
        auc, interval = auc_interval(_centred_by_fold(scores_left, folds), sample.domain)
    paired = np.flatnonzero(design.first_order)[:MOST_PAIRED]
    return FeatureTests(
        columns=columns,
        vectors=tuple(vector_shifts(sample, rng)),
        adjusted=benjamini_hochberg([shift.p for shift in columns]),
        score=None if scores is None else score_shift(scores, sample.domain),
        dependence=dependence_shift(design.terms[:, paired], sample.domain),
        domain=domain,
        auc=auc,
        auc_interval=interval,
    )


def score_shift(scores: FloatArray, domain: IntArray) -> ColumnShift | None:
    """The label model's scores (n, k) as columns: the clearest, with its p adjusted for their number.

    Lipton et al. 2018; Rabanser et al. 2019: the strongest single test of a shift that touches the label.
    """
    shown = scores if scores.shape[1] > 2 else scores[:, :1]
    columns = tuple(
        Column(name=f"P(class {k}|x)", values=values, infinite=np.zeros(len(values), bool))
        for k, values in enumerate(shown.T)
    )
    shifts = list(column_shifts(Pair(columns=columns, domain=domain)))
    if not shifts:
        return None
    best = min(shifts, key=lambda shift: shift.p)
    p = float(benjamini_hochberg([shift.p for shift in shifts]).min())
    return ColumnShift(
        column="label model",
        aspect="score",
        p=p,
        effect=best.effect,
        interval=best.interval,
        relevant=best.relevant,
        severe=best.severe,
        story=f"the predicted label moves: {best.story}",
    )


def _centred_by_fold(scores: FloatArray, folds: IntArray) -> FloatArray:
    means = np.bincount(folds, weights=scores) / np.bincount(folds)
    return np.asarray(scores - means[folds])
