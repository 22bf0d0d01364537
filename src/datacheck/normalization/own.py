"""The mark of statistics that were fitted on the very data: a mean of exactly 0, a range of 0 to 1."""

import math
from collections.abc import Callable, Sequence

import numpy as np

from .describe import PROBABILITIES
from .feature import Feature
from .readings import Observed, Reference

EXACT = 0.02
"""Standard errors within which a mean and a standard deviation count as exactly 0 and 1: for data that were
normalised with other statistics the odds are 0.016 for each of the two, 1 in 4,000 for both."""
ROUNDING = 2e-6
"""Of float32, in the mean of values around 1."""
MOST = 0.8
"""Share of the columns that must bear the mark: others may be indicators or have been left alone."""


def own_statistics(reference: Reference, observed: Sequence[Observed]) -> str | None:
    """How the columns were refitted, or None."""
    for detail, bears in _MARKS.items():
        telling = [
            bears(o)
            for feature, o in zip(reference.features, observed, strict=True)
            if o.n > 1 and _tells(feature, o, bears)
        ]
        if telling and np.mean(telling) >= MOST:
            return detail
    return None


def _tells(feature: Feature, o: Observed, bears: Callable[[Observed], bool]) -> bool:
    """Whether the mark would be a surprise on this column."""
    surprising = feature.action != "minmax" or _ends_alone(o)
    return surprising and not _by_itself(feature, bears) and not _same_rows(feature, o)


def _tolerance(n: int) -> float:
    return max(ROUNDING, EXACT / math.sqrt(n))


def _standard(o: Observed) -> bool:
    divisors = (1.0, ((o.n - 1) / o.n) ** 0.5)
    near = min(abs(o.std - divisor) for divisor in divisors)
    return abs(o.mean) <= _tolerance(o.n) and near <= _tolerance(o.n) / 2**0.5


def _ends(low: float, high: float) -> Callable[[Observed], bool]:
    def bears(o: Observed) -> bool:
        return abs(o.min - low) <= ROUNDING and abs(o.max - high) <= ROUNDING

    return bears


def _ends_alone(o: Observed) -> bool:
    """Whether few rows share the ends: common ends would be those of the training rows, too."""
    return o.q[0] > o.min and o.q[-1] < o.max


def _robust(o: Observed) -> bool:
    return abs(o.q[4]) <= _tolerance(o.n) and abs(o.q[5] - o.q[3] - 1) <= _tolerance(o.n)


_MARKS: dict[str, Callable[[Observed], bool]] = {
    "each column has mean 0 and standard deviation 1 by itself: refitted on these rows": _standard,
    "each column runs from exactly 0 to 1: refitted on these rows": _ends(0.0, 1.0),
    "each column runs from exactly -1 to 1: refitted on these rows": _ends(-1.0, 1.0),
    "each column has median 0 and quartile range 1 by itself: refitted on these rows": _robust,
}


def _by_itself(feature: Feature, bears: Callable[[Observed], bool]) -> bool:
    """Whether the raw training values bear the mark, too, as pixels over 255 do: it says nothing then."""
    stored = dict(feature.quantiles)
    if feature.channels or (stored and set(stored.values()) <= {0.0, 1.0}):
        return bears is not _standard  # the quartiles of an indicator jump from 0 to 1 as its share moves
    q = tuple(stored.get(p, np.nan) for p in PROBABILITIES)
    mean, std, low, high = (float(x or 0) for x in (feature.mean, feature.std, feature.min, feature.max))
    raw = Observed(feature.finite, mean, std, q, low, high)
    return bears(raw)


def _same_rows(feature: Feature, o: Observed) -> bool:
    """Whether these are as many rows as the contract was fitted on: its own statistics are theirs."""
    return o.n == feature.finite
