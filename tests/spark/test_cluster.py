import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

pytest.importorskip("pyspark", reason="pyspark has an environment of its own: make .venv/spark/.done")

import datacheck as dc

from .same import same_json

HOME = Path(str(import_module("pyspark").__file__)).parent
ENVIRONMENT = os.environ | {"SPARK_LOCAL_IP": "127.0.0.1", "PYSPARK_PYTHON": sys.executable}
CHEAP = ["--select", "constant-feature", "--select", "duplicate-rows", "--select", "cross-split-duplicates"]


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def start(what: str, *arguments: str) -> subprocess.Popen[bytes]:
    command = [
        str(HOME / "bin" / "spark-class"),
        f"org.apache.spark.deploy.{what}",
        "--host",
        "127.0.0.1",
        *arguments,
    ]
    return subprocess.Popen(command, env=ENVIRONMENT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def alive(page: int) -> int:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{page}/json/", timeout=2) as reply:
            return int(json.load(reply)["aliveworkers"])
    except OSError:
        return 0


@pytest.fixture(scope="module")
def master(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A standalone cluster on the loopback interface: one master, two workers of one core and 1 GiB each."""
    port, page = free_port(), free_port()
    url = f"spark://127.0.0.1:{port}"
    processes = [start("master.Master", "--port", str(port), "--webui-port", str(page))]
    for i in range(2):
        work = str(tmp_path_factory.mktemp(f"worker{i}"))
        limits = ["--cores", "1", "--memory", "1g", "--work-dir", work, "--webui-port", "0"]
        processes.append(start("worker.Worker", *limits, url))
    try:
        end = time.monotonic() + 180
        while alive(page) < 2 and time.monotonic() < end:
            time.sleep(0.5)
        assert alive(page) == 2
        yield url
    finally:
        for process in reversed(processes):
            process.terminate()
        for process in processes:
            process.wait(30)


@pytest.mark.slow
def test_the_command_on_a_cluster_gives_the_report_of_this_machine(
    master: str, folders: dict[str, Path], tmp_path: Path
) -> None:
    root = str(folders["train"].parent)
    script = tmp_path / "submit.py"
    script.write_text("from datacheck.cli import main; main()\n")
    memory = {
        "PYSPARK_SUBMIT_ARGS": "--conf spark.executor.memory=512m --conf spark.log.level=OFF pyspark-shell"
    }
    ways = {
        "command": [sys.executable, "-m", "datacheck", "profile", "--engine", "spark", "--master", master],
        "submit": [
            *(str(HOME / "bin" / "spark-submit"), "--master", master, "--conf", "spark.executor.memory=512m"),
            *(str(script), "profile", "--engine", "spark"),
        ],
    }
    here = json.loads(json.dumps(dc.profile(root, select=CHEAP[1::2]).to_json(), default=str))
    for name, command in ways.items():
        out = tmp_path / name
        done = subprocess.run(
            [*command, root, "--out", str(out), "--quiet", *CHEAP],
            env=ENVIRONMENT | (memory if name == "command" else {}),
            capture_output=True,
            text=True,
            timeout=400,
            cwd=tmp_path,
        )
        assert done.returncode == 1, done.stderr[-2000:]
        assert (out / "report.json").exists(), done.stderr[-2000:]
        report = json.loads((out / "report.json").read_text())
        assert report["config"]["engine"] == "spark"
        for field in ("splits", "findings", "passed"):
            same_json(report[field], here[field], f"{name} {field}")
