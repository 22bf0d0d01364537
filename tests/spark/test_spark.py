import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.csv
import pytest

pytest.importorskip("pyspark", reason="pyspark has an environment of its own: make .venv/spark/.done")

import datacheck as dc
from datacheck.engines.placed import RowKey
from datacheck.engines.spark import profile_dataframe, row_key_of
from datacheck.errors import InputError

from .same import exact, findings, same_json

# these fit models to the sample, which is the same to the last row: see the slow test
BY_PROBES = (
    "concept-shift", "covariate-shift", "label-misalignment", "label-noise", "label-shift",
    "odd-split", "target-leakage"
)  # fmt: skip
BY_ORDER = ("sorted-labels", "single-class-batches")  # say nothing of rows that Spark has shuffled


@pytest.fixture(scope="module")
def local(folders: dict[str, Path]) -> Any:
    return dc.profile(folders, label="label", ignore=BY_PROBES)


@pytest.fixture
def frames(spark: Any, folders: dict[str, Path]) -> dict[str, Any]:
    return {split: spark.read.parquet(str(path)) for split, path in folders.items()}


@pytest.mark.parametrize(("split_bytes", "at_least"), [("1g", 1), ("300k", 2), ("40k", 6)])
def test_a_dataframe_of_files_gives_the_report_of_the_files(
    spark: Any, folders: dict[str, Path], local: Any, split_bytes: str, at_least: int
) -> None:
    spark.conf.set("spark.sql.files.maxPartitionBytes", split_bytes)
    spark.conf.set("spark.sql.files.openCostInBytes", "1m" if split_bytes == "1g" else "0")
    frames = {split: spark.read.parquet(str(path)) for split, path in folders.items()}

    report = dc.profile(frames, label="label", ignore=BY_PROBES)

    assert frames["train"].rdd.getNumPartitions() >= at_least
    assert report.config["row_keys"] == {"train": "file and row", "test": "file and row"}
    for split in local.profile.splits:
        same_rows(report.profile.splits[split], local.profile.splits[split])
    same_json(findings(report), findings(local))
    assert len(local.findings) > 5


@pytest.mark.slow
def test_the_probes_find_the_same_in_a_dataframe(frames: dict[str, Any], folders: dict[str, Path]) -> None:
    reports = [dc.profile(data, label="label") for data in (frames, folders)]

    same_json(*(findings(report) for report in reports))


@pytest.mark.parametrize(
    ("shape", "key"),
    [
        (lambda frame: frame.coalesce(1), "file and row"),
        (lambda frame: frame.repartition(7), "partition and row in the partition"),
        (lambda frame: frame.repartition(20, "colour"), "partition and row in the partition"),
        (lambda frame: frame.repartitionByRange(3, "whole"), "partition and row in the partition"),
        (lambda frame: frame.repartition(1), "partition and row in the partition"),
    ],
    ids=["one, in file order", "seven", "twenty, most of them empty", "by range", "one"],
)
def test_any_partitions_give_the_same_exact_statistics_and_findings(
    frames: dict[str, Any], local: Any, shape: Any, key: str
) -> None:
    report = dc.profile({split: shape(f) for split, f in frames.items()}, label="label", ignore=BY_PROBES)

    for split in local.profile.splits:
        same_json(exact(report.profile.splits[split]), exact(local.profile.splits[split]), split)
    assert subjects(report) == subjects(local)
    assert report.config["row_keys"]["train"] == key


def same_rows(there: dc.Profile, here: dc.Profile) -> None:
    """Equal in all: what is exact, the parts, and the very rows that were sampled."""
    same_json(exact(there), exact(here))
    assert there.parts == here.parts and there.label_order == here.label_order
    for one, other in ((there.sample, here.sample), (there.window, here.window)):
        assert np.array_equal(one.hashes, other.hashes) and np.array_equal(one.row, other.row)
        assert repr(one.table.to_pydict()) == repr(other.table.to_pydict())


def subjects(report: dc.Report) -> set[tuple[str, ...]]:
    """What was found where, but for what looks at the order of rows."""
    return {
        (f["checker"], f["split"], f["severity"], *f["columns"]) for f in findings(report, without=BY_ORDER)
    }


def test_sketches_of_shuffled_rows_stay_within_their_error(frames: dict[str, Any], local: Any) -> None:
    shuffled = profile_dataframe(frames["train"].repartition(5), label="label")
    here = local.profile.splits["train"]

    for column in ("x", "some", "big"):
        there = shuffled[column].quantiles
        for q in (0.05, 0.5, 0.95):
            rank = here[column].quantiles.cdf(np.array([there.at(q)]))[0]
            assert abs(rank - q) <= there.rank_error + here[column].quantiles.rank_error + 1e-3


def test_a_task_that_fails_and_is_tried_again_counts_once(
    spark: Any, frames: dict[str, Any], local: Any
) -> None:
    failed = spark.sparkContext.accumulator(0)

    def flaky(batches: Any) -> Any:
        from pyspark import TaskContext

        for i, batch in enumerate(batches):
            yield batch
            if TaskContext.get().attemptNumber() < 2 and i == 0:
                failed.add(1)
                raise ValueError("the machine is gone")

    train = frames["train"].repartition(3)
    profile = profile_dataframe(train.mapInArrow(flaky, train.schema), label="label")

    same_json(exact(profile), exact(local.profile.splits["train"]))
    assert profile.rows == local.profile.splits["train"].rows


def test_files_read_by_tasks_of_spark_give_the_same_report_to_the_last_digit(
    spark: Any, folders: dict[str, Path], local: Any
) -> None:
    report = dc.profile(folders, label="label", engine="spark", ignore=BY_PROBES)
    there, here = report.to_json(), local.to_json()

    assert there.pop("config")["row_keys"]["train"] == "file and row"
    here.pop("config")
    assert json.dumps(there, default=str) == json.dumps(here, default=str)


def test_csv_with_a_type_that_widens_late_gives_the_same_report(spark: Any, tmp_path: Path) -> None:
    rows = [f"{i},{i % 2}" for i in range(600_000)]
    rows[-1] = "0.5,1"
    (tmp_path / "late.csv").write_text("number,label\n" + "\n".join(rows) + "\n")
    here, there = (
        dc.profile(tmp_path, engine=engine, ignore=BY_PROBES).to_json() for engine in ("local", "spark")
    )

    assert here.pop("config") != there.pop("config")
    assert json.dumps(there, default=str) == json.dumps(here, default=str)


def test_a_csv_dataframe_is_known_by_file_block_and_row(spark: Any, tmp_path: Path) -> None:
    table = pyarrow.table({"x": np.arange(20_000) % 977 / 4, "label": np.arange(20_000) % 2})
    pyarrow.csv.write_csv(table, tmp_path / "a.csv")
    types = "x double, label bigint"
    spark.conf.set("spark.sql.files.maxPartitionBytes", "1g")
    spark.conf.set("spark.sql.files.openCostInBytes", "1m")
    whole = spark.read.csv(str(tmp_path), header=True, schema=types)
    here = dc.profile(tmp_path, select=["constant-feature"]).profile.splits["data"]

    one = profile_dataframe(whole, label="label")
    spark.conf.set("spark.sql.files.maxPartitionBytes", "30k")
    many = profile_dataframe(spark.read.csv(str(tmp_path), header=True, schema=types), label="label")

    assert row_key_of(whole) is RowKey.BLOCK
    assert one.parts == here.parts and one.label_order == here.label_order
    assert np.array_equal(one.sample.hashes, here.sample.hashes)
    same_json(exact(many), exact(here))
    assert [part.name for part in many.parts][:2] == ["a.csv", "a.csv@000000000030720"]
    assert sum(part.rows for part in many.parts) == 20_000


def test_a_table_of_the_catalogue(spark: Any, frames: dict[str, Any], local: Any, tmp_path: Path) -> None:
    frames["train"].write.mode("overwrite").option("path", str(tmp_path / "t")).saveAsTable("known_rows")
    report = dc.profile("table:known_rows", label="label", engine="spark", select=["constant-feature"])

    same_json(exact(report.profile.splits["data"]), exact(local.profile.splits["train"]))


@pytest.mark.parametrize("data", ["table:no_such_table", "delta:/no/such/folder"])
def test_what_spark_cannot_open_is_one_line(spark: Any, data: str) -> None:
    with pytest.raises(InputError, match="Spark cannot open it") as error:
        dc.profile(data, engine="spark")

    assert "\n" not in str(error.value)


def test_an_error_in_a_task_is_the_error_of_the_local_engine(spark: Any, tmp_path: Path) -> None:
    (tmp_path / "bad.csv").write_text("a,b\n1,2\n3\n")
    messages = []
    for engine in ("local", "spark"):
        with pytest.raises(InputError) as error:
            dc.profile(tmp_path, engine=engine)
        messages.append(str(error.value))

    assert messages[0] == messages[1]


def test_no_rows_at_all(spark: Any) -> None:
    with pytest.raises(InputError, match="has no rows"):
        dc.profile(spark.createDataFrame([], "x double"))


def test_a_spark_dataframe_cannot_be_read_row_by_row(spark: Any) -> None:
    with pytest.raises(InputError, match="write it as Parquet"):
        dc.profile(spark.range(10), split_column="id")


def test_two_days_compare_and_the_same_day_does_not_add_to_itself(frames: dict[str, Any]) -> None:
    day = profile_dataframe(frames["train"], label="label")

    with pytest.raises(dc.MergeError, match="both profiles"):
        day + day
    report = dc.compare(frames["train"], frames["test"], label="label", select=["schema-mismatch"])
    assert list(report.profile.splits) == ["reference", "new"]
