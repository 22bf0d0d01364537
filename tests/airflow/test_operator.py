import inspect
import json
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("airflow", reason="Airflow has an environment of its own: `make test` runs this there")

from airflow.sdk.exceptions import AirflowFailException

import datacheck as dc
from datacheck.checkers.constant_feature import ConstantFeature
from datacheck.integrations.airflow import DatacheckOperator, check_data

QUICK = {"select": ["constant-feature", "feature-scale-disparity", "covariate-shift"]}


class TaskInstance:
    def __init__(self):
        self.pushed = {}

    def xcom_push(self, key, value):
        self.pushed[key] = value


def run(out: Path, data, *, ti=None, **fields):
    operator = DatacheckOperator(
        task_id="check", data=data if isinstance(data, dict) else str(data), report=str(out), **fields
    )
    return operator.execute({"ti": ti} if ti else {})


def test_clean_data_give_a_small_verdict_with_paths(sample_data, tmp_path):
    verdict = run(tmp_path / "report", sample_data / "wine", options=QUICK)

    assert verdict["verdict"] == "passed"
    assert verdict["findings"] == {"info": 0, "warning": 1, "error": 0}
    assert len(json.dumps(verdict)) < 1000
    assert {Path(verdict[key]).name for key in ("report", "json", "normalization", "profiles")} == {
        "report.html", "report.json", "normalization.json", "profile",
    }  # fmt: skip
    assert dc.Normalization.load(verdict["normalization"]).rows == 107
    assert (Path(verdict["profiles"]) / "train.json").is_file()


def test_findings_fail_without_retries_and_leave_the_verdict(sample_data, tmp_path):
    ti = TaskInstance()

    with pytest.raises(AirflowFailException, match=r"4 findings .*constant-feature in train \(batch_code\)"):
        run(tmp_path, sample_data / "wine-broken", ti=ti, options=QUICK)

    verdict = ti.pushed["return_value"]
    assert verdict["verdict"] == "findings"
    assert Path(verdict["report"]).is_file()
    saved = json.loads(Path(verdict["json"]).read_text())
    assert verdict["findings"]["error"] == sum(f["severity"] == "error" for f in saved["findings"])


def test_names_from_the_data_cannot_break_the_line_of_a_log(tmp_path):
    (tmp_path / "data.csv").write_text('x,"flat\n\x1b[31mERROR"\n' + "".join(f"{i},7\n" for i in range(60)))

    with pytest.raises(AirflowFailException, match="constant-feature") as failure:
        run(tmp_path / "report", tmp_path / "data.csv", options={"select": ["constant-feature"]})

    assert str(failure.value).isprintable()


@pytest.mark.parametrize(("fail_on", "fails"), [("error", False), ("warning", True), ("never", False)])
def test_fail_on(sample_data, tmp_path, fail_on, fails):
    try:
        verdict = run(tmp_path, sample_data / "wine", fail_on=fail_on, options=QUICK)
    except AirflowFailException:
        assert fails
    else:
        assert not fails
        assert verdict["fail_on"] == fail_on


def test_splits_may_lie_in_several_places(sample_data, tmp_path):
    data = {name: str(sample_data / "wine" / f"{name}.csv") for name in ("train", "test")}

    verdict = run(tmp_path, data, options=QUICK)

    assert {path.name for path in Path(verdict["profiles"]).iterdir()} == {"train.json", "test.json"}


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    sample = Path(__file__).parents[2] / "sample_data" / "wine"
    return check_data(str(sample), str(tmp_path_factory.mktemp("trained")), options=QUICK)


def test_new_rows_against_the_saved_profile_write_no_contract(sample_data, tmp_path, trained):
    reference = str(Path(trained["profiles"]) / "train.json")

    verdict = run(tmp_path, sample_data / "wine" / "test.csv", reference=reference, options=QUICK)

    assert verdict["verdict"] == "passed"
    assert verdict["normalization"] is None
    assert {path.name for path in tmp_path.iterdir()} == {"report.html", "report.json"}


def test_new_rows_against_the_contract(sample_data, tmp_path, trained):
    import pandas as pd

    known = {
        "reference": str(Path(trained["profiles"]) / "train.json"),
        "contract": trained["normalization"],
        "options": {"select": ["constant-feature"]},
    }
    table = pd.read_csv(sample_data / "wine" / "test.csv")
    features = table.columns.drop("label")
    table[features] = (table[features] - table[features].mean()) / table[features].std()
    table.to_csv(tmp_path / "refitted.csv", index=False)

    assert run(tmp_path / "a", sample_data / "wine" / "test.csv", **known)["verdict"] == "passed"
    with pytest.raises(AirflowFailException, match="normalization-contract in new"):
        run(tmp_path / "b", tmp_path / "refitted.csv", **known)


def test_a_file_that_is_not_there_is_worth_another_try(tmp_path):
    with pytest.raises(dc.InputError, match="nowhere"):
        run(tmp_path, tmp_path / "nowhere")


def test_settings_that_are_not_there_do_not_become_the_defaults(sample_data, tmp_path):
    with pytest.raises(dc.InputError, match="nowhere is no folder"):
        run(tmp_path, sample_data / "wine", config=str(tmp_path / "nowhere"))


def test_a_report_that_cannot_be_written_is_worth_another_try(sample_data, tmp_path):
    (tmp_path / "report").write_text("a file where the folder should be")

    with pytest.raises(dc.InputError, match="cannot write"):
        run(tmp_path / "report", sample_data / "wine", options=QUICK)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"options": {"presicion": "float32"}}, "did you mean 'precision'"),
        ({"fail_on": "errors"}, "did you mean 'error'"),
        ({"contract": "normalization.json"}, "without a reference"),
    ],
)
def test_a_wrong_setting_fails_at_once(sample_data, tmp_path, fields, message):
    with pytest.raises(AirflowFailException, match=message):
        run(tmp_path, sample_data / "wine", **fields)


def test_a_checker_that_crashes_fails_at_once(sample_data, tmp_path, monkeypatch):
    def crash(self, data, split):
        raise ZeroDivisionError

    monkeypatch.setattr(ConstantFeature, "check", crash)

    with pytest.raises(AirflowFailException, match="crashed, the first constant-feature on train"):
        run(tmp_path, sample_data / "wine", options=QUICK)


def test_settings_come_from_the_named_folder_and_not_from_the_workers(sample_data, tmp_path, monkeypatch):
    waived = tmp_path / "waived"
    waived.mkdir()
    (waived / "pyproject.toml").write_text('[tool.datacheck]\nfail-on = "never"\n')
    monkeypatch.chdir(waived)

    with pytest.raises(AirflowFailException):
        run(tmp_path / "a", sample_data / "wine-broken", options=QUICK)
    assert (
        run(tmp_path / "b", sample_data / "wine-broken", config=str(waived), options=QUICK)["fail_on"]
        == "never"
    )


def test_every_parameter_is_a_template_field():
    parameters = [name for name in inspect.signature(check_data).parameters if name != "ti"]

    assert list(DatacheckOperator.template_fields) == parameters


def test_parsing_a_dag_loads_nothing_of_ours_but_the_operator():
    code = (
        "import airflow.sdk, sys; before = set(sys.modules); import datacheck.integrations.airflow\n"
        "print(sorted({m.split('.')[0] for m in set(sys.modules) - before} - {'airflow'}))"
    )

    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout

    for heavy in ("numpy", "pandas", "pyarrow", "scipy", "sklearn", "rich", "jinja2"):
        assert f"'{heavy}'" not in loaded
