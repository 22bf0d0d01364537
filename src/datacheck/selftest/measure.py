"""Draws data, plants faults, asks the checkers, and counts."""

import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import numpy as np

from ..checking import check
from ..config import Config, checker_classes
from ..errors import ConfigError, NotApplicable
from ..finding import Finding, Severity
from ..schema import Training
from ..testing import faults, make_profile
from ..testing.faults import Fault, Planted, Splits
from .jobs import each
from .pools import Bundled, OwnRows, Pool
from .rates import CheckerRates, Rate, SelfTest

SLOWER = (
    4  # draws of a checker without a probe for each draw of one with a probe, which costs 30 times as much
)
Progress = Callable[[int, int], None]
Alarms = tuple[tuple[str, tuple[str, ...]], ...]  # split and columns of each finding


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What to measure: draws of each case, sizes of the training split, checkers, and on how many cores."""

    draws: int = 40
    rows: tuple[int, ...] = ()
    seed: int = 0
    jobs: int = 1
    config: Config = field(default_factory=Config)

    def __post_init__(self) -> None:
        for name, value, least in (("draws", self.draws, 1), ("jobs", self.jobs, 1), ("seed", self.seed, 0)):
            if value < least:
                raise ConfigError(f"{name} is {value}; expected a whole number, {least} or more")
        if any(rows < 30 for rows in self.rows):
            raise ConfigError(f"rows is {min(self.rows)}; expected 30 or more, fewer rows are not compared")

    @property
    def probe_draws(self) -> int:
        """Draws of the checkers that need a probe."""
        return -(-self.draws // SLOWER)


@dataclass(frozen=True)
class _Case:
    """One data set to draw: clean for some checkers, or with the fault of one checker planted."""

    rows: int
    task: str | None
    draw: int
    checkers: tuple[str, ...]
    strength: float | None = None


@dataclass(frozen=True)
class _Answer:
    """What one checker said: its alarms, where the fault is, or why it was not asked."""

    alarms: Alarms = ()
    split: str | None = None
    columns: tuple[str, ...] = ()
    reason: str = ""


def run(plan: Plan, data: Any = None, progress: Progress | None = None) -> SelfTest:
    """The error rates of the selected checkers on bundled data, or on data of the user's.

    `data` is what `datacheck.profile` takes. `progress` is called with the cases that are done and all.
    Raises InputError for data that cannot be read, ConfigError for a plan that they do not allow. The same
    plan on the same data gives the same figures, on any number of cores.
    """
    pool: Pool = Bundled() if data is None else OwnRows.of(data, plan.config)
    names = tuple(checker.name for checker in plan.config.make_checkers())
    cases = list(_cases(plan, pool, names))
    answers: dict[_Case, Mapping[str, _Answer]] = {}
    for case, answer in each(partial(_ask, plan, pool), cases, plan.jobs):
        answers[case] = answer
        if progress:
            progress(len(answers), len(cases))
    return SelfTest(
        data=pool.name,
        seed=plan.seed,
        draws=plan.draws,
        probe_draws=plan.probe_draws,
        checkers=tuple(_rates(name, pool, answers) for name in names),
    )


def _cases(plan: Plan, pool: Pool, names: tuple[str, ...]) -> Iterator[_Case]:
    """The slow cases first, so that the cores end together."""
    for rows in pool.sizes(plan.rows):
        for draw in range(plan.draws):
            for task in pool.tasks:
                slow = draw < plan.probe_draws and task == _task(pool, draw)
                asked = [name for name in names if slow or not _probed(name)]
                yield from (_Case(rows, task, draw, group) for group in _by_splits(asked))
        for name in sorted(set(names) & set(faults.every()), key=lambda name: not _probed(name)):
            fault = faults.find(name)
            for draw in range(plan.probe_draws if _probed(name) else plan.draws):
                task = fault.task if fault.task in pool.tasks else _task(pool, draw)
                for strength in fault.strengths:
                    yield _Case(rows, task, draw, (name,), strength)


def _by_splits(names: list[str]) -> Iterator[tuple[str, ...]]:
    """The checkers that two splits are enough for, and the others."""
    more = tuple(name for name in names if _needs(name) > 2)
    two = tuple(name for name in names if name not in more)
    return (group for group in (two, more) if group)


def _needs(name: str) -> int:
    return faults.find(name).needs if name in faults.every() else 1


def _probed(name: str) -> bool:
    return bool(checker_classes()[name].requires)


def _task(pool: Pool, draw: int) -> str | None:
    return pool.tasks[draw % len(pool.tasks)]


def _ask(plan: Plan, pool: Pool, case: _Case) -> Mapping[str, _Answer]:
    """Every checker's answer on one drawn data set."""
    rng = np.random.default_rng([plan.seed, case.rows, case.draw, pool.tasks.index(case.task)])
    clean = pool.draw(case.rows, case.task, rng).at_least(max(map(_needs, case.checkers)), rng)
    if case.strength is None:
        return _answers(
            plan, case, Planted(splits=clean.tables, split="", label=clean.label, task=clean.task)
        )
    (name,) = case.checkers
    fault = faults.find(name)
    place = [zlib.crc32(name.encode()), fault.strengths.index(case.strength)]
    try:
        planted = fault.plant(
            _only(clean, fault),
            case.strength,
            np.random.default_rng([plan.seed, case.rows, case.draw, *place]),
        )
    except NotApplicable as reason:
        return {name: _Answer(reason=str(reason))}
    return _answers(plan, case, planted)


def _only(clean: Splits, fault: Fault) -> Splits:
    """No more splits than the fault needs: a probe of each costs seconds."""
    names = list(clean.tables)
    kept = names[: fault.needs] if fault.needs != 2 else [names[0], names[-1]]
    return replace(clean, tables={name: clean.tables[name] for name in kept})


def _answers(plan: Plan, case: _Case, planted: Planted) -> Mapping[str, _Answer]:
    config = plan.config.with_options(select=case.checkers, ignore=())
    training = Training(batch_size=config.batch_size, precision=config.precision, shuffled=config.shuffled)
    made = make_profile(
        planted.splits,
        label=planted.label,
        task=planted.task,
        training=planted.training or training,
        seed=plan.seed,
    )
    report = check(made, config)
    why = {skipped.checker: skipped.reason for skipped in report.not_checked}
    why |= {crash.checker: f"it crashed: {crash.traceback.splitlines()[-1]}" for crash in report.crashed}
    asked = {f.checker for f in report.findings} | {p.checker for p in report.passed}
    return {
        name: _Answer(
            tuple((f.split, f.columns) for f in report.findings if f.checker == name and _counts(f, name)),
            planted.split,
            planted.columns,
            "" if name in asked else why.get(name, "there was nothing to ask"),
        )
        for name in case.checkers
    }


def _counts(finding: Finding, name: str) -> bool:
    fault = faults.every().get(name)
    least = fault.severity if fault else Severity.WARNING
    return bool(finding.severity.rank >= least.rank)


def _rates(name: str, pool: Pool, answers: Mapping[_Case, Mapping[str, _Answer]]) -> CheckerRates:
    clean: dict[_Case, _Answer] = {}
    planted: dict[_Case, _Answer] = {}
    for case, answer in answers.items():
        if name in answer:
            (clean if case.strength is None else planted)[case] = answer[name]
    reasons = [answer.reason for answer in (*planted.values(), *clean.values()) if answer.reason]
    fault = faults.every().get(name)
    found = {case: bool(answer.alarms) for case, answer in clean.items() if not answer.reason}
    seen = {
        case: _names(answer, answer)
        for case, answer in planted.items()
        if not (answer.reason or _names(_twin(clean, case), answer))
    }
    if fault is None:
        reasons.append("no fault of this kind can be put into rows")
    elif planted and not seen and not reasons:
        reasons.append("the data have the fault as they are")
    return CheckerRates(
        checker=name,
        unit=fault.unit if fault else "",
        severity=str(fault.severity if fault else Severity.WARNING),
        resplit=fault.resplit if fault else False,
        clean=_count(found),
        planted=_count(seen),
        reason="" if found and seen else reasons[-1] if reasons else "",
    )


def _twin(clean: Mapping[_Case, _Answer], case: _Case) -> _Answer:
    """The answer on the same draw without the fault."""
    pairs = (a for c, a in clean.items() if (c.rows, c.task, c.draw) == (case.rows, case.task, case.draw))
    return next(pairs, _Answer())


def _names(answer: _Answer, where: _Answer) -> bool:
    """Whether an alarm is about the split and one of the columns that hold the fault."""
    return any(
        split == where.split and (not where.columns or not set(columns).isdisjoint(where.columns))
        for split, columns in answer.alarms
    )


def _count(found: Mapping[_Case, bool]) -> tuple[Rate, ...]:
    groups: dict[tuple[int, float | None], list[bool]] = {}
    for case, hit in found.items():
        groups.setdefault((case.rows, case.strength), []).append(hit)
    return tuple(
        Rate(rows=rows, strength=strength, found=sum(hits), draws=len(hits))
        for (rows, strength), hits in groups.items()
    )
