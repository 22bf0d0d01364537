"""Is the order of an epoch a fair shuffle, and another one in the next epoch?"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ..._format import number, percent
from ...finding import Finding
from .. import laws
from ..question import Question, need
from ..seen import Ints, Seen

_FIXES = {
    "sequential": "loader = DataLoader(dataset, batch_size=batch_size, shuffle=True)",
    "distributed": """for epoch in range(epochs):
    loader.sampler.set_epoch(epoch)
    for batch in loader: ...""",
    "iterable": """random.shuffle(shards)  # anew in every epoch
buffer = list(itertools.islice(samples, 10_000))  # and yield a random sample of a large buffer
for sample in samples:
    i = random.randrange(len(buffer))
    yield buffer[i]
    buffer[i] = sample
random.shuffle(buffer)
yield from buffer""",
}
_SEEDED = """# make the generator once, before the epochs, and seed nothing inside them
generator = torch.Generator().manual_seed(0)
loader = DataLoader(dataset, batch_size=batch_size, shuffle=True, generator=generator)"""
_EXCHANGEABLE = ("random", "sequential", "weighted", "replacement")  # samplers that know no lengths
SEGMENTS = 8  # of an epoch, over which class frequencies may drift


@dataclass(frozen=True, kw_only=True)
class LoaderOrder(Question):
    """Is the order of an epoch a fair shuffle, and another one in the next epoch?

    What it finds:
        Two epochs in the same order or nearly so; labels that are sorted or come in runs; class frequencies
        that drift over the epoch.

    Why it matters for training:
        Gradients of consecutive batches are then correlated: the network forgets what it saw first, running
        statistics follow the last batches, and the same batches meet every epoch.

    How it decides:
        Same order: the places of the samples in two epochs, by dataset index where the sampler gives one,
        else by content; by the label sequence where augmentation changes the contents and there is no index.
        Runs: the number of equal neighbours (Barton & David 1957: any number of classes) against shuffles of
        the same labels, with the tail of a Pearson III law. Drift: equal pairs within eighths of the epoch.
        Numbers to predict are judged by their deciles. Sequences padded to several widths are shuffled within
        a width only.

    When it is wrong:
        Data that must be in order (streams, curricula) are reported. Runs below `least_excess` pass.

    What to do:
        shuffle=True; `set_epoch` for a distributed sampler; a larger shuffle buffer for streams.

    References:
        Barton & David 1957, Multiple runs, Biometrika 44; Wald & Wolfowitz 1940 (two classes).
        Meng et al. 2019, Convergence analysis of distributed SGD with insufficient shuffling, Neurocomputing
        337.
    """

    chance: float = 1e-4
    """Tail of the permutation null below which labels count as in runs; three such tests make one loader's
    false-alarm rate at most 3e-4 by the union bound (measured: see docs/loader.md)."""
    least_excess: float = 0.1
    """Share of neighbour pairs that are equal beyond chance, as a share of what could be: below it a run is
    1.1 samples longer than by chance, which a batch of 8 samples or more averages out."""
    sorted_excess: float = 0.5
    """From here every second neighbour is equal by order alone: an error, batches hold few classes."""
    least_lift: float = 1.0
    """Or: twice as many equal neighbours as by chance, which with 100 classes is an excess of 0.01 only."""
    least_drift: float = 0.05
    """More equal pairs within eighths of an epoch, as a share of the expected ones: the square of how much
    class frequencies vary, here by 22 % of themselves."""
    same: float = 0.9
    """Share of samples at the same place in two epochs: a fair shuffle leaves one sample in place."""
    nearly: float = 0.5
    """Rank correlation of two orders: fair shuffles of 100 samples exceed it with chance 1e-7."""

    def ask(self, seen: Seen) -> Iterator[Finding]:
        """Findings about two epochs, then about the labels of the first."""
        need(seen.first is not None, "the loader yielded nothing")
        yield from self._repeated(seen)
        if seen.codes is not None and len(seen.counts) > 1:
            yield from self._runs(seen, seen.codes)
        if seen.facts.order == "distributed" and not seen.facts.watched:
            yield self.finding(
                "info",
                "the audit called sampler.set_epoch(epoch) as your training loop must; without it all epochs "
                "have one order",
                fix=_FIXES["distributed"],
            )

    def _repeated(self, seen: Seen) -> Iterator[Finding]:
        if len(seen.epochs) < 2 or seen.first is None:
            return
        before, after = places(seen)
        same = float((before == after).mean()) if len(before) else 0.0
        alike = laws.rank_correlation(before, after)
        if (same == 1 and len(before) >= 8) or (same > self.same and len(before) >= 50) or _same_labels(seen):
            first = np.sort(seen.first.kept.index)
            in_file_order = bool(seen.first.kept.indexed and (first == seen.first.kept.index).all())
            what = "the order of the dataset" if in_file_order else "the same order"
            yield self.finding(
                "warning",
                f"every epoch comes in {what}: it is not reshuffled",
                evidence={"same_place": same, "compared": len(before), "sampler": seen.facts.sampler},
                advice="Shuffle anew in every epoch.",
                fix=_FIXES["sequential"] if in_file_order else _FIXES.get(seen.facts.order, _SEEDED),
            )
        elif alike is not None and alike > self.nearly and len(before) >= 100:
            yield self.finding(
                "warning",
                f"two epochs come in nearly the same order (rank correlation {number(alike, 2)}): "
                "samples are exchanged with close ones only",
                evidence={"rank_correlation": alike, "compared": len(before)},
                advice="Use a larger shuffle buffer, and shuffle the shards.",
                fix=_FIXES["iterable"],
            )

    def _runs(self, seen: Seen, codes: Ints) -> Iterator[Finding]:
        strata = exchangeable(seen)
        runs = laws.neighbours(codes, strata, seed=seen.seed, worth=self._matters)
        if runs is not None and runs.p_more <= self.chance and self._matters(runs.excess, runs.lift):
            classes = len(seen.counts)
            in_order = np.count_nonzero(np.diff(codes)) + 1 == classes
            found = "sorted" if in_order else "in runs"
            yield self.finding(
                "error" if runs.excess >= self.sorted_excess else "warning",
                f"the labels come {found}: {percent(runs.observed / runs.pairs)} of neighbours are equal, "
                f"{percent(runs.expected / runs.pairs)} in a fair shuffle",
                evidence=_evidence(runs, codes),
                advice="Shuffle: a network that sees one class at a time forgets the others.",
                fix=_FIXES.get(seen.facts.order, _FIXES["sequential"]),
            )
            return
        drift = laws.within(codes, _segments(len(codes)), strata, seed=seen.seed, worth=self._drifts)
        if drift is not None and drift.p_more <= self.chance and drift.lift >= self.least_drift:
            yield self.finding(
                "warning",
                "the class frequencies drift over the epoch: its eighths differ more than a fair shuffle "
                "allows",
                evidence=_evidence(drift, codes) | {"eighths": _eighths(codes)},
                advice="Shuffle over the whole dataset, or use a larger shuffle buffer.",
                fix=_FIXES.get(seen.facts.order, _FIXES["sequential"]),
            )

    def _matters(self, excess: float, lift: float) -> bool:
        return excess >= self.least_excess or lift >= self.least_lift

    def _drifts(self, excess: float, lift: float) -> bool:
        return lift >= self.least_drift

    def detectable(self, seen: Seen) -> str | None:
        if seen.codes is None or len(seen.counts) < 2:
            return "the same order in two epochs; labels were not found or are all equal"
        return f"runs that make {percent(self.least_excess)} more neighbours equal than chance"


def places(seen: Seen) -> tuple[Ints, Ints]:
    """Places in the first two epochs of the samples that occur exactly once in each."""
    once = [np.unique(epoch.kept.key, return_index=True, return_counts=True) for epoch in seen.epochs[:2]]
    (keys_a, at_a, n_a), (keys_b, at_b, n_b) = once
    single_a, single_b = n_a == 1, n_b == 1
    _, in_a, in_b = np.intersect1d(keys_a[single_a], keys_b[single_b], return_indices=True)
    first, second = (epoch.kept.position for epoch in seen.epochs[:2])
    return first[at_a[single_a][in_a]], second[at_b[single_b][in_b]]


def exchangeable(seen: Seen) -> Ints | None:
    """Strata within which samples may change places in a fair order: None, all of them.

    Batches of several widths that torch's own samplers did not draw are bucketed by length.
    """
    own = not seen.facts.custom_batches and seen.facts.order in _EXCHANGEABLE
    return None if seen.first is None or own else seen.first.strata


def _same_labels(seen: Seen) -> bool:
    """Whether two epochs have one label sequence, which two shuffles have with a chance below 1e-6."""
    first, second = seen.epochs[0], seen.epochs[1]
    if first.kept.indexed or first.labels is None or second.labels is None:
        return False
    equal = np.array_equal(first.labels, second.labels)
    return equal and laws.log10_same_order(first.labels[: laws.ROWS]) < -6  # type: ignore[arg-type]


def _segments(n: int) -> Ints:
    edges: Ints = np.linspace(0, min(n, laws.ROWS), SEGMENTS + 1).astype(np.int64)
    return edges[1:] - edges[:-1]


def _eighths(codes: Ints) -> list[list[int]]:
    most = min(int(codes.max(initial=0)) + 1, 20)
    parts = np.split(codes[: laws.ROWS], np.cumsum(_segments(len(codes)))[:-1])
    return [np.bincount(part[part < most], minlength=most).tolist() for part in parts]


def _evidence(found: laws.Clumping, codes: Ints) -> dict[str, object]:
    return {
        "equal_pairs": found.observed,
        "expected_pairs": found.expected,
        "pairs": found.pairs,
        "excess": found.excess,
        "lift": found.lift,
        "p_value": found.p_more,
        "first_labels": codes[:200].tolist(),
    }
