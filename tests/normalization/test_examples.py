"""The scripts in examples/, each in a process of its own."""

import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"


def run(script, *arguments):
    return subprocess.run(
        [sys.executable, EXAMPLES / script, *map(str, arguments)], capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    pytest.importorskip("torch")
    out = tmp_path_factory.mktemp("digits")
    result = run("train_digits.py", out)
    assert result.returncode == 0, result.stderr
    return out


def test_a_second_process_normalises_as_in_training(trained):
    result = run("test_digits.py", trained)

    assert result.returncode == 0, result.stderr
    assert result.stdout.startswith("normalised")
    assert float(result.stdout.split("accuracy ")[1].split()[0]) > 0.9


def test_verify_catches_the_refit(trained):
    result = run("test_digits.py", trained, "--broken")

    assert result.returncode == 1
    assert result.stdout.startswith("own statistics")
    assert "not what the model was trained on" in result.stderr
