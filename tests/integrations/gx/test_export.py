import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import datacheck as dc
from datacheck import output
from datacheck.errors import FormatError, InputError
from datacheck.integrations import gx

ROOT = Path(__file__).parents[3]
SAMPLES = ["wine", "breast-cancer", "digits"]


def quick_report(data: Any, **options: Any) -> dc.Report:
    return dc.profile(data, select=["constant-feature"], **options)


def suite_of(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return content


def expected(path: Path, type_: str, column: str | None = None) -> dict[str, Any]:
    [one] = [
        one
        for one in suite_of(path)["expectations"]
        if one["type"] == type_ and one["kwargs"].get("column") == column
    ]
    return dict(one)


@pytest.fixture
def table() -> pd.DataFrame:
    rng = np.random.default_rng(3)
    rows = 500
    return pd.DataFrame(
        {
            "x": rng.normal(10, 2, rows),
            "flag": rng.integers(0, 2, rows),
            "city": rng.choice(["a", "b", "c"], rows),
            "name": [f"name {i}" for i in range(rows)],
            "tail": rng.standard_cauchy(rows),
            "some": np.where(rng.random(rows) < 0.1, np.nan, rng.normal(size=rows)),
            "day": pd.date_range("2020-01-01", periods=rows),
            "label": rng.choice(["yes", "no"], rows),
        }
    )


@pytest.fixture
def path(tmp_path: Path, table: pd.DataFrame) -> Path:
    return gx.export(quick_report({"train": table}), tmp_path / "project", "orders")


@pytest.mark.parametrize("name", SAMPLES)
def test_the_stored_suite_is_the_one_of_the_sample(name: str, tmp_path: Path) -> None:
    fresh = gx.export(quick_report(ROOT / "sample_data" / name), tmp_path, name)

    stored = ROOT / "expectations" / "gx" / "expectations" / f"{name}.json"
    assert without_digests(suite_of(fresh)) == without_digests(suite_of(stored))


def without_digests(suite: dict[str, Any]) -> dict[str, Any]:
    """The suite without what depends on the last digit of every sum."""
    for one in suite["expectations"]:
        one["kwargs"] = {key: value for key, value in one["kwargs"].items() if not key.endswith("_digest")}
    return suite


def test_the_same_report_gives_the_same_bytes_from_its_folder_and_from_memory(
    tmp_path: Path, table: pd.DataFrame
) -> None:
    report = quick_report({"train": table}, out=str(tmp_path / "report"))
    output.write_folder(report)

    projects = [
        gx.export(given, tmp_path / place, "orders")
        for given, place in [(report, "a"), (tmp_path / "report", "b")]
    ]

    first, second = (
        {f.name: f.read_bytes() for f in p.parents[1].rglob("*") if f.is_file()} for p in projects
    )
    assert first == second
    again = gx.export(tmp_path / "report", tmp_path / "a", "orders")
    assert {f.name: f.read_bytes() for f in again.parents[1].rglob("*") if f.is_file()} == first


def test_every_expectation_says_where_its_bound_comes_from(path: Path) -> None:
    suite = suite_of(path)

    assert all(one["notes"].startswith("Bound: ") and len(one["notes"]) > 20 for one in suite["expectations"])
    assert suite["meta"]["datacheck"]["batch_rows"] == 500


def test_nulls_may_be_as_many_as_the_sample_allows(path: Path, table: pd.DataFrame) -> None:
    type_ = "expect_column_values_to_not_be_null"
    missing = int(table["some"].isna().sum())

    assert expected(path, type_, "x")["kwargs"]["mostly"] == pytest.approx(0.001 ** (1 / 500), abs=1e-4)
    assert 0.8 < expected(path, type_, "some")["kwargs"]["mostly"] < 1 - missing / 500
    assert f"{missing} of 500" in expected(path, type_, "some")["notes"]
    assert "mostly" not in expected(path, type_, "label")["kwargs"]


def test_ranges_are_wider_than_the_quantiles(path: Path, table: pd.DataFrame) -> None:
    kwargs = expected(path, "expect_column_values_to_be_between", "x")["kwargs"]
    low, first, last, high = np.quantile(table["x"], [0.01, 0.05, 0.95, 0.99])

    assert kwargs["min_value"] == pytest.approx(low - 0.5 * (last - first), rel=0.01)
    assert kwargs["max_value"] == pytest.approx(high + 0.5 * (last - first), rel=0.01)
    assert kwargs["mostly"] == pytest.approx(0.001 ** (1 / 500), abs=1e-4)


def test_categories_are_spelled_out_where_they_are_categories(path: Path) -> None:
    type_ = "expect_column_values_to_be_in_set"
    columns = [one["kwargs"]["column"] for one in suite_of(path)["expectations"] if one["type"] == type_]

    assert columns == ["flag", "city", "label"]  # 500 names are none
    assert expected(path, type_, "city")["kwargs"]["value_set"] == ["a", "b", "c"]
    assert expected(path, type_, "label")["kwargs"] == {"column": "label", "value_set": ["no", "yes"]}


def test_bands_hold_the_training_rows_and_are_left_out_for_heavy_tails(
    path: Path, table: pd.DataFrame
) -> None:
    mean = expected(path, "expect_column_mean_to_be_between", "x")["kwargs"]
    std = expected(path, "expect_column_stdev_to_be_between", "x")["kwargs"]

    assert mean["min_value"] < table["x"].mean() < mean["max_value"]
    assert std["min_value"] < table["x"].std() < std["max_value"] < 1.5 * std["min_value"] * 1.5
    banded = {one["kwargs"]["column"] for one in suite_of(path)["expectations"] if "stdev" in one["type"]}
    assert banded == {"x", "some"}


def test_times_and_texts_have_no_range(path: Path) -> None:
    types = {
        column: {
            one["type"] for one in suite_of(path)["expectations"] if one["kwargs"].get("column") == column
        }
        for column in ("day", "name")
    }

    assert types["day"] == {"expect_column_values_to_be_in_type_list", "expect_column_values_to_not_be_null"}
    assert types["name"] == {
        "expect_column_values_to_not_be_null",
        "expect_column_distribution_to_match_profile",
    }


def test_a_target_has_bands_and_no_classes(tmp_path: Path, table: pd.DataFrame) -> None:
    report = quick_report({"train": table.drop(columns="label")}, label="x")

    types = {one["type"] for one in suite_of(gx.export(report, tmp_path, "target"))["expectations"]}

    assert "expect_labels_to_be_mixed_across_batches" not in types
    assert "expect_column_mean_to_be_between" in types


def test_thresholds_of_the_configuration_travel_with_the_suite(tmp_path: Path, table: pd.DataFrame) -> None:
    checker = "feature-scale-disparity"
    thresholds = {checker: {"warning-orders": 0.5, "error-orders": 0.6}}
    config = dc.Config.of({"select": [checker], "checkers": thresholds})
    report = dc.profile({"train": table}, config=config)
    gx.export(report, tmp_path, "strict")

    found = gx.run(tmp_path, "strict", table)

    assert "expect_feature_scales_to_be_comparable" in {one.expectation for one in found.unmet}


def test_a_profile_without_values_gives_a_suite_without_them(tmp_path: Path, table: pd.DataFrame) -> None:
    report = quick_report({"train": table}, out=str(tmp_path / "report"))
    output.write_folder(report, values=False)

    path = gx.export(tmp_path / "report", tmp_path / "project", "orders")

    assert not [one for one in suite_of(path)["expectations"] if one["type"].endswith("in_set")]
    assert not [text for text in ('"yes"', '"name 1"') if text in path.read_text()]


def test_tensors_are_left_to_the_table(tmp_path: Path) -> None:
    import pyarrow as pa

    rng = np.random.default_rng(0)
    lists = pa.FixedSizeListArray.from_arrays(pa.array(rng.normal(size=300)), 3)
    report = quick_report({"train": pa.table({"x": lists, "label": [0, 1] * 50})})

    suite = suite_of(gx.export(report, tmp_path, "tensors"))

    assert suite["meta"]["datacheck"]["left_out"] == ["x[0]", "x[1]", "x[2]"]
    assert {one["kwargs"].get("column") for one in suite["expectations"]} == {None, "label"}


def test_a_project_that_exists_keeps_its_settings(tmp_path: Path, table: pd.DataFrame) -> None:
    settings = tmp_path / "gx" / "great_expectations.yml"
    settings.parent.mkdir()
    settings.write_text("# mine\n")

    gx.export(quick_report({"train": table}), tmp_path, "orders")

    assert settings.read_text() == "# mine\n"


@pytest.mark.parametrize("name", ["", "../up", "a b", ".hidden"])
def test_a_name_that_is_no_file_name_is_refused(name: str, tmp_path: Path, table: pd.DataFrame) -> None:
    with pytest.raises(InputError, match="expected letters, digits"):
        gx.export(quick_report({"train": table}), tmp_path, name)


def test_a_report_without_profiles_is_named(tmp_path: Path, table: pd.DataFrame) -> None:
    report = quick_report({"train": table}, out=str(tmp_path / "report"))
    output.write_folder(report)
    shutil.rmtree(tmp_path / "report" / "profile")

    with pytest.raises(InputError, match=r"no profile of the split 'train'.*profile/train\.json"):
        gx.export(tmp_path / "report", tmp_path / "project", "orders")
    with pytest.raises(FormatError):
        gx.export(tmp_path / "nowhere", tmp_path / "project", "orders")
