import json
import re
import subprocess
from pathlib import Path

import pytest

pytest.importorskip("airflow", reason="Airflow has an environment of its own: `make test` runs this there")

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "integrations" / "airflow.md").read_text(encoding="utf-8")
RETRIED = """
from airflow.sdk import dag
from datacheck.integrations.airflow import DatacheckOperator

@dag(schedule=None, params={"data": "", "report": ""})
def retried():
    DatacheckOperator(task_id="check", data="{{ params.data }}", report="{{ params.report }}", retries=1,
                      options={"select": ["constant-feature"]})

retried()
"""
# Airflow warns about what it stands on; an error there would end its tasks
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("default")]


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def dags(home):
    """The DAGs of the example, of the page and of this file, loaded as Airflow loads them."""
    from airflow.dag_processing.dagbag import DagBag

    (home / "dags" / "retried.py").write_text(RETRIED)
    for block in blocks("python"):
        name = re.match(r"# dags/(\w+\.py)\n", block)
        (home / "dags" / name[1]).write_text(block)
    bag = DagBag(home / "dags")
    assert not bag.import_errors
    assert set(bag.dags) == {"wine_pipeline", "checked", "new_rows", "retried"}
    return bag.dags


def run(dag, **params):
    """The run's state; per task its state, its tries and its XCom."""
    from airflow.models.xcom import XComModel
    from airflow.settings import Session

    done = dag.test(run_conf={name: str(value) for name, value in params.items()})
    query = XComModel.get_many(run_id=done.run_id, key="return_value", dag_ids=[dag.dag_id])
    with Session() as session:
        returned = {row.task_id: XComModel.deserialize_value(row) for row in session.scalars(query)}
    tasks = {t.task_id: (t.state, t.try_number, returned.get(t.task_id)) for t in done.get_task_instances()}
    return str(done.state), tasks


@pytest.fixture(scope="module")
def clean(dags, tmp_path_factory):
    out = tmp_path_factory.mktemp("clean")
    return out, *run(dags["wine_pipeline"], data=ROOT / "sample_data" / "wine", out=out)


def test_clean_data_are_trained_on_and_tested_with_the_same_contract(clean):
    out, state, tasks = clean

    assert state == "success"
    assert [state for state, *_ in tasks.values()] == ["success"] * 4
    assert tasks["datacheck"][2]["normalization"] == str(out / "report" / "normalization.json")
    accuracy = tasks["test"][2]
    assert accuracy > 0.9


def test_broken_data_stop_before_training_and_are_not_tried_again(dags, tmp_path):
    state, tasks = run(dags["wine_pipeline"], data=ROOT / "sample_data" / "wine-broken", out=tmp_path)

    assert state == "failed"
    assert {name: state for name, (state, *_) in tasks.items()} == {
        "extract": "success", "datacheck": "failed", "train": "upstream_failed", "test": "upstream_failed",
    }  # fmt: skip
    _, tries, verdict = tasks["datacheck"]
    assert tries == 1
    assert verdict["verdict"] == "findings"
    assert Path(verdict["report"]).is_file()
    assert not list(tmp_path.rglob("weights.npz"))


@pytest.mark.parametrize(("data", "tries"), [("wine-broken", 1), ("nowhere", 2)])
def test_findings_are_final_and_a_missing_file_is_not(dags, tmp_path, data, tries):
    state, tasks = run(dags["retried"], data=ROOT / "sample_data" / data, report=tmp_path)

    assert state == "failed"
    assert tasks["check"][:2] == ("failed", tries)


def test_the_operator_of_the_page(dags, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    state, tasks = run(dags["checked"], data=ROOT / "sample_data" / "wine")

    assert state == "success"
    assert Path(tasks["datacheck"][2]["report"]).parent.parent == tmp_path / "reports"
    assert set(tasks["datacheck"][2]) == set(json.loads(blocks("json")[0]))


@pytest.mark.parametrize(("data", "state"), [("wine", "success"), ("wine-broken", "failed")])
def test_the_task_of_the_page(dags, clean, tmp_path, data, state):
    new = ROOT / "sample_data" / data / "test.csv"

    found, tasks = run(dags["new_rows"], data=new, trained=clean[0] / "report", report=tmp_path)

    assert found == state
    assert tasks["check"][1] == 1
    assert (tmp_path / "report.html").is_file()


def test_the_commands_of_the_page(home, offline, tmp_path):
    for name in ("examples", "sample_data"):
        (tmp_path / name).symlink_to(ROOT / name)

    done = subprocess.run(
        ["bash", "-c", blocks("sh")[1]], cwd=tmp_path, capture_output=True, text=True, check=False
    )

    assert re.findall(
        r"state=(\w+)", "".join(re.findall("DagRun Finished.*", done.stdout + done.stderr))
    ) == [
        "success",
        "failed",
    ]
    assert done.returncode == 1
    assert offline() == ""


def test_airflow_lists_the_provider(home, offline):
    listed = subprocess.run(
        ["airflow", "providers", "list"], capture_output=True, text=True, check=True
    ).stdout

    assert re.search(r"^datacheck-ml +\| Will this data break my training", listed, re.MULTILINE)
    assert offline() == ""
