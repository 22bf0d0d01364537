"""The same findings, with the same severities, through every door.

| door | a whole dataset | one batch against what training saved |
| --- | --- | --- |
| Python, command line, Airflow | every checker, every split | the five questions |
| pytest | every checker, every split | those of the five that need no saved profile: it holds none |
| great-expectations, pandera | - (a host hands them one frame) | the five questions |

The five questions are `QUESTIONS`; Python is what the others are compared with.
"""

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

import datacheck as dc
from datacheck.cli import main
from datacheck.integrations import pytest_plugin
from datacheck.integrations.questions import QUESTIONS

ROOT = Path(__file__).parents[2]
AIRFLOW = ROOT / ".venv" / "airflow" / "bin" / "python"
ALONE = [name for question in QUESTIONS.values() if not question.against for name in question.checkers]
AGAINST = [name for question in QUESTIONS.values() if question.against for name in question.checkers]
# each the fields of a DatacheckOperator on a line of JSON; answers with its verdict
OPERATOR = """
import json, sys
from airflow.sdk.exceptions import AirflowFailException
from datacheck.integrations.airflow import DatacheckOperator

class TaskInstance:
    def xcom_push(self, key, value):
        self.verdict = value

for number, line in enumerate(sys.argv[1:]):
    ti = TaskInstance()
    try:
        ti.verdict = DatacheckOperator(task_id=f"check{number}", **json.loads(line)).execute({"ti": ti})
    except AirflowFailException:
        pass
    sys.stderr.write("VERDICT " + json.dumps(ti.verdict) + "\\n")
"""
pytestmark = pytest.mark.slow
Subject = tuple[str, str, str, tuple[str, ...]]


def subjects(findings: Iterable[Any]) -> Counter[Subject]:
    """Of findings, or of their JSON: checker, severity, split, columns."""
    plain = [f if isinstance(f, Mapping) else vars_of(f) for f in findings]
    return Counter((f["checker"], str(f["severity"]), f["split"], tuple(f["columns"])) for f in plain)


def vars_of(finding: Any) -> dict[str, Any]:
    return {name: getattr(finding, name) for name in ("checker", "severity", "split", "columns")}


def saved(path: Path | str) -> Counter[Subject]:
    return subjects(json.loads(Path(path).read_text())["findings"])


def command(*arguments: str | Path) -> int:
    with pytest.raises(SystemExit) as stopped:
        main([*map(str, arguments), "--quiet"])
    return int(stopped.value.code or 0)


def selected(names: Iterable[str]) -> list[str]:
    return [part for name in names for part in ("--select", name)]


def airflow(home: Path, *tasks: Mapping[str, Any]) -> list[dict[str, Any]]:
    if not AIRFLOW.exists():
        pytest.skip("Airflow has an environment of its own, which is not there: make .venv/airflow/.done")
    env = {**os.environ, "AIRFLOW_HOME": str(home), "AIRFLOW__CORE__LOAD_EXAMPLES": "False"}
    done = subprocess.run(
        [AIRFLOW, "-c", OPERATOR, *map(json.dumps, tasks)],
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    said = [line.removeprefix("VERDICT ") for line in done.stderr.splitlines() if line.startswith("VERDICT ")]
    return [json.loads(line) for line in said]


def in_pytest(folder: Path, data: Path, settings: str = "") -> tuple[int, Counter[Subject]]:
    (folder / "pyproject.toml").write_text(f"[tool.datacheck]\n{settings}")
    options = ["--datacheck", str(data), "--junitxml", "junit.xml", "-o", "junit_family=xunit1"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", pytest_plugin.__name__, *options],
        cwd=folder,
        env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        check=False,
    )
    cases = ElementTree.parse(folder / "junit.xml").getroot()
    properties = [(p.get("name", ""), p.get("value")) for p in cases.iter("property")]
    return done.returncode, subjects(pytest_plugin.findings(properties))


@pytest.fixture(scope="module")
def report() -> Callable[[str], dc.Report]:
    return cache(lambda name: dc.profile(ROOT / "sample_data" / name))


@pytest.mark.parametrize("door", ["command line", "airflow", "pytest"])
@pytest.mark.parametrize("name", ["wine", "wine-broken", "breast-cancer-broken"])
def test_a_whole_dataset(name: str, door: str, report: Callable[[str], dc.Report], folder: Path) -> None:
    data = ROOT / "sample_data" / name
    if door == "command line":
        code = command("profile", data, "--out", folder / "out", "--format", f"json={folder / 'said.json'}")
        said = saved(folder / "said.json")
    elif door == "airflow":
        [verdict] = airflow(folder, {"data": str(data), "report": str(folder / "out")})
        code, said = int(verdict["verdict"] != "passed"), saved(verdict["json"])
    else:
        code, said = in_pytest(folder, data)

    assert said == subjects(report(name).findings)
    assert code == report(name).exit_code == int("broken" in name)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """The report folder of a clean set, from which every host gets what it knows of the training split."""

    @cache
    def folder(name: str) -> Path:
        out = tmp_path_factory.mktemp(name)
        command("profile", ROOT / "sample_data" / name, "--out", out, *selected([*ALONE, *AGAINST]))
        return out

    return folder


def by_python(data: Path, known: Path) -> Counter[Subject]:
    reference, contract = known / "profile" / "train.json", known / "normalization.json"
    alone = dc.profile(data, select=ALONE)
    against = dc.compare(reference, data, contract=contract, select=AGAINST)
    return subjects([*alone.findings, *against.findings])


def by_command(data: Path, known: Path, folder: Path) -> Counter[Subject]:
    files = {step: folder / f"{step}.json" for step in ("profile", "check")}
    train = known / "profile" / "train.json"
    options: list[str | Path] = ["--reference", train, "--contract", known / "normalization.json"]
    command("profile", data, "--out", folder, *selected(ALONE), "--format", f"json={files['profile']}")
    command("check", data, *options, *selected(AGAINST), "--format", f"json={files['check']}")
    return saved(files["profile"]) + saved(files["check"])


def by_airflow(data: Path, known: Path, folder: Path) -> Counter[Subject]:
    paths = {
        "reference": str(known / "profile" / "train.json"),
        "contract": str(known / "normalization.json"),
    }
    alone = {"data": str(data), "report": str(folder / "alone"), "options": {"select": ALONE}}
    against = {"data": str(data), "report": str(folder / "against"), "options": {"select": AGAINST}, **paths}
    said = airflow(folder, alone, against)
    return sum((saved(verdict["json"]) for verdict in said), Counter())


def by_gx(data: Path, known: Path, folder: Path) -> Counter[Subject]:
    pytest.importorskip("great_expectations", reason="great_expectations is not installed here")
    from datacheck.integrations import gx

    gx.export(known, folder / "project", "suite")
    return unsplit(gx.run(folder / "project", "suite", frame(data)).findings)


def by_pandera(data: Path, known: Path, folder: Path) -> Counter[Subject]:
    pytest.importorskip("pandera", reason="pandera is not installed here")
    from datacheck.integrations import pandera

    pandera.export(known, folder / "schema.yaml")
    return unsplit(pandera.answers(pandera.load(folder / "schema.yaml"), frame(data)))


def by_pytest(data: Path, known: Path, folder: Path) -> Counter[Subject]:
    return in_pytest(folder, data, f"select = {json.dumps(ALONE)}")[1]


def frame(data: Path) -> Any:
    import pandas as pd

    return pd.read_csv(data) if data.is_file() else pd.read_parquet(data)


def unsplit(findings: Iterable[Any]) -> Counter[Subject]:
    return Counter((f.checker, str(f.severity), "", f.columns) for f in findings)


DOORS = {
    "command line": (by_command, [*ALONE, *AGAINST, "normalization-contract"]),
    "airflow": (by_airflow, [*ALONE, *AGAINST, "normalization-contract"]),
    "great_expectations": (by_gx, [*ALONE, *AGAINST, "normalization-contract"]),
    "pandera": (by_pandera, [*ALONE, *AGAINST, "normalization-contract"]),
    "pytest": (by_pytest, ALONE),
}
"""Who is asked, and the checkers that it has."""


@pytest.fixture(scope="module")
def expected(trained: Callable[[str], Path]) -> Callable[[Path], Counter[Subject]]:
    return cache(lambda data: by_python(data, trained(data.parent.name.removesuffix("-broken"))))


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize(
    ("name", "split", "errors"),
    [("wine", "test", 0), ("wine-broken", "train", 5), ("breast-cancer-broken", "val", 2)],
)
def test_one_batch_against_what_training_saved(
    name: str, split: str, errors: int, door: str, trained: Callable[[str], Path],
    expected: Callable[[Path], Counter[Subject]], folder: Path,
) -> None:  # fmt: skip
    [data] = (ROOT / "sample_data" / name).glob(f"{split}*")
    ask, checkers = DOORS[door]

    said = ask(data, trained(name.removesuffix("-broken")), folder)

    wanted = Counter(
        {
            (c, severity, "", columns): n
            for (c, severity, _, columns), n in expected(data).items()
            if c in checkers
        }
    )
    assert Counter({(c, s, "", columns): n for (c, s, _, columns), n in said.items()}) == wanted
    assert sum(n for (_, severity, *_), n in expected(data).items() if severity == "error") >= errors
