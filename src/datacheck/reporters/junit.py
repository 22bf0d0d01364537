"""JUnit XML, which every CI system reads."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any
from xml.etree import ElementTree

from ..finding import Finding, Severity
from .base import Reporter
from .document import Document
from .facts import last_line, story
from .visible import paragraph, visible


class JunitReporter(Reporter):
    """A test case per checker and split; what was not checked is skipped, what crashed is an error.

    A finding fails its case where it reaches `--fail-on`, so that the file and the exit code agree; below
    that it stands in the case's output.
    """

    suffix = ".xml"

    def text(self, document: Document) -> str:
        """One test suite per split."""
        root = ElementTree.Element("testsuites", name="datacheck")
        for split in _splits(document):
            _suite(root, document, split)
        _count(root, root.findall("testsuite"))
        ElementTree.indent(root)
        return (
            '<?xml version="1.0" encoding="utf-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"
        )


def _splits(document: Document) -> list[str]:
    """Those of the data, and whatever else a finding or an outcome is about."""
    others = [item["split"] for key in (*_OUTCOMES, "findings") for item in document.content[key]]
    return list(dict.fromkeys([*document.splits, *others]))


def _suite(root: ElementTree.Element, document: Document, split: str) -> None:
    suite = ElementTree.SubElement(root, "testsuite", name=visible(split))
    cases: dict[str, ElementTree.Element] = {}
    content = document.content
    outcomes = [(key, item) for key in _OUTCOMES for item in content[key] if item["split"] == split]
    for key, item in sorted(outcomes, key=lambda pair: pair[1]["checker"]):
        case = cases.get(item["checker"])
        if case is None:
            name = f"datacheck.{visible(split)}"
            case = ElementTree.SubElement(suite, "testcase", name=item["checker"], classname=name)
            cases[item["checker"]] = case
        _OUTCOMES[key](case, item)
    _findings(suite, cases, document, split)
    _count(suite, [suite])


def _findings(suite: Any, cases: Mapping[str, ElementTree.Element], document: Document, split: str) -> None:
    found: dict[str, list[Finding]] = defaultdict(list)
    for finding in document.findings:
        if finding.split == split:
            found[finding.checker].append(finding)
    for checker, findings in sorted(found.items()):
        case = cases.get(checker)
        if case is None:
            name = f"datacheck.{visible(split)}"
            case = ElementTree.SubElement(suite, "testcase", name=checker, classname=name)
        _judge(case, findings, document.fail_on)


def _judge(case: ElementTree.Element, findings: Sequence[Finding], fail_on: str) -> None:
    least = None if fail_on == "never" else Severity(fail_on).rank
    failing = [f for f in findings if least is not None and f.severity.rank >= least]
    if failing:
        more = f" (and {len(failing) - 1} more)" if len(failing) > 1 else ""
        message = visible(failing[0].message, 400) + more
        failure = ElementTree.SubElement(case, "failure", type=failing[0].severity.value, message=message)
        failure.text = "\n\n".join(story(f) for f in failing)
    quiet = [f for f in findings if f not in failing]
    if quiet:
        _output(case, "\n\n".join(story(f) for f in quiet))


def _skipped(case: ElementTree.Element, item: Mapping[str, Any]) -> None:
    ElementTree.SubElement(case, "skipped", message=f"not checked: {visible(item['reason'], 400)}")


def _passed(case: ElementTree.Element, item: Mapping[str, Any]) -> None:
    if item["detectable"]:
        _output(case, f"would have found: {visible(item['detectable'], 400)}")


def _crashed(case: ElementTree.Element, item: Mapping[str, Any]) -> None:
    error = ElementTree.SubElement(case, "error", type="crash", message=last_line(item["traceback"]))
    error.text = paragraph(item["traceback"])


def _waived(case: ElementTree.Element, item: Mapping[str, Any]) -> None:
    _output(case, f"waived: {visible(item['message'], 400)} ({visible(item['reason'], 400)})")


def _output(case: ElementTree.Element, text: str) -> None:
    output = case.find("system-out")
    if output is None:
        output = ElementTree.SubElement(case, "system-out")
    output.text = f"{output.text}\n{text}" if output.text else text


def _count(target: ElementTree.Element, suites: Sequence[ElementTree.Element]) -> None:
    cases = [case for suite in suites for case in suite.iter("testcase")]
    target.set("tests", str(len(cases)))
    for key, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        target.set(key, str(sum(case.find(tag) is not None for case in cases)))


_OUTCOMES = {"crashed": _crashed, "not_checked": _skipped, "passed": _passed, "waived": _waived}
