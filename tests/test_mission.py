"""The table of the mission: five faults that other tools do not name, each with its column."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import datacheck as dc
from datacheck.finding import Rows

ROWS = 5_000


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> dc.Report:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({f"x{i}": rng.normal(size=ROWS) for i in range(4)})
    frame["tiny"] = 1e-4 * rng.normal(size=ROWS)
    frame["huge"] = 1e7 * rng.normal(size=ROWS)
    frame["jitter"] = 3 + 1e-13 * rng.normal(size=ROWS)
    frame["rare"] = 0.0
    frame.loc[rng.choice(ROWS, 3, replace=False), "rare"] = 1.0
    frame["spoilt"] = rng.normal(size=ROWS)
    frame.loc[1234, "spoilt"] = np.inf
    frame["label"] = np.sort(rng.integers(0, 3, ROWS))
    path = Path(tmp_path_factory.mktemp("mission")) / "train.parquet"
    frame.to_parquet(path)
    return dc.profile(path)


@pytest.mark.parametrize(
    ("checker", "columns"),
    [
        ("feature-scale-disparity", {"tiny", "huge"}),
        ("constant-feature", {"jitter"}),
        ("near-constant-feature", {"rare"}),
        ("non-finite-values", {"spoilt"}),
        ("sorted-labels", {"label"}),
    ],
)
def test_the_fault_is_named_with_its_column(report: dc.Report, checker: str, columns: set[str]) -> None:
    found = [f for f in report.findings if f.checker == checker and f.severity != "info"]

    assert found
    assert columns <= {column for f in found for column in f.columns}


def test_nothing_else_is_an_error(report: dc.Report) -> None:
    errors = {column for f in report.findings if f.severity == "error" for column in f.columns}

    assert errors <= {"tiny", "huge", "jitter", "spoilt", "label"}


def test_the_infinite_row_is_given(report: dc.Report) -> None:
    finding = next(f for f in report.findings if f.checker == "non-finite-values")

    assert finding.rows == Rows(count=1, examples=(1234,))
