"""From the record of a loader to the report: every question is asked."""

import traceback
from dataclasses import dataclass, replace
from functools import cache

from .._discover import classes
from ..errors import NotApplicable
from ..finding import Finding
from ..report import Crashed, NotChecked, Passed, Report
from . import questions
from .drive import Caught
from .profiled import profile_of
from .question import Question
from .seen import Seen


@cache
def question_classes() -> dict[str, type[Question]]:
    """Every question by name, in alphabetical order."""
    return dict(sorted((cls.name, cls) for cls in classes(questions, Question)))


def judge(seen: Seen) -> Report:
    """The report on a loader; a question that crashes does not hide the others."""
    answers = answers_to(seen)
    found = [finding for answer in answers for finding in answer.findings]
    return Report(
        profile=profile_of(seen),
        findings=tuple(sorted(found, key=lambda f: -f.severity.rank)),
        passed=tuple(answer.passed for answer in answers if answer.passed is not None),
        not_checked=tuple(answer.not_checked for answer in answers if answer.not_checked is not None),
        crashed=tuple(answer.crashed for answer in answers if answer.crashed is not None),
        config={"loader": seen.facts.loader, "epochs": len(seen.epochs)},
    )


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What one question gave."""

    findings: tuple[Finding, ...] = ()
    passed: Passed | None = None
    not_checked: NotChecked | None = None
    crashed: Crashed | None = None

    @property
    def rank(self) -> int:
        """The rank of the worst finding, 0 for none."""
        return max((finding.severity.rank for finding in self.findings), default=0)


def answers_to(seen: Seen) -> list[Answer]:
    """The answer to every question, the worst first."""
    return sorted((_answer(cls(), seen) for cls in question_classes().values()), key=lambda a: -a.rank)


def _answer(question: Question, seen: Seen) -> Answer:
    caught, found = Caught(), list[Finding]()
    about = {"checker": question.name, "split": "train"}
    with caught:
        # one by one: what was found before a question proved to have no meaning stays
        for finding in question.ask(seen):
            found.append(finding)
    findings = tuple(sorted(found, key=lambda f: -f.severity.rank))
    if isinstance(caught.error, NotApplicable) and not found:
        return Answer(not_checked=NotChecked(**about, reason=str(caught.error)))
    if caught.error is not None and not isinstance(caught.error, NotApplicable):
        trace = "".join(traceback.format_exception(caught.error))
        return Answer(findings=findings, crashed=Crashed(**about, traceback=trace))
    answer = Answer(findings=findings)
    if answer.rank:
        return answer
    return replace(answer, passed=Passed(**about, detectable=question.detectable(seen)))
