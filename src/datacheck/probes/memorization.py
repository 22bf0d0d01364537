"""A network fits these labels; would it have fitted any? Learning curves on given against shuffled labels."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import torch
from torch import Tensor, nn

from datacheck.errors import InputError
from datacheck.probes.alignment_rows import labelled_rows
from datacheck.probes.memorization_kernel import kernel_curves
from datacheck.probes.memorization_networks import Job, ModelFactory, pick_device, train_together
from datacheck.probes.target import Target, make_target
from datacheck.records.memorization import LearningCurve, Memorization

Matrix = npt.NDArray[np.float64]

ROWS = 1000
"""Rows used at most: enough to tell the curves apart, few enough to be memorised in seconds."""
GIVEN = 4
PERMUTED = 8
"""Networks on the given labels (one held-out fold each) and on shuffled ones."""
FITTED = 0.9
"""Share of the way from chance to a perfect fit that counts as memorised."""
WIDTH = 64
"""Hidden units of the default networks: small ones are dispatched together at hardly more than the price
of one."""


def memorization_probe(
    model_factory: ModelFactory | None,
    dataset: tuple[npt.ArrayLike, npt.ArrayLike],
    *,
    task: str | None = None,
    epochs: int = 60,
    batch_size: int = 32,
    rows: int = ROWS,
    device: str = "auto",
    seed: int = 0,
) -> Memorization:
    """Train your own network, many times at once, on the given labels and on shuffled copies of them.

    `dataset` is a pair of features, shape (n, ...), and labels, shape (n,). `model_factory()` returns a
    fresh `torch.nn.Module` from a batch of features to class scores, shape (batch, classes), or to one
    number; None takes a multilayer perceptron, or a small convolutional network for features of shape (n,
    channels, height, width). The labels given to the model are class numbers by falling frequency, or
    normal scores.

    Raises NotApplicable where labels cannot be probed, InputError where the two do not match.
    """
    features, target = _checked(dataset, task)
    rng = np.random.default_rng(seed)
    usable = np.sort(rng.permutation(np.flatnonzero(target.valid))[:rows])
    chosen, known = np.asarray(features[usable], dtype=np.float32), target.take(usable)
    factory = model_factory or default_network(chosen.shape[1:], max(1, len(known.classes)))
    job = _job(torch.from_numpy(np.nan_to_num(chosen)), known, epochs, batch_size, seed)
    where = pick_device(device)
    history, parameters = train_together(factory, job.to(where))
    curves = kernel_curves(chosen.reshape(len(chosen), -1).astype(np.float64), known.scores(rng), rng)
    return replace(
        _record(history.double().numpy(), known, job, where.type), parameters=parameters, kernel=curves
    )


def probe_table(
    table: pa.Table, labels: pa.ChunkedArray | pa.Array, *, task: str | None = None, seed: int = 0,
    device: str = "auto", epochs: int = 60,
) -> Memorization:  # fmt: skip
    """The probe on the encoded features of a table, with a multilayer perceptron."""
    target = make_target(labels, task)
    encoded = labelled_rows(table, target, None).encoded
    return memorization_probe(
        None, (encoded, np.asarray(labels)), task=target.task, seed=seed, device=device, epochs=epochs
    )


def default_network(shape: tuple[int, ...], outputs: int) -> ModelFactory:
    """A factory of small networks: convolutional for (channels, height, width), else with two hidden
    layers."""
    return (
        (lambda: _convolutional(shape[0], outputs))
        if len(shape) == 3
        else (lambda: _perceptron(shape, outputs))
    )


def _perceptron(shape: tuple[int, ...], outputs: int) -> nn.Module:
    return nn.Sequential(
        nn.Flatten(), nn.Linear(int(np.prod(shape)), WIDTH), nn.ReLU(),
        nn.Linear(WIDTH, WIDTH), nn.ReLU(), nn.Linear(WIDTH, outputs),
    )  # fmt: skip


def _convolutional(channels: int, outputs: int) -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(channels, 12, 3, padding=1), nn.ReLU(), nn.AvgPool2d(2, ceil_mode=True),
        nn.Conv2d(12, 24, 3, padding=1), nn.ReLU(), nn.AdaptiveAvgPool2d(4),
        nn.Flatten(), nn.Linear(24 * 16, WIDTH), nn.ReLU(), nn.Linear(WIDTH, outputs),
    )  # fmt: skip


def _checked(
    dataset: tuple[npt.ArrayLike, npt.ArrayLike], task: str | None
) -> tuple[npt.NDArray[np.generic], Target]:
    features, labels = (np.asarray(part) for part in dataset)
    if len(features) != len(labels):
        raise InputError(
            f"{len(features)} rows of features and {len(labels)} labels: pass one label for each row"
        )
    return features, make_target(pa.array(labels), task)


def _job(rows: Tensor, target: Target, epochs: int, batch: int, seed: int) -> Job:
    """Goals and seen rows of the given networks, then of the shuffled ones; a fifth is held out of each."""
    rng = np.random.default_rng(seed)
    n, count = len(rows), GIVEN + PERMUTED
    orders = [np.arange(n) if k < GIVEN else rng.permutation(n) for k in range(count)]
    folds = rng.permutation(n) % 5
    seen = np.stack([folds != k % 5 for k in range(count)]).astype(np.float32)
    values = target.values.astype(np.float32) if target.task == "regression" else target.codes
    goals = torch.from_numpy(np.stack([values[order] for order in orders]))
    return Job(rows, goals, torch.from_numpy(seen), epochs, batch, seed)


def _record(history: Matrix, target: Target, job: Job, device: str) -> Memorization:
    """`history`, shape (epochs, 2, M)."""
    chance = float(target.priors.max()) if job.classes else 0.0
    train = history[:, 0]
    area = train.mean(axis=0)
    shuffled = area[GIVEN:]
    return Memorization(
        metric="accuracy" if job.classes else "R2",
        given=_curve(history[:, :, :GIVEN]),
        permuted=_curve(history[:, :, GIVEN:]),
        epochs=job.epochs,
        epochs_given=_epochs_to_fit(train[:, :GIVEN], chance),
        epochs_permuted=_epochs_to_fit(train[:, GIVEN:], chance),
        z=round(float((area[:GIVEN].mean() - shuffled.mean()) / (shuffled.std(ddof=1) + 1e-6)), 3),
        networks=len(job.goals),
        parameters=0,
        n_used=len(job.rows),
        seed=job.seed,
        device=device,
    )


def _curve(history: Matrix) -> LearningCurve:
    mean = history.mean(axis=2).round(4)
    return LearningCurve(train=tuple(mean[:, 0].tolist()), held_out=tuple(mean[:, 1].tolist()))


def _epochs_to_fit(train: Matrix, chance: float) -> float | None:
    """Mean epochs until FITTED of the way from chance to 1, interpolated; None if any network never got
    there."""
    goal = chance + FITTED * (1 - chance)
    best = np.maximum.accumulate(np.vstack([np.full(train.shape[1], chance), train]), axis=0)
    if best[-1].min() < goal:
        return None
    epochs = np.arange(len(best))
    return float(np.mean([np.interp(goal, column, epochs) for column in best.T]))
