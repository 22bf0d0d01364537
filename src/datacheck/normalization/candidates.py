"""The readings that compete: raw, normalised, and every mistake that has a name."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from .readings import CONSTANTS, OFFSETS, UNITS, Reference, Summaries

MISTAKE = 4.0
"""Log-likelihood that a mistake must gain over raw or normalised: odds of 55 to 1 against it beforehand."""
UNNAMED = 6.0
"""The same for a factor that no list knows, which is fitted to the columns: it costs 2 more."""

NEAR = 0.2
"""Logarithm of the ratio to a factor with a name below which the name is right: the rest is honest shift."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """One way to understand the columns, and what they should then look like."""

    state: str
    predicted: Summaries
    prior: float = MISTAKE
    detail: str = ""
    constant: float | None = None

    @property
    def correct(self) -> bool:
        """Whether nothing went wrong."""
        return self.state in ("raw", "normalised")


def readings(reference: Reference, seen: Summaries) -> Iterator[Reading]:
    raw, normalised = reference.seen, reference.normalised(reference.raw)
    yield Reading(
        state="raw", predicted=raw, prior=0.0, detail="as the training rows were before normalisation"
    )
    yield Reading(state="normalised", predicted=normalised, prior=0.0, detail="normalised with this contract")
    twice = reference.normalised(normalised)
    yield Reading(state="normalised twice", predicted=twice, detail="normalised with this contract, twice")
    yield from _halves(reference, raw)
    for factor, name in _factors(CONSTANTS):
        yield Reading(
            state="scaled by a constant", predicted=raw.times(factor), constant=factor,
            detail=f"the raw values times {factor:.6g} ({name})",
        )  # fmt: skip
        yield Reading(
            state="normalised, then scaled", predicted=normalised.times(factor), constant=factor,
            detail=f"normalised with this contract, then times {factor:.6g} ({name})",
        )  # fmt: skip
        before = reference.normalised(reference.raw.times(factor))
        yield Reading(
            state="scaled, then normalised", predicted=before, constant=factor,
            detail=f"raw values times {factor:.6g} ({name}) went into the contract",
        )  # fmt: skip
    for factor, offset, name in OFFSETS:
        yield Reading(
            state="another unit",
            predicted=raw.times(factor, offset),
            constant=factor,
            detail=f"changed from {name}",
        )
    yield from _unnamed(seen, raw, "scaled by a constant", "the raw values")
    yield from _unnamed(seen, normalised, "normalised, then scaled", "normalised with this contract, then")


def _halves(reference: Reference, raw: Summaries) -> Iterator[Reading]:
    """Half of what the contract does, or too much of it."""
    center, scale = (
        np.array([getattr(c, name) / c.shrink for c in reference.columns]) for name in ("center", "scale")
    )
    if reference.bent.any():
        return
    for state, made in {
        "not centred": raw.times(1 / scale),
        "not divided": raw.times(1.0, -center),
        "divided by the variance": raw.times(1 / scale**2, -center / scale**2),
    }.items():
        yield Reading(state=state, predicted=made, detail=f"the contract was applied in part: {state}")


def _factors(constants: dict[float, str]) -> Iterator[tuple[float, str]]:
    for constant, name in constants.items():
        yield constant, name
        yield 1 / constant, name


def _unnamed(seen: Summaries, base: Summaries, state: str, what: str) -> Iterator[Reading]:
    """A factor that no list knows: three columns or more agree on it to a fourth, and it is a half off."""
    with np.errstate(all="ignore"):
        # a mean far from 0 tells a factor more exactly than a spread does
        far = np.abs(base.mean) > 2 * base.std
        ratios = np.log(np.where(far, np.abs(seen.mean / base.mean), seen.std / base.std))
    ratios = ratios[np.isfinite(ratios)]
    if len(ratios) < 3:
        return
    middle = float(np.median(ratios))
    apart = 1.4826 * float(np.median(np.abs(ratios - middle)))
    if apart < 0.25 and abs(middle) > max(0.4, 3 * apart / len(ratios) ** 0.5):
        factor = float(np.exp(np.clip(middle, -600, 600)))
        if any(abs(np.log(known / factor)) < NEAR for known, _ in _factors(CONSTANTS)):
            return
        yield Reading(
            state=state, predicted=base.times(factor), constant=factor, prior=UNNAMED,
            detail=f"{what} times {factor:.4g}, a constant that all columns share",
        )  # fmt: skip


def alternatives(best: Reading, reference: Reference, place: int) -> Iterator[Reading]:
    one = Reference(
        reference.names[place : place + 1],
        reference.features[place : place + 1],
        reference.columns[place : place + 1],
        reference.raw.take([place]),
    )
    raw, normalised = one.seen, one.normalised(one.raw)
    yield Reading(state="raw", predicted=raw, detail="is raw")
    yield Reading(state="normalised", predicted=normalised, detail="is normalised")
    yield Reading(
        state="normalised twice", predicted=one.normalised(normalised), detail="is normalised twice"
    )
    base = best.predicted.take([place])
    for factor, unit in _factors(CONSTANTS | UNITS):
        detail = f"is scaled by {factor:.6g} ({unit})"
        yield Reading(
            state="scaled by a constant", predicted=base.times(factor), detail=detail, constant=factor
        )
    for factor, offset, unit in OFFSETS:
        yield Reading(
            state="another unit",
            predicted=raw.times(factor, offset),
            detail=f"changed from {unit}",
            constant=factor,
        )
