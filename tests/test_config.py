from pathlib import Path

import pytest

from datacheck.checking import check
from datacheck.config import Config, Waiver, checker_classes
from datacheck.errors import ConfigError
from datacheck.finding import Finding, Severity
from datacheck.testing import make_profile

FLAT = {"train": {"x": [1.0, 2.0, 4.0, 8.0] * 10, "flat": [7.0] * 40}}


def test_the_nearest_pyproject_with_a_table_counts(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.datacheck]\nlabel = "quality"\nbatch-size = 64\n')
    below = tmp_path / "a"
    below.mkdir()
    (below / "pyproject.toml").write_text("[tool.ruff]\nline-length = 100\n")

    config = Config.load(below)

    assert (config.label, config.batch_size) == ("quality", 64)


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"presicion": "float16"}, "unknown key 'presicion'; did you mean 'precision'?"),
        ({"precision": "float8"}, "precision 'float8' is unknown"),
        ({"batch-size": "big"}, "batch-size is 'big'; expected a int"),
        ({"batch-size": 0}, "batch-size is 0; expected a whole number of rows, 1 or more"),
        ({"seed": -1}, "seed is -1"),
        ({"fail-on": "always"}, "fail-on 'always' is unknown"),
        ({"task": "ranking"}, "task 'ranking' is unknown"),
        ({"select": ["constant-featur"]}, "there is no checker 'constant-featur'; did you mean"),
        ({"severity": {"constant-feature": "fatal"}}, "severity 'fatal' is unknown"),
        (
            {"checkers": {"constant-feature": {"limit": 3}}, "select": ["constant-feature"]},
            "no threshold 'limit'",
        ),
        ({"waivers": [{"checker": "constant-feature"}]}, "a waiver needs a checker and a reason"),
        ({"waivers": [{"checker": "constant-feature", "reason": "ok", "colum": "x"}]}, "no key 'colum'"),
        ({"waivers": "no"}, "expected a table"),
    ],
)
def test_a_wrong_setting_names_itself_and_what_is_right(table: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigError, match=message.replace("?", r"\?")):
        Config.of(table).make_checkers()


def test_broken_toml_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.datacheck\n")

    with pytest.raises(ConfigError, match="cannot be read as TOML"):
        Config.load(tmp_path)


def test_select_and_ignore_choose_the_checkers() -> None:
    chosen = Config(select=("constant-feature",)).make_checkers()
    others = Config(ignore=("constant-feature",)).make_checkers()

    assert [checker.name for checker in chosen] == ["constant-feature"]
    assert {checker.name for checker in others} == {*checker_classes()} - {"constant-feature"}


def test_severity_of_a_checker_can_be_set() -> None:
    report = check(make_profile(FLAT), Config(severity={"constant-feature": "info"}))

    severities = {f.severity for f in report.findings if f.checker == "constant-feature"}

    assert severities == {Severity.INFO}
    assert report.exit_code == 0


def test_a_waived_finding_is_listed_apart_with_its_reason() -> None:
    waiver = Waiver(checker="constant-feature", column="flat", reason="a licence number, dropped later")

    report = check(make_profile(FLAT), Config(waivers=(waiver,)))

    assert report.exit_code == 0
    assert [(w.finding.columns, w.reason) for w in report.waived] == [(("flat",), waiver.reason)]
    assert report.to_json()["waived"][0]["reason"] == waiver.reason


def test_a_waiver_for_a_column_does_not_cover_a_finding_about_more() -> None:
    waiver = Waiver(checker="heavy-tail", column="x", reason="known")
    about_two = Finding(
        checker="heavy-tail", severity=Severity.ERROR, split="train", message="", columns=("x", "z")
    )

    assert not waiver.covers(about_two)
