"""Are the batches large and alike enough for statistics of a batch?"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy import stats

from ..._format import number, percent, plural
from ...finding import Finding
from ..leaf_sums import LeafSums
from ..question import Question, need
from ..seen import Epoch, Seen
from .loader_order import exchangeable


@dataclass(frozen=True, kw_only=True)
class LoaderBatchStatistics(Question):
    """Are the batches large and alike enough for statistics of a batch?

    What it finds:
        Batches too small for BatchNorm; a last batch of one sample, at which BatchNorm stops; batches whose
        means differ more than chance allows, also where there are no labels; features that are constant
        within batches.

    Why it matters for training:
        BatchNorm divides by the standard deviation of the batch. Its relative error is 1/sqrt(2n) for n
        normal samples, and test accuracy falls with it. Batches that differ train on statistics that no test
        sample has.

    How it decides:
        Batch size against the measurements of Wu & He. Batch means of each channel (of each image's own mean)
        by a one-way analysis of variance with Bonferroni's correction over the channels; the ratio of the
        variances says how much more batches differ than fair ones.

    When it is wrong:
        Networks without BatchNorm do not mind small batches. Batches bucketed by length are not tested for
        differences: their padding differs on purpose.

    What to do:
        Batches of 16 and more, GroupNorm, drop_last for a last batch of one sample, shuffle=True.

    References:
        Wu & He 2018, Group Normalization, table 2: ImageNet error of BatchNorm 23.6 % at 32, 23.7 at 16, 24.8
        at 8, 27.3 at 4, 34.7 at 2 images a batch. Ioffe 2017, Batch Renormalization. Fisher 1925 (analysis of
        variance).
    """

    least_size: int = 16
    """Samples a batch: below 16 accuracy falls by a point and more (Wu & He 2018, table 2)."""
    chance: float = 1e-6
    """Tail of the F law, divided by the channels; that small because pixels are far from normal."""
    least_ratio: float = 2.25
    """Variance of batch means over that of fair batches: their std is then 1.5 times as large."""
    constant: float = 0.5
    """Share of batches in which a feature that varies is constant, from which it is mentioned."""

    def ask(self, seen: Seen) -> Iterator[Finding]:
        """Findings about sizes, then about every input of the first epoch."""
        need(seen.first is not None, "the loader yielded nothing")
        assert seen.first is not None
        yield from self._sizes(seen, seen.first)
        for sums in seen.first.leaves.values():
            if (
                sums.dtype.startswith(("float", "bfloat"))
                and sums.batches > 1
                and sums.samples > sums.batches
            ):
                if exchangeable(seen) is None:
                    yield from self._differ(sums)
                yield from self._constant(sums)

    def _sizes(self, seen: Seen, first: Epoch) -> Iterator[Finding]:
        need(not (seen.facts.unbatched and first.sizes.max() == 1), "the loader yields samples, not batches")
        size, last = int(np.median(first.sizes)), int(first.sizes[-1])
        evidence = {
            "batch_size": size,
            "last": last,
            "variance_error": float(np.sqrt(2 / size)),
            **_measured(first),
        }
        if size < self.least_size and len(first.sizes) > 1:
            yield self.finding(
                "warning",
                f"a batch has {plural(size, 'sample')}: {_harm(size)}",
                evidence=evidence,
                advice="With BatchNorm use batches of 16 or more, or GroupNorm instead of it.",
                fix=f"loader = DataLoader(dataset, batch_size={2 * self.least_size}, shuffle=True)",
            )
        elif last == 1 and len(first.sizes) > 1 and first.complete:
            yield self.finding(
                "warning",
                f"the last batch has one sample ({first.samples:,} samples in batches of {size}): "
                "BatchNorm has no "
                "variance there and stops for inputs without spatial axes",
                evidence=evidence,
                advice="Drop the last batch, or choose another batch size.",
                fix="loader = DataLoader(dataset, batch_size=batch_size, shuffle=True, drop_last=True)",
            )

    def _differ(self, sums: LeafSums) -> Iterator[Finding]:
        ratio, p = variance_ratio(sums)
        worst = int(np.argmax(ratio))
        if p[worst] * len(p) > self.chance or ratio[worst] < self.least_ratio:
            return
        yield self.finding(
            "warning",
            f"batch means of input {sums.path!r} differ {number(float(np.sqrt(ratio[worst])), 2)} times "
            "as much as those "
            f"of fair batches would (channel {worst})",
            columns=[sums.path] if sums.path else [],
            evidence={"ratio": ratio[:16].tolist(), "p_value": float(p[worst]), "batches": sums.batches},
            advice="Shuffle: samples that are alike come together.",
            fix="loader = DataLoader(dataset, batch_size=batch_size, shuffle=True)",
        )

    def _constant(self, sums: LeafSums) -> Iterator[Finding]:
        varies = sums.max > sums.min
        often = varies & (sums.constant >= self.constant * sums.batches)
        if often.any():
            share = float((sums.constant[often] / sums.batches).max())
            yield self.finding(
                "info",
                f"{plural(int(often.sum()), 'feature')} of input {sums.path!r} that vary are constant in "
                "up to "
                f"{percent(share)} of the batches: dividing by the std of a batch gives NaN, or "
                "1/sqrt(eps) in BatchNorm",
                columns=[sums.path] if sums.path else [],
                evidence={"features": np.flatnonzero(often)[:100].tolist(), "share": share},
            )

    def detectable(self, seen: Seen) -> str | None:
        times = number(float(np.sqrt(self.least_ratio)), 2)
        return f"batch means that differ {times} times as much as fair ones"


def variance_ratio(sums: LeafSums) -> tuple[np.ndarray, np.ndarray]:
    """F of the analysis of variance of sample means by batch, and its tail; shape (channels,) each."""
    free_between, free_within = sums.batches - 1, sums.samples - sums.batches
    within = sums.within_square / free_within
    # rounding alone makes the means of constant channels differ
    usable = within > 1e-12 * np.maximum(sums.mean**2, 1e-300)
    ratio = np.where(usable, sums.between / free_between / np.where(usable, within, 1), 1.0)
    return ratio, stats.f.sf(ratio, free_between, free_within)


def _harm(size: int) -> str:
    """What BatchNorm makes of batches of this size."""
    if size == 1:
        return "BatchNorm has no variance to divide by, and stops for inputs without spatial axes"
    error = percent(float(np.sqrt(2 / size)))
    return f"the batch variance that BatchNorm divides by is off by about {error} for normal data"


def _measured(first: Epoch) -> dict[str, object]:
    """How far the variances of the loader's own batches are apart, in relation to their mean."""
    found = {}
    for path, sums in first.leaves.items():
        if sums.batches > 1 and sums.samples:
            mean = sums.variance / sums.batches
            spread = np.sqrt(np.maximum(sums.variance_square / sums.batches - mean**2, 0))
            error = np.where(mean > 0, spread / np.where(mean > 0, mean, 1), 0)
            found[path or "input"] = float(np.median(error))
    return {"measured_variance_error": found}
