import sys
from pathlib import Path

import pytest
from pyarrow import csv

sys.path.insert(0, str(Path(__file__).parent))  # the tests and the benchmarks share the module `runs`
collect_ignore = ["runs.py"]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Two splits in two files each."""
    from runs import table

    for seed, name in enumerate(("train/1", "train/2", "test/1", "test/2")):
        path = tmp_path / "data" / f"{name}.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        csv.write_csv(table(150, seed), path)
    return tmp_path / "data"
