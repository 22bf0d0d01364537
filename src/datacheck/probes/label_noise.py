"""How many labels are wrong, which ones, and what they should be."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from datacheck._batch import at_rows
from datacheck.errors import InputError
from datacheck.probes.alignment_rows import labelled_rows
from datacheck.probes.calibration import calibrated
from datacheck.probes.noise_models import Fit, best_fit, interval
from datacheck.probes.noise_values import ValueFit, value_fit
from datacheck.probes.noise_views import views
from datacheck.probes.target import Target, make_target
from datacheck.probes.threads import one_thread
from datacheck.records.label_noise import Confusion, LabelNoise, Noise, Suspect

Matrix = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]

LISTED = 100
"""Suspects written into a report; the scores of all rows stay in memory."""


@one_thread()
def estimate_label_noise(
    table: pa.Table,
    labels: pa.ChunkedArray | pa.Array,
    *,
    task: str | None = None,
    positions: Rows | None = None,
    pred_probs: Matrix | None = None,
    embeddings: Matrix | None = None,
    classes: list[Any] | None = None,
    seed: int = 0,
) -> LabelNoise:
    """Estimate the share of wrong labels and rank the rows by the chance that theirs is one.

    `pred_probs`, shape (rows, classes), are out-of-sample probabilities of your own model, with the
    classes in the order of `classes` (sorted when not given); for regression, shape (rows,), its
    predictions. `embeddings`, shape (rows, width), replace the features. Raises NotApplicable as
    `check_alignment` does.

    >>> rng = np.random.default_rng(0)
    >>> x = rng.normal(size=500)
    >>> y = np.where(rng.random(500) < 0.1, x < 0, x > 0)
    >>> found = estimate_label_noise(pa.table({"x": x}), pa.array(y))
    >>> 0.06 < found.noise.fraction < 0.14
    True
    """
    rng = np.random.default_rng(seed)
    target = make_target(labels, task)
    rows = np.arange(len(target.values)) if positions is None else np.asarray(positions, dtype=np.int64)
    opinions = _opinions(table, target, pred_probs, embeddings, classes, rng)
    usable = np.flatnonzero(target.valid)
    known, spoken = target.take(usable), [view[usable] for view in opinions]
    fit = _value_fit(spoken, known) if known.task == "regression" else _class_fit(spoken, known)
    own = None if pred_probs is None else spoken[0]
    return _record(fit, known, rows[usable], labels.take(at_rows(usable)).to_pylist(), seed, own)


def _opinions(
    table: pa.Table,
    target: Target,
    pred_probs: Matrix | None,
    embeddings: Matrix | None,
    classes: list[Any] | None,
    rng: np.random.Generator,
) -> list[Matrix]:
    if pred_probs is not None:
        return [_ordered(np.asarray(pred_probs, dtype=np.float64), target, classes)]
    if embeddings is not None:
        width = np.shape(embeddings)[1]
        flat = pa.array(np.asarray(embeddings, dtype=np.float64).ravel())
        table = pa.table({"embedding": pa.FixedSizeListArray.from_arrays(flat, width)})
    encoded = labelled_rows(table, target, None).encoded
    return views(np.asarray(encoded, dtype=np.float64), target, rng)


def _ordered(pred_probs: Matrix, target: Target, classes: list[Any] | None) -> Matrix:
    """Columns in the order of the target's class codes."""
    if target.task == "regression":
        return pred_probs.reshape(len(pred_probs), -1)[:, :1]
    names = sorted(target.classes, key=lambda c: (str(type(c)), c)) if classes is None else list(classes)
    if len(pred_probs) != len(target.values) or pred_probs.shape[1] != len(names):
        raise InputError(
            f"pred_probs has shape {pred_probs.shape}; expected {(len(target.values), len(names))}: "
            "one row for each label, one column for each class"
        )
    return pred_probs[:, [names.index(name) for name in target.classes]]


def _class_fit(opinions: list[Matrix], target: Target) -> Fit:
    logs = [np.log(np.clip(view, 1e-4, None)) for view in opinions]
    pooled = calibrated(logs, target.codes, target.valid)
    return best_fit(pooled, target.codes, target.priors)


def _value_fit(opinions: list[Matrix], target: Target) -> ValueFit:
    design = np.column_stack([np.ones(len(target.values)), *opinions])
    return value_fit(design, target.values)


def _record(
    fit: Fit | ValueFit, target: Target, rows: Rows, given: list[Any], seed: int, own: Matrix | None
) -> LabelNoise:
    wrong, suggested, confusions = _judged(fit, target, given, own)
    low, high = interval(fit.shares, fit.profile)
    fraction = fit.fraction if isinstance(fit, ValueFit) else float(fit.wrong(target.codes).mean())
    bounds = (min(low, fraction), max(high, fraction))
    return LabelNoise(
        noise=Noise(fraction=fraction, interval=bounds, log_odds=fit.log_odds),
        model="permutation" if isinstance(fit, ValueFit) else fit.model,
        n_used=len(rows),
        seed=seed,
        suspects=_suspects(wrong, suggested, rows, given),
        confusions=confusions,
        rows=rows,
        scores=wrong,
        suggested=suggested,
    )


def _judged(
    fit: Fit | ValueFit, target: Target, given: list[Any], own: Matrix | None
) -> tuple[Matrix, npt.NDArray[np.object_], tuple[Confusion, ...]]:
    """Chance of a wrong label and the better label for each row, and the frequent exchanges."""
    if isinstance(fit, ValueFit):
        return fit.wrong, fit.suggested(given), ()
    ranked, codes = fit.ranked(), target.codes
    truth = ranked.truth(codes)
    names = np.array([*target.classes, None], dtype=object)[:-1]
    wrong = ranked.wrong(codes)
    if own is not None and fit.model != "confusion":
        wrong = ranked.wrong_given(_normalised(own), codes)
    return wrong, names[truth.argmax(axis=1)], _confusions(truth, target)


def _normalised(shares: Matrix) -> Matrix:
    return np.asarray(shares / np.maximum(shares.sum(axis=1, keepdims=True), 1e-12))


def _suspects(
    wrong: Matrix, suggested: npt.NDArray[np.object_], rows: Rows, given: list[Any]
) -> tuple[Suspect, ...]:
    return tuple(
        Suspect(row=int(rows[i]), score=float(wrong[i]), given=given[i], suggested=suggested[i])
        for i in np.argsort(-wrong, kind="stable")[:LISTED]
    )


def _confusions(truth: Matrix, target: Target) -> tuple[Confusion, ...]:
    """Expected numbers of rows for each pair of given and true class, most frequent first."""
    counts = np.eye(len(target.classes))[target.codes].T @ truth
    np.fill_diagonal(counts, 0)
    order = np.argsort(-counts, axis=None)[:20]
    pairs = zip(*np.unravel_index(order, counts.shape), strict=True)
    return tuple(
        Confusion(given=target.classes[g], suggested=target.classes[t], rows=float(counts[g, t]))
        for g, t in pairs
        if counts[g, t] >= 1
    )
