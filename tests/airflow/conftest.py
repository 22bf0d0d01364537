"""An Airflow of our own for these tests: home, database and DAGs in a temporary folder, and no network."""

import os
import runpy
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# every process notes what would leave the machine, and may not; Python finds the file by PYTHONPATH
OFFLINE = """
import os, sys

def hook(event, arguments):
    names = ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr", "socket.sendto")
    inet = event == "socket.connect" and isinstance(arguments[1], tuple)
    if inet or event in names:
        with open(os.environ["NETWORK_LOG"], "a") as file:
            file.write(f"{event} {arguments[-2:]}\\n")
        raise OSError(f"{event} in a test without network")

sys.addaudithook(hook)
"""


def _home() -> Path:
    home = Path(tempfile.mkdtemp(prefix="airflow-home-"))
    for folder in ("dags", "offline"):
        (home / folder).mkdir()
    for example in (ROOT / "examples" / "airflow").glob("*.py"):
        (home / "dags" / example.name).symlink_to(example)
    (home / "offline" / "sitecustomize.py").write_text(OFFLINE)
    return home


def _settings(home: Path) -> dict[str, str]:
    return {
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__DAGS_FOLDER": str(home / "dags"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__DEFAULT_TASK_RETRY_DELAY": "0",  # the default is five minutes
        "AIRFLOW__CORE__HOSTNAME_CALLABLE": "socket.gethostname",  # the default asks the name server
        "NETWORK_LOG": str(home / "network.log"),
        "PYTHONPATH": str(home / "offline"),
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "OMP_NUM_THREADS": "1",
    }


# before anything imports Airflow, which reads them once
HOME = _home() if find_spec("airflow") else None
if HOME is not None:
    os.environ.update(_settings(HOME))
    runpy.run_path(str(HOME / "offline" / "sitecustomize.py"))


def pytest_sessionfinish() -> None:
    if HOME is not None:
        shutil.rmtree(HOME, ignore_errors=True)


@pytest.fixture(scope="session")
def home() -> Path:
    """Airflow's home with its database made."""
    assert HOME is not None
    subprocess.run(["airflow", "db", "migrate"], check=True, capture_output=True, text=True)
    return HOME


@pytest.fixture
def offline() -> Iterator[Callable[[], str]]:
    """What tried to leave the machine during the test, in all processes."""
    log = Path(os.environ["NETWORK_LOG"])
    log.write_text("")
    yield log.read_text
