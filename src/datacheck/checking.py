"""Finished profiles to a report: what the probes measure, what the checkers answer, what is waived."""

import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from importlib import import_module
from typing import Any

from .checkers.base import Checker
from .config import Config
from .dataset_profile import DatasetProfile
from .errors import InputError, NotApplicable, nearest
from .finding import Finding, Severity
from .normalization import Normalization
from .normalization.question import ContractQuestion
from .records.shift import Shift
from .report import Crashed, NotChecked, Passed, Report, Waived

Progress = Callable[[str, int | None, int], None]
PROBES = (
    "probes"  # the stage after the splits: `progress` is called with it, all measurements, and 1 for each
)


def check(
    data: DatasetProfile,
    config: Config | None = None,
    progress: Progress | None = None,
    contract: Normalization | None = None,
) -> Report:
    """Runs the selected checkers over finished profiles and fits the normalization contract.

    A known `contract` is one question more of the splits that are not the reference.
    """
    config = config or Config()
    outcomes = Outcomes()
    checkers = config.make_checkers()
    data = measured(_with_groups(data, config), checkers, outcomes, progress)
    for checker in checkers:
        _run(checker, data, outcomes)
    if contract is not None:
        _run(ContractQuestion(contract=contract), data, outcomes)
    findings = sorted((_severity(f, config) for f in outcomes.findings), key=_order(data))
    waived = [Waived(finding=f, reason=r) for f in findings if (r := _waiver(f, config)) is not None]
    accepted = [w.finding for w in waived]
    return Report(
        profile=data,
        findings=tuple(f for f in findings if f not in accepted),
        waived=tuple(waived),
        passed=tuple(outcomes.passed),
        not_checked=tuple(outcomes.not_checked),
        crashed=tuple(outcomes.crashed),
        fail_on=config.fail_on,
        normalization=_fitted(data, config),
        config={
            "select": config.select,
            "ignore": config.ignore,
            "checkers": config.checkers,
            "out": config.out,
        },
    )


def _with_groups(data: DatasetProfile, config: Config) -> DatasetProfile:
    """The profile with the column that rows depend on each other by; InputError if a split lacks it."""
    for option, name in (("group", config.group), ("time", config.time)):
        for split in data.splits if name is not None else ():
            columns = data.splits[split].columns
            if name not in columns:
                raise InputError(
                    f"split {split!r} has no column {name!r}, which --{option} names; "
                    f"{nearest(str(name), columns)}"
                )
    return replace(data, group=config.group or data.group, time=config.time or data.time)


def _fitted(data: DatasetProfile, config: Config) -> Normalization:
    """The contract, with the class weights of splits that have another mix of classes."""
    contract = Normalization.of(data.train, data.schema, data.training, overrides=config.features)
    weights = {
        name: record.weights.classes
        for name, record in data.records.get("shift", {}).items()
        if isinstance(record, Shift) and record.weights.classes
    }
    if contract.label is None or not weights:
        return contract
    return replace(contract, label=contract.label.weighted(weights))


@dataclass(frozen=True)
class Outcomes:
    findings: list[Finding] = field(default_factory=list)
    passed: list[Passed] = field(default_factory=list)
    not_checked: list[NotChecked] = field(default_factory=list)
    crashed: list[Crashed] = field(default_factory=list)


def measured(
    data: DatasetProfile,
    checkers: Sequence[Checker],
    outcomes: Outcomes | None = None,
    progress: Progress | None = None,
) -> DatasetProfile:
    """The profile with the records that the checkers require and that it does not hold yet.

    A probe sees its own records of the splits before.
    """
    outcomes = outcomes or Outcomes()
    wanted = sorted({name for checker in checkers for name in checker.requires} - {*data.records})
    records: dict[str, dict[str, Any]] = {name: {} for name in wanted}
    for name, split in ((name, split) for name in wanted for split in data.splits):
        so_far = replace(data, records={**data.records, name: records[name]})
        records[name][split] = _measure(name, so_far, split, outcomes)
        if progress:
            progress(PROBES, len(wanted) * len(data.splits), 1)
    return replace(data, records={**data.records, **records})


def _measure(probe: str, data: DatasetProfile, split: str, outcomes: Outcomes) -> Any:
    module = import_module(f"{__package__}.probes.measure.{probe}")
    return _attempt(partial(module.measure, data, split), probe, split, outcomes)


def _run(checker: Checker | ContractQuestion, data: DatasetProfile, outcomes: Outcomes) -> None:
    splits = checker.splits(data)
    if not splits:
        reason = "there is only one split; it compares splits"
        outcomes.not_checked.append(NotChecked(checker=checker.name, split=data.reference, reason=reason))
    for split in splits:
        answer = _attempt(partial(_ask, checker, data, split), checker.name, split, outcomes)
        if isinstance(answer, NotApplicable):
            outcomes.not_checked.append(NotChecked(checker=checker.name, split=split, reason=str(answer)))
        elif isinstance(answer, Passed):
            outcomes.passed.append(answer)
        elif answer is not None:
            outcomes.findings.extend(answer)


def _ask(checker: Checker | ContractQuestion, data: DatasetProfile, split: str) -> list[Finding] | Passed:
    found = list(checker.check(data, split))
    return found or Passed(checker=checker.name, split=split, detectable=checker.detectable(data, split))


def _attempt(question: Callable[[], Any], name: str, split: str, outcomes: Outcomes) -> Any:
    """The answer, or the NotApplicable that it raised; a fault is recorded as a crash and answered None."""
    try:
        return question()
    except NotApplicable as reason:
        return reason
    except Exception:  # a fault in one checker or probe must not hide what the others found
        outcomes.crashed.append(Crashed(checker=name, split=split, traceback=traceback.format_exc()))
        return None


def _severity(finding: Finding, config: Config) -> Finding:
    wanted = config.severity.get(finding.checker)
    return replace(finding, severity=Severity(wanted)) if wanted else finding


def _waiver(finding: Finding, config: Config) -> str | None:
    return next((w.reason for w in config.waivers if w.covers(finding)), None)


def _order(data: DatasetProfile) -> Callable[[Finding], tuple[Any, ...]]:
    names = list(data.splits)
    return lambda f: (-f.severity.rank, f.checker, names.index(f.split), f.columns)
