import sys
import tomllib
from pathlib import Path
from types import ModuleType

import pytest

from datacheck.errors import DatacheckError
from datacheck.integrations import OLDEST, need

ROOT = Path(__file__).parent.parent.parent
EXTRAS = {
    "great_expectations": "gx",
    "pandera": "pandera",
    "mlflow": "mlflow",
    "airflow": "airflow",
    "pyspark": "spark",
}


def test_the_floors_are_those_of_the_extras() -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]

    assert OLDEST.keys() == EXTRAS.keys()
    for host, extra in EXTRAS.items():
        wanted = next(line for line in extras[extra] if host in line)
        assert f">={OLDEST[host]}" in wanted


@pytest.mark.parametrize("version", ["0.31.0", "0.9", ""])
def test_a_host_that_is_too_old_is_named_with_the_command(
    version: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    host = ModuleType("pandera")
    host.__version__ = version  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "pandera", host)

    with pytest.raises(DatacheckError, match=r"0\.31\.1 or newer: pip install 'datacheck-ml\[pandera\]'"):
        need("pandera", "pandera")


@pytest.mark.parametrize("version", ["0.31.1", "0.32", "1.0.0rc1"])
def test_a_host_that_is_new_enough_is_given(version: str, monkeypatch: pytest.MonkeyPatch) -> None:
    host = ModuleType("pandera")
    host.__version__ = version  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "pandera", host)

    assert need("pandera", "pandera") is host


def test_a_missing_host_is_named_with_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "great_expectations", None)

    with pytest.raises(DatacheckError, match=r"pip install 'datacheck-ml\[gx\]'"):
        need("great_expectations.expectations", "gx")


def test_a_host_that_breaks_on_import_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "broken_host.py").write_text("import no_such_dependency\n")
    monkeypatch.syspath_prepend(tmp_path)

    with pytest.raises(DatacheckError, match=r"no_such_dependency.*pip install 'datacheck-ml"):
        need("broken_host", "gx")
