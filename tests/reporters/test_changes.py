import json
from dataclasses import replace
from pathlib import Path

import pytest

from datacheck.errors import ConfigError
from datacheck.finding import Rows, Severity
from datacheck.report import Report
from datacheck.reporters.changes import Changes, Status, without_known
from datacheck.reporters.document import Document


@pytest.fixture
def later(report: Report) -> Report:
    constant, scales, *rest = report.findings
    return replace(
        report,
        findings=(
            replace(constant, columns=("other",)),
            replace(scales, severity=Severity.WARNING),
            *(replace(f, rows=Rows(count=5000)) if f.rows else f for f in rest),
        ),
    )


def _changes(before: Report, after: Report) -> Changes:
    return Changes.of(Document.of(before), Document.of(after))


def test_new_fixed_worse_better(report: Report, later: Report) -> None:
    changes = _changes(report, later)
    names = {status: sorted({(c.checker, c.column) for c in changes.of_status(status)}) for status in Status}
    assert names[Status.NEW] == [("constant-feature", "other")]
    assert names[Status.FIXED] == [("constant-feature", "flat")]
    assert names[Status.WORSE] == [("covariate-shift", "age"), ("covariate-shift", "colour")]
    assert names[Status.BETTER] == [
        ("feature-scale-disparity", "income"),
        ("feature-scale-disparity", "rate"),
    ]
    assert changes.verdict == "1 new, 2 worse, 2 better, 1 fixed, 4 same"


def test_nothing_changed(report: Report) -> None:
    changes = _changes(report, report)
    assert {c.status for c in changes.changes} == {Status.SAME}
    assert changes.exit_code("info") == 0


@pytest.mark.parametrize(("fail_on", "code"), [("error", 1), ("warning", 1), ("never", 0)])
def test_exit_code_of_a_new_error(report: Report, later: Report, fail_on: str, code: int) -> None:
    assert _changes(report, later).exit_code(fail_on) == code


def test_what_became_better_fails_nothing(report: Report, clean: Report) -> None:
    fewer = replace(report, findings=report.findings[1:])
    assert _changes(report, fewer).exit_code("info") == 0


def test_outputs(report: Report, later: Report, hostile: Report) -> None:
    changes = _changes(report, later)
    assert "NEW    error    constant-feature train other" in changes.render("text")
    assert "covariate-shift test age, colour" in changes.render("text")
    assert "(was: warning, 2,000 rows)" in changes.render("text")
    assert "| new | error | constant-feature | train | other |" in changes.render("markdown")
    assert json.loads(changes.render("json"))["changes"][0]["status"] == "new"
    assert "\x1b" not in _changes(report, hostile).render("text")


def test_unknown_format_names_the_nearest(report: Report) -> None:
    with pytest.raises(ConfigError, match=r"no format 'jsn'; did you mean 'json'\?"):
        _changes(report, report).render("jsn")


def test_comparison_fits_its_schema(report: Report, later: Report) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    path = Path(__file__).parents[2] / "docs" / "schema" / "diff-1.schema.json"
    jsonschema.validate(json.loads(_changes(report, later).render("json")), json.loads(path.read_text()))


def test_baseline_leaves_only_what_is_new_or_worse(report: Report, later: Report) -> None:
    left = without_known(later, Document.of(report), "base.json")
    assert [f.checker for f in left.findings] == ["constant-feature", "covariate-shift"]
    assert left.waived[-1].reason == "known: it stands in base.json"
    assert without_known(report, Document.of(report)).exit_code == 0
