"""Do the labels belong to the samples? One verdict for a split."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from datacheck._batch import at_rows
from datacheck.probes.alignment_rows import Dependence, LabelledRows, dependence, labelled_rows
from datacheck.probes.alignment_stretches import file_edges, localise
from datacheck.probes.alignment_verdict import no_evidence, offset_curve, verdict
from datacheck.probes.label_noise import estimate_label_noise
from datacheck.probes.memorization_kernel import kernel_curves
from datacheck.probes.offset_gates import columns_agree
from datacheck.probes.target import make_target
from datacheck.probes.threads import one_thread
from datacheck.records.alignment import Alignment
from datacheck.records.memorization import KernelCurves

Rows = npt.NDArray[np.int64]

SIGNAL = 1e-3
"""p-value under which features are said to predict the labels: one shuffled data set in a thousand passes."""
NOISE_ROWS = 20_000
"""Rows whose labels are judged one by one; more take longer than all other steps together."""
LEARNING_ROWS = 500
LEARNING_SHUFFLES = 50
"""Rows and shuffled copies behind the learning curves of a split without evidence: they are a picture, and
cost a tenth of a second."""
CERTAIN = 5.4
PARTIAL = 0.05
"""Nats for noise against none (chance 1e-3 by Wilks' theorem), and the share of wrong labels, from which a
verdict is 'partial': capped and heavy-tailed targets that are clean read as 0.02 to 0.03."""


@one_thread()
def check_alignment(
    table: pa.Table,
    labels: pa.ChunkedArray | pa.Array,
    *,
    task: str | None = None,
    files: Sequence[tuple[str, int]] | None = None,
    positions: Rows | None = None,
    ordered: bool = True,
    noise: bool = False,
    seed: int = 0,
) -> Alignment:
    """Say whether labels belong to their rows, are offset, shuffled in a stretch, or bear no relation to
    them.

    `table` holds the features, `labels` one label for each row. `positions`, shape (rows,), are the rows'
    places in the split when they are a sample (random rows and contiguous windows may be mixed); without
    it the rows are taken to be consecutive. `files` lists the source files in order, each with its number
    of rows in the split. Where the order of the rows is an accident of storage, as of images in folders of
    one class each, they are not `ordered`: then they are mixed first, so that sorted labels do not pass for
    labels that remember each other, and no offset is looked for.

    Raises NotApplicable where the question has no meaning: too few rows, one class, no feature that
    varies.

    >>> rng = np.random.default_rng(0)
    >>> x = rng.normal(size=600)
    >>> y = np.roll(x + rng.normal(size=600), 1)
    >>> check_alignment(pa.table({"x": x}), pa.array(y)).label
    'offset 1'
    """
    rng = np.random.default_rng(seed)
    places = np.arange(len(labels)) if positions is None else np.asarray(positions, dtype=np.int64)
    if not ordered:
        mixed = rng.permutation(len(labels))
        table, labels, places = table.take(at_rows(mixed)), labels.take(at_rows(mixed)), places[mixed]
        positions = files = None
    rows = labelled_rows(table, make_target(labels, task), positions)
    found = dependence(rows, rng)
    offset = claimed_offset(found, rows)
    base = Alignment(
        verdict="no evidence",
        reason=no_evidence(found),
        p_value=found.p_value,
        detectable_r2=found.test.detectable_r2,
        n_used=int(rows.target.valid.sum()),
        seed=seed,
        curve=offset_curve(found.scan),
    )
    if offset == 0 and found.p_value >= SIGNAL:
        return replace(base, learning=_learning(rows, seed))
    edges = file_edges(files, rows.positions)
    localised = localise(rows.realigned(offset) if offset else rows, found, offset, edges, rng)
    result = verdict(base, rows, localised, offset, files)
    if not noise or result.verdict != "aligned":
        return result
    return _with_noise(result, table, labels, task, places)


def claimed_offset(found: Dependence, rows: LabelledRows) -> int:
    """The offset of the scan if it is beyond doubt and no natural lag of a series, else 0."""
    offset = found.scan.claimed if found.scan is not None else 0
    if offset == 0 or found.whitener is None or found.lagged:
        return 0 if found.lagged else offset
    scores = rows.target.scores(np.random.default_rng(0))[rows.window]
    encoded = np.asarray(rows.encoded[rows.window], dtype=np.float64)
    white = found.whitener.apply(encoded), found.whitener.apply(scores)
    return offset if columns_agree(*white, offset) else 0


def _learning(rows: LabelledRows, seed: int) -> KernelCurves | None:
    """How fast a wide network learns these labels and shuffled ones: what a person looks at in doubt."""
    rng = np.random.default_rng(seed)
    usable = np.flatnonzero(rows.target.valid)
    some = np.sort(rng.permutation(usable)[:LEARNING_ROWS])
    encoded = np.asarray(rows.encoded[some], dtype=np.float64)
    return kernel_curves(encoded, rows.target.scores(rng)[some], rng, LEARNING_SHUFFLES)


def _with_noise(
    aligned: Alignment,
    table: pa.Table,
    labels: pa.ChunkedArray | pa.Array,
    task: str | None,
    places: Rows,
) -> Alignment:
    """The verdict with the share of wrong labels, 'partial' where that is certain and large."""
    some = np.sort(np.random.default_rng(aligned.seed).permutation(len(places))[:NOISE_ROWS])
    chosen = at_rows(some)
    found = estimate_label_noise(
        table.take(chosen), labels.take(chosen), task=task, positions=places[some], seed=aligned.seed
    )
    result = replace(aligned, label_noise=found)
    if found.noise.log_odds < CERTAIN or found.noise.fraction < PARTIAL:
        return result
    reason = (
        f"about {found.noise.fraction:.0%} of the labels do not belong to their rows, scattered over all rows"
    )
    return replace(result, verdict="partial", reason=reason)
