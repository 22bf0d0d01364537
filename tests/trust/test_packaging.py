"""The wheel and the source distribution install into a clean environment, and the command works there."""

import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def call(*command: str | Path, folder: Path = ROOT) -> str:
    done = subprocess.run(
        [str(word) for word in command], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("built")
    call(sys.executable, "-m", "venv", place / "builder")
    builder = place / "builder" / "bin" / "python"
    quiet = ("--quiet", "--disable-pip-version-check")
    call(builder, "-m", "pip", "install", *quiet, "build==1.3.0")
    call(builder, "-m", "build", "--outdir", place / "dist", ROOT)
    return place


@pytest.mark.slow
def test_the_wheel_holds_what_it_should(built: Path) -> None:
    (wheel,) = (built / "dist").glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    assert "datacheck/py.typed" in names
    assert any(name.endswith(".j2") for name in names)
    assert any(name.endswith("LICENSE") for name in names)
    sources = {
        path.relative_to(ROOT / "src").as_posix() for path in (ROOT / "src" / "datacheck").rglob("*.py")
    }
    assert sources - names == set()
    assert not [name for name in names if not name.startswith(("datacheck/", "datacheck_ml-"))]


@pytest.mark.slow
def test_the_source_distribution_holds_the_tests(built: Path) -> None:
    (packed,) = (built / "dist").glob("*.tar.gz")
    with tarfile.open(packed) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {"pyproject.toml", "README.md", "LICENSE", "src/datacheck/py.typed", "tests/conftest.py"} <= names


@pytest.mark.slow
@pytest.mark.parametrize("pattern", ["*.whl", "*.tar.gz"])
def test_it_installs_and_runs(built: Path, pattern: str, tmp_path: Path) -> None:
    (packed,) = (built / "dist").glob(pattern)
    call(sys.executable, "-m", "venv", tmp_path / "clean")
    python = tmp_path / "clean" / "bin" / "python"
    call(
        python,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--constraint",
        ROOT / "constraints.txt",
        packed,
        folder=tmp_path,
    )
    (tmp_path / "data.csv").write_text(
        "a,b,label\n" + "".join(f"{i},{i * i % 7},{i % 2}\n" for i in range(60))
    )
    call(
        tmp_path / "clean" / "bin" / "datacheck", "profile", "data.csv", "--fail-on", "never", folder=tmp_path
    )
    assert (tmp_path / "datacheck-report" / "report.html").exists()
    call(python, "-m", "pip", "check", folder=tmp_path)
