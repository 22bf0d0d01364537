"""What was done to rows: nothing, the contract, or a mistake that has a name.

Every reading predicts mean, standard deviation and quantiles of every column from the contract; the columns
at hand are scored against them by a Student t likelihood that forgives honest shift, and the reading with the
best score wins. Raw and normalised compete on equal terms, a mistake must win clearly.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from .arithmetic import Floats
from .candidates import MISTAKE, Reading, alternatives, readings
from .coding import label_mistake
from .feature import Feature
from .observe import Given, observe
from .own import own_statistics
from .readings import Observed, Reference, Summaries, cost, summaries
from .reordered import Reordered, search, swapped_channels

if TYPE_CHECKING:
    from .contract import Normalization

FEWEST_ROWS = 20
"""Rows below which nothing is said: a mean is then uncertain by a quarter of a standard deviation."""
ONE_COLUMN = 7.0
"""Log-likelihood that a mistake in one column alone must gain: odds of 1,100 to 1, as columns are many."""
EXPLAINED = 1.5
"""Mean cost up to which a mistake explains the columns: displaced by 0.35 standard deviations at a third more
or less spread. Drift also changes columns, but rarely all of them as one mistake would."""
SURE = 0.95
"""Posterior probability of some mistake from which the likeliest one is named."""
FITS = 2.5
"""Cost of a column displaced by half a standard deviation at one and a half times the spread."""
UNLIKE = 6.0
"""Median cost beyond which no reading explains the columns: a thirtieth of the likelihood at `FITS`."""


@dataclass(frozen=True, kw_only=True, slots=True)
class FeatureVerdict:
    """What was done to one feature, or image channel; `constant` is the factor where it was scaled."""

    name: str
    state: str
    correct: bool
    confidence: float
    detail: str = ""
    constant: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """What was done to the rows, overall and per feature; true where it is correct.

    `state` is one of `raw`, `normalised`, `normalised twice`, `own statistics`, `scaled by a constant`,
    `normalised, then scaled`, `scaled, then normalised`, `not centred`, `not divided`, `divided by the
    variance`, `another unit`, `columns reordered`, `channels swapped`, `single columns`, `label coded
    differently`, `unclear`.
    `correct` is None where it is unclear, else whether the state is raw or normalised, with every feature
    alike. `confidence` is the posterior probability of the state among all that were weighed. `order` names
    the feature found at each place of reordered columns. `same_data` says whether a profile is of the very
    rows that the contract was fitted on; None for rows.
    """

    state: str
    correct: bool | None
    confidence: float
    detail: str
    rows: int
    constant: float | None = None
    order: tuple[str, ...] = ()
    features: tuple[FeatureVerdict, ...] = ()
    same_data: bool | None = None

    def __bool__(self) -> bool:
        return bool(self.correct)

    def __str__(self) -> str:
        return f"{self.state} ({min(self.confidence, 0.999):.1%} sure, {self.rows:,} rows): {self.detail}"


def verify(contract: "Normalization", x: Any, *, ignore: Sequence[str] = ()) -> Verdict:
    """The verdict on rows (an array, a table) or on a profile of them."""
    reference = Reference.of(contract.features)
    given = observe(contract, x, reference, ignore)
    return replace(_verdict(contract, reference, given), rows=given.rows, same_data=given.same_data)


def _verdict(contract: "Normalization", reference: Reference, given: Given) -> Verdict:
    if not given.columns:
        return _unclear("no feature of the contract varies, so nothing can be told apart")
    if given.rows < FEWEST_ROWS:
        return _unclear(f"{given.rows} rows are too few, {FEWEST_ROWS} are needed")
    seen = summaries(given.columns).robust(reference.by_quantiles)
    weighed = _weighed(reference, seen)
    found = _reordered(reference, seen, weighed)
    if found is None:
        found = _own(reference, given)
    return _with_label(contract, _read(reference, seen, weighed) if found is None else found, given)


def _unclear(detail: str) -> Verdict:
    return Verdict(state="unclear", correct=None, confidence=0.0, detail=detail, rows=0)


@dataclass(frozen=True, slots=True)
class Weighed:
    """Readings with their cost per column (readings, columns) and in total (readings,)."""

    readings: tuple[Reading, ...]
    costs: Floats
    totals: Floats

    @property
    def best(self) -> int:
        """Number of the reading with the least total."""
        return int(np.argmin(self.totals))

    @property
    def best_correct(self) -> int:
        """Number of the best reading that is no mistake."""
        correct = [reading.correct for reading in self.readings]
        return int(np.argmin(np.where(correct, self.totals, np.inf)))

    @property
    def mistaken(self) -> float:
        """Posterior probability of all mistakes together."""
        weights = np.exp(self.totals.min() - self.totals)
        wrong = np.array([not reading.correct for reading in self.readings])
        return float(weights[wrong].sum() / weights.sum())

    @property
    def confidence(self) -> float:
        """Posterior probability of the best reading's state."""
        weights = np.exp(self.totals.min() - self.totals)
        state = self.readings[self.best].state
        same = np.array([reading.state == state for reading in self.readings])
        return float(weights[same].sum() / weights.sum())


def _weighed(reference: Reference, seen: Summaries) -> Weighed:
    weighed = tuple(readings(reference, seen))
    costs = np.stack([cost(seen, reading.predicted) for reading in weighed])
    totals = costs[:, reference.telling].sum(axis=1)
    return Weighed(weighed, costs, totals + [reading.prior for reading in weighed])


def _reordered(reference: Reference, seen: Summaries, weighed: Weighed) -> Verdict | None:
    move: Reordered | None
    if reference.images:
        move, against = swapped_channels(reference, seen, weighed.readings)
    else:
        move, against = min(search(reference, seen), key=lambda m: m.cost, default=None), weighed.totals.min()
    if move is None or not len(move.moved) or move.cost + MISTAKE >= against:
        return None
    order = tuple(reference.names[i] for i in move.order)
    moved = ", ".join(f"{reference.names[i]!r} holds {order[i]!r}" for i in move.moved[:4])
    more = f" and {len(move.moved) - 4} more" if len(move.moved) > 4 else ""
    return Verdict(
        state="channels swapped" if reference.images else "columns reordered",
        correct=False,
        confidence=_sure(against - move.cost),
        detail=f"{move.how}: {moved}{more}",
        rows=0,
        order=order,
        features=tuple(_moved_feature(reference, move, i) for i in range(len(order))),
    )


def _sure(gain: float) -> float:
    """Probability from a difference of log-likelihoods."""
    return float(1 / (1 + np.exp(-np.clip(gain, -500, 500))))


def _moved_feature(reference: Reference, move: Reordered, place: int) -> FeatureVerdict:
    stays = move.order[place] == place
    return FeatureVerdict(
        name=reference.names[place],
        state="in its place" if stays else "another column",
        correct=bool(stays),
        confidence=0.99,
        detail="" if stays else f"holds {reference.names[move.order[place]]!r}",
    )


def _own(reference: Reference, given: Given) -> Verdict | None:
    detail = own_statistics(reference, given.columns)
    if detail is None:
        return None
    features = (
        FeatureVerdict(name=name, state="own statistics", correct=False, confidence=0.99)
        for name in reference.names
    )
    return Verdict(
        state="own statistics",
        correct=False,
        confidence=0.999,
        detail=detail,
        rows=0,
        features=tuple(features),
    )


def _read(reference: Reference, seen: Summaries, weighed: Weighed) -> Verdict:
    chosen = weighed.best if _convincing(reference, weighed) else weighed.best_correct
    best, costs = weighed.readings[chosen], weighed.costs[chosen]
    features = tuple(
        _feature(name, seen.take([i]), best, float(costs[i]), reference, i)
        for i, name in enumerate(reference.names)
    )
    if np.median(costs[reference.telling]) > UNLIKE:
        return replace(
            _unclear("the columns are like the training rows in no reading; see their shift"),
            features=features,
        )
    odd = [f for f in features if f.state != best.state]
    if best.correct and odd:
        shown = "; ".join(f"{f.name!r} {f.detail}" for f in odd[:3]) + (
            f" and {len(odd) - 3} more" if len(odd) > 3 else ""
        )
        return Verdict(
            state="single columns", correct=False, confidence=max(f.confidence for f in odd),
            detail=f"{best.state}, but {shown}", rows=0, features=features, constant=odd[0].constant,
        )  # fmt: skip
    return Verdict(
        state=best.state, correct=best.correct, confidence=weighed.confidence, detail=best.detail, rows=0,
        constant=best.constant, features=features,
    )  # fmt: skip


def _convincing(reference: Reference, weighed: Weighed) -> bool:
    """Whether the best reading is correct, or a mistake that explains the columns and leaves no doubt."""
    if weighed.readings[weighed.best].correct:
        return True
    misfit = weighed.costs[weighed.best][reference.telling].mean()
    return bool(misfit <= EXPLAINED and weighed.mistaken >= SURE)


def _feature(
    name: str, seen: Summaries, best: Reading, given: float, reference: Reference, place: int
) -> FeatureVerdict:
    """The overall reading, unless this one column is far better explained by another."""
    as_all = FeatureVerdict(
        name=name, state=best.state, correct=best.correct, constant=best.constant, detail=best.detail,
        confidence=_sure(ONE_COLUMN - given / 2),
    )  # fmt: skip
    if given < ONE_COLUMN or not reference.telling[place]:
        return as_all
    other, value = min(
        ((r, float(cost(seen, r.predicted)[0])) for r in alternatives(best, reference, place)),
        key=lambda pair: pair[1],
    )
    if value > FITS or given - value < ONE_COLUMN:
        return as_all
    return FeatureVerdict(
        name=name, state=other.state, correct=False, detail=other.detail, constant=other.constant,
        confidence=_sure(given - value - ONE_COLUMN + MISTAKE),
    )  # fmt: skip


def _with_label(contract: "Normalization", found: Verdict, given: Given) -> Verdict:
    """The verdict with that on the label; a label coded otherwise makes correct rows wrong."""
    if given.target is not None and contract.label is not None:
        return _with_target(contract, found, given.target)
    mistake = label_mistake(contract.label, given.labels)
    if mistake is None:
        return found
    if not found.correct:
        return replace(found, correct=False, detail=f"{found.detail}; {mistake}")
    return replace(
        found,
        state="label coded differently",
        correct=False,
        confidence=0.99,
        detail=f"{found.state}, but {mistake}",
    )


def _with_target(contract: "Normalization", found: Verdict, target: Observed) -> Verdict:
    label = contract.label
    if label is None or not label.divides or target.n < FEWEST_ROWS:
        return found
    feature = Feature(
        name=label.name, position=0, dtype="double", action="standardize", reason="", finite=label.rows,
        mean=label.mean, std=label.std, min=label.min, max=label.max,
    )  # fmt: skip
    verdict = _verdict_on(Reference.of([feature]), target)
    if verdict.correct is not False:
        return found
    detail = f"{found.state}, but the target {label.name!r}: {verdict.detail}"
    return replace(
        found, state="label coded differently", correct=False, detail=detail, confidence=verdict.confidence
    )


def _verdict_on(reference: Reference, target: Observed) -> Verdict:
    seen = summaries([target])
    return _read(reference, seen, _weighed(reference, seen))
