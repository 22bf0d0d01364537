import io
from collections import Counter
from pathlib import Path

import pandas as pd
import pytest
from rich.console import Console

import datacheck as dc
from datacheck.progress_bars import progress


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for i in range(12):
        frame = pd.DataFrame({"x": range(100), "label": [0, 1] * 50})
        path = tmp_path / "train" / f"part-{i}.{'csv' if i % 2 else 'parquet'}"
        path.parent.mkdir(exist_ok=True)
        frame.to_csv(path, index=False) if i % 2 else frame.to_parquet(path)
    return tmp_path


def test_rows_of_the_split_and_of_each_file(folder: Path) -> None:
    done: Counter[str] = Counter()
    dc.profile(folder, progress=lambda stage, total, rows: done.update({stage: rows}))

    files = {stage: rows for stage, rows in done.items() if " › " in stage}
    assert len(files) == 12 and set(files.values()) == {100}
    assert sum(files.values()) == done["train"] == 1200


def test_bars_of_files_below_that_of_the_split(folder: Path) -> None:
    console = Console(file=io.StringIO(), force_terminal=True, width=120)
    with progress(False, console) as report:
        assert report is not None
        report("train", 200, 100)
        report("train › a.parquet", 100, 100)
        report("train › b.parquet", 100, 50)
        dc.profile(folder, progress=report)
        report("probes", 4, 1)
    shown = console.file.getvalue()  # type: ignore[attr-defined]
    assert "reading train" in shown and "part-" in shown and "probing" in shown


@pytest.mark.parametrize("quiet", [True, False])
def test_silent_when_asked_or_not_a_terminal(quiet: bool) -> None:
    console = Console(file=io.StringIO(), force_terminal=quiet)
    with progress(quiet, console) as report:
        assert report is None
    assert console.file.getvalue() == ""  # type: ignore[attr-defined]
