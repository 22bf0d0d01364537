import json
from pathlib import Path
from typing import Any

import pytest

from datacheck import saved
from datacheck.report import Report

SCHEMAS = Path(__file__).parents[2] / "docs" / "schema"
jsonschema = pytest.importorskip("jsonschema")


def _schema(name: str) -> dict[str, Any]:
    schema: dict[str, Any] = json.loads((SCHEMAS / f"{name}.schema.json").read_text())
    return schema


@pytest.mark.parametrize("path", sorted(SCHEMAS.glob("*.json")), ids=lambda path: path.name)
def test_is_a_schema(path: Path) -> None:
    jsonschema.Draft202012Validator.check_schema(json.loads(path.read_text()))


@pytest.mark.parametrize("name", ["report", "hostile", "clean"])
@pytest.mark.parametrize("values", [True, False])
def test_profiles_fit(name: str, values: bool, request: pytest.FixtureRequest) -> None:
    report: Report = request.getfixturevalue(name)
    for profile in report.profile.splits.values():
        content = json.loads(json.dumps(saved.to_json(profile, report.profile.schema, values=values)))
        jsonschema.validate(content, _schema("profile-1"))


def test_contract_fits(report: Report) -> None:
    assert report.normalization is not None
    content = json.loads(json.dumps(report.normalization.to_json()))
    jsonschema.validate(content, _schema("normalization-1"))


def test_schemas_refuse_nonsense() -> None:
    for name in ("profile-1", "normalization-1", "diff-1", "report-1"):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate({"format": 1}, _schema(name))
