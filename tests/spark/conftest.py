"""One Spark session for all tests: two threads, four attempts for each task, a progress bar nowhere."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest


@pytest.fixture(scope="session")
def spark() -> Iterator[Any]:
    from pyspark.sql import SparkSession

    os.environ |= {"PYSPARK_PYTHON": sys.executable, "SPARK_LOCAL_IP": "127.0.0.1"}
    builder = SparkSession.builder.master("local[2,4]").appName("tests").config("spark.ui.enabled", "false")
    quiet = builder.config("spark.ui.showConsoleProgress", "false").config("spark.log.level", "OFF")
    session = quiet.config("spark.sql.shuffle.partitions", "4").getOrCreate()
    yield session
    session.stop()


def table(rows: int, seed: int) -> pa.Table:
    """Rows with a planted fault of each sort: faults in values, in labels, and in their order."""
    rng = np.random.default_rng(seed)
    odd = rng.normal(size=rows)
    odd[rng.random(rows) < 0.01] = np.nan
    odd[7] = np.inf
    x = rng.normal(size=rows)
    x[rows // 2 : rows // 2 + 40] = x[:40]
    label = (x + rng.normal(size=rows) > 0).astype(np.int64)
    columns = {
        "x": x,
        "big": 1e8 + rng.normal(size=rows) * 1e-3,
        "odd": odd,
        "some": pa.array(rng.normal(size=rows), mask=rng.random(rows) < 0.3),
        "whole": rng.integers(0, 50, rows),
        "id": np.arange(rows) + 2**53,
        "flat": np.full(rows, 3.0),
        "small": pa.array(rng.normal(size=rows).astype(np.float32)),
        "colour": pa.array(np.array(["red", "green", "blue", None], object)[rng.integers(0, 4, rows)]),
        "text": pa.array([f"row {i}" for i in rng.integers(0, 5000, rows)]),
        "flag": rng.random(rows) < 0.2,
        "label": label[np.argsort(label, kind="stable")] if seed == 2 else label,
    }
    made = pa.table(columns)
    return pa.concat_tables([made, made.slice(0, rows // 50)])


@pytest.fixture(scope="session")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Splits as folders of Parquet files with uneven row groups."""
    root = tmp_path_factory.mktemp("data")
    for split, files in {"train": (4000, 900, 200), "test": (1500,)}.items():
        (root / split).mkdir()
        for i, rows in enumerate(files):
            pq.write_table(
                table(rows, i + 3 * (split == "test")), root / split / f"part {i}.parquet", row_group_size=700
            )
    return {split: root / split for split in ("train", "test")}
