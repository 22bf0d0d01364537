"""More rows for a contract: the moments merge exactly, the quantiles to within the stored probabilities."""

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from ..errors import MergeError
from ..part import join
from ..profiles import Profile
from .arithmetic import Floats, middle
from .decide import decide
from .feature import Feature
from .labels import Labels

if TYPE_CHECKING:
    from .contract import Normalization


def update(contract: "Normalization", more: Profile) -> "Normalization":
    """The contract on its own rows and those of `more`; actions, fills by a person and clips stay.

    MergeError where the columns differ or rows are counted already.
    """
    label = contract.label.name if contract.label is not None else None
    names = tuple(name for name in more.columns if name != label)
    if names != contract.names:
        raise MergeError(
            f"the profile has the features {', '.join(names[:5])}, …, "
            f"the contract {', '.join(contract.names[:5])}, …; they must be the same"
        )
    parts = join(contract.parts + more.parts)
    fresh = _same_decisions(contract, more, names)
    return replace(
        contract,
        features=tuple(_merged(old, new) for old, new in zip(contract, fresh, strict=True)),
        label=_merged_label(contract.label, more, contract),
        rows=contract.rows + more.rows,
        fingerprint=replace(Profile(), parts=parts).fingerprint,
        parts=parts,
        updates=contract.updates + 1,
    )


def _same_decisions(contract: "Normalization", more: Profile, names: tuple[str, ...]) -> tuple[Feature, ...]:
    """Features of the new rows alone, with statistics for the same actions wherever they exist."""
    wanted = {
        feature.name: feature.action
        for feature in contract
        if feature.action in ("log1p+standardize", "quantile") and more[feature.name].counts.finite
    }
    return decide(more, names, contract.precision, wanted)


def _merged(old: Feature, new: Feature) -> Feature:
    moments = _pooled((old.finite, old.mean, old.std), (new.finite, new.mean, new.std))
    logs = _pooled((old.finite, old.log_mean, old.log_std), (new.finite, new.log_mean, new.log_std))
    if old.log_mean is None:
        logs = None, None
    merged = replace(
        old,
        count=old.count + new.count,
        missing=old.missing + new.missing,
        finite=old.finite + new.finite,
        mean=moments[0],
        std=moments[1],
        min=min((x for x in (old.min, new.min) if x is not None), default=None),
        max=max((x for x in (old.max, new.max) if x is not None), default=None),
        quantiles=_mixed(old, new),
        log_mean=logs[0],
        log_std=logs[1],
    )
    return replace(merged, fill=middle(merged)) if old.fill == middle(old) else merged


_Moments = tuple[int, float | None, float | None]


def _pooled(a: _Moments, b: _Moments) -> tuple[float | None, float | None]:
    """Mean and std of both together (Chan, Golub & LeVeque 1983), at half scale and without squares."""
    (na, mean_a, std_a), (nb, mean_b, std_b) = a, b
    if not na or not nb or mean_a is None or mean_b is None or std_a is None or std_b is None:
        mean, std = (mean_b, std_b) if mean_a is None or not na else (mean_a, std_a)
        return mean, std
    share = nb / (na + nb)
    half = mean_b / 2 - mean_a / 2
    mean = (mean_a / 2 + half * share) * 2
    spread = math.hypot(math.sqrt(1 - share) * std_a, math.sqrt(share) * std_b)
    return mean, math.hypot(spread, 2 * math.sqrt(share * (1 - share)) * half)


def _mixed(old: Feature, new: Feature) -> tuple[tuple[float, float], ...]:
    """Quantiles of the two distributions together, each linear between its own."""
    if not old.quantiles or not new.quantiles:
        return old.quantiles or new.quantiles
    values = np.unique([value for f in (old, new) for _, value in f.quantiles])
    share = new.finite / max(old.finite + new.finite, 1)
    ranks = (1 - share) * _cdf(old, values) + share * _cdf(new, values)
    mixed = np.interp([p for p, _ in old.quantiles], np.maximum.accumulate(ranks), values)
    return tuple((p, float(value)) for (p, _), value in zip(old.quantiles, mixed, strict=True))


def _cdf(feature: Feature, values: Floats) -> Floats:
    p, q = (np.array(side) for side in zip(*feature.quantiles, strict=True))
    ranks: Floats = np.interp(values, q, p, left=0.0, right=1.0)
    return ranks


def _merged_label(old: Labels | None, more: Profile, contract: "Normalization") -> Labels | None:
    if old is None or old.name not in more:
        return old
    new = Labels.of(more[old.name], old.task)
    if new is None:
        return old
    mean, std = _pooled((old.rows, old.mean, old.std), (new.rows, new.mean, new.std))
    return replace(
        old,
        rows=old.rows + new.rows,
        classes=(*old.classes, *(c for c in new.classes if c not in old.classes)),
        counts=_counts(old, new),
        mean=mean,
        std=std,
        min=min((x for x in (old.min, new.min) if x is not None), default=None),
        max=max((x for x in (old.max, new.max) if x is not None), default=None),
    )


def _counts(old: Labels, new: Labels) -> tuple[int, ...]:
    """Old classes keep their numbers, new ones come after."""
    fresh = dict(zip(new.classes, new.counts, strict=True))
    kept = tuple(count + fresh.pop(c, 0) for c, count in zip(old.classes, old.counts, strict=True))
    return kept + tuple(fresh.values())
