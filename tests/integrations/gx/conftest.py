import os
import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("great_expectations", reason="great_expectations is not installed here")
os.environ["TQDM_DISABLE"] = "0"  # the bars must be off by our own doing

from datacheck.integrations import gx

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="session")
def frame() -> Callable[[str, str], Any]:
    """One split of a sample set, as a user reads it."""
    import pandas as pd

    def read(name: str, split: str) -> Any:
        file = ROOT / "sample_data" / name / f"{split}.csv"
        return pd.read_csv(file) if file.exists() else pd.read_parquet(file.with_suffix(""))

    return read


@pytest.fixture(scope="session")
def stored_project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project of the repository, elsewhere."""
    return Path(shutil.copytree(ROOT / "expectations", tmp_path_factory.mktemp("stored") / "expectations"))


@pytest.fixture(scope="session")
def outcome(stored_project: Path, frame: Callable[[str, str], Any]) -> Callable[[str, str], gx.Outcome]:
    """The checkpoint of a clean set's suite over a split of that set or of its broken twin."""

    @cache
    def run(name: str, split: str) -> gx.Outcome:
        return gx.run(stored_project, name.removesuffix("-broken"), frame(name, split))

    return run
