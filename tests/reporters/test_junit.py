from dataclasses import replace
from xml.etree import ElementTree

import pytest

from datacheck.report import Report
from datacheck.reporters.base import reporters

junit = reporters()["junit"]


def test_a_case_per_checker_and_split(report: Report) -> None:
    root = ElementTree.fromstring(junit.render(report))
    cases = [(suite.get("name"), case.get("name")) for suite in root for case in suite]
    assert len(cases) == len(set(cases))
    assert ("train", "target-scale") in cases and ("test", "covariate-shift") in cases


def test_counts(report: Report) -> None:
    root = ElementTree.fromstring(junit.render(report))
    assert {key: root.get(key) for key in ("failures", "errors", "skipped")} == {
        "failures": "4",
        "errors": "0",
        "skipped": "1",
    }


@pytest.mark.parametrize(("fail_on", "failures"), [("error", 4), ("warning", 6), ("never", 0)])
def test_fails_where_the_exit_code_does(report: Report, fail_on: str, failures: int) -> None:
    judged = replace(report, fail_on=fail_on)
    root = ElementTree.fromstring(junit.render(judged))
    assert root.get("failures") == str(failures)
    assert bool(failures) == bool(judged.exit_code)


def test_findings_about_no_split_have_a_case_too(report: Report) -> None:
    moved = replace(report, findings=tuple(replace(f, split="loader") for f in report.findings))
    root = ElementTree.fromstring(junit.render(moved))
    assert [suite.get("name") for suite in root] == ["train", "test", "loader"]
    assert root.get("failures") == "4"


def test_a_crash_is_an_error(crashed: Report) -> None:
    root = ElementTree.fromstring(junit.render(crashed))
    error = root.find(".//error")
    assert root.get("errors") == "1"
    assert error is not None and error.get("message") == "ZeroDivisionError: oh <b>no</b>"


def test_hostile_names_make_valid_xml(hostile: Report) -> None:
    root = ElementTree.fromstring(junit.render(hostile).encode())
    assert any("\\x1b[31m" in (failure.text or "") for failure in root.iter("system-out"))
