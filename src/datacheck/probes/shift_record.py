"""The answers written down: kind, numbers by question, features, weights."""

from __future__ import annotations

from collections.abc import Sequence
from operator import attrgetter
from typing import Any

import numpy as np
import numpy.typing as npt

from datacheck._significance import detectable_distance
from datacheck.probes import shift_kind as levels
from datacheck.probes.shift_answers import Answers, alarms_of, moved_of
from datacheck.probes.shift_kind import kind_of
from datacheck.probes.shift_label import Label
from datacheck.probes.shift_sample import Sample
from datacheck.probes.shift_table import Pair
from datacheck.probes.shift_weights import class_weights, row_weights
from datacheck.records.shift import QUESTIONS, Shift, Weights

IntArray = npt.NDArray[np.int64]


def record_of(
    answers: Answers,
    pair: Pair,
    labels: tuple[Label, IntArray] | None,
    sample: Sample,
    alpha: float,
    reference: str,
    seed: int,
) -> Shift:
    alarms = alarms_of(answers, alpha)
    kind = kind_of(moved_of(answers, alarms)) if any(alarms) else "none"
    flagged = answers.x.flagged(alpha)
    return Shift(
        reference=reference,
        rows=pair.rows,
        groups=pair.group_counts,
        seed=seed,
        kind=kind,
        reason=_reason(answers),
        label=answers.y,
        p_values=_p_values(answers),
        effects=_effects(answers),
        intervals=_intervals(answers),
        columns=flagged,
        trifles=answers.x.trifles(alpha),
        features=_names(answers, sample, flagged, kind),
        auc=answers.x.auc,
        detectable=_detectable(pair, answers, alpha),
        weights=_weights(kind, answers, labels, pair, sample, seed),
        skipped=pair.skipped,
    )


def _reason(answers: Answers) -> str:
    """Why P(y|x) is open although there are labels; empty where it is not."""
    concept, auc = answers.y_given_x, answers.x.auc
    if concept is None or (auc <= levels.TELLING_AUC and concept.error <= levels.TELLING_ERROR):
        return ""
    if auc > levels.TELLING_AUC:
        return f"whether P(y|x) changed cannot be told: the splits share too few rows (AUC {auc:.2f})"
    return f"whether P(y|x) changed cannot be told: its standard error is {100 * concept.error:.1f} points"


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
    names = tuple(
        dict.fromkeys(shift.column for shift in (*answers.x.columns, *answers.x.vectors) if shift in flagged)
    )
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
    concept, rows = answers.y_given_x, pair.group_counts or pair.rows
    column = detectable_distance(*rows, levels.COLUMNS * alpha / max(len(answers.x.columns), 1))
    label = detectable_distance(*rows, levels.LABEL * alpha)
    return {
        "x": column,
        "y": label if answers.y else None,
        "x_given_y": None,
        "y_given_x": (2.81 + 1.28) * concept.error if concept else None,
    }


def _weights(
    kind: str,
    answers: Answers,
    labels: tuple[Label, IntArray] | None,
    pair: Pair,
    sample: Sample,
    seed: int,
) -> Weights:
    if kind == "label" and labels and labels[0].numbers is None:
        return class_weights(labels[0])
    if kind in ("covariate", "label"):
        return row_weights(pair, sample, seed, answers.x.auc)
    if kind in ("concept", "mixed"):
        return Weights(refused="P(y|x) changed: relabel or retrain, reweighting cannot help")
    return Weights(refused="nothing to correct" if kind == "none" else "the kind of shift is not known")
