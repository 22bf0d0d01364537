"""Features as matrices: normal scores for linear models, binned values for trees."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

from datacheck._two_sample import DISPLACEMENT, Ecdf
from datacheck.probes.shift_table import Column, Pair

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

SPACING = 4 * DISPLACEMENT
"""Least distance of knots in standard deviations: a column that moved by the displacement that counts as none
then moves by a quarter of a step, even where most rows share one value."""

KNOTS = 101
"""Knots of the training split's distribution function; between them it is interpolated, so that a model
cannot see values moved by a hair."""

BINS = 128
"""Bins of the trees: edges lie half-way between neighbouring knots of the training split, for the same
reason."""

LEAST_DEVIATION = 1e-9
"""Terms that vary less do not vary."""

MOST_INDICATORS = 30
"""Levels of a category that get an indicator each."""


@dataclass(frozen=True, eq=False, kw_only=True, slots=True)
class Design:
    """Standardised terms of shape (n, p), and for each the position of the column that it was made of, shape
    (p,).

    `first_order` marks the terms that the dependence test pairs: one normal score per number. `made` (q,) are
    the owners of all terms before those that never vary were dropped, `centre` and `deviation` (q,) theirs.
    """

    terms: FloatArray
    owner: IntArray
    first_order: npt.NDArray[np.bool_]
    made: IntArray
    centre: FloatArray
    deviation: FloatArray

    def standardised(self, raw: FloatArray, place: int) -> FloatArray:
        """Terms (m, k) that were made again of the column at `place`, on the scale of `terms`."""
        own = self.made == place
        kept = self.deviation[own] > LEAST_DEVIATION
        return np.asarray((raw - self.centre[own])[:, kept] / self.deviation[own][kept])


def linear_design(pair: Pair) -> Design:
    """Normal scores and their squares, indicators of levels and of missing values, each with mean 0 and std
    1."""
    terms, owner, first = [], [], []
    for place, column in enumerate(pair.columns):
        made = terms_of(column, pair.domain)
        terms += [term for term, _ in made]
        first += [is_first for _, is_first in made]
        owner += [place] * len(made)
    matrix = np.stack(terms, axis=1) if terms else np.zeros((len(pair.domain), 0))
    centre, deviation = matrix.mean(axis=0), matrix.std(axis=0)
    keep, places = deviation > LEAST_DEVIATION, np.array(owner, dtype=np.int64)
    return Design(
        terms=(matrix - centre)[:, keep] / deviation[keep],
        owner=places[keep],
        first_order=np.array(first, dtype=bool)[keep],
        made=places,
        centre=centre,
        deviation=deviation,
    )


def terms_of(column: Column, domain: IntArray) -> list[tuple[FloatArray, bool]]:
    """The terms of one column, shape (n,) each, and whether it is one that the dependence test pairs."""
    missing = [(column.missing.astype(np.float64), False)] if column.missing.any() else []
    if column.levels is not None:
        shown = range(min(len(column.levels), MOST_INDICATORS))
        return missing + [((column.values == code).astype(np.float64), False) for code in shown]
    scores = normal_scores(column.values, domain)
    squares = (
        [((scores**2 - 1) / np.sqrt(2), False)] if len(np.unique(scores[domain == 0][:2000])) > 2 else []
    )
    return [*missing, (scores, True), *squares]


def normal_scores(values: FloatArray, domain: IntArray) -> FloatArray:
    """Normal quantiles of the rank among the training rows, interpolated; 0 where missing, shape (n,)."""
    train = np.sort(values[(domain == 0) & ~np.isnan(values)])
    if not len(train):
        return np.zeros(len(values))
    knots = _spaced(train, KNOTS)
    below = np.searchsorted(train, knots, "left") + np.searchsorted(train, knots, "right")
    rank = np.clip(below / (2 * len(train)), 0.5 / len(train), 1 - 0.5 / len(train))
    scores = special.ndtri(np.interp(values, knots, rank))
    # beyond the training range the rank is flat: let the score go on at one unit per robust deviation, to 4
    scale = (knots[-1] - knots[0]) / 3.29
    if scale > 0:
        scores = scores + (np.maximum(values - knots[-1], 0) - np.maximum(knots[0] - values, 0)) / scale
    return np.asarray(np.nan_to_num(np.clip(scores, -4, 4), nan=0.0))


def _spaced(train: FloatArray, count: int) -> FloatArray:
    """Quantiles of sorted values, the least and the largest among them, far enough from each other."""
    knots = np.unique(train[np.linspace(0, len(train) - 1, count).astype(int)])
    least = SPACING * Ecdf.of(train).scale
    kept = [knots[0]]
    for knot in knots[1:]:
        if knot - kept[-1] >= least:
            kept.append(knot)
    return np.array(kept)


def tree_design(pair: Pair) -> FloatArray:
    """Bin numbers (numbers) or frequency ranks (categories) of each column, -1 where missing, shape (n,
    d)."""
    columns = [_bins(column, pair.domain) for column in pair.columns]
    return np.stack(columns, axis=1) if columns else np.zeros((len(pair.domain), 0))


def _bins(column: Column, domain: IntArray) -> FloatArray:
    missing = np.isnan(column.values)
    if column.levels is not None:
        return np.where(missing, -1.0, np.minimum(column.values, BINS))
    train = np.sort(column.values[(domain == 0) & ~missing])
    if not len(train):
        return np.where(missing, -1.0, 0.0)
    knots = _spaced(train, BINS)
    edges = knots[:-1] / 2 + knots[1:] / 2
    return np.where(missing, -1.0, np.searchsorted(edges, column.values, side="right"))
