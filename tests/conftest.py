from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test writes to the cache of whoever runs it."""
    monkeypatch.setenv("DATACHECK_CACHE_DIR", str(tmp_path_factory.getbasetemp() / "cache"))


@pytest.fixture
def sample_data() -> Path:
    return Path(__file__).parent.parent / "sample_data"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty working folder, so that no pyproject.toml above it is read."""
    (tmp_path / "pyproject.toml").write_text("[tool.datacheck]\n")
    monkeypatch.chdir(tmp_path)
    yield tmp_path
