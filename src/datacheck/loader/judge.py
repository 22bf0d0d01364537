"""From the record of a loader to the report: every question is asked."""

import traceback
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
    findings: list[Finding] = []
    passed: list[Passed] = []
    not_checked: list[NotChecked] = []
    crashed: list[Crashed] = []
    for name, cls in question_classes().items():
        question, caught, found = cls(), Caught(), list[Finding]()
        with caught:
            # one by one: what was found before a question proved to have no meaning stays
            for finding in question.ask(seen):
                found.append(finding)
        if isinstance(caught.error, NotApplicable) and not found:
            not_checked.append(NotChecked(checker=name, split="train", reason=str(caught.error)))
        elif caught.error is not None and not isinstance(caught.error, NotApplicable):
            trace = "".join(traceback.format_exception(caught.error))
            crashed.append(Crashed(checker=name, split="train", traceback=trace))
        elif not any(finding.severity.rank for finding in found):
            passed.append(Passed(checker=name, split="train", detectable=question.detectable(seen)))
        findings.extend(found)
    return Report(
        profile=profile_of(seen),
        findings=tuple(sorted(findings, key=lambda f: (-f.severity.rank, f.checker, f.split))),
        passed=tuple(passed),
        not_checked=tuple(not_checked),
        crashed=tuple(crashed),
        config={"loader": seen.facts.loader, "epochs": len(seen.epochs)},
    )
