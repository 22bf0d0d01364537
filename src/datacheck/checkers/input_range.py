"""input-range."""

from collections.abc import Iterator
from dataclasses import dataclass

from .._format import listing, number, plural
from ..dataset_profile import DatasetProfile
from ..finding import Finding
from ._columns import indicator, root_mean_square, varying
from .base import Checker, Example, need


@dataclass(frozen=True, kw_only=True)
class InputRange(Checker):
    """Features far from the ranges that networks are made for: [-1, 1], [0, 1], N(0, 1).

    What it finds:
        Numeric features of the training split whose values are typically far larger or far smaller than 1.

    Why it matters for training:
        Usual initialisations keep the variance of the activations from layer to layer if the inputs have a
        mean square of 1. Inputs 100 times as large saturate sigmoids and make the first steps 10,000 times as
        long; inputs 100 times as small hardly move the first layer.

    How it decides:
        The root mean square of the finite values, sqrt(mean² + std²): 1 for N(0, 1), 0.58 for uniform values
        in [0, 1] or [-1, 1]. Far is beyond `factor` either way. It is always for information: raw data
        are what they are, and normalising is the answer. Tables of N(0, 1), uniform [0, 1] and uniform
        [-1, 1] features: 0 of 200 named; a feature in units of 1,000 or 0.001: 200 of 200.

    When it is wrong:
        Where the first layer normalises its input, as BatchNorm does, or is an embedding of integer codes.

    What to do:
        Apply `normalization.json`: it states the action for each feature and was fitted on the training
        split.

    References:
        He, Zhang, Ren & Sun 2015, Delving Deep into Rectifiers, section 2.2; LeCun et al. 1998, Efficient
        BackProp, section 4.3.
    """

    scope = "train"
    clean = Example(splits={"train": {"x": [-1.2, 0.3, 1.4], "unit": [0.0, 0.5, 1.0], "flag": [0, 1, 1]}})
    dirty = Example(
        splits={
            "train": {"x": [-1.2, 0.3, 1.4], "grams": [5200.0, 4100.0, 7300.0], "tiny": [1e-4, 2e-4, -3e-4]}
        },
        finds=("grams", "tiny"),
    )

    factor: float = 10.0
    """Root mean square, or its inverse, from which a feature is far. He et al. 2015, equation 10: the
    variance of the activations is that of the inputs, so at 10 the first gradients are 100 times what the
    initialisation assumes; a factor of 10 also leaves a slack for data that were never standardised."""

    def check(self, data: DatasetProfile, split: str) -> Iterator[Finding]:
        """One finding that names the features far from the usual ranges."""
        features = [column for column in varying(data, split) if not indicator(column)]
        need(bool(features), "there is no numeric feature that varies")
        sizes = {column.name: size for column in features if (size := root_mean_square(column)) is not None}
        far = {name: size for name, size in sizes.items() if not 1 / self.factor <= size <= self.factor}
        if far:
            yield self.finding(
                split,
                "info",
                _message(far, len(sizes)),
                columns=tuple(far),
                evidence={
                    "features": [{"column": name, "root_mean_square": size} for name, size in far.items()]
                },
                advice="Apply the normalisation contract, fitted on the training split, to every split.",
                fix='datacheck.Normalization.load("datacheck-report/normalization.json").transform(features)',
            )

    def detectable(self, data: DatasetProfile, split: str) -> str | None:
        return f"values typically above {number(self.factor)} or below {number(1 / self.factor)}"


def _message(far: dict[str, float], features: int) -> str:
    low, high = min(far.values()), max(far.values())
    sizes = (
        f"of typical size {number(low, 2)}" if low == high else f"from {number(low, 2)} to {number(high, 2)}"
    )
    return (
        f"The first layer starts off balance: {len(far):,} of {plural(features, 'numeric feature')}, "
        f"{listing(list(far))}, {'is' if len(far) == 1 else 'are'} far from the size 1 that initialisations "
        f"assume ({sizes})."
    )
