"""Does every sample come once an epoch, and none of the validation?"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ..._format import percent, plural
from ...finding import Finding, Rows
from ..question import Question, need
from ..seen import Epoch, Ints, Seen


@dataclass(frozen=True, kw_only=True)
class LoaderCoverage(Question):
    """Does every sample come once an epoch, and none of the validation?

    What it finds:
        Samples that are never drawn, drawn twice, or always lost to drop_last; workers that each yield the
        whole dataset; validation samples that are inside the training loader.

    Why it matters for training:
        Samples never drawn teach nothing; samples drawn once per worker make an epoch that many times as
        long; validation samples in the training loader make the validation score worthless.

    How it decides:
        Exactly, from the dataset indices that the sampler draws; for iterable datasets from content hashes of
        64 bits. Sampling with replacement, subsets and distributed shards are known by their samplers. Beyond
        2^20 samples an epoch, from those with the smallest keys (bottom-k), scaled up.

    When it is wrong:
        Samples with equal contents count as one where there is no index. Augmented training samples are not
        recognised in the validation set by content, only by index (both loaders over one dataset).

    What to do:
        Correct the sampler; shard iterable datasets by `get_worker_info()`; split before loading.

    References:
        Thorup 2013, Bottom-k and priority sampling, STOC (estimates from the smallest hashes).
    """

    repeated: float = 0.01
    """Share of an epoch that repeats contents, from which an iterable dataset is reported: exact duplicates
    below 1 % are common in clean data."""
    by_worker: float = 0.99
    """Share of contents that must come a multiple of the number of workers times."""
    always: float = 0.5
    """Share of the samples lost in one epoch that are lost in the other as well: fair shuffles lose r of n
    samples, of which r/n again, a small share unless half of the dataset is lost."""
    natural: float = 0.05
    """Share of equal contents among training samples, above which they prove nothing in validation."""
    leaked: float = 0.01
    """Share of the validation samples in the training loader that is an error; below it a warning."""

    def ask(self, seen: Seen) -> Iterator[Finding]:
        """Findings about the epochs, then about the validation loader."""
        need(seen.first is not None, "the loader yielded nothing")
        assert seen.first is not None
        need(seen.first.kept.indexed or seen.first.kept.hashed, "the samples hold nothing that can be hashed")
        if seen.first.kept.indexed:
            yield from self._by_index(seen, seen.first)
        else:
            yield from self._by_content(seen, seen.first)
        yield from self._leaked(seen, seen.first)

    def _by_index(self, seen: Seen, first: Epoch) -> Iterator[Finding]:
        facts = seen.facts
        distinct = round(len(np.unique(first.kept.index)) / first.kept.share)
        repeats = first.samples - distinct
        scope = _scope(seen)
        lost = max(scope - distinct, 0) if first.complete else 0
        if facts.repeats:
            yield self.finding(
                "info",
                f"{facts.sampler} draws with replacement: an epoch leaves out "
                f"{percent(lost / max(scope, 1))} of the samples",
                evidence={"repeats": repeats, "lost": lost, "rows": scope},
            )
            return
        # a distributed sampler repeats samples to make the shards equal
        if repeats > (1 if facts.order == "distributed" else 0):
            yield self._twice(first, repeats, lost)
        elif lost and facts.order != "distributed":
            yield self._lost(seen, first, lost, scope)

    def _twice(self, first: Epoch, repeats: int, lost: int) -> Finding:
        index, counts = np.unique(first.kept.index, return_counts=True)
        also = f" and leaves out {plural(lost, 'sample')}" if lost else ", though none is left out"
        return self.finding(
            "warning" if lost else "info",
            f"the sampler draws samples more than once in an epoch ({plural(repeats, 'draw')} too "
            f"many){also}",
            rows=_rows(index[counts > 1]),
            evidence={"repeats": repeats, "lost": lost, "most": int(counts.max())},
            advice="Draw without replacement, or with a WeightedRandomSampler if the repetition is meant.",
            fix="sampler = RandomSampler(dataset)  # every sample once an epoch",
        )

    def _lost(self, seen: Seen, first: Epoch, lost: int, scope: int) -> Finding:
        again = [epoch for epoch in seen.epochs[1:2] if epoch.complete and epoch.kept.indexed]
        missing = _missing(seen, first)
        both = np.intersect1d(missing, _missing(seen, again[0])) if again else missing
        fixed = bool(again) and len(both) > self.always * max(len(missing), 1)
        by_drop = seen.facts.drop_last and lost < (seen.facts.batch_size or 1)
        why = "drop_last drops" if by_drop else "the sampler leaves out"
        which = "always the same ones" if fixed else "other ones in every epoch" if again else "in one epoch"
        return self.finding(
            "warning" if fixed else "info",
            f"{why} {plural(lost, 'sample')} of {scope:,} ({percent(lost / scope)}), {which}",
            rows=_rows(both) if fixed else None,
            evidence={"lost": lost, "rows": scope, "lost_in_both": len(both)},
            advice="Shuffle, so that other samples are dropped in every epoch."
            if by_drop
            else "Correct the sampler.",
            fix="loader = DataLoader(dataset, batch_size=batch_size, shuffle=True, drop_last=True)"
            if by_drop
            else "",
        )

    def _by_content(self, seen: Seen, first: Epoch) -> Iterator[Finding]:
        _, counts = np.unique(first.kept.content, return_counts=True)
        repeats = int((counts - 1).sum() / first.kept.share)
        workers = seen.facts.workers
        if workers > 1 and (counts % workers == 0).mean() >= self.by_worker:
            yield self.finding(
                "error",
                f"each of the {workers} workers yields the whole dataset: every sample comes {workers} "
                "times an epoch",
                evidence={"workers": workers, "repeats": repeats, "samples": first.samples},
                advice="Let each worker yield its own part.",
                fix="info = torch.utils.data.get_worker_info()\n"
                "for i, sample in enumerate(source):\n    if info is None or i % info.num_workers == "
                "info.id:\n"
                "        yield sample",
            )
        elif repeats > self.repeated * first.samples:
            yield self.finding(
                "warning",
                f"{percent(repeats / first.samples)} of the samples of an epoch repeat an earlier one "
                "exactly",
                evidence={"repeats": repeats, "samples": first.samples, "most": int(counts.max())},
                advice="See whether the source holds them twice or the loader reads them twice.",
            )

    def _leaked(self, seen: Seen, first: Epoch) -> Iterator[Finding]:
        held = seen.validation
        if held is None:
            return
        if seen.shared_indices:
            yield self._leak(seen.shared_indices, held, "by index of one dataset", natural=False)
            return
        kept = (first.kept, held.kept)
        if not all(side.hashed and side.share == 1 for side in kept):
            return
        same = int(np.isin(held.kept.content, first.kept.content).sum())
        distinct = len(np.unique(first.kept.content))
        drawn = len(np.unique(first.kept.index)) if first.kept.indexed else first.samples
        if same:
            yield self._leak(same, held, "by content", natural=1 - distinct / drawn > self.natural)

    def _leak(self, same: int, held: Epoch, how: str, *, natural: bool) -> Finding:
        share = same / max(held.samples, 1)
        severity = "info" if natural else "error" if share >= self.leaked else "warning"
        also = "; equal contents are common in these data" if natural else ""
        return self.finding(
            severity,
            f"{plural(same, 'sample')} of the validation loader ({percent(share)}) are in the training "
            f"loader, {how}{also}",
            split="validation",
            evidence={"shared": same, "validation": held.samples, "how": how},
            advice="Split the data before making loaders, by group where samples belong together.",
            fix="split = torch.Generator().manual_seed(0)\n"
            "train, val = torch.utils.data.random_split(dataset, [0.8, 0.2], split)",
        )

    def detectable(self, seen: Seen) -> str | None:
        return "a single sample" if seen.first is not None and seen.first.kept.share == 1 else None


def _scope(seen: Seen) -> int:
    """Samples that the sampler is meant to draw."""
    if seen.facts.subset is not None:
        return seen.facts.subset
    return -(-(seen.facts.rows or 0) // seen.facts.replicas)


def _missing(seen: Seen, epoch: Epoch) -> Ints:
    """Indices not drawn in an epoch; of a subset, or where only some were kept, none are known."""
    if seen.facts.rows is None or seen.facts.subset is not None or epoch.kept.share < 1:
        return np.empty(0, np.int64)
    return np.setdiff1d(np.arange(seen.facts.rows), epoch.kept.index)


def _rows(index: Ints) -> Rows:
    return Rows(count=len(index), examples=tuple(index[:5].tolist()))
