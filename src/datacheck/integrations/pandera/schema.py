"""From a profile to a schema: its columns and checks as plain values, which YAML and Python are written from."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ...profiles import ColumnProfile
from .. import bounds
from ..basis import MOST_LEVELS, Basis

Checks = dict[str, dict[str, Any]]


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column: its checks by name, and where their bounds come from.

    pandera itself lets nulls pass, since `datacheck_missing` has a bound for them.
    """

    checks: Checks
    why: str


def columns(basis: Basis) -> dict[str, Column]:
    """Every column by name, in the order of the training split."""
    return {column.name: _column(basis, column) for column in basis.columns}


def questions(basis: Basis) -> Checks:
    """The checks of the whole frame, by name; an argument that is not said is left out."""
    training = basis.training
    asked = {"fail_on": "error", **basis.asked}
    profile = {"profile": basis.profile[0], "profile_digest": basis.profile[1]}
    batch, precision = {"batch_size": training.batch_size}, {"precision": training.precision}
    found: Checks = {
        "datacheck_rows": {"least": 1},
        "datacheck_std_survives": {**asked, **batch, **precision},
        "datacheck_scales_comparable": {**asked, **precision},
        "datacheck_distribution_matches": {**asked, **profile},
    }
    if basis.schema.label is not None and basis.schema.classification:
        found["datacheck_labels_mixed"] = {**asked, **batch, "shuffled": training.shuffled}
    if basis.contract is not None:
        contract = {"contract": basis.contract[0], "contract_digest": basis.contract[1]}
        found["datacheck_contract_holds"] = {**asked, **profile, **contract}
    return {name: {k: v for k, v in told.items() if v is not None} for name, told in found.items()}


def _column(basis: Basis, column: ColumnProfile) -> Column:
    found: list[tuple[str, dict[str, Any], str]] = []
    found += [("datacheck_kind", {"kind": column.kind.value}, f"{column.dtype}, of which the width is free")]
    bound = _missing(basis, column)
    found += [("datacheck_missing", {"most": bound.most, "ignore_na": False}, bound.why)]
    found += _numbers(basis, column) if _continuous(basis, column) else _levels(basis, column)
    return Column(
        checks={name: told for name, told, _ in found},
        why=". ".join(f"{name.removeprefix('datacheck_')}: {why}" for name, _, why in found),
    )


def _missing(basis: Basis, column: ColumnProfile) -> bounds.Rate:
    missing, rows = int(column.counts.missing), int(column.counts.rows)
    if column.name == basis.schema.label and not missing:
        why = f"no label of {rows:,} is missing; a row without one cannot be learned or scored"
        return bounds.Rate(most=0.0, why=why)
    return bounds.rate(missing, rows, "missing")


def _continuous(basis: Basis, column: ColumnProfile) -> bool:
    label = column.name == basis.schema.label
    return column.numeric and not (basis.schema.classification if label else column.binary)


def _numbers(basis: Basis, column: ColumnProfile) -> Iterator[tuple[str, dict[str, Any], str]]:
    inside = bounds.value_range(column)
    if inside is not None:
        told = {"low": inside.low, "high": inside.high, "most_outside": inside.most_outside}
        yield "datacheck_range", told, inside.why
    for name, band in (
        ("datacheck_mean", bounds.mean_band(column, basis.batch_rows, basis.bands)),
        ("datacheck_std", bounds.std_band(column, basis.batch_rows, basis.bands)),
    ):
        if band is not None:
            yield name, {"low": band.low, "high": band.high}, band.why


def _levels(basis: Basis, column: ColumnProfile) -> Iterator[tuple[str, dict[str, Any], str]]:
    """The categories, unless they are too many, unknown, or new ones must be reckoned with in every batch."""
    counts = column.levels.counts if column.levels else None
    if not counts or len(counts) > MOST_LEVELS:
        return
    if column.name == basis.schema.label:
        why = f"the {len(counts)} classes of the training split; another has no output"
        yield "datacheck_levels", {"values": list(counts), "most": 0.0}, why
    elif (unseen := bounds.unseen_level(counts)).most < 0.5:
        why = f"the {len(counts)} categories of the training split; {unseen.why}"
        yield "datacheck_levels", {"values": list(counts), "most": unseen.most}, why
