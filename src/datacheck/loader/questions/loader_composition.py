"""Do the batches hold the classes as a fair shuffle would deal them?"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..._format import number, percent, plural
from ...finding import Finding
from .. import laws
from ..question import Question, need
from ..seen import Ints, Seen
from .loader_order import exchangeable

COLOURS = 8  # classes told apart in a picture
SHOWN = 60  # batches in a picture
SHUFFLE = "loader = DataLoader(dataset, batch_size=batch_size, shuffle=True)"


@dataclass(frozen=True, kw_only=True)
class LoaderComposition(Question):
    """Do the batches hold the classes as a fair shuffle would deal them?

    What it finds:
        Batches of one class, or with more samples of one class than chance deals; a loader that yields one
        class only; training without a class that the validation loader has; classes that batches often lack.
        Batches that are balanced on purpose, by a weighted or a stratified sampler, are reported as such.

    Why it matters for training:
        The gradient of a one-class batch pushes all outputs towards that class, and BatchNorm normalises the
        class's own mean away.

    How it decides:
        Pairs of equal labels within batches, against shuffles of the same labels over the same batches. The
        class counts of a batch are then multivariate hypergeometric, and so are the expected shares of
        one-class batches and of batches that lack a class.

    When it is wrong:
        Samplers that clump on purpose (few classes a batch for a metric loss) are reported.

    What to do:
        shuffle=True; larger batches or a WeightedRandomSampler where rare classes are missing from batches.

    References:
        Feller 1968, An Introduction to Probability Theory, volume 1, II.6 (hypergeometric law).
        Ioffe & Szegedy 2015, Batch Normalization, section 5 (batches are assumed to represent the data).
    """

    chance: float = 1e-4
    """Tail of the permutation null for clumped batches, and for balanced ones; one test of each a loader."""
    least_excess: float = 0.05
    """Share of pairs in a batch that are equal beyond chance, as a share of what could be: in a batch of 32 a
    class of one half then has a standard deviation of 4.5 samples instead of 2.8."""
    least_lift: float = 0.5
    """Or: half as many equal pairs again as by chance, for many classes whose excess is small."""
    least_bucketed: float = 0.2
    """Excess from which batches bucketed by length are reported: labels go with length within a bucket too. Of
    100 clean bucketed loaders whose lengths follow the class one had 0.06 (benchmarks/detection/loader.py)."""
    one_class: float = 0.5
    """Excess from which batches hold hardly more than one class: an error."""
    least_balance: float = -0.005
    """Excess below which batches count as balanced on purpose: samplers that deal every class evenly reach
    -1 / (batch size), that is -0.008 at 128."""
    missing: float = 0.01
    """Chance that a batch lacks some class, from which it is mentioned."""

    def ask(self, seen: Seen) -> Iterator[Finding]:
        """Findings about the batches of the first epoch."""
        need(seen.first is not None, "the loader yielded nothing")
        need(
            seen.codes is not None, "no label with one number or text a sample was found; name it with label="
        )
        assert seen.first is not None and seen.codes is not None
        yield from self._absent(seen)
        need(len(seen.counts) > 1, "all labels are equal")
        yield from self._weighted(seen, seen.codes)
        if seen.first.sizes.max() > 1:
            yield from self._clumped(seen, seen.codes, seen.first.sizes)
            yield from self._rare(seen)

    def _absent(self, seen: Seen) -> Iterator[Finding]:
        if seen.classes and len(seen.counts) == 1 and len(seen.codes if seen.codes is not None else ()) > 1:
            yield self.finding(
                "warning",
                f"the loader yields one class only: {seen.class_name(0)}",
                advice="Check the subset and the sampler; with max_batches the epoch may be too short.",
            )
        if not seen.classes or seen.validation is None or seen.validation.labels is None or not _whole(seen):
            return
        absent = np.setdiff1d(seen.validation.labels, seen.classes)
        if len(absent) and bool((absent == np.round(absent)).all()):
            names = ", ".join(f"{value:g}" for value in absent[:5])
            yield self.finding(
                "warning",
                f"training never sees {plural(len(absent), 'class')} of the validation loader: {names}",
                evidence={"absent": absent[:100].tolist()},
                advice="Split so that every class is in both parts (stratify).",
            )

    def _clumped(self, seen: Seen, codes: Ints, sizes: Ints) -> Iterator[Finding]:
        strata = exchangeable(seen)
        found = laws.within(codes, sizes, strata, seed=seen.seed, worth=self._worth)
        if found is None:
            return
        evidence = _evidence(seen, codes, sizes, found)
        matters = (
            self._matters(found.excess, found.lift) if strata is None else found.excess >= self.least_bucketed
        )
        if found.p_more <= self.chance and matters:
            yield self.finding(
                "error" if found.excess >= self.one_class else "warning",
                f"the batches are not a fair mix of the classes: {percent(evidence['one_class'])} hold "
                "one class "
                f"only ({percent(evidence['one_class_expected'])} in a fair shuffle), and two samples of "
                "a batch "
                f"are of one class {number(found.observed / max(found.expected, 0.5), 2)} times as often "
                "as by chance",
                evidence=evidence,
                advice="Shuffle over all classes.",
                fix=SHUFFLE,
            )
        elif found.p_less <= self.chance and found.excess <= self.least_balance:
            yield self.finding(
                "info",
                "the batches are balanced: they hold the classes more evenly than a fair shuffle would",
                evidence=evidence,
            )

    def _matters(self, excess: float, lift: float) -> bool:
        return excess >= self.least_excess or lift >= self.least_lift

    def _worth(self, excess: float, lift: float) -> bool:
        return self._matters(excess, lift) or excess <= self.least_balance

    def _weighted(self, seen: Seen, codes: Ints) -> Iterator[Finding]:
        """A balance on purpose: class shares of the draws against those of the different samples drawn."""
        if (
            not seen.facts.repeats
            or seen.first is None
            or not seen.first.kept.indexed
            or seen.first.kept.share < 1
        ):
            return
        first = np.unique(seen.first.kept.index[: len(codes)], return_index=True)[1]
        drawn = seen.counts / seen.counts.sum()
        distinct = np.bincount(codes[first], minlength=int(codes.max()) + 1)[np.unique(codes)] / len(first)
        rare = int(np.argmin(distinct))
        yield self.finding(
            "info",
            f"{seen.facts.sampler} draws with replacement: class {seen.class_name(rare)} makes up "
            f"{percent(drawn[rare])} of the draws and {percent(distinct[rare])} of the different samples "
            "drawn",
            evidence={"drawn": drawn[:100].tolist(), "distinct": distinct[:100].tolist()},
        )

    def _rare(self, seen: Seen) -> Iterator[Finding]:
        """Classes that fair batches would lack, with what to do about it."""
        size = int(np.median(seen.first.sizes)) if seen.first is not None else 1
        lacking = laws.missing_chance(seen.counts, size)
        if not seen.classes or lacking.sum() <= self.missing or len(seen.classes) > size:
            return
        rare = int(np.argmax(lacking))
        enough = laws.batch_size_for_all(seen.counts, self.missing)
        uneven = seen.counts.max() > 2 * seen.counts.min()
        yield self.finding(
            "info",
            f"a batch of {size} lacks class {seen.class_name(rare)} with a chance of "
            f"{percent(lacking[rare])}; "
            f"with {enough:,} samples the chance that any class is missing is below {percent(self.missing)}",
            evidence={
                "counts": seen.counts[:100].tolist(),
                "missing": lacking[:100].tolist(),
                "batch_size": enough,
            },
            advice="Where the rare class matters, draw it more often." if uneven else "Use larger batches.",
            fix=weighted_sampler(seen.counts) if uneven else SHUFFLE.replace("=batch_size", f"={enough}"),
        )

    def detectable(self, seen: Seen) -> str | None:
        return f"batches in which {percent(self.least_excess)} more pairs are equal than chance"


def weighted_sampler(counts: Ints) -> str:
    """Code for a sampler that draws every class equally often."""
    shown = counts.tolist() if len(counts) <= 20 else "torch.bincount(labels)"
    return (
        f"counts = torch.as_tensor({shown})  # samples of each class\n"
        "weights = (1.0 / counts)[labels]  # labels: the class of every sample, 0..K-1\n"
        "sampler = WeightedRandomSampler(weights, num_samples=len(weights))\n"
        "loader = DataLoader(dataset, batch_size=batch_size, sampler=sampler)"
    )


def _picture(seen: Seen, batches: list[Ints]) -> dict[str, object]:
    """Class counts of batches, shape (batches, classes); the rarer classes together where there are many."""
    order = np.argsort(-seen.counts, kind="stable")
    named = order if len(order) <= COLOURS else order[: COLOURS - 1]
    place = np.full(len(order), len(named))
    place[named] = np.arange(len(named))
    known = np.unique(np.asarray(seen.codes))
    dense = [place[np.searchsorted(known, part)] for part in batches]
    width = min(len(order), COLOURS)
    names = [seen.class_name(int(code)) for code in named] + ["other classes"] * (len(order) > COLOURS)
    return {
        "first_batches": [np.bincount(part, minlength=width).tolist() for part in dense],
        "classes": names,
    }


def _whole(seen: Seen) -> bool:
    return seen.first is not None and seen.first.complete


def _evidence(seen: Seen, codes: Ints, sizes: Ints, found: laws.Clumping) -> dict[str, Any]:
    """The numbers, and the counts of the classes in the first batches, the commonest classes first."""
    edges = np.cumsum(sizes)
    batches = [part for part in np.split(codes, edges[edges < len(codes)]) if len(part) > 1]
    expected = [laws.one_class_chance(seen.counts, len(part)) for part in batches[:1000]]
    return {
        "one_class": float(np.mean([np.ptp(part) == 0 for part in batches])),
        "one_class_expected": float(np.mean(expected)),
        "excess": found.excess,
        "p_value": min(found.p_more, found.p_less),
        **_picture(seen, batches[:SHOWN]),
    }
