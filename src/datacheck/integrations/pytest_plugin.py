"""`pytest --datacheck data/`: one test per checker and split, and the fixture `datacheck_report`.

Without the option nothing is collected and no other module of datacheck is imported.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from ..checkers.base import Checker
    from ..config import Config, Waiver
    from ..finding import Finding
    from ..report import Report

MARKER = "known_finding"
FINDINGS = "datacheck"
"""Name of the user property, in JUnit files too, that holds a test's findings as JSON, without evidence."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """The option."""
    group = parser.getgroup("datacheck", "checks of the training data")
    group.addoption("--datacheck", metavar="DATA", help="Check this folder or file of data, as tests.")


def pytest_configure(config: pytest.Config) -> None:
    """The marker is known whether the option is given or not, so that --strict-markers accepts it."""
    config.addinivalue_line(
        "markers",
        f"{MARKER}(checker, reason, column=None, split=None): a finding of datacheck that is accepted",
    )


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(
    session: pytest.Session, config: pytest.Config, items: list[pytest.Item]
) -> None:
    """Adds the tests of the data before -k and -m choose among all tests."""
    if config.getoption("datacheck"):
        name = str(config.getoption("datacheck"))
        items.extend(DataTests.from_parent(session, name=name, nodeid=name).collect())


@pytest.fixture
def datacheck_report(request: pytest.FixtureRequest) -> Report:
    """The report on the data of `--datacheck`; findings that the test's markers accept are waived."""
    if not request.config.getoption("datacheck"):
        pytest.skip("no data: give --datacheck DATA")
    run = _run(request.config)
    return _waived(run.report, _accepted(request.node))


def findings(properties: Iterable[tuple[str, Any]]) -> list[Finding]:
    """The findings among the user properties of a test, as a TestReport or a JUnit file has them."""
    from ..reporters.document import finding

    return [finding(item) for name, value in properties if name == FINDINGS for item in json.loads(value)]


@dataclass(frozen=True)
class _Run:
    """The data of the option, with the settings of the folder that pytest was started in; profiled once."""

    path: Path
    config: Config

    @cached_property
    def checkers(self) -> list[Checker]:
        return self.config.make_checkers()

    @cached_property
    def splits(self) -> tuple[str, ...]:
        from ..dataset import find

        return tuple(find(self.path, split_column=self.config.split_column).splits)

    @cached_property
    def _answer(self) -> Any:
        from .. import run
        from ..errors import DatacheckError

        try:
            return run.profile(self.path, config=self.config)
        except DatacheckError as error:  # kept: the next test must not read the data again to fail again
            return error

    @property
    def report(self) -> Report:
        if isinstance(self._answer, Exception):
            raise self._answer
        report: Report = self._answer
        return report


_RUN = pytest.StashKey[_Run]()


def _run(config: pytest.Config) -> _Run:
    if _RUN not in config.stash:
        from ..config import Config

        start = config.invocation_params.dir
        config.stash[_RUN] = _Run(start / config.getoption("datacheck"), Config.load(start))
    return config.stash[_RUN]


class DataTests(pytest.Collector):
    """The tests of one dataset; collecting them reads the names of the splits alone."""

    def collect(self) -> Iterator[CheckTest]:
        """A test for every checker and every split that it is asked about."""
        from ..dataset_profile import DatasetProfile
        from ..errors import DatacheckError
        from ..profiles import Profile

        try:
            run = _run(self.config)
            names = DatasetProfile(splits={name: Profile() for name in run.splits})
            for checker in run.checkers:
                asked = checker.splits(names) or (names.reference,)
                for split in asked:
                    yield CheckTest.from_parent(self, name=f"{checker.name}[{split}]", about=(checker, split))
        except DatacheckError as error:
            raise pytest.UsageError(f"--datacheck: {error}") from error


class FoundError(Exception):
    """A finding that reaches `fail-on`, or a crash: the test fails with this text."""


class CheckTest(pytest.Item):
    """One checker's answer on one split: passed, failed by a finding, skipped, or expected to fail."""

    def __init__(self, *, about: tuple[Checker, str], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.checker, self.split = about

    def runtest(self) -> None:
        """Fails with the findings, skips with the reason."""
        report = _waived(_run(self.config).report, _accepted(self))
        crashed = [c.traceback for c in self._mine(report.crashed, *self.checker.requires)]
        if crashed:
            raise FoundError("\n".join(crashed))
        self._judge(report, self._mine(report.findings))
        waived = [w for w in report.waived if self._mine([w.finding])]
        if waived:
            pytest.xfail("; ".join(dict.fromkeys(w.reason for w in waived)))
        for outcome in self._mine(report.not_checked):
            pytest.skip(f"not checked: {outcome.reason}")

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], *args: Any) -> Any:
        """Findings and foreseen errors are told without a traceback."""
        from ..errors import DatacheckError

        if isinstance(excinfo.value, FoundError | DatacheckError):
            return str(excinfo.value)
        return super().repr_failure(excinfo, *args)

    def reportinfo(self) -> tuple[Path, None, str]:
        """Where the data are and what was asked."""
        return _run(self.config).path, None, self.name

    def _judge(self, report: Report, found: list[Finding]) -> None:
        from ..report import finding_json
        from ..reporters.facts import story

        if not found:
            return
        told = [{**finding_json(f), "evidence": {}} for f in found]
        self.user_properties.append((FINDINGS, json.dumps(told)))
        # a crash of another checker is that one's test to tell
        failing = [f for f in found if replace(report, findings=(f,), crashed=()).exit_code]
        if failing:
            raise FoundError("\n\n".join(story(f) for f in failing))
        self.add_report_section("call", "datacheck", "\n\n".join(story(f) for f in found))

    def _mine(self, outcomes: Any, *probes: str) -> list[Any]:
        """The outcomes of this checker on this split; what names a split it is not asked about goes to its first."""
        from ..dataset_profile import DatasetProfile

        data: DatasetProfile = _run(self.config).report.profile
        asked = self.checker.splits(data) or (data.reference,)
        return [
            outcome
            for outcome in outcomes
            if outcome.checker in (self.checker.name, *probes)
            and self.split == (outcome.split if outcome.split in asked else asked[0])
        ]


def _accepted(node: pytest.Item) -> list[Waiver]:
    from ..config import Waiver

    return [_waiver(Waiver, mark) for mark in node.iter_markers(MARKER)]


def _waiver(make: type[Waiver], mark: pytest.Mark) -> Waiver:
    from ..config import checker_classes
    from ..errors import ConfigError, nearest

    try:
        waiver = make(**dict(zip(("checker", "reason"), mark.args, strict=False)), **mark.kwargs)
    except TypeError as error:
        raise ConfigError(f"the marker {MARKER} needs a checker and a reason: {error}") from error
    if waiver.checker not in checker_classes():
        raise ConfigError(
            f"the marker {MARKER} names {waiver.checker!r}; {nearest(waiver.checker, checker_classes())}"
        )
    return waiver


def _waived(report: Report, accepted: list[Waiver]) -> Report:
    """The report with the accepted findings moved to the waived ones."""
    from ..report import Waived

    pairs = [(f, next((w.reason for w in accepted if w.covers(f)), None)) for f in report.findings]
    return replace(
        report,
        findings=tuple(f for f, reason in pairs if reason is None),
        waived=(*report.waived, *(Waived(finding=f, reason=r) for f, r in pairs if r is not None)),
    )
