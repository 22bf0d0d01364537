"""The checks, registered with pandera: bounds of single columns, and the five questions about a whole frame."""

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from inspect import signature
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pandera import extensions
from pandera.api.checks import Check
from pandera.errors import SchemaWarning

from ..._batch import numbers
from ...errors import DatacheckError, InputError
from ...kinds import Kind, kind_of
from ...report import Report
from ...statistics.moments import Moments
from ..known import known
from ..questions import QUESTIONS, answer
from .frames import column_of, profile_of, rows_of, values_of

PREFIX = "datacheck_"
_LONGEST = 200  # characters by which `Levels` tells texts apart


def datacheck_kind(data: Any, *, kind: str) -> bool:
    """Whether a column holds numbers, texts or times; the width is free, and a column of nulls alone passes."""
    array = column_of(data)
    return pa.types.is_null(array.type) or kind_of(pa.field("", array.type)).value == kind


def datacheck_missing(data: Any, *, most: float) -> bool:
    """Whether at most this share of the rows is null or NaN."""
    array = column_of(data)
    if not len(array):
        return True
    nan = pc.sum(pc.is_nan(array)).as_py() or 0 if pa.types.is_floating(array.type) else 0
    return bool((array.null_count + nan) / len(array) <= most)


def datacheck_range(data: Any, *, low: float, high: float, most_outside: float) -> bool:
    """Whether at most this share of the finite values lies outside a range."""
    values = values_of(data)
    if values is None:
        return False
    outside = np.count_nonzero((values < low) | (values > high))
    return bool(outside <= most_outside * len(values))


def datacheck_levels(data: Any, *, values: Sequence[Any], most: float) -> bool:
    """Whether at most this share of the values is none of the known ones; texts by their first 200 characters."""
    array = column_of(data).drop_null()
    if pa.types.is_dictionary(array.type):
        array = array.cast(array.type.value_type)
    if not len(array):
        return True
    if any(isinstance(value, str) for value in values) != (kind_of(pa.field("", array.type)) is Kind.TEXT):
        return False
    if isinstance(values[0], str):
        texts = pc.utf8_slice_codeunits(array, 0, _LONGEST)
        seen = np.asarray(pc.is_in(texts, value_set=pa.array(values, texts.type)))
    else:
        seen = np.isin(numbers(array)[0], list(values))
    return bool(np.count_nonzero(~seen) <= most * len(seen))


def datacheck_mean(data: Any, *, low: float, high: float) -> bool:
    """Whether the mean of the finite values lies in a band."""
    return _between(low, data, high, "mean")


def datacheck_std(data: Any, *, low: float, high: float) -> bool:
    """Whether the standard deviation (ddof = 1) of the finite values lies in a band."""
    return _between(low, data, high, "std_sample")


def datacheck_rows(data: Any, *, least: int) -> bool:
    """Whether there are so many rows: an empty frame would pass everything else."""
    return rows_of(data) >= least


def datacheck_std_survives(
    data: Any,
    *,
    fail_on: str,
    label: str | None = None,
    thresholds: Mapping[str, Any] | None = None,
    batch_size: int | None = None,
    precision: str | None = None,
) -> bool:
    """Whether the standard deviation of every feature is one that can be divided by."""
    told = {"thresholds": thresholds, "batch_size": batch_size, "precision": precision}
    return _acceptable("std_survives", data, fail_on, label=label, **told)


def datacheck_scales_comparable(
    data: Any,
    *,
    fail_on: str,
    label: str | None = None,
    thresholds: Mapping[str, Any] | None = None,
    precision: str | None = None,
) -> bool:
    """Whether the spreads of all features lie within the orders of magnitude that training bears."""
    told = {"thresholds": thresholds, "precision": precision}
    return _acceptable("scales_comparable", data, fail_on, label=label, **told)


def datacheck_labels_mixed(
    data: Any,
    *,
    fail_on: str,
    label: str,
    thresholds: Mapping[str, Any] | None = None,
    batch_size: int | None = None,
    shuffled: bool | None = None,
) -> bool:
    """Whether batches in the order of the rows hold the classes mixed."""
    told = {"thresholds": thresholds, "batch_size": batch_size, "shuffled": shuffled}
    return _acceptable("labels_mixed", data, fail_on, label=label, **told)


def datacheck_distribution_matches(
    data: Any,
    *,
    fail_on: str,
    profile: str,
    profile_digest: str,
    label: str | None = None,
    thresholds: Mapping[str, Any] | None = None,
) -> bool:
    """Whether features and label are distributed as in a saved profile."""
    told = {"thresholds": thresholds, "profile": profile, "profile_digest": profile_digest}
    return _acceptable("distribution_matches", data, fail_on, label=label, **told)


def datacheck_contract_holds(
    data: Any,
    *,
    fail_on: str,
    profile: str,
    profile_digest: str,
    contract: str,
    contract_digest: str,
    label: str | None = None,
    thresholds: Mapping[str, Any] | None = None,
) -> bool:
    """Whether the frame has the columns of a contract, and is raw or rightly normalised with it."""
    files = {"profile": profile, "profile_digest": profile_digest}
    files |= {"contract": contract, "contract_digest": contract_digest}
    return _acceptable("contract_holds", data, fail_on, label=label, thresholds=thresholds, **files)


def reply(question: str, data: Any, *, label: str | None = None, **told: Any) -> Report:
    """What the checkers of a question say of a frame; DatacheckError where one of them crashed."""
    report = answer(question, profile_of(data, label), known(told, _located))
    if report.crashed:
        crash = report.crashed[0]
        raise DatacheckError(f"{crash.checker} crashed:\n{crash.traceback}")
    return report


def _between(low: float, data: Any, high: float, moment: str) -> bool:
    """A moment that is undefined, or that of a column without numbers, lies nowhere."""
    values = values_of(data)
    found = None if values is None else getattr(Moments.of(values), moment)
    return found is not None and bool(low <= found <= high)


def _acceptable(question: str, data: Any, fail_on: str, **told: Any) -> bool:
    report = replace(reply(question, data, **told), fail_on=fail_on)
    if not report.findings and not report.passed:
        reasons = "; ".join(f"{skipped.checker}: {skipped.reason}" for skipped in report.not_checked)
        warnings.warn(f"{PREFIX}{question} not checked: {reasons}", SchemaWarning, stacklevel=2)
    return report.exit_code == 0


def _located(path: str) -> Path:
    found = Path(path)
    if not found.is_file():
        raise InputError(
            f"{found.absolute()} does not exist; load the schema with datacheck.integrations.pandera.load, "
            "which looks beside the schema's file, or export the schema again"
        )
    return found.absolute()


CHECKS: dict[str, Callable[..., bool]] = {
    function.__name__: function
    for function in (
        datacheck_kind,
        datacheck_missing,
        datacheck_range,
        datacheck_levels,
        datacheck_mean,
        datacheck_std,
        datacheck_rows,
        datacheck_std_survives,
        datacheck_scales_comparable,
        datacheck_labels_mixed,
        datacheck_distribution_matches,
        datacheck_contract_holds,
    )
}
ASKING = {f"{PREFIX}{question}": question for question in QUESTIONS}
"""The checks that ask a question, by name."""


def register() -> None:
    """Makes the checks known to pandera, once."""
    for name, function in CHECKS.items():
        if name not in Check.REGISTERED_CUSTOM_CHECKS:
            arguments = list(signature(function).parameters)[1:]
            extensions.register_check_method(function, statistics=arguments)
