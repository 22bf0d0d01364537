"""Covariate, label or concept shift between two row samples: the whole measurement."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from datacheck._batch import at_rows
from datacheck.probes import shift_kind as levels
from datacheck.probes.shift_answers import answers_of
from datacheck.probes.shift_groups import FEWEST_GROUPS, groups_of
from datacheck.probes.shift_label import Label, label_shift
from datacheck.probes.shift_record import record_of
from datacheck.probes.shift_sample import FEWEST_ROWS, labels_of, sample_of, thinned
from datacheck.probes.shift_table import Pair, pair_of
from datacheck.probes.shift_unlabelled import estimated_class_weights
from datacheck.probes.threads import LEARNERS, one_thread
from datacheck.records.shift import Shift, Weights

IntArray = npt.NDArray[np.int64]


def shift(
    train: pa.Table,
    test: pa.Table,
    *,
    label: str | None = None,
    task: str | None = None,
    groups: str | None = None,
    time: str | None = None,
    alpha: float = levels.ALPHA,
    reference: str = "train",
    seed: int = 0,
) -> Shift:
    """Which of P(x), P(y), P(x|y) and P(y|x) differ between two tables of rows, and what kind of shift that
    is.

    `task` is "classification" or "regression" (needed with `label`). Rows that share a value of `groups` are
    permuted together and count as the independent rows that they are worth; `time` makes such groups of rows
    that stand close together in its order. `alpha` is the chance that two samples of one population alarm:
    divide it by the pairs of splits compared.

    >>> table = pa.table({"a": np.sin(np.arange(400.0)), "b": np.arange(400.0) % 7})
    >>> shift(table[:200], table[200:]).kind
    'none'
    """
    rng = np.random.default_rng(seed)
    kept = thinned(train, rng)
    train, test = train.take(at_rows(kept)), test.take(at_rows(thinned(test, rng)))
    if min(len(train), len(test)) < FEWEST_ROWS:
        return _too_few(reference, (len(train), len(test)), seed)
    left_out = tuple(name for name in (label, groups, time) if name)
    pair = replace(pair_of(train, test, left_out), groups=groups_of((train, test), groups, time))
    if pair.group_counts and min(pair.group_counts) < FEWEST_GROUPS:
        return _too_few_groups(reference, pair, groups or f"blocks of {time}", seed)
    labels = labels_of(label, task, train, test)
    if not pair.columns:
        return _no_features(reference, pair, labels, alpha, seed)
    with one_thread(*(LEARNERS if labels else ())):
        sample = sample_of(pair, labels, rng, seed)
        answers = answers_of(pair, labels, sample, rng, seed)
        found = record_of(answers, pair, labels, sample, alpha, reference, seed)
        if labels is None and found.shifted and label in train.column_names and task != "regression":
            return _without_labels(found, estimated_class_weights(pair, train[label], rng, seed))
    return replace(found, weights=found.weights.at(kept))


def _without_labels(found: Shift, weights: Weights) -> Shift:
    """Features moved, and whether with or without the label nobody can know."""
    reason = "the compared split has no labels: features moved, by themselves or with the label"
    return replace(found, kind="cannot tell", reason=reason, weights=weights)


def _too_few(reference: str, rows: tuple[int, int], seed: int) -> Shift:
    reason = f"{min(rows)} rows in a split; {FEWEST_ROWS} are needed"
    return Shift(reference=reference, rows=rows, seed=seed, kind="cannot tell", reason=reason)


def _too_few_groups(reference: str, pair: Pair, what: str, seed: int) -> Shift:
    counts = pair.group_counts or (0, 0)
    reason = f"{min(counts)} groups ({what}) in a split; {FEWEST_GROUPS} are needed to know their variance"
    return Shift(
        reference=reference, rows=pair.rows, groups=counts, seed=seed, kind="cannot tell", reason=reason
    )


def _no_features(
    reference: str, pair: Pair, labels: tuple[Label, IntArray] | None, alpha: float, seed: int
) -> Shift:
    """The label alone."""
    y = label_shift(labels[0], pair.take(labels[1])) if labels else None
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
