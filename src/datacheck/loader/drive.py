"""Takes a loader through one epoch, whatever it does, and leaves no worker behind."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import perf_counter
from types import TracebackType
from typing import Any

from .randomness import unchanged
from .recorder import Recorder
from .seen import Epoch
from .spy import Noting

Progress = Callable[[int, int, int | None], None]
ENDLESS = 10_000
"""Batches after which a loader without a length counts as endless; with a length, twice that plus 100."""


class Caught:
    """Holds the error that a block raised, instead of passing it on; Ctrl-C and exits pass.

    The blocks run the user's code, which may raise anything, and whatever it raises is an answer here.
    """

    error: BaseException | None = None

    def __enter__(self) -> "Caught":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> bool:
        if isinstance(error, Exception):
            self.error = error
        return isinstance(error, Exception)


def bound(length: int | None, max_batches: int | None) -> int:
    """Batches to take at the most in an epoch."""
    if max_batches is not None:
        return max_batches
    return ENDLESS if length is None else 2 * length + 100


def run_epoch(
    loader: Any,
    noting: Noting | None,
    recorder: Recorder,
    *,
    epoch: int,
    max_batches: int | None = None,
    progress: Progress | None = None,
) -> Epoch:
    """One epoch, recorded; failures are noted in the recorder and end it."""
    recorder.begin(epoch)
    length = recorder.facts.batches
    limit, started, waited = bound(length, max_batches), perf_counter(), 0.0
    ended = False
    with iterating(loader, recorder) as batches:
        while batches is not None and recorder.batches < limit:
            before, caught, batch = perf_counter(), Caught(), _END
            with caught:
                batch = next(batches, _END)
            waited += perf_counter() - before
            if caught.error is not None:
                note_raised(caught.error, loader, noting, recorder)
                break
            if batch is _END:
                ended = True
                break
            recorder.take(batch, noting.drawn.pop(0) if noting else None)
            if progress is not None:
                progress(epoch, recorder.batches, length)
    note_length(recorder, ended, length, max_batches)
    return recorder.finish(complete=ended, seconds=perf_counter() - started, waited=waited)


_END = object()


@contextmanager
def iterating(loader: Any, recorder: Recorder) -> Iterator[Iterator[Any] | None]:
    """An iterator over the loader whose workers are gone afterwards; None, noted, where it cannot be had."""
    batches, caught = None, Caught()
    with caught:
        batches = iter(loader)
    if caught.error is not None:
        recorder.fail("raised", _last_line(caught.error))
    try:
        yield batches
    finally:
        if not getattr(loader, "persistent_workers", False):
            stop(batches)


def stop(batches: Any) -> None:
    """Shuts the workers of a DataLoader's iterator down; nothing for any other."""
    # torch does this when the iterator is collected, which a reference in a traceback may delay
    shutdown = getattr(batches, "_shutdown_workers", None)
    if shutdown is not None:
        shutdown()


def note_raised(error: BaseException, loader: Any, noting: Noting | None, recorder: Recorder) -> None:
    """Notes an error of the loader with the batch, and the dataset index that raises it if one does."""
    drawn = (noting.drawn[0] if noting and noting.drawn else None) or ()
    died = getattr(loader, "num_workers", 0) and not str(error).startswith("Caught ")
    # what killed a worker process is not tried again in this one
    guilty = [] if died else _guilty(loader, drawn, type(error))
    recorder.fail("raised", _last_line(error), guilty or drawn)


def _guilty(loader: Any, drawn: tuple[int, ...], kind: type[BaseException]) -> list[int]:
    with unchanged(loader):
        for index in drawn:
            caught = Caught()
            with caught:
                loader.dataset[index]
            if isinstance(caught.error, kind):
                return [index]
    return []


def _last_line(error: BaseException) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    last = lines[-1] if lines else ""
    own = type(error).__name__
    return last if last.startswith(own) else f"{own}: {last}".rstrip(": ")


def note_length(recorder: Recorder, ended: bool, length: int | None, max_batches: int | None) -> None:
    """Notes an epoch that is empty, does not end, or has another length than the loader says."""
    taken, epoch = recorder.batches, recorder.epoch
    if ended and not taken:
        recorder.fail("exhausted" if epoch else "empty")
    elif max_batches is None and length is not None and taken > length:
        recorder.fail("longer", f"{taken} batches, and len(loader) is {length}")
    elif max_batches is None and not ended and not any(f.kind == "raised" for f in recorder.failures):
        recorder.fail("endless")
    elif ended and length is not None and taken < length:
        recorder.fail("short", f"{taken} batches, and len(loader) is {length}")
