import datetime
import decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from datacheck.dataset import find
from datacheck.engines.assemble import profile_dataset
from datacheck.errors import ConfigError, DatacheckError, InputError
from datacheck.run import profile

GOOD = pa.table({"x": [float(i) for i in range(30)], "label": [0, 1] * 15})


def csv(folder: Path, text: str | bytes, name: str = "data.csv") -> Path:
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def parquet(folder: Path, table: pa.Table | dict, name: str = "data.parquet") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table(table), path)
    return path


def refuses(data, *words: str, **options) -> None:
    with pytest.raises(DatacheckError) as caught:
        profile(data, **options)
    for word in words:
        assert word in str(caught.value)


def only(data, **options):
    report = profile(data, **options)
    assert not report.crashed, report.crashed[0].traceback
    return report.profile.train


def test_path_that_does_not_exist(tmp_path):
    refuses(tmp_path / "nothing", "nothing does not exist", "expected a file or a folder")


def test_empty_folder(tmp_path):
    refuses(tmp_path, "it is empty", ".csv", ".parquet")


def test_folder_with_other_files(tmp_path):
    (tmp_path / "notes.docx").write_text("hello")
    refuses(tmp_path, "'.docx'")


def test_file_of_unknown_format(tmp_path):
    (tmp_path / "notes.docx").write_text("hello")
    refuses(tmp_path / "notes.docx", "format that datacheck does not read")


@pytest.mark.parametrize("data", [None, 3, object(), b"bytes", [], {}, {"train": 3}, {"train": None}, ""])
def test_values_that_are_no_data(data):
    refuses(data)


def test_file_of_no_bytes(tmp_path):
    refuses(csv(tmp_path, ""), "data.csv is empty", "expected a header")
    (tmp_path / "data.parquet").touch()
    refuses(tmp_path / "data.parquet", "not a readable Parquet file (0 bytes")


def test_header_only(tmp_path):
    refuses(csv(tmp_path, "a,b\n"), "has no rows", "data.csv")


@pytest.mark.parametrize("header", ["\n", "\n\n\n", "   \n", ","])
def test_header_of_nothing(tmp_path, header):
    refuses(csv(tmp_path, header))


def test_zero_rows(tmp_path):
    refuses(parquet(tmp_path, GOOD.slice(0, 0)), "has no rows")
    refuses(GOOD.slice(0, 0), "has no rows")
    refuses(pd.DataFrame({"x": []}), "has no rows")
    refuses(pd.DataFrame(), "no columns")


def test_one_split_of_zero_rows(tmp_path):
    refuses({"train": GOOD, "test": GOOD.slice(0, 0)}, "split 'test' has no rows")


def test_one_file_of_zero_rows_among_others(tmp_path):
    parquet(tmp_path, GOOD, "a.parquet")
    parquet(tmp_path, GOOD.slice(0, 0), "b.parquet")
    assert only(tmp_path).rows == 30


def test_no_columns(tmp_path):
    refuses(parquet(tmp_path, {}), "no columns")


def test_one_row(tmp_path):
    p = only(csv(tmp_path, "a,b\n1,x\n"))
    assert p.rows == 1
    assert p["a"].moments.std == 0.0
    assert p["a"].moments.std_sample is None
    assert p["b"].distinct.estimate == 1


def test_one_row_and_one_column_that_is_the_label():
    assert only({"label": [1]}).rows == 1


def test_ragged_csv(tmp_path):
    refuses(csv(tmp_path, "a,b\n1,2\n3\n4,5\n"), "data.csv", "as many fields as the header")


def test_ragged_csv_far_below_the_head(tmp_path):
    text = "a,b\n" + "1.5,2.5\n" * 1_000_000 + "3\n"
    refuses(csv(tmp_path, text), "data.csv", "as many fields as the header")


def test_truncated_csv(tmp_path):
    refuses(csv(tmp_path, "a,b,c\n1,2,3\n4,5"), "may be truncated")


def test_csv_with_a_quote_that_never_ends(tmp_path):
    refuses(csv(tmp_path, 'a,b\n1,"2\n3,4\n'), "data.csv")


def test_csv_that_is_not_compressed_as_its_suffix_says(tmp_path):
    refuses(csv(tmp_path, "a,b\n1,2\n", "data.csv.gz"), "data.csv.gz", "compressed")


def test_csv_that_is_truncated_while_compressed(tmp_path):
    import gzip

    whole = gzip.compress(("a,b\n" + "".join(f"{i},{i * 7919 % 1000}\n" for i in range(100_000))).encode())
    refuses(csv(tmp_path, whole[: len(whole) // 2], "data.csv.gz"), "data.csv.gz")


def test_csv_in_latin_1(tmp_path):
    p = csv(tmp_path, "name,x\ncafé,1\n".encode("latin-1"))
    refuses(p, "UTF-8")


def test_csv_with_latin_1_in_the_header(tmp_path):
    refuses(csv(tmp_path, "café,x\n1,1\n".encode("latin-1")), "UTF-8")


def test_csv_with_latin_1_far_below_the_head(tmp_path):
    text = b"name,x\n" + b"plain,1\n" * 1_000_000 + "café,1\n".encode("latin-1")
    refuses(csv(tmp_path, text), "UTF-8")


def test_csv_in_utf_16(tmp_path):
    refuses(csv(tmp_path, "name,x\ncafé,1\n".encode("utf-16")), "data.csv", "UTF-8")


def test_csv_with_byte_order_mark_and_windows_line_ends(tmp_path):
    p = only(csv(tmp_path, b"\xef\xbb\xbfa,b\r\n1,2\r\n3,4\r\n"))
    assert p.columns == ("a", "b")
    assert p["b"].extrema.max == 4


def test_csv_with_nul_bytes(tmp_path):
    data = csv(tmp_path, b"a,b\n1,\x00\x00\n2,x\n")
    assert only(data).rows == 2


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_csv_separators(tmp_path, separator):
    p = only(csv(tmp_path, "a,b\n1,2\n3,4\n".replace(",", separator)))
    assert p.columns == ("a", "b")


def test_csv_types_that_the_head_hides(tmp_path):
    head = "1,1,,2020-01-01,true\n" * 300_000
    text = "whole,real,empty,day,flag\n" + head + "2,2.5,7.25,never,maybe\n"
    p = only(csv(tmp_path, text))
    assert p.rows == 300_001
    assert (p["whole"].dtype, p["real"].dtype, p["empty"].dtype) == ("int64", "double", "double")
    assert (p["day"].dtype, p["flag"].dtype) == ("string", "string")
    assert p["real"].extrema.max == 2.5


def test_csv_whole_numbers_beyond_int64(tmp_path):
    p = only(csv(tmp_path, "a\n1\n18446744073709551615\n"))
    assert p["a"].extrema.max == pytest.approx(1.8446744073709552e19)


def test_csv_names_for_missing_and_infinite(tmp_path):
    p = only(csv(tmp_path, "a\n1.5\n\nNA\nnan\ninf\n-inf\nNaN\n"))
    assert p["a"].kind == "numeric"
    assert p["a"].counts.infinite == 2
    assert p["a"].counts.missing == p.rows - 3


def test_truncated_parquet(tmp_path):
    path = parquet(tmp_path, GOOD)
    path.write_bytes(path.read_bytes()[:-20])
    refuses(path, "data.parquet", "truncated")


def test_parquet_damaged_in_the_middle(tmp_path):
    path = parquet(tmp_path, {"x": np.random.default_rng(0).normal(size=50_000)})
    whole = bytearray(path.read_bytes())
    whole[2000:300_000] = bytes(298_000)
    path.write_bytes(whole)
    refuses(path, "data.parquet", "cannot be read")


def test_csv_called_parquet(tmp_path):
    refuses(csv(tmp_path, "a,b\n1,2\n", "data.parquet"), "not a readable Parquet file", "fix its suffix")


def test_parquet_called_csv(tmp_path):
    path = parquet(tmp_path, GOOD)
    path.rename(tmp_path / "data.csv")
    refuses(tmp_path / "data.csv", "data.csv")


def test_types_that_differ_between_files_are_widened(tmp_path):
    parquet(tmp_path, {"x": pa.array([1, 2], pa.int32())}, "a.parquet")
    parquet(tmp_path, {"x": [0.5]}, "b.parquet")
    p = only(tmp_path)
    assert (p["x"].dtype, p["x"].moments.mean) == ("double", pytest.approx(3.5 / 3))


def test_text_and_number_in_one_column_across_files(tmp_path):
    parquet(tmp_path, {"x": [1.0]}, "a.parquet")
    parquet(tmp_path, {"x": ["one"]}, "b.parquet")
    refuses(tmp_path, "'x'", "double in a.parquet", "string in b.parquet", "one type in every file")


def test_all_null_column_of_one_file_takes_the_type_of_the_others(tmp_path):
    parquet(tmp_path, {"x": pa.nulls(2)}, "a.parquet")
    parquet(tmp_path, {"x": [1.0]}, "b.parquet")
    assert only(tmp_path)["x"].counts.null == 2


def test_column_missing_in_one_file_of_a_split(tmp_path):
    parquet(tmp_path, {"x": [1.0], "y": [2.0]}, "a.parquet")
    parquet(tmp_path, {"x": [1.0]}, "b.parquet")
    refuses(tmp_path, "b.parquet has no column 'y', but a.parquet has")


def test_columns_in_another_order(tmp_path):
    parquet(tmp_path, {"x": [1.0], "y": [2.0]}, "a.parquet")
    parquet(tmp_path, {"y": [2.0], "x": [1.0]}, "b.parquet")
    assert only(tmp_path)["y"].extrema.min == 2.0


def test_csv_and_parquet_in_one_split(tmp_path):
    parquet(tmp_path, {"x": [1.0], "y": ["a"]}, "a.parquet")
    csv(tmp_path, "x,y\n2.5,b\n", "b.csv")
    assert only(tmp_path)["x"].extrema.max == 2.5


def test_mixed_types_in_a_pandas_column():
    refuses(pd.DataFrame({"x": [1, "a", None]}), "cannot be converted to Arrow")


def test_duplicate_column_names(tmp_path):
    refuses(csv(tmp_path, "a,b,a\n1,2,3\n"), "'a' occurs more than once")
    frame = pd.DataFrame([[1, 2]], columns=["a", "a"])
    refuses(frame, "'a'")
    table = pa.table([pa.array([1]), pa.array([2])], names=["a", "a"])
    refuses(table, "'a' occurs more than once")
    refuses(parquet(tmp_path, table), "'a' occurs more than once")


def test_empty_column_names(tmp_path):
    refuses(csv(tmp_path, "a,,c\n1,2,3\n"), "column 2 has an empty name")
    refuses({"": [1]}, "empty name")
    refuses(pa.table({" ": [1]}), "empty name")


def test_names_that_are_not_utf_8(tmp_path):
    table = pa.table({"caf": [1.0], "x": [1.0]})
    path = parquet(tmp_path, table)
    path.write_bytes(path.read_bytes().replace(b"caf", b"ca\xe9"))
    refuses(path, "UTF-8")


def test_names_beyond_ascii(tmp_path):
    p = only(
        parquet(tmp_path, {"温度": [1.0, 2.0], "a\nb": [1.0, 2.0], "x[0]": [1.0, 2.0], "🙂": ["a", "b"]})
    )
    assert p["温度"].moments.mean == 1.5
    assert p["x[0]"].quantiles.at(1.0) == 2.0


def test_tensor_and_column_of_the_same_name(tmp_path):
    tensor = pa.FixedSizeListArray.from_arrays(pa.array([1.0, 2.0, 3.0, 4.0]), 2)
    refuses(pa.table({"x": tensor, "x[0]": [1.0, 2.0]}), "'x[0]'")


def test_nested_columns(tmp_path):
    table = pa.table(
        {
            "x": [1.0, 2.0],
            "struct": [{"a": 1}, {"a": 2}],
            "list": [[1, 2], []],
            "map": pa.array([[("k", 1)], []], pa.map_(pa.string(), pa.int64())),
            "lists": pa.FixedSizeListArray.from_arrays(pa.array(["a", "b"]), 1),
        }
    )
    p = only(parquet(tmp_path, table))
    assert [p[name].kind for name in p.columns] == ["numeric", *["other"] * 4]
    assert p["list"].counts.rows == 2
    assert p["struct"].moments is None


def test_extension_binary_and_interval_columns():
    table = pa.table(
        {
            "x": [1.0, 2.0],
            "bytes": pa.array([b"\xff", None]),
            "fixed": pa.array([b"ab", b"cd"], pa.binary(2)),
            "interval": pa.array([None, pa.MonthDayNano([1, 2, 3])]),
            "uuid": pa.array([b"0" * 16, b"1" * 16], pa.uuid()),
        }
    )
    assert only(table)["interval"].kind == "other"


def test_tensor_columns():
    flat = pa.array([1.0, 2.0, None, 4.0, 5.0, 6.0, 7.0, 8.0])
    table = pa.table({"x": pa.FixedSizeListArray.from_arrays(flat, 2), "y": [1, 2, 3, 4]})
    p = only(table.slice(1, 3))
    assert p.columns == ("x[0]", "x[1]", "y")
    assert (p["x[0]"].counts.null, p["x[1]"].moments.mean) == (1, 6.0)
    assert p["x[1]"].quantiles.at(0.0) == 4.0


def test_tensor_rows_that_are_null():
    table = pa.table({"x": pa.array([[1.0, 2.0], None, [5.0, 6.0]], pa.list_(pa.float64(), 2))})
    p = only(table)
    assert (p["x[0]"].counts.null, p["x[1]"].moments.mean, p["x[1]"].quantiles.at(1.0)) == (1, 4.0, 6.0)
    assert only(table.slice(1, 2))["x[0]"].extrema.min == 5.0


@pytest.mark.parametrize(
    "type_", [pa.null(), pa.float64(), pa.int64(), pa.string(), pa.timestamp("ns"), pa.bool_()]
)
def test_columns_of_nulls(tmp_path, type_):
    p = only(parquet(tmp_path, {"x": pa.nulls(4, type_), "y": [1, 2, 3, 4]}))
    assert p["x"].counts.null == 4
    assert p["x"].moments is None or p["x"].moments.mean is None


def test_csv_column_without_any_value(tmp_path):
    assert only(csv(tmp_path, "a,b\n1,\n2,\n"))["b"].counts.null == 2


def test_dates_times_and_durations(tmp_path):
    day = datetime.date(2024, 2, 29)
    table = pa.table(
        {
            "date": pa.array([day, None]),
            "date64": pa.array([day, day], pa.date64()),
            "stamp": pa.array([datetime.datetime(2024, 2, 29, 12), None], pa.timestamp("us", "Europe/Paris")),
            "time": pa.array([datetime.time(1, 2), datetime.time(3)], pa.time32("s")),
            "time64": pa.array([datetime.time(1, 2), datetime.time(3)], pa.time64("ns")),
            "duration": pa.array([datetime.timedelta(1), None], pa.duration("ms")),
        }
    )
    p = only(parquet(tmp_path, table))
    assert {p[name].kind for name in p.columns} == {"timestamp"}
    assert p["date"].extrema.min == (day - datetime.date(1970, 1, 1)).days
    assert p["date"].counts.null == 1


@pytest.mark.parametrize("type_", [pa.decimal128(20, 3), pa.decimal256(50, 3)])
def test_decimals(tmp_path, type_):
    values = [decimal.Decimal("1.250"), None, decimal.Decimal("-3.500")]
    p = only(parquet(tmp_path, {"x": pa.array(values, type_)}))
    assert p["x"].kind == "numeric"
    assert (p["x"].extrema.min, p["x"].extrema.max, p["x"].moments.mean) == (-3.5, 1.25, -1.125)


def test_a_million_different_texts():
    texts = pa.array([f"id-{i:07d}" for i in range(1_000_000)])
    p = only(pa.table({"id": texts, "x": pa.array(range(1_000_000))}))
    assert p["id"].levels.counts is None
    assert p["id"].distinct.estimate == pytest.approx(1_000_000, rel=0.1)


def test_label_that_does_not_exist():
    refuses(GOOD, "no column 'lable'", "did you mean 'label'", label="lable")


def test_label_in_one_split_only():
    report = profile({"train": GOOD, "test": GOOD.drop_columns(["label"])}, label="label")
    assert not report.crashed
    assert "label" not in report.profile.splits["test"]


@pytest.mark.parametrize("type_", [pa.null(), pa.float64(), pa.int64(), pa.string()])
def test_label_of_nulls(type_):
    report = profile(pa.table({"x": [1.0, 2.0, 3.0], "label": pa.nulls(3, type_)}), label="label")
    assert not report.crashed
    assert report.profile.train["label"].counts.null == 3


NESTED = [
    pa.array([[1], [2, 3]]),
    pa.FixedSizeListArray.from_arrays(pa.array([0.1, 0.9, 0.5, 0.5]), 2),
    pa.array([b"a", b"b"]),
]


@pytest.mark.parametrize("labels", NESTED)
def test_label_that_is_nested(labels):
    table = pa.table({"x": [1.0, 2.0], "label": labels})
    refuses(table, "the label 'label' is of type", label="label")
    report = profile(table)
    assert not report.crashed
    assert report.profile.schema.label is None


def test_label_of_nulls_without_a_type_in_the_first_split():
    report = profile({"train": GOOD, "test": pa.table({"x": [1.0], "label": pa.nulls(1)})}, label="label")
    assert not report.crashed


def test_columns_that_differ_between_splits():
    report = profile({"train": GOOD, "test": GOOD.rename_columns(["z", "label"])})
    assert not report.crashed
    assert report.profile.splits["test"].columns == ("z", "label")


def test_types_that_differ_between_splits():
    other = pa.table({"x": ["a", "b"], "label": ["0", "1"]})
    assert not profile({"train": GOOD, "test": other}).crashed


def test_unknown_task_and_option():
    with pytest.raises(ConfigError, match="'clustering' is unknown"):
        profile(GOOD, task="clustering")
    with pytest.raises(ConfigError):
        profile(GOOD, presicion="float32")


def test_split_column(tmp_path):
    table = pa.table({"x": [1.0, 2.0, 3.0], "part": ["train", "train", "test"]})
    report = profile(parquet(tmp_path, table), split_column="part")
    assert {name: p.rows for name, p in report.profile.splits.items()} == {"train": 2, "test": 1}
    refuses(tmp_path, "no split column 'prt'", "did you mean 'part'", split_column="prt")
    refuses(pa.table({"part": pa.nulls(2, pa.string()), "x": [1, 2]}), "'part'", split_column="part")
    refuses(pa.table({"part": list(range(30)), "x": [1] * 30}), "more than 20", split_column="part")


def test_hive_partitions(tmp_path):
    parquet(tmp_path, {"x": [1.0]}, "year=2023/kind=a/part.parquet")
    parquet(tmp_path, {"x": [2.0]}, "year=2024/kind=b/part.parquet")
    p = only(tmp_path)
    assert (p["year"].extrema.min, p["year"].extrema.max) == (2023, 2024)
    assert p["kind"].levels.counts == {"a": 1, "b": 1}


def test_hive_partitions_of_mixed_types(tmp_path):
    parquet(tmp_path, {"x": [1.0]}, "code=7/part.parquet")
    parquet(tmp_path, {"x": [2.0]}, "code=b/part.parquet")
    assert only(tmp_path)["code"].levels.counts == {"7": 1, "b": 1}


def test_hidden_files_are_left_alone(tmp_path):
    parquet(tmp_path, GOOD)
    (tmp_path / "_SUCCESS").touch()
    (tmp_path / ".part.crc.parquet").touch()
    assert only(tmp_path).rows == 30


def test_files_that_belong_to_no_split_are_named(tmp_path):
    parquet(tmp_path, GOOD, "train/a.parquet")
    parquet(tmp_path, GOOD, "extra.parquet")
    assert find(tmp_path).ignored == ("extra.parquet",)


def test_splits_of_one_name(tmp_path):
    refuses({"val": GOOD, "validation": GOOD}, "'val'", "'validation'")


def test_file_that_vanishes_after_it_was_found(tmp_path):
    path = parquet(tmp_path, GOOD)
    dataset = find(tmp_path)
    path.unlink()
    with pytest.raises(InputError, match=r"data\.parquet"):
        profile_dataset(dataset)


def test_mapping_of_splits_to_paths(tmp_path):
    parquet(tmp_path, GOOD, "somewhere.parquet")
    csv(tmp_path, "x,label\n1.5,0\n2.5,1\n", "else.csv")
    report = profile({"train": tmp_path / "somewhere.parquet", "dev": str(tmp_path / "else.csv")})
    assert {name: p.rows for name, p in report.profile.splits.items()} == {"train": 30, "val": 2}
