import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import datacheck as dc

pytest.importorskip("mlflow")

# a process of its own: MLflow keeps its store, its runs and its threads for as long as a process lives
OFFLINE = """
import socket
def refuse(*arguments):
    raise AssertionError(f"something wants to reach the network: {arguments}")
for name in ("connect", "connect_ex", "sendto"):
    setattr(socket.socket, name, refuse)
socket.getaddrinfo = refuse
"""


def run_python(code: str, folder: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    env = {"MLFLOW_TRACKING_URI": (folder / "runs").as_uri(), "MLFLOW_ALLOW_FILE_STORE": "true", **settings}
    return subprocess.run(
        [sys.executable, "-c", OFFLINE + code],
        cwd=folder,
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        timeout=120,
    )


@pytest.mark.slow
def test_the_page_runs_without_network_and_the_contract_comes_back(
    folder: Path, sample_data: Path, blocks: Callable[[str, str], list[str]]
) -> None:
    shutil.copytree(sample_data / "wine-broken", folder / "data")
    tell = (
        "import json\nfrom pathlib import Path\n"
        "client = mlflow.MlflowClient()\nfound = client.get_run(run.info.run_id)\n"
        "root = Path(mlflow.artifacts.download_artifacts(run_id=run.info.run_id, artifact_path='datacheck'))\n"
        "print(json.dumps({'metrics': found.data.metrics, 'tags': found.data.tags,\n"
        "    'files': sorted(str(f.relative_to(root)) for f in root.rglob('*') if f.is_file()),\n"
        "    'same': contract.to_json() == report.normalization.to_json(),\n"
        "    'report': json.loads((root / 'report.json').read_text())['exit_code'],\n"
        "    'status': found.info.status}))\n"
    )

    done = run_python("\n".join([*blocks("mlflow", "python"), tell]), folder)

    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    report = dc.profile(folder / "data")
    assert told["metrics"] == {
        "datacheck.findings.error": len(report.of(dc.Severity.ERROR)),
        "datacheck.findings.warning": len(report.of(dc.Severity.WARNING)),
        "datacheck.findings.info": len(report.of(dc.Severity.INFO)),
        "datacheck.not_checked": len(report.not_checked),
        "datacheck.waived": 0,
        "datacheck.crashed": 0,
        "datacheck.exit_code": 1,
        **{f"datacheck.rows.{name}": profile.rows for name, profile in report.profile.splits.items()},
    }
    assert told["tags"]["datacheck.worst"] == "error"
    assert told["tags"]["datacheck.fingerprint.train"] == report.profile.train.fingerprint
    assert {"normalization.json", "profile/train.json", "report.html", "report.json"} <= {*told["files"]}
    assert told["same"] and told["report"] == 1 and told["status"] == "FINISHED"


def test_a_run_that_ended_another_folder_and_no_values(folder: Path) -> None:
    code = (
        "import datacheck as dc, mlflow, pandas as pd\n"
        "frame = pd.DataFrame({'city': ['Rome', 'Oslo'] * 30, 'x': range(60)})\n"
        "report = dc.profile({'a/b: c': frame})\n"
        "with mlflow.start_run() as run:\n    pass\n"
        "logged = dc.integrations.mlflow.log(report, run_id=run.info.run_id, folder='data', values=False)\n"
        "assert logged == run.info.run_id and mlflow.active_run() is None\n"
        "print(mlflow.artifacts.download_artifacts(run_id=logged, artifact_path='data/profile'))\n"
    )

    done = run_python(code, folder)

    assert done.returncode == 0, done.stderr
    written = "".join(file.read_text() for file in Path(done.stdout.splitlines()[-1]).iterdir())
    assert '"kind": "profile"' in written and "Rome" not in written


@pytest.mark.parametrize("code", ["dc.integrations.mlflow", "dc.integrations"])
def test_it_is_found_without_being_imported_and_costs_nothing_until_used(folder: Path, code: str) -> None:
    done = run_python(f"import sys, datacheck as dc\n{code}\nprint('mlflow' in sys.modules)", folder)

    assert done.stdout.strip() == "False", done.stderr


@pytest.mark.parametrize(
    ("setup", "message"),
    [
        ("sys.modules['mlflow'] = None", "mlflow is not installed"),
        (
            "import types; sys.modules['mlflow'] = types.SimpleNamespace(__version__='2.22.0')",
            "mlflow 2.22.0 is installed",
        ),
    ],
)
def test_a_missing_or_old_mlflow_names_what_installs_it(folder: Path, setup: str, message: str) -> None:
    code = (
        f"import sys\n{setup}\nimport datacheck as dc\n"
        "try:\n    dc.integrations.mlflow.log(dc.profile({'x': [1.0, 2.0]}))\n"
        "except dc.DatacheckError as error:\n    print(error)\n"
    )

    done = run_python(code, folder)

    assert message in done.stdout and "pip install 'datacheck-ml[mlflow]'" in done.stdout, done.stderr


def test_an_unknown_host_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="did you mean 'mlflow'"):
        _ = dc.integrations.mflow
