"""Which column holds which feature: the cheapest assignment."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import permutations

import numpy as np
from numpy.typing import NDArray

from .arithmetic import Floats
from .candidates import Reading
from .readings import LOCATION, SPREAD, TAILS, Reference, Summaries, cost

MOST_COLUMNS = 400
"""Columns up to which assignments are searched: 400 take about a second."""
PER_COLUMN = 1.0
"""Log-likelihood that a moved column must gain: columns alike in shape trade places for less, by chance."""

CHANNELS = 0.06
"""Standard deviations by which the difference of two channels may honestly change, as by white balance."""


@dataclass(frozen=True, slots=True)
class Reordered:
    """At each place the number of the feature that stands there, the cost, and how it came about."""

    order: NDArray[np.int64]
    cost: float
    how: str

    @property
    def moved(self) -> NDArray[np.int64]:
        """Places that hold another feature."""
        return np.flatnonzero(self.order != np.arange(len(self.order)))


def search(reference: Reference, observed: Summaries) -> Iterator[Reordered]:
    """The best reordering of raw columns, of columns before, and of columns after the normalisation."""
    if not 2 <= len(reference.names) <= MOST_COLUMNS:
        return
    raw, normalised = reference.seen, reference.normalised(reference.raw)
    yield _cheapest(_costs(observed, raw), "raw")
    yield _cheapest(_costs_before(reference, observed), "reordered, then normalised")
    yield _cheapest(_costs(observed, normalised), "normalised, then reordered")


def _costs(observed: Summaries, predicted: Summaries) -> Floats:
    """Cost of every place (rows) holding every feature (columns)."""
    return cost(_each(observed), Summaries(predicted.mean[None], predicted.std[None], predicted.q[None]))


def _each(given: Summaries) -> Summaries:
    return Summaries(given.mean[:, None], given.std[:, None], given.q[:, None, :])


def _costs_before(reference: Reference, observed: Summaries) -> Floats:
    """The same where the contract took what stood at each place for that place's feature."""
    d = len(reference.names)
    rows = []
    for place in range(d):
        made = reference.normalised(reference.raw, by=[place] * d)
        rows.append(cost(observed.take([place]), made))
    return np.stack(rows)


def _cheapest(costs: Floats, how: str) -> Reordered:
    from scipy.optimize import linear_sum_assignment

    places, features = linear_sum_assignment(costs)
    order = _worthwhile(costs, features.astype(np.int64))
    total = costs[places, order].sum() + PER_COLUMN * np.count_nonzero(order != places)
    return Reordered(order, float(total), how)


def _worthwhile(costs: Floats, order: NDArray[np.int64]) -> NDArray[np.int64]:
    """Only the cycles that gain enough; the rest stays in place."""
    result = np.arange(len(order))
    for cycle in _cycles(order):
        gain = costs[cycle, cycle].sum() - costs[cycle, order[cycle]].sum()
        if gain > PER_COLUMN * len(cycle):
            result[cycle] = order[cycle]
    return result


def _cycles(order: NDArray[np.int64]) -> Iterator[NDArray[np.int64]]:
    seen = np.zeros(len(order), bool)
    for start in range(len(order)):
        cycle = []
        while not seen[start]:
            seen[start] = True
            cycle.append(start)
            start = int(order[start])
        if len(cycle) > 1:
            yield np.array(cycle)


def swapped_channels(
    reference: Reference, seen: Summaries, readings: Sequence[Reading]
) -> tuple[Reordered, float]:
    """The best order of the channels under any reading, and the least cost of the given order.

    Light and contrast move all channels together, so what they have in common is forgiven as in other
    columns; the differences between channels are taken to be steady to `CHANNELS`.
    """
    given = tuple(range(len(reference.names)))
    found = [
        Reordered(np.array(order), reading.prior + value, reading.state)
        for reading in readings
        for order, value in _channel_costs(reference.raw, seen, reading.predicted)
    ]
    best = min(found, key=lambda move: move.cost)
    return best, min(move.cost for move in found if tuple(move.order) == given)


def _channel_costs(
    raw: Summaries, seen: Summaries, predicted: Summaries
) -> Iterator[tuple[tuple[int, ...], float]]:
    factor = predicted.std / raw.std
    mean, spread = (seen.mean - predicted.mean) / factor + raw.mean, np.log(seen.std / factor)
    for order in permutations(range(len(raw.mean))):
        moved = (mean - raw.mean[[*order]]) / raw.std.mean()
        wider = spread - np.log(raw.std[[*order]])
        together = (moved.mean() / LOCATION) ** 2 + (wider.mean() / SPREAD) ** 2
        apart = sum(((x - x.mean()) ** 2).sum() for x in (moved, wider)) / CHANNELS**2
        yield order, float((TAILS + 1) / 2 * np.log1p(together / TAILS) + apart / 2)
