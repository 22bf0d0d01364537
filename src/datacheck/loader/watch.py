"""`watch`: the same questions while the user trains."""

import logging
from collections.abc import Iterator
from dataclasses import replace
from time import perf_counter
from typing import Any

from ..finding import Finding
from ..report import Report
from .audit import check_iterable, finished
from .describe import describe
from .drive import stop
from .judge import answers_to, judge
from .recorder import Recorder
from .seen import Epoch, Seen
from .spy import Noting, spied

LOG = logging.getLogger("datacheck.loader")


class Watch:
    """Yields what a loader yields, and notes it; other attributes are the loader's.

    After each of the first two epochs, findings that are warnings or errors and were not told before go to
    the logger `datacheck.loader`. `report()` gives all that is known so far.
    """

    def __init__(self, loader: Any, *, label: str | int | None = None, seed: int = 0) -> None:
        check_iterable(loader)
        self.loader = loader
        self._seen = Seen(facts=describe(loader, watched=True), seed=seed)
        self._recorder = Recorder(self._seen.facts, label)
        self._told: set[tuple[str, str]] = set()
        self._passes = 0

    def __len__(self) -> int:
        return len(self.loader)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.loader, name)

    def __iter__(self) -> Iterator[Any]:
        # workers that live on belong to the user's own loader
        lasting = self._seen.facts.persistent
        source, noting = (self.loader, None) if lasting else spied(self.loader)
        self._recorder.begin(self._passes)
        self._passes += 1
        batches = iter(source)
        return self._watched(batches, noting, lasting)

    def _watched(self, batches: Any, noting: Noting | None, lasting: bool) -> Iterator[Any]:
        started, waited, complete = perf_counter(), 0.0, False
        try:
            while True:
                before = perf_counter()
                batch = next(batches, _END)
                waited += perf_counter() - before
                if batch is _END:
                    complete = True
                    break
                self._recorder.take(batch, noting.drawn.pop(0) if noting else None)
                yield batch
        finally:
            if not lasting:
                stop(batches)
            seconds = perf_counter() - started
            self._end(self._recorder.finish(complete=complete, seconds=seconds, waited=waited))

    def _end(self, epoch: Epoch) -> None:
        # the first two epochs answer the questions about order; of the others the last one is kept
        self._seen = replace(self._seen, epochs=(*self._seen.epochs[:2], epoch), opaque=self._recorder.opaque)
        if self._passes <= 2:
            for answer in answers_to(finished(self._seen, self._recorder)):
                for finding in answer.findings:
                    self._tell(finding)

    def _tell(self, finding: Finding) -> None:
        if finding.severity.rank and (finding.checker, finding.message) not in self._told:
            self._told.add((finding.checker, finding.message))
            LOG.warning("%s: %s", finding.checker, finding.message)

    def report(self) -> Report:
        """The report on the epochs so far."""
        return judge(finished(self._seen, self._recorder))


_END = object()


def watch(loader: Any, *, label: str | int | None = None, seed: int = 0) -> Watch:
    """A loader to train with that audits itself: `for batch in watch(loader)`.

    Order and labels are noted for every batch; values (ranges, NaN) are looked at in the first 16 batches of an
    epoch and in every fourth one. The batches, their order and all random states are those of the loader.
    Warnings are logged at the end of an epoch; keep the object to ask it for its `report()`. Make it once,
    before the epochs.

    >>> import torch
    >>> from torch.utils.data import DataLoader, TensorDataset
    >>> data = TensorDataset(torch.rand(64, 3), torch.arange(64) % 2)
    >>> loader = watch(DataLoader(data, batch_size=16, shuffle=True))
    >>> for epoch in range(2):
    ...     for x, y in loader:
    ...         pass
    >>> loader.report().exit_code
    0
    """
    return Watch(loader, label=label, seed=seed)
