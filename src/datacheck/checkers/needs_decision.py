"""needs-decision."""

from collections.abc import Iterator
from dataclasses import dataclass

from .._ambiguity import BITS, ORDERS, question, typical_of_others
from ..dataset_profile import DatasetProfile
from ..finding import Finding
from ..profiles import ColumnProfile
from ._columns import indicator, magnitude
from .base import Checker, Example, need


@dataclass(frozen=True, kw_only=True)
class NeedsDecision(Checker):
    """Features of a small spread, where only a person knows: a small unit, or unimportant?

    What it finds:
        Numeric features of the training split whose standard deviation is orders of magnitude below that of
        the others, is little above the rounding of float32 at the feature's offset, or is lost in a
        half-precision training.

    Why it matters for training:
        Standardising makes every feature equally loud. That is right for a length in kilometres among
        lengths in metres, and wrong for the jitter of a sensor that should read one value: it becomes
        noise as large as any signal.

    How it decides:
        The standard deviation against the median of the other features' (indicators and constant features
        left out), and against the rounding noise 2 eps max|x|. It is always for information.
        On random splits of wine, breast cancer, digits, iris and diabetes nothing is asked.

    When it is wrong:
        Where the units of all features differ by design, as in physics, every small one is asked about.

    What to do:
        Say which it is in `[tool.datacheck.features]`: `standardize` if the unit is small (what the contract
        does by default), `drop_constant` or `none` if the feature is unimportant; then waive this question.

    References:
        LeCun, Bottou, Orr & Müller 1998, Efficient BackProp, section 4.3: scale inputs alike "unless it is
        known that some inputs are of less significance than the others".
    """

    scope = "train"
    clean = Example(splits={"train": {"x": [-1.2, 0.3, 1.4], "y": [10.0, 40.0, 20.0], "flag": [0, 1, 1]}})
    dirty = Example(
        splits={
            "train": {
                "x": [-1.2, 0.3, 1.4],
                "y": [10.0, 40.0, 20.0],
                "kilo": [2e-4, 1e-4, 4e-4],
                "offset": [7000.0, 7000.02, 7000.01],
            }
        },
        finds=("kilo", "offset"),
    )

    orders: float = ORDERS
    """Share of the typical standard deviation below which the unit is in question: three orders of magnitude,
    one step of the metric prefixes."""

    bits: float = BITS
    """Multiple of float32's rounding noise below which an offset is in question: under 5 bits of signal."""

    def check(self, data: DatasetProfile, split: str) -> Iterator[Finding]:
        """One finding per feature that waits for a decision."""
        features = [column for column in data.numeric(split) if not indicator(column) and _std(column)]
        need(bool(features), "there is no numeric feature that varies")
        precision = data.training.precision
        seen = [_std(column) if _std(column) > 1e-7 * magnitude(column) else 0.0 for column in features]
        for column, typical in zip(features, typical_of_others(seen), strict=True):
            asked = question(
                _std(column), magnitude(column), typical, precision, orders=self.orders, bits=self.bits
            )
            if asked is None:
                continue
            yield self.finding(
                split,
                "info",
                f"{column.name!r}: {asked}",
                columns=[column.name],
                evidence={"std": _std(column), "max_abs": magnitude(column), "typical_std": typical},
                advice="Say which it is: standardise a small unit, drop an unimportant feature.",
                fix=f'[tool.datacheck.features]\n"{column.name}" = "standardize"  # or "drop_constant"',
            )


def _std(column: ColumnProfile) -> float:
    return float(column.moments.std or 0.0) if column.moments is not None else 0.0
