"""The four answers, whether each alarms, and which distributions moved."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from datacheck.probes import shift_kind as levels
from datacheck.probes.shift_concept import ConceptTest, concept_test
from datacheck.probes.shift_features import FeatureTests, feature_tests
from datacheck.probes.shift_given_label import GivenLabel, given_label_test
from datacheck.probes.shift_kind import Moved
from datacheck.probes.shift_label import Label, label_shift
from datacheck.probes.shift_nuisance import Crossed, calibration, cross_fit
from datacheck.probes.shift_sample import Sample
from datacheck.probes.shift_table import Pair
from datacheck.records.column_shift import LabelShift

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False, kw_only=True, slots=True)
class Answers:
    """The four answers; None where a question could not be asked.

    `beyond_mix` asks of P(y|x) again once the class mix is allowed for: what it finds is no label shift.
    """

    x: FeatureTests
    y: LabelShift | None
    x_given_y: GivenLabel | None
    y_given_x: ConceptTest | None
    beyond_mix: ConceptTest | None = None


def answers_of(
    pair: Pair, labels: tuple[Label, IntArray] | None, sample: Sample, rng: np.random.Generator, seed: int
) -> Answers:
    scores = sample.label_model.outer if sample.label_model else None
    features = feature_tests(pair, sample.pair, sample.design, scores, rng)
    if labels is None or sample.label is None or sample.label_model is None:
        return Answers(x=features, y=None, x_given_y=None, y_given_x=None)
    domain = sample.pair.domain
    domain_model = cross_fit(sample.trees, domain, 2, sample.folds, seed, rounds=20)
    y = label_shift(labels[0], replace(pair, columns=()).take(labels[1]))
    concept = _concept(sample, sample.label, sample.label_model, domain_model, seed)
    beyond = None
    if y and y.relevant and concept.p <= levels.KIND:
        allowed = _for_the_mix(sample.label_model, sample.label.target, domain)
        beyond = _concept(sample, sample.label, allowed, domain_model, seed)
    return Answers(
        x=features,
        y=y,
        x_given_y=given_label_test(
            sample.pair,
            sample.design.terms,
            sample.label.strata,
            sample.label_model.outer,
            sample.folds,
            rng,
        ),
        y_given_x=concept,
        beyond_mix=beyond,
    )


def _concept(
    sample: Sample, label: Label, label_model: Crossed, domain_model: Crossed, seed: int
) -> ConceptTest:
    return concept_test(
        sample.design.terms,
        sample.trees,
        label.target,
        label_model,
        sample.pair.domain,
        domain_model,
        sample.folds,
        seed,
        ordered=label.numbers is not None,
    )


def _for_the_mix(model: Crossed, target: IntArray, domain: IntArray) -> Crossed:
    """The label model as it is in each split if only the mix of classes differs: P(y|x) P_split(y) / P(y),
    scaled.

    The model is calibrated first: a shy model, reweighted, is wrong in both splits.
    """
    classes = model.outer.shape[1]
    shares = np.stack([np.bincount(target[domain == side], minlength=classes) + 0.5 for side in (0, 1)])
    pooled = np.bincount(target, minlength=classes) + 1.0
    ratio = (shares / shares.sum(axis=1, keepdims=True) / (pooled / pooled.sum()))[domain]
    calibrate = calibration(model.outer, target)

    def scaled(probability: FloatArray) -> FloatArray:
        weighted = calibrate(probability) * ratio
        return np.asarray(weighted / np.maximum(weighted.sum(axis=1, keepdims=True), 1e-12))

    return Crossed(outer=scaled(model.outer), inner=tuple(scaled(part) for part in model.inner))


def alarms_of(answers: Answers, alpha: float) -> tuple[bool, bool, bool, bool]:
    """For each question, whether it alone would alarm."""
    y, inside, concept = answers.y, answers.x_given_y, answers.y_given_x
    return (
        answers.x.alarm(alpha),
        bool(y and y.column.p <= levels.LABEL * alpha and y.relevant),
        bool(inside and inside.p <= levels.GIVEN_LABEL * alpha and inside.interval[0] >= levels.MIN_INSIDE),
        bool(concept and concept.p <= levels.CONCEPT * alpha and concept.tau >= levels.MIN_TAU),
    )


def moved_of(answers: Answers, alarms: tuple[bool, bool, bool, bool]) -> Moved:
    """Which distributions moved, at the levels that name the kind of a shift that alarmed."""
    concept, inside = answers.y_given_x, answers.x_given_y
    if answers.y is None:
        return Moved(x=alarms[0], y=False, x_given_y=None, y_given_x=False)
    told = (
        concept is not None and answers.x.auc <= levels.TELLING_AUC and concept.error <= levels.TELLING_ERROR
    )
    level = levels.KIND_SELECTED if alarms[0] else levels.KIND
    return Moved(
        x=alarms[0],
        y=alarms[1],
        x_given_y=None if inside is None else inside.p <= levels.KIND_INSIDE or _beyond(answers),
        y_given_x=_concept_moved(concept, level) if told else None,
    )


def _beyond(answers: Answers) -> bool:
    """Whether P(y|x) changed by more than the class mix explains; then P(x|y) changed, too."""
    return answers.beyond_mix is not None and answers.beyond_mix.p <= levels.KIND_BEYOND


def _concept_moved(concept: ConceptTest | None, level: float) -> bool:
    return bool(concept and concept.p <= level and concept.tau >= levels.MIN_TAU_KIND)
