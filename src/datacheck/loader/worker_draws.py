"""Draws the same samples in every worker, several times and in two epochs: whose randomness repeats?"""

from collections.abc import Iterator
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch.utils.data import IterableDataset

from .drive import Caught, iterating
from .recorder import Recorder
from .seen import Facts, WorkerDraws
from .spy import can_copy, replaced

SAMPLES = 16
"""Samples drawn each time; with three draws in two workers 48 pairs are compared."""
DRAWS = 3
WORKERS = 3  # more workers than three cost time and repeat the same mistake
_Draws = NDArray[np.uint64]


class _Same:
    """A batch sampler that gives the same indices, again and again."""

    def __init__(self, indices: list[int], times: int) -> None:
        self.indices, self.times = indices, times

    def __iter__(self) -> Iterator[list[int]]:
        return iter([self.indices] * self.times)

    def __len__(self) -> int:
        return self.times


def draw_in_workers(loader: Any, facts: Facts, label: str | int | None) -> WorkerDraws | None:
    """What the workers draw; None without workers, without indices, or where the loader fails."""
    applies = can_copy(loader) and facts.workers and loader.batch_sampler is not None and facts.rows
    if not applies or isinstance(loader.dataset, IterableDataset):
        return None
    workers = min(facts.workers, WORKERS)
    wanted = np.linspace(0, (facts.rows or 1) - 1, min(SAMPLES, facts.rows or 1)).astype(int).tolist()
    sampler = _Same(wanted, workers * DRAWS)
    probe = replaced(loader, batch_sampler=sampler, num_workers=workers, in_order=True)
    epochs = []
    try:
        for _ in range(2):
            drawn = _epoch(probe, Recorder(facts, label), workers, len(wanted))
            if drawn is None:
                return None
            epochs.append(drawn)
    finally:
        close(probe)
    return _compared(np.stack(epochs))


def close(loader: Any) -> None:
    """Shuts down the persistent workers of a copy of a loader."""
    iterator = getattr(loader, "_iterator", None)
    if iterator is not None:
        iterator._shutdown_workers()
        loader._iterator = None


def _epoch(probe: Any, recorder: Recorder, workers: int, samples: int) -> _Draws | None:
    """Content hashes, shape (draws, workers, samples); batches go to the workers in turn."""
    caught = Caught()
    with iterating(probe, recorder) as batches, caught:
        for batch in batches or ():
            recorder.take(batch)
    kept = recorder.finish(complete=True).kept
    if caught.error is not None or not kept.hashed or len(kept.content) != DRAWS * workers * samples:
        return None
    return kept.content.reshape(DRAWS, workers, samples)


def _compared(hashes: _Draws) -> WorkerDraws:
    """From hashes of shape (epochs, draws, workers, samples)."""
    workers, samples = hashes.shape[2:]
    return WorkerDraws(
        workers=workers,
        samples=samples,
        again=_equal([(hashes[:, i], hashes[:, j]) for i, j in combinations(range(DRAWS), 2)]),
        across=_equal([(hashes[:1, :, i], hashes[:1, :, j]) for i, j in combinations(range(workers), 2)]),
        epochs=_equal([(hashes[0], hashes[1])]),
    )


def _equal(pairs: list[tuple[_Draws, _Draws]]) -> tuple[int, int]:
    return sum(int((a == b).sum()) for a, b in pairs), sum(a.size for a, _ in pairs)
