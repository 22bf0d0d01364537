import json
from pathlib import Path
from typing import Any

import pytest

from datacheck.report import Report
from datacheck.reporters.base import reporters

SCHEMA = json.loads((Path(__file__).parent / "schemas" / "sarif-2.1.0.json").read_text())


def _run(report: Report) -> dict[str, Any]:
    run: dict[str, Any] = json.loads(reporters()["sarif"].render(report))["runs"][0]
    return run


@pytest.mark.parametrize("name", ["report", "clean", "crashed", "hostile"])
def test_fits_the_official_schema(name: str, request: pytest.FixtureRequest) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    log = json.loads(reporters()["sarif"].render(request.getfixturevalue(name)))
    jsonschema.Draft202012Validator(SCHEMA).validate(log)


def test_schema_would_notice(report: Report) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    log = json.loads(reporters()["sarif"].render(report))
    log["runs"][0]["results"][0]["level"] = "awful"
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(SCHEMA).validate(log)


def test_rules_are_the_manuals(report: Report) -> None:
    rules = {rule["id"]: rule for rule in _run(report)["tool"]["driver"]["rules"]}
    assert rules["constant-feature"]["shortDescription"]["text"].startswith("Features that hold one value")
    assert "What to do" in rules["constant-feature"]["help"]["text"]


def test_results_point_to_rules_and_places(report: Report) -> None:
    run = _run(report)
    for result in run["results"]:
        assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]


def test_waived_is_suppressed_and_not_checked_is_a_note(report: Report) -> None:
    run = _run(report)
    assert [r["suppressions"][0]["justification"] for r in run["results"] if "suppressions" in r] == [
        "incomes are like that"
    ]
    notes = run["invocations"][0]["toolExecutionNotifications"]
    assert [note["message"]["text"] for note in notes] == [
        "target-scale on train: not checked: the label is a class"
    ]


def test_fingerprints_tell_complaints_apart(report: Report) -> None:
    results = [r for r in _run(report)["results"] if "suppressions" not in r]
    assert len({r["partialFingerprints"]["datacheck/v1"] for r in results}) == len(results)
