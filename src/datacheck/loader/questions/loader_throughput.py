"""How fast is the loader?"""

from collections.abc import Iterator
from dataclasses import dataclass

from ..._format import number, percent
from ...finding import Finding
from ..question import Question, need
from ..seen import Seen


@dataclass(frozen=True, kw_only=True)
class LoaderThroughput(Question):
    """How fast is the loader?

    What it finds:
        Samples a second, and the share of an epoch that is spent waiting for the loader. Never a verdict.

    Why it matters for training:
        A GPU that waits for data is paid for nothing.

    How it decides:
        By the clock. While a training runs (`watch`) the rest of the time is the training's; in an audit it
        is the audit's own, so that only the samples a second mean something.

    When it is wrong:
        The first epoch includes the start of the workers and cold caches of the file system.

    What to do:
        More workers (num_workers), pin_memory, or cheaper transformations.

    References:
        PyTorch Performance Tuning Guide, "Enable asynchronous data loading and augmentation".
    """

    def ask(self, seen: Seen) -> Iterator[Finding]:
        """One piece of information about the last epoch."""
        need(seen.first is not None, "the loader yielded nothing")
        last = [epoch for epoch in seen.epochs if epoch.samples][-1]
        need(last.waited > 0, "no time was measured")
        speed, share = last.samples / last.waited, last.waited / max(last.seconds, last.waited)
        waiting = f"; {percent(share)} of the time is spent waiting for it" if seen.facts.watched else ""
        yield self.finding(
            "info",
            f"the loader gives {number(round(speed))} samples a second with {seen.facts.workers} "
            f"workers{waiting}",
            evidence={"samples_per_second": speed, "seconds": last.seconds, "waited": last.waited},
        )
