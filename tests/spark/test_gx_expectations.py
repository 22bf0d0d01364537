import json
import shutil
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

pytest.importorskip("pyspark", reason="pyspark is not installed here", exc_type=ImportError)
pytest.importorskip("great_expectations", reason="great_expectations is not installed here")

from datacheck.integrations import gx

ROOT = Path(__file__).parents[2]
COLUMNS = (None, "alcohol", "magnesium", "label")
ORDER = "expect_labels_to_be_mixed_across_batches"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The stored project, with the expectations of a few columns: each takes Spark a job."""
    folder = Path(shutil.copytree(ROOT / "expectations", tmp_path_factory.mktemp("gx") / "expectations"))
    file = folder / "gx" / "expectations" / "wine.json"
    suite = json.loads(file.read_text("utf-8"))
    suite["expectations"] = [
        one
        for one in suite["expectations"]
        if one["kwargs"].get("column") in COLUMNS and "compound" not in one["type"]
    ]
    file.write_text(json.dumps(suite))
    return folder


def read(name: str, split: str) -> Any:
    return pd.read_csv(ROOT / "sample_data" / name / f"{split}.csv")


@pytest.mark.slow
@pytest.mark.parametrize(("name", "split"), [("wine", "test"), ("wine-broken", "train")])
def test_spark_finds_what_pandas_finds(
    name: str, split: str, project: Path, spark: Any, tmp_path: Path
) -> None:
    here = read(name, split)
    here.to_parquet(tmp_path / "rows.parquet")
    there = spark.read.parquet(str(tmp_path / "rows.parquet"))

    expected, found = (gx.run(project, "wine", data) for data in (here, there))

    assert found.findings == expected.findings
    assert bool(found.findings)
    assert places(found) == places(expected)
    assert found.exit_code == expected.exit_code == int("broken" in name)


@pytest.mark.slow
def test_rows_without_an_order_have_no_order_to_judge(project: Path, spark: Any) -> None:
    found = gx.run(project, "wine", spark.createDataFrame(read("wine", "test")))

    [open_question] = found.unmet
    assert open_question.expectation == ORDER
    assert open_question.seen.startswith("not checked: ")


def places(outcome: gx.Outcome) -> set[tuple[str, str | None]]:
    return {(one.expectation, one.column) for one in outcome.unmet}
