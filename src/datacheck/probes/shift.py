"""Covariate, label or concept shift between two row samples: the whole measurement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from datacheck._significance import detectable_distance
from datacheck.probes import shift_kind as levels
from datacheck.probes.shift_concept import ConceptTest, concept_test
from datacheck.probes.shift_design import Design, linear_design, tree_design
from datacheck.probes.shift_domain import folds_of
from datacheck.probes.shift_features import FeatureTests, feature_tests
from datacheck.probes.shift_given_label import GivenLabel, given_label_test
from datacheck.probes.shift_kind import Moved, kind_of
from datacheck.probes.shift_label import Label, label_of, label_shift
from datacheck.probes.shift_nuisance import FOLDS, Crossed, cross_fit, one_thread
from datacheck.probes.shift_table import Pair, pair_of
from datacheck.probes.shift_weights import class_weights, row_weights
from datacheck.records.column_shift import LabelShift
from datacheck.records.shift import QUESTIONS, Shift, Weights

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

FEWEST_ROWS = 30
"""Rows a split needs before anything is said about it."""

MOST_ROWS = 50_000
"""Rows of a split that the tests of columns read. On 5 million rows the verdicts of 50,000 were the same."""

MODEL_ROWS = 5_000
"""Rows of a split that the models read."""


@dataclass(frozen=True, eq=False, kw_only=True, slots=True)
class Sample:
    """The rows that the models read: positions in the pair, features, label, folds and crossed models."""

    rows: IntArray
    pair: Pair
    design: Design
    trees: FloatArray
    label: Label | None
    folds: IntArray
    label_model: Crossed | None


@dataclass(frozen=True, eq=False, kw_only=True, slots=True)
class Answers:
    """The four answers; None where a question could not be asked."""

    x: FeatureTests
    y: LabelShift | None
    x_given_y: GivenLabel | None
    y_given_x: ConceptTest | None


def shift(
    train: pa.Table,
    test: pa.Table,
    *,
    label: str | None = None,
    task: str | None = None,
    groups: str | None = None,
    alpha: float = levels.ALPHA,
    reference: str = "train",
    seed: int = 0,
) -> Shift:
    """Which of P(x), P(y), P(x|y) and P(y|x) differ between two tables of rows, and what kind of shift that
    is.

    `task` is "classification" or "regression" (needed with `label`); rows that share a value of `groups`
    count as one. `alpha` is the chance that two samples of one population alarm: divide it by the pairs of
    splits compared.

    >>> table = pa.table({"a": np.sin(np.arange(400.0)), "b": np.arange(400.0) % 7})
    >>> shift(table[:200], table[200:]).kind
    'none'
    """
    rng = np.random.default_rng(seed)
    train, test = (_thin(side, groups, rng) for side in (train, test))
    if min(len(train), len(test)) < FEWEST_ROWS:
        return _too_few(reference, (len(train), len(test)), seed)
    left_out = tuple(name for name in (label, groups) if name)
    pair = pair_of(train, test, left_out)
    labels = _label(label, task, train, test)
    if not pair.columns:
        return _no_features(reference, pair, labels, alpha, seed)
    with one_thread():
        sample = _sample(pair, labels, rng, seed)
        answers = _answers(pair, labels, sample, rng, seed)
        return _record(answers, pair, labels, sample, alpha, reference, seed)


def _thin(table: pa.Table, groups: str | None, rng: np.random.Generator) -> pa.Table:
    """One random row of each group, and at most 50,000 rows."""
    order = rng.permutation(len(table))
    if groups is not None and groups in table.column_names:
        encoded = table[groups].combine_chunks().dictionary_encode().indices.fill_null(-1)
        codes = np.asarray(encoded.to_numpy(zero_copy_only=False))
        order = order[np.unique(codes[order], return_index=True)[1]]
    if len(order) == len(table) <= MOST_ROWS:
        return table
    return table.take(pa.array(np.sort(order[:MOST_ROWS] if len(order) > MOST_ROWS else order)))


def _label(
    name: str | None, task: str | None, train: pa.Table, test: pa.Table
) -> tuple[Label, IntArray] | None:
    """The labels, and the rows of the pair that have one."""
    if name is None or any(name not in side.column_names for side in (train, test)):
        return None
    valid = [_labelled(side[name]) for side in (train, test)]
    if min(int(v.sum()) for v in valid) < FEWEST_ROWS:
        return None
    sides = [side[name].filter(pa.array(v)) for side, v in zip((train, test), valid, strict=True)]
    return label_of(name, sides[0], sides[1], task or "classification"), np.flatnonzero(np.concatenate(valid))


def _labelled(column: pa.ChunkedArray) -> npt.NDArray[np.bool_]:
    valid = pc.is_valid(column)
    if pa.types.is_floating(column.type):
        valid = pc.and_(valid, pc.fill_null(pc.is_finite(column), False))
    return np.asarray(valid.to_numpy(zero_copy_only=False), dtype=bool)


def _sample(pair: Pair, labels: tuple[Label, IntArray] | None, rng: np.random.Generator, seed: int) -> Sample:
    candidates = labels[1] if labels else np.arange(len(pair.domain))
    chosen = np.sort(np.concatenate([_draw(pair.domain[candidates] == side, rng) for side in (0, 1)]))
    rows = candidates[chosen]
    part = pair.take(rows)
    label = labels[0].take(chosen) if labels else None
    strata = part.domain if label is None else part.domain + 2 * label.target
    folds = folds_of(strata, FOLDS, rng)
    trees = tree_design(part)
    model = None
    if label is not None:
        model = cross_fit(trees, label.target, int(label.target.max()) + 1, folds, seed)
    return Sample(
        rows=rows,
        pair=part,
        design=linear_design(part),
        trees=trees,
        label=label,
        folds=folds,
        label_model=model,
    )


def _draw(eligible: npt.NDArray[np.bool_], rng: np.random.Generator) -> IntArray:
    places = np.flatnonzero(eligible)
    return places if len(places) <= MODEL_ROWS else rng.choice(places, MODEL_ROWS, replace=False)


def _answers(
    pair: Pair, labels: tuple[Label, IntArray] | None, sample: Sample, rng: np.random.Generator, seed: int
) -> Answers:
    scores = sample.label_model.outer if sample.label_model else None
    features = feature_tests(pair, sample.pair, sample.design, scores, rng)
    if labels is None or sample.label is None or sample.label_model is None:
        return Answers(x=features, y=None, x_given_y=None, y_given_x=None)
    terms, domain = sample.design.terms, sample.pair.domain
    domain_model = cross_fit(sample.trees, domain, 2, sample.folds, seed, rounds=20)
    return Answers(
        x=features,
        y=label_shift(labels[0], pair.domain[labels[1]]),
        x_given_y=given_label_test(
            sample.pair, terms, sample.label.strata, sample.label_model.outer, sample.folds, rng
        ),
        y_given_x=concept_test(
            terms,
            sample.trees,
            sample.label.target,
            sample.label_model,
            domain,
            domain_model,
            sample.folds,
            seed,
        ),
    )


def _alarms(answers: Answers, alpha: float) -> tuple[bool, bool, bool, bool]:
    """For each question, whether it alone would alarm."""
    y, inside, concept = answers.y, answers.x_given_y, answers.y_given_x
    return (
        answers.x.alarm(alpha),
        bool(y and y.column.p <= levels.LABEL * alpha and y.relevant),
        bool(inside and inside.p <= levels.GIVEN_LABEL * alpha and inside.interval[0] >= 0.02),
        bool(concept and concept.p <= levels.CONCEPT * alpha and concept.tau >= levels.MIN_TAU),
    )


def _moved(answers: Answers, alarms: tuple[bool, bool, bool, bool]) -> Moved:
    """Which distributions moved, at the levels that name the kind of a shift that alarmed."""
    concept, inside = answers.y_given_x, answers.x_given_y
    if answers.y is None:
        return Moved(x=alarms[0], y=False, x_given_y=None, y_given_x=False)
    told = (
        concept is not None and answers.x.auc <= levels.TELLING_AUC and concept.error <= levels.TELLING_ERROR
    )
    level = 0.002 if alarms[0] else 0.02
    return Moved(
        x=alarms[0],
        y=alarms[1],
        x_given_y=None if inside is None else inside.p <= 0.03,
        y_given_x=bool(concept and concept.p <= level and concept.tau >= levels.MIN_TAU_KIND)
        if told
        else None,
    )


def _record(
    answers: Answers,
    pair: Pair,
    labels: tuple[Label, IntArray] | None,
    sample: Sample,
    alpha: float,
    reference: str,
    seed: int,
) -> Shift:
    alarms = _alarms(answers, alpha)
    kind = kind_of(_moved(answers, alarms)) if any(alarms) else "none"
    flagged = answers.x.flagged(alpha)
    return Shift(
        reference=reference,
        rows=pair.rows,
        seed=seed,
        kind=kind,
        p_values=_p_values(answers),
        effects=_effects(answers),
        intervals=_intervals(answers),
        columns=flagged,
        trifles=answers.x.trifles(alpha),
        features=_names(answers, sample, flagged, kind),
        auc=answers.x.auc,
        detectable=_detectable(pair, answers, alpha),
        weights=_weights(kind, answers, labels, sample, seed),
        skipped=pair.skipped,
    )


def _p_values(answers: Answers) -> dict[str, float | None]:
    paths = ("p", "column.p", "p", "p")
    return _each((answers.x, answers.y, answers.x_given_y, answers.y_given_x), paths)


def _effects(answers: Answers) -> dict[str, float | None]:
    paths = ("effect", "column.effect", "effect", "tau")
    return _each((answers.x.strongest, answers.y, answers.x_given_y, answers.y_given_x), paths)


def _intervals(answers: Answers) -> dict[str, tuple[float, float] | None]:
    paths = ("interval", "column.interval", "interval", "interval")
    return _each((answers.x.strongest, answers.y, answers.x_given_y, answers.y_given_x), paths)


def _each(answers: Sequence[object], paths: Sequence[str]) -> dict[str, Any]:
    """One attribute of each answer by the name of its question; None where it could not be asked."""
    found = [None if a is None else attrgetter(path)(a) for a, path in zip(answers, paths, strict=True)]
    return dict(zip(QUESTIONS, found, strict=True))


def _names(answers: Answers, sample: Sample, flagged: tuple[object, ...], kind: str) -> tuple[str, ...]:
    """Shifted columns; else the columns that the joint tests point at."""
    names = tuple(dict.fromkeys(shift.column for shift in answers.x.columns if shift in flagged))
    if names or kind == "none":
        return names
    columns, owner = sample.pair.columns, sample.design.owner
    if kind == "concept" and answers.y_given_x and answers.y_given_x.term is not None:
        return (columns[owner[answers.y_given_x.term]].name,)
    pairs = answers.x.dependence
    if pairs and pairs.relevant:
        first = np.flatnonzero(sample.design.first_order)
        return tuple(columns[owner[first[term]]].name for term in pairs.terms)
    share = np.bincount(owner, weights=answers.x.domain.share, minlength=len(columns))
    return tuple(columns[place].name for place in np.argsort(-share) if share[place] >= 0.2)


def _detectable(pair: Pair, answers: Answers, alpha: float) -> dict[str, float | None]:
    concept = answers.y_given_x
    column = detectable_distance(*pair.rows, levels.COLUMNS * alpha / max(len(answers.x.columns), 1))
    label = detectable_distance(*pair.rows, levels.LABEL * alpha)
    return {
        "x": column,
        "y": label if answers.y else None,
        "x_given_y": None,
        "y_given_x": (2.81 + 1.28) * concept.error if concept else None,
    }


def _weights(
    kind: str, answers: Answers, labels: tuple[Label, IntArray] | None, sample: Sample, seed: int
) -> Weights:
    if kind == "label" and labels and labels[0].numbers is None:
        return class_weights(labels[0])
    if kind in ("covariate", "label"):
        rows = sample.rows[sample.pair.domain == 0]
        domain, terms = sample.pair.domain, sample.design.terms
        return row_weights(sample.trees, terms, domain, sample.folds, rows, seed, answers.x.auc)
    if kind in ("concept", "mixed"):
        return Weights(refused="P(y|x) changed: relabel or retrain, reweighting cannot help")
    return Weights(refused="nothing to correct" if kind == "none" else "the kind of shift is not known")


def _too_few(reference: str, rows: tuple[int, int], seed: int) -> Shift:
    reason = f"{min(rows)} rows in a split; {FEWEST_ROWS} are needed"
    return Shift(reference=reference, rows=rows, seed=seed, kind="cannot tell", reason=reason)


def _no_features(
    reference: str, pair: Pair, labels: tuple[Label, IntArray] | None, alpha: float, seed: int
) -> Shift:
    """The label alone."""
    y = label_shift(labels[0], pair.domain[labels[1]]) if labels else None
    moved = bool(y and y.column.p <= alpha and y.relevant)
    return Shift(
        reference=reference,
        rows=pair.rows,
        seed=seed,
        kind="label" if moved else "cannot tell",
        reason="no feature can be compared",
        p_values={"y": None if y is None else y.column.p},
        effects={"y": None if y is None else y.column.effect},
        skipped=pair.skipped,
    )
