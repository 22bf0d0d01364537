from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import datacheck as dc
from datacheck.dataset import find
from datacheck.engines.assemble import infer_task
from datacheck.errors import ConfigError, InputError
from datacheck.testing import make_profile

FRAME = pd.DataFrame({"x": [1.0, 2.0, 3.0], "label": ["a", "b", "a"]})


@pytest.mark.parametrize(
    ("files", "splits"),
    [
        (["train.csv", "test.csv"], ["train", "test"]),
        (["training/a.csv", "training/b.csv", "validation/a.csv", "holdout/a.csv"], ["train", "val", "test"]),
        (["wine_train.csv", "wine_dev.csv"], ["train", "val"]),
        (
            ["train-00000-of-00002.csv", "train-00001-of-00002.csv", "test-00000-of-00001.csv"],
            ["train", "test"],
        ),
        (["part-1.csv", "part-2.csv"], ["data"]),
        (["Train.CSV"], ["train"]),
    ],
)
def test_splits_are_found_by_folder_or_file_name(tmp_path: Path, files: list[str], splits: list[str]) -> None:
    for name in files:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        FRAME.to_csv(tmp_path / name, index=False)

    dataset = find(tmp_path)

    assert list(dataset.splits) == splits
    assert sum(len(split.sources) for split in dataset.splits.values()) == len(files)


def test_files_that_belong_to_no_split_are_named(tmp_path: Path) -> None:
    for name in ("train.csv", "extra.csv", "notes.txt", ".hidden.csv", "_SUCCESS"):
        FRAME.to_csv(tmp_path / name, index=False)

    report = dc.profile(tmp_path)

    assert report.ignored == ("extra.csv",)


def test_hive_partitions_become_columns(tmp_path: Path) -> None:
    for year in (2023, 2024):
        folder = tmp_path / "train" / f"year={year}" / "city=Bern"
        folder.mkdir(parents=True)
        FRAME.to_parquet(folder / "part.parquet")

    train = dc.profile(tmp_path).profile.train

    assert train.columns == ("x", "label", "year", "city")
    assert train["year"].levels.counts == {2023: 3, 2024: 3}
    assert train["city"].levels.counts == {"Bern": 6}


def test_a_column_can_name_the_splits(tmp_path: Path) -> None:
    path = tmp_path / "all.csv"
    FRAME.assign(part=["training", "valid", "training"]).to_csv(path, index=False)

    report = dc.profile(path, split_column="part")

    assert {name: p.rows for name, p in report.profile.splits.items()} == {"train": 2, "val": 1}
    assert "part" not in report.profile.train.columns


def test_a_split_column_that_does_not_exist_names_the_nearest(tmp_path: Path) -> None:
    FRAME.to_csv(tmp_path / "all.csv", index=False)

    with pytest.raises(InputError, match="no split column 'labels'; did you mean 'label'"):
        dc.profile(tmp_path, split_column="labels")


@pytest.mark.parametrize(
    "convert",
    [
        lambda f: f,
        pl.from_pandas,
        lambda f: pa.Table.from_pandas(f),
        lambda f: pa.RecordBatch.from_pandas(f),
        lambda f: {"x": f["x"].to_numpy(), "label": f["label"].tolist()},
    ],
    ids=["pandas", "polars", "table", "batch", "columns"],
)
def test_every_dataframe_gives_the_same_profile(convert: Any) -> None:
    report = dc.profile({"train": convert(FRAME), "test": convert(FRAME)}, label="label")

    train = report.profile.train
    assert list(report.profile.splits) == ["train", "test"]
    assert (train.rows, train["x"].moments.mean, train["label"].levels.counts) == (3, 2.0, {"a": 2, "b": 1})


def test_a_duckdb_relation_is_a_dataframe() -> None:
    duckdb = pytest.importorskip("duckdb")
    relation = duckdb.sql("select i::double as x, i % 2 as y from range(10) t(i)")

    report = dc.profile({"train": relation})

    assert report.profile.train["x"].moments.mean == 4.5
    assert report.profile.schema.label == "y"


@pytest.mark.parametrize(
    ("labels", "task"),
    [
        (["a", "b"] * 20, "classification"),
        ([True, False] * 20, "classification"),
        ([0.0, 1.0] * 20, "classification"),
        (list(range(10)) * 5, "classification"),
        (list(range(30)) * 5, "classification"),
        (list(range(1, 31)) * 5, "regression"),
        ((np.arange(40) / 7).tolist(), "regression"),
        (list(range(40)), "regression"),
    ],
)
def test_the_task_is_inferred_from_the_labels(labels: list[Any], task: str) -> None:
    data = make_profile({"train": {"x": list(range(len(labels))), "y": labels}})

    assert infer_task(data.train["y"])[0] == task
    assert data.schema.label_source == "found by name"
    assert data.schema.task_source


def test_a_given_task_counts() -> None:
    report = dc.profile({"train": {"x": [1.0, 2.0, 3.0], "y": [1, 2, 3]}}, label="y", task="regression")

    assert (report.profile.schema.task, report.profile.schema.task_source) == ("regression", "given")


def test_unknown_options_and_tasks_are_errors() -> None:
    with pytest.raises(ConfigError, match="unknown key 'labl'"):
        dc.profile(FRAME, labl="x")
    with pytest.raises(ConfigError, match="task"):
        dc.profile(FRAME, task="clustering")


def test_a_label_that_does_not_exist_names_the_nearest() -> None:
    with pytest.raises(InputError, match="no column 'lable' for the label; did you mean 'label'"):
        dc.profile(FRAME, label="lable")
