import json
from pathlib import Path

import pytest

from datacheck.report import Report
from datacheck.reporters.base import reporters

SCHEMAS = Path(__file__).parents[2] / "docs" / "schema"


def test_is_to_json(report: Report) -> None:
    assert json.loads(reporters()["json"].render(report)) == report.to_json()


def test_same_bytes_twice(report: Report) -> None:
    assert reporters()["json"].render(report) == reporters()["json"].render(report)


@pytest.mark.parametrize("name", ["report", "clean", "crashed", "hostile"])
def test_fits_the_published_schema(name: str, request: pytest.FixtureRequest) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    schema = json.loads((SCHEMAS / "report-1.schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    content = json.loads(reporters()["json"].render(request.getfixturevalue(name)))
    jsonschema.validate(content, schema)


def test_schema_refuses_what_is_no_report() -> None:
    jsonschema = pytest.importorskip("jsonschema")
    schema = json.loads((SCHEMAS / "report-1.schema.json").read_text())
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"format": 1, "findings": [{"checker": "x"}]}, schema)
