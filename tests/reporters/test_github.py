import re

from datacheck.report import Report
from datacheck.reporters.base import reporters

github = reporters()["github"]
COMMAND = re.compile(r"::(error|warning|notice) title=[^:,\r\n]*(?:%3A|%2C|[^:,\r\n])*::[^\r\n]*")


def test_worst_first(report: Report) -> None:
    lines = github.render(report).splitlines()
    assert [line.split()[0] for line in lines] == ["::error"] * 4 + ["::warning"] * 2 + ["::notice"] * 2
    assert lines[-1].endswith("3 passed, 1 not checked, 1 waived, 0 crashed")


def test_hostile_names_start_no_command(hostile: Report) -> None:
    lines = github.render(hostile).split("\n")
    assert lines.pop() == ""
    assert all(COMMAND.fullmatch(line) for line in lines)


def test_no_more_than_github_shows(wide) -> None:
    lines = github.render(wide(200)).splitlines()
    warnings = [line for line in lines if line.startswith("::warning")]
    assert len(warnings) == 10
    assert warnings[-1] == "::warning title=datacheck::and 11 warnings more in the report"
