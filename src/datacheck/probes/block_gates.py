"""What a suspicious stretch must pass before it is called misaligned."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from datacheck.probes.alignment_basis import Lift, eigenbases
from datacheck.probes.alignment_omnibus import omnibus
from datacheck.probes.label_blocks import ALPHA, ROUGH, SHUFFLED, Evidence, Stretch
from datacheck.probes.row_likelihood import RowLikelihood
from datacheck.probes.whitening import ORDER, Whitener

Matrix = npt.NDArray[np.float64]

SLOPE = 0.35
SLOPE_UPPER = 0.6
"""Largest remaining calibration slope, and its mean plus two standard errors, of labels called shuffled: 0
is no dependence, 1 is all of it, and a stretch with one third of wrong labels, which is noise and no
block, has 0.67."""
MEMORY_ROWS = 64
"""Rows under which labels with memory are not called shuffled: a rough patch of 30 rows of an aligned
series once was."""
FITS = 0.3
"""Least share, of the nats a row that aligned rows have, by which an offset stretch must fit at its offset
and the rows outside must prefer none. Features with a natural lag, which fit at both everywhere, had 0.01
of the latter."""
AS_MANY = 0.5
"""Least share of rows of an offset stretch that prefer the offset, of the share of rows outside that prefer
none. They are alike where labels were shifted (0.8 to 1.0 of it on digits); of scattered wrong labels in a
sequence that repeats itself, where any stretch has a distance at which its labels are right, 0.2 to 0.3."""
LOCAL = 0.01
"""A stretch whose own rows predict its own labels at this p-value has other rules, not other rows' labels."""
LOCAL_ROWS = 2048
SLOPE_ROWS = 3 * ORDER


def slope(
    model: RowLikelihood, rows: slice, offset: int, whitener: Whitener | None
) -> tuple[float, float] | None:
    """Calibration slope of the labels `offset` rows on within a stretch, and its standard error; None if
    undefined.

    Both sides are whitened where labels have memory: a drift common to a stretch is no sign that its rows
    fit.
    """
    first, last = rows.start, rows.stop
    low, high = max(0, first + offset), min(len(model.seen), last + offset)
    given, said = model.seen[low:high], model.expected[low - offset : high - offset]
    if len(given) < SLOPE_ROWS:
        return None
    given, said = (_innovations(whitener, part) for part in (given, said))
    power = float((said**2).sum())
    if power <= 1e-9 * len(said):
        return None
    value = float((given * said).sum() / power)
    errors = (said * (given - value * said)).sum(axis=1)
    return value, float(np.sqrt((errors**2).sum()) / power)


def _innovations(whitener: Whitener | None, columns: Matrix) -> Matrix:
    if whitener is None:
        return np.asarray(columns - columns.mean(axis=0))
    return whitener.without_cycles().apply(columns)


def passes(
    stretch: Stretch, evidence: Evidence, model: RowLikelihood, encoded: Matrix, whitener: Whitener | None
) -> bool:
    """Whether a stretch may be reported: hardly any dependence left at offset 0, under any local rule
    either.

    Shuffled labels have no memory, so their own dependence is judged without whitening, which would cost
    power.
    """
    rows = slice(stretch.first, stretch.last)
    if stretch.state != SHUFFLED:
        return _offset_stands(stretch, evidence, model, whitener)
    left = slope(model, rows, 0, None)
    weak = left is not None and left[0] < SLOPE and left[0] + 2 * left[1] < SLOPE_UPPER
    possible = weak and _rest_fits(stretch, evidence) and _memory_lost(stretch, evidence)
    return possible and not predicts_itself(encoded[rows], model.seen[rows])


def _shuffled_gain(stretch: Stretch, evidence: Evidence) -> float:
    """Log-odds of the better of the two shuffled explanations, with the labels' memory and without."""
    states = [state for state in (SHUFFLED, ROUGH) if state in evidence.states]
    return max(evidence.gain(state, stretch.first, stretch.last) for state in states)


def _rest_fits(stretch: Stretch, evidence: Evidence) -> bool:
    """Whether most rows lie outside and are known to be aligned: a stretch is bad only beside good ones."""
    aligned = evidence.nats[0]
    outside = aligned.sum() - aligned[stretch.first : stretch.last].sum()
    few = stretch.last - stretch.first <= len(aligned) / 2
    return bool(few and outside / evidence.deflation > evidence.price)


def _memory_lost(stretch: Stretch, evidence: Evidence) -> bool:
    """Where labels remember each other, shuffled ones must not: capped or constant stretches keep their
    memory."""
    if ROUGH not in evidence.states:
        return True
    if stretch.last - stretch.first < MEMORY_ROWS:
        return False
    return evidence.gain(ROUGH, stretch.first, stretch.last) > evidence.price


def _offset_stands(
    stretch: Stretch, evidence: Evidence, model: RowLikelihood, whitener: Whitener | None
) -> bool:
    """An offset must beat 'aligned' and 'shuffled' by the price of having tried them all, and fit as
    others do."""
    assert isinstance(stretch.state, int)
    first, last = stretch.first, stretch.last
    bar = np.log(len(evidence.states) / ALPHA)
    over_shuffled = stretch.log_odds - _shuffled_gain(stretch, evidence)
    here = slope(model, slice(first, last), stretch.state, whitener)
    there = slope(model, slice(first, last), 0, whitener)
    if here is None or there is None:
        return False
    ahead = here[0] - there[0] > 2 * np.hypot(here[1], there[1])
    beaten = stretch.log_odds > bar and over_shuffled > bar
    return bool(beaten and ahead and here[0] > SLOPE and _as_elsewhere(stretch, evidence))


def _as_elsewhere(stretch: Stretch, evidence: Evidence) -> bool:
    """Whether the stretch fits at its offset nearly as the rows outside fit at none, and those prefer none.

    A natural lag of a series fits everywhere, and better here than there by chance; a few wrong labels fit
    better at some other place, but only they.
    """
    inside = np.zeros(evidence.nats.shape[1], dtype=bool)
    inside[stretch.first : stretch.last] = True
    if inside.all():
        return True
    shifted, aligned = evidence.nats[evidence.states.index(stretch.state)], evidence.nats[0]
    gain = shifted - aligned
    usual = aligned[~inside].mean()
    alike = shifted[inside].mean() >= FITS * usual
    apart = -float(gain[~inside].mean())
    if not alike or apart < FITS * min(gain[inside].mean(), usual):
        return False
    return bool((gain[inside] > apart).mean() >= AS_MANY * (gain[~inside] < -apart).mean())


def named(stretch: Stretch, evidence: Evidence) -> Stretch:
    """A shuffled stretch that one offset explains far better is given that offset."""
    offsets = [state for state in evidence.states if isinstance(state, int)]
    gains = [evidence.gain(offset, stretch.first, stretch.last) for offset in offsets]
    if stretch.state != SHUFFLED or not gains:
        return stretch
    best = int(np.argmax(gains))
    bar = np.log(len(evidence.states) / ALPHA)
    if gains[best] <= _shuffled_gain(stretch, evidence) + bar:
        return stretch
    return Stretch(first=stretch.first, last=stretch.last, state=offsets[best], log_odds=gains[best])


def predicts_itself(encoded: Matrix, scores: Matrix) -> bool:
    """Whether features predict labels by some rule of this stretch alone (a permutation test within it)."""
    if len(encoded) < 2 * SLOPE_ROWS:
        return False
    rng = np.random.default_rng(0)
    encoded, scores = encoded[:LOCAL_ROWS], scores[:LOCAL_ROWS]
    bases = eigenbases(Lift.fit(encoded, rng, waves=48).blocks(encoded))
    varies = bool(bases) and np.ptp(scores, axis=0).max() > 0
    return varies and omnibus(bases, scores - scores.mean(axis=0), rng).p_value < LOCAL
