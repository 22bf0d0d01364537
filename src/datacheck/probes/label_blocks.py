"""Stretches of rows whose labels do not belong to them: the most probable path through explanations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from datacheck.probes.row_likelihood import RowLikelihood

Matrix = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]

ALPHA = 1e-3
"""Chance of entering a wrong explanation anywhere: the path pays log(rows / ALPHA) + log(explanations)
nats to enter, the CUSUM bound of Page 1954 and Lorden 1971."""
NEAR = 8
"""Offsets up to this are tried everywhere; farther ones only where the offset scan saw them."""
STEPS = 65_536
"""Longer tables are summed to about this many steps before the path is sought; ends are then found row by
row."""
SHORTEST = 24
"""Rows: the slope of a shorter stretch has too wide an interval to be judged."""

ALIGNED, SHUFFLED, NOISY, ROUGH = "aligned", "shuffled", "noisy", "rough"
State = str | int


@dataclass(frozen=True, kw_only=True, slots=True)
class Stretch:
    """Rows [first, last) explained by `state`: 'shuffled' or an offset; `log_odds` against aligned, in
    nats."""

    first: int
    last: int
    state: State
    log_odds: float


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """Log-likelihood of each explanation at each row, relative to 'label drawn without looking', shape (S,
    n)."""

    states: tuple[State, ...]
    nats: Matrix
    deflation: float

    @classmethod
    def of(cls, model: RowLikelihood, offsets: Sequence[int]) -> Evidence:
        """Explanations: aligned, shuffled, half noise, shuffled with the memory gone, and each offset."""
        aligned = model.ratio(0)
        rows: dict[State, Matrix] = {
            ALIGNED: aligned,
            SHUFFLED: np.zeros_like(aligned),
            NOISY: np.log(0.5 * np.exp(aligned) + 0.5),
        }
        rough = model.rough()
        if rough is not None:
            rows[ROUGH] = rough
        rows |= {offset: model.ratio(offset) for offset in offsets}
        nats = np.stack(list(rows.values()))
        return cls(tuple(rows), nats, 1.0 if rough is None else deflation(aligned))

    @property
    def price(self) -> float:
        """Nats paid to leave the aligned explanation."""
        return float(np.log(self.nats.shape[1] / ALPHA) + np.log(len(self.states)))

    def gain(self, state: State, first: int, last: int) -> float:
        """Deflated log-odds of a state against aligned on rows [first, last)."""
        index = self.states.index(state)
        return float((self.nats[index, first:last] - self.nats[0, first:last]).sum() / self.deflation)


def deflation(aligned: Matrix) -> float:
    """How much less neighbouring rows say together than apart: 1 + 2 sum of autocorrelations, at least 1.

    The median over chunks, because one bad stretch fakes autocorrelation. Asked only where labels have
    memory.
    """
    chunks = np.array_split(aligned, int(np.clip(len(aligned) // 64, 1, 16)))
    return float(np.clip(np.median([_inflation(chunk - chunk.mean()) for chunk in chunks]), 1, 20))


def _inflation(centred: Matrix) -> float:
    """Initial positive sequence (Geyer 1992): autocorrelations are summed until they turn negative."""
    power = float(centred @ centred)
    if power == 0 or len(centred) < 8:
        return 1.0
    total = 1.0
    for lag in range(1, min(64, len(centred) // 4)):
        correlation = float(centred[:-lag] @ centred[lag:]) / power
        if correlation < 1.5 / np.sqrt(len(centred)):
            break
        total += 2 * correlation
    return total


def stretches(evidence: Evidence) -> list[Stretch]:
    """Misaligned stretches on the most probable path, their ends exact to the row."""
    n = evidence.nats.shape[1]
    step = -(-n // STEPS)
    starts = np.arange(0, n, step)
    sums = np.add.reduceat(evidence.nats, starts, axis=1) / evidence.deflation
    path = _viterbi(sums, evidence.price)
    found = []
    for first, last in _runs(path):
        state = evidence.states[path[first]]
        if state not in (ALIGNED, NOISY):
            found.append(_settled(evidence, state, int(starts[first]), min(n, last * step), step))
    return _joined([s for s in found if s.last - s.first >= SHORTEST], evidence)


def _viterbi(sums: Matrix, price: float) -> npt.NDArray[np.int64]:
    """The best path, shape (steps,): entering a state from aligned costs `price`, returning is free."""
    states, steps = sums.shape
    came = np.zeros((steps, states), dtype=bool)
    back = np.zeros(steps, dtype=np.int64)
    score = np.full(states, -price)
    score[0] = 0.0
    columns = np.ascontiguousarray(sums.T)
    for t in range(steps):
        entered = score[0] - price
        came[t] = score < entered
        best = int(score.argmax())
        back[t], top = best, score[best]
        score = np.maximum(score, entered) + columns[t]
        score[0] = top + columns[t, 0]
    return _traced(came, back, int(score.argmax()))


def _traced(came: npt.NDArray[np.bool_], back: Rows, state: int) -> Rows:
    path = np.zeros(len(back), dtype=np.int64)
    for t in range(len(back) - 1, -1, -1):
        path[t] = state
        state = int(back[t]) if state == 0 else (0 if came[t, state] else state)
    return path


def _runs(path: Rows) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(path)) + 1
    return list(pairwise([0, *edges.tolist(), len(path)]))


def _settled(evidence: Evidence, state: State, first: int, last: int, step: int) -> Stretch:
    """The ends moved within a few steps to where the log-odds against aligned are largest."""
    odds = evidence.nats[evidence.states.index(state)] - evidence.nats[0]
    reach, n = 4 * step if step > 1 else 0, len(odds)
    middle = (first + last) // 2
    low, high = max(0, first - reach), min(n, last + reach)
    head = np.cumsum(odds[low:middle][::-1])[::-1]
    tail = np.cumsum(odds[middle:high])
    start = low + int(head.argmax()) if len(head) else middle
    end = middle + int(tail.argmax()) + 1 if len(tail) else middle
    return Stretch(first=start, last=end, state=state, log_odds=evidence.gain(state, start, end))


def _joined(found: list[Stretch], evidence: Evidence) -> list[Stretch]:
    """Stretches of the same explanation with a gap of fewer than SHORTEST rows are one; 'rough' is
    'shuffled'."""
    plain = [replace(s, state=SHUFFLED) if s.state == ROUGH else s for s in found]
    joined: list[Stretch] = []
    for stretch in plain:
        last = joined[-1] if joined else None
        if last and last.state == stretch.state and stretch.first - last.last < SHORTEST:
            joined[-1] = replace(last, last=stretch.last, log_odds=last.log_odds + stretch.log_odds)
        else:
            joined.append(stretch)
    return joined


def file_stretches(evidence: Evidence, bounds: Rows) -> list[Stretch]:
    """Whole files whose labels are better explained without their rows; `bounds`, shape (files + 1,), row
    edges."""
    price = float(np.log((len(bounds) - 1) / ALPHA))
    states: list[State] = [SHUFFLED, *([ROUGH] if ROUGH in evidence.states else [])]
    found = []
    for first, last in pairwise(bounds.tolist()):
        gains = {state: evidence.gain(state, first, last) for state in states}
        state = max(gains, key=lambda s: gains[s])
        noisy = evidence.gain(NOISY, first, last)
        if last - first >= SHORTEST and gains[state] > price and gains[state] > noisy:
            found.append(Stretch(first=first, last=last, state=SHUFFLED, log_odds=gains[state]))
    return found
