"""What makes great_expectations pass, or tell data, without an error; one test for each."""

import json
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import great_expectations
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import datacheck as dc
from datacheck.errors import DatacheckError, FormatError, InputError
from datacheck.integrations import gx


@pytest.fixture
def table() -> pd.DataFrame:
    rng = np.random.default_rng(5)
    rows = 2000
    frame = pd.DataFrame({"x": rng.normal(3, 1, rows), "y": rng.normal(0, 2, rows)})
    frame["c"] = rng.choice(["a", "b"], rows)
    frame["label"] = rng.integers(0, 2, rows)
    frame.loc[:4, "x"] = np.nan
    return frame


@pytest.fixture
def project(tmp_path: Path, table: pd.DataFrame) -> Path:
    report = dc.profile({"train": table}, select=["constant-feature"])
    gx.export(report, tmp_path / "expectations", "orders")
    return tmp_path / "expectations"


def test_1_a_suite_that_is_not_loaded_whole_is_an_error(project: Path, table: pd.DataFrame) -> None:
    file = project / "gx" / "expectations" / "orders.json"
    suite = json.loads(file.read_text())
    suite["expectations"][3]["type"] = "expect_column_to_be_of_a_type_that_nobody_registered"
    file.write_text(json.dumps(suite))

    for ask in (gx.load_suite, lambda *given: gx.run(*given, table)):
        with pytest.raises(FormatError, match=r"loaded \d+; lost: expect_column_to_be_of_a_type_that_nobody"):
            ask(project, "orders")


@pytest.mark.slow
def test_1_importing_the_package_registers_the_expectations(project: Path) -> None:
    code = (
        "import datacheck.integrations.gx, great_expectations as g\n"
        f"c = g.get_context(mode='file', project_root_dir={str(project)!r})\n"
        "print(len(c.suites.get('orders').expectations))"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    stored = json.loads((project / "gx" / "expectations" / "orders.json").read_text())
    assert int(done.stdout) == len(stored["expectations"])


def test_2_nulls_are_counted_as_the_api_counts_them(project: Path, table: pd.DataFrame) -> None:
    moved = table.assign(x=table["x"] + 1)
    saved = project / "gx" / "datacheck" / "orders" / "profile.json"

    [ours] = [f for f in dc.compare(saved, moved, select=["covariate-shift"]).findings if f.columns == ("x",)]
    result = gx.run(project, "orders", moved).result

    said = [
        item["message"]
        for suite in result.run_results.values()
        for one in suite.results
        if one.expectation_config.kwargs.get("column") == "x"
        for item in (one.result.get("details") or {}).get("findings", ())
        if item["checker"] == "covariate-shift"
    ]
    assert said == [ours.message]


def test_3_neither_arguments_nor_errors_nor_results_hold_data(project: Path, table: pd.DataFrame) -> None:
    suite = json.loads((project / "gx" / "expectations" / "orders.json").read_text())
    broken = table.drop(columns="y").assign(x=1e6 + 0.123456789)

    found = gx.run(project, "orders", broken)

    assert found.errors
    assert all(len(json.dumps(one["kwargs"])) < 1000 for one in suite["expectations"])
    told = json.dumps([suite.to_json_dict() for suite in found.result.run_results.values()])
    values = [str(value) for value in table["x"].head(100) if value == value]
    assert not [value for value in values if value in told]


def test_4_nothing_is_printed(project: Path, table: pd.DataFrame, capfd: pytest.CaptureFixture[str]) -> None:
    gx.run(project, "orders", table)

    assert capfd.readouterr() == ("", "")


def test_5_an_outcome_becomes_json_where_the_host_raises(project: Path, table: pd.DataFrame) -> None:
    found = gx.run(project, "orders", table.assign(x=7.0))

    with pytest.raises(TypeError):
        found.result.json()
    told = json.loads(json.dumps(found.to_json()))
    assert told["exit_code"] == 1
    assert {"checker": "constant-feature", "severity": "error", "columns": ["x"]} in told["findings"]
    assert {one["column"] for one in told["unmet"]} >= {"x"}


def test_6_ids_are_stable_and_accepted_by_a_project_on_disk(project: Path, table: pd.DataFrame) -> None:
    context = great_expectations.get_context(mode="file", project_root_dir=project)
    suite = gx.load_suite(project, "orders")
    asset = context.data_sources.add_pandas("data").add_dataframe_asset("frame")
    definition = great_expectations.ValidationDefinition(
        name="orders", data=asset.add_batch_definition_whole_dataframe("all"), suite=suite
    )
    before = (project / "gx" / "expectations" / "orders.json").read_bytes()

    checkpoint = great_expectations.Checkpoint(
        name="orders", validation_definitions=[context.validation_definitions.add(definition)]
    )
    result = context.checkpoints.add(checkpoint).run(batch_parameters={"dataframe": table})

    assert result.success
    assert gx.findings(result) == []
    assert (project / "gx" / "expectations" / "orders.json").read_bytes() == before
    ids = [one["id"] for one in json.loads(before)["expectations"]]
    assert len(set(ids)) == len(ids)


def test_7_counts_are_of_all_values(project: Path, table: pd.DataFrame) -> None:
    found = gx.run(project, "orders", table.assign(c=["z"] * 1000 + ["a"] * 1000))

    [one] = [
        u for u in found.unmet if u.expectation == "expect_column_values_to_be_in_set" and u.column == "c"
    ]
    assert one.seen == "1,000 unexpected of 2,000 values"


def test_8_a_missing_column_is_an_error_of_every_expectation(project: Path, table: pd.DataFrame) -> None:
    found = gx.run(project, "orders", table.drop(columns="y"))

    stored = json.loads((project / "gx" / "expectations" / "orders.json").read_text())["expectations"]
    asked = [one["type"] for one in stored if one["kwargs"].get("column") == "y"]
    assert {one.expectation for one in found.errors if one.column == "y"} == {*asked}
    assert found.exit_code == 2
    assert ("schema-mismatch", "error", ("y",)) in found.findings


def test_8_a_batch_without_its_label_is_judged_by_all_other_questions(
    project: Path, table: pd.DataFrame
) -> None:
    found = gx.run(project, "orders", table.drop(columns="label"))

    assert {one.column for one in found.errors} == {"label", None}
    assert ("schema-mismatch", "warning", ("label",)) in found.findings


@pytest.mark.parametrize("kind", ["polars", "arrow"])
def test_9_other_frames_are_converted(kind: str, project: Path, table: pd.DataFrame) -> None:
    if kind == "polars":
        data: Any = pytest.importorskip("polars").from_pandas(table)
    else:
        data = pa.Table.from_pandas(table)

    assert gx.run(project, "orders", data).exit_code == 0


def test_9_what_is_no_frame_is_refused(project: Path) -> None:
    with pytest.raises(InputError, match="of type int; expected a data frame"):
        gx.run(project, "orders", 3)


def test_no_telemetry_no_network(
    project: Path, table: pd.DataFrame, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    asked: list[Any] = []
    monkeypatch.setattr(socket.socket, "connect", lambda self, address: asked.append(address))
    monkeypatch.setattr(socket, "getaddrinfo", lambda *given, **more: asked.append(given) or [])

    gx.run(project, "orders", table, docs=tmp_path / "docs")

    assert asked == []
    assert os.environ["GX_ANALYTICS_ENABLED"] == "false"


def test_a_missing_host_is_named_with_the_command(tmp_path: Path) -> None:
    code = (
        "import sys; sys.modules['great_expectations'] = None\n"
        "from datacheck.cli import main\n"
        f"main(['export', 'gx', {str(tmp_path)!r}, '--project', {str(tmp_path)!r}, '--suite', 'a'])"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)

    assert done.returncode == 2
    assert "pip install 'datacheck-ml[gx]'" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_profile_that_was_changed_is_refused(project: Path, table: pd.DataFrame) -> None:
    file = project / "gx" / "datacheck" / "orders" / "profile.json"
    file.write_text(file.read_text().replace('"rows": 2000', '"rows": 2001', 1))

    found = gx.run(project, "orders", table)

    assert found.exit_code == 2
    assert any("the suite was written for" in one.seen for one in found.errors)


def test_a_profile_that_is_gone_is_named(project: Path, table: pd.DataFrame) -> None:
    shutil.rmtree(project / "gx" / "datacheck")

    found = gx.run(project, "orders", table)

    assert any("profile.json does not exist" in one.seen for one in found.errors)


def test_what_nobody_checked_has_not_passed(project: Path, table: pd.DataFrame) -> None:
    found = gx.run(project, "orders", table.head(12))

    told = [one for one in found.unmet if one.expectation == "expect_column_distribution_to_match_profile"]
    assert {one.column for one in told} == {"x", "y", "c", "label"}
    assert all("not checked: " in one.seen and "30 are needed" in one.seen for one in told)


def test_the_callers_context_stays_the_current_one(project: Path, table: pd.DataFrame) -> None:
    mine = great_expectations.get_context(mode="ephemeral")

    gx.run(project, "orders", table)

    mine.suites.add(great_expectations.ExpectationSuite(name="mine"))
    assert [suite.name for suite in mine.suites.all()] == ["mine"]


@pytest.mark.parametrize(
    ("suite", "message"),
    [("order", "did you mean 'orders'"), ("../orders", "does not exist")],
)
def test_a_suite_that_is_not_there_is_named(suite: str, message: str, project: Path) -> None:
    with pytest.raises(DatacheckError, match=message):
        gx.load_suite(project, suite)


def test_a_folder_that_is_no_project_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"datacheck export gx REPORT --project"):
        gx.load_suite(tmp_path, "orders")
