"""Are the inputs and labels what a network and its loss expect?"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..._format import number, plural
from ...finding import Finding
from ..leaf_sums import LeafSums
from ..question import Question, need
from ..seen import Epoch, Seen
from ._labels import label_findings
from ._pixels import Pixels, twice

_SCALE = (
    "transform = v2.Compose([v2.ToImage(), v2.ToDtype(torch.float32, scale=True), v2.Normalize(mean, std)])"
)


@dataclass(frozen=True, kw_only=True)
class LoaderValues(Question):
    """Are the inputs and labels what a network and its loss expect?

    What it finds:
        NaN and infinity, with the first batch and sample; images in 0..255 or another raw scale; images
        normalised twice or divided by 255 twice; float64 inputs; a validation loader on another scale than
        the training loader. Labels of a type, range or shape that the loss refuses or broadcasts.

    Why it matters for training:
        One NaN makes every weight NaN. Inputs off by a factor of 255 saturate the first layer. Labels of
        shape (n, 1) against outputs of shape (n,) broadcast to (n, n), and the loss falls to the labels'
        variance.

    How it decides:
        From minimum, maximum, mean and standard deviation of every channel over the first epoch. Images are
        arrays of 1 to 4 channels and two lengths. NaN and infinity are sought in every value.

    When it is wrong:
        A network that normalises its inputs itself wants raw images; those of whole-number type are
        mentioned only. Ranges are taken from about 512 values of each sample.

    What to do:
        See the advice of each finding.

    References:
        LeCun et al. 1998, Efficient BackProp, section 4.3 (inputs of mean 0 and like variance).
    """

    raw: float = 16.0
    """Largest value from which an image that is never negative counts as raw: normalised ones end near 3,
    scaled ones at 1, and 4-bit images at 15 or 16."""
    most_std: float = 2.0
    """Standard deviation of a channel: normalised images have about 1, images normalised twice 1 / std, 2.7
    to 5 for the usual constants."""
    least_range: float = 0.05
    """Range of values within 0..1 below which an image has been scaled once too often: 1/255 is 0.004."""
    most_shift: float = 1.0
    """Difference of validation and training mean in standard deviations, far above usual shift."""
    most_ratio: float = 2.0
    """Ratio of validation and training standard deviation; forgotten normalisation gives 3 and more."""

    def ask(self, seen: Seen) -> Iterator[Finding]:
        """Findings about inputs, labels and the validation loader."""
        need(seen.first is not None, "the loader yielded nothing")
        assert seen.first is not None
        need(bool(seen.first.leaves) or seen.label is not None, "the batches hold no arrays")
        yield from self._not_finite(seen)
        for sums in seen.first.leaves.values():
            if sums.samples:
                yield from self._scale(sums)
        yield from (
            self.finding(*answer.what, advice=answer.advice, fix=answer.fix)
            for answer in label_findings(seen)
        )
        if seen.validation is not None:
            yield from self._validation(seen.first, seen.validation)

    def _not_finite(self, seen: Seen) -> Iterator[Finding]:
        splits = [("train", i, epoch) for i, epoch in enumerate(seen.epochs)]
        splits += [("validation", 0, seen.validation)] if seen.validation is not None else []
        told: set[tuple[str, str]] = set()
        for split, number_, epoch in splits:
            for sums in epoch.leaves.values():
                if sums.first_nonfinite is None or (split, sums.path) in told:
                    continue
                told.add((split, sums.path))
                batch, row = sums.first_nonfinite
                yield self.finding(
                    "error",
                    f"{_named(sums)} holds NaN or infinity in {plural(sums.nonfinite, 'sample')}, "
                    f"first in epoch {number_}, batch {batch}, sample {row} of the batch",
                    split=split,
                    columns=[sums.path] if sums.path else [],
                    evidence={
                        "samples": sums.nonfinite,
                        "batches": sums.nonfinite_batches,
                        "batch": batch,
                        "row": row,
                    },
                    advice="Find the sample, and fill or leave out its missing values.",
                    fix="x = torch.nan_to_num(x)  # or leave the sample out",
                )

    def _scale(self, sums: LeafSums) -> Iterator[Finding]:
        about: dict[str, Any] = {"columns": [sums.path] if sums.path else [], "evidence": _evidence(sums)}
        if sums.dtype == "float64":
            yield self.finding(
                "info",
                f"{_named(sums)} is float64: layers are float32 and refuse it, and it takes twice the memory",
                **about,
                fix="x = x.float()",
            )
        if not sums.image_like:
            return
        message, severity = self._verdict(sums)
        if message:
            advice = "Scale to 0..1 and normalise once, with the mean and std of the training images."
            yield self.finding(severity, f"{_named(sums)} {message}", **about, advice=advice, fix=_SCALE)

    def _verdict(self, sums: LeafSums) -> tuple[str, str]:
        """What is wrong with the scale of an image, and how bad; an empty message for nothing."""
        low, high = float(sums.min.min()), float(sums.max.max())
        between = f"lies in {number(low, 3)}..{number(high, 3)}"
        if not sums.dtype.startswith(("float", "bfloat")):
            raw = sums.dtype == "uint8" or high > self.raw
            return (
                (f"is {sums.dtype} and {between}: scale it before the first layer", "info")
                if raw
                else ("", "")
            )
        if low >= 0 and high >= self.raw:
            return f"{between}, not in 0..1 or around 0: it was not scaled", "warning"
        if low >= -1 and high <= 1.001 and high - low >= self.least_range:
            return "", ""
        if low >= 0 and high < self.least_range:
            return f"{between}: it seems to be divided by 255 twice", "warning"
        pixels = Pixels(low=sums.min, high=sums.max)
        if (known := twice(pixels)) is not None:
            return f"{between}: it is normalised twice with the constants of {known}", "warning"
        std = sums.std
        if low < 0 and float(std.max()) > self.most_std:
            return (
                f"has a std of {number(float(std.max()), 3)}, not about 1: it seems to be normalised twice",
                "warning",
            )
        return "", ""

    def _validation(self, train: Epoch, held: Epoch) -> Iterator[Finding]:
        for path in train.leaves.keys() & held.leaves.keys():
            a, b = train.leaves[path], held.leaves[path]
            if (
                not a.dtype.startswith("float")
                or not (a.samples and b.samples)
                or a.mean.shape != b.mean.shape
            ):
                continue
            if not a.image_like and len(a.shape) < 2:
                continue  # single features are judged by the checkers of shift, with their sampling error
            spread = np.maximum(a.std, 1e-12)
            shift = float(np.median(np.abs(b.mean - a.mean) / spread))
            ratio = float(np.median(b.std / spread))
            if shift > self.most_shift or not 1 / self.most_ratio <= ratio <= self.most_ratio:
                yield self.finding(
                    "warning",
                    f"{_named(b)} of the validation loader is on another scale: its mean is "
                    f"{number(shift, 2)} training "
                    f"std away, its std {number(ratio, 2)} times as large",
                    split="validation",
                    columns=[path] if path else [],
                    evidence={"shift": shift, "ratio": ratio},
                    advice="Normalise both loaders with the same constants, those of the training images.",
                    fix=_SCALE,
                )


def _named(sums: LeafSums) -> str:
    return f"input {sums.path!r}" if sums.path else "the input"


def _evidence(sums: LeafSums) -> dict[str, object]:
    return {
        "dtype": sums.dtype,
        "shape": list(sums.shape),
        "min": sums.min[:16].tolist(),
        "max": sums.max[:16].tolist(),
        "mean": sums.mean[:16].tolist(),
        "std": sums.std[:16].tolist(),
    }
