import datetime
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from datacheck.checkers.precision_loss import PrecisionLoss
from datacheck.finding import Finding
from datacheck.saved import from_json, to_json
from datacheck.schema import Training
from datacheck.testing import make_profile, run_checker


def findings(columns: dict, precision: str = "float32", **splits: dict) -> list[Finding]:
    training = Training(precision=precision)
    return run_checker(PrecisionLoss(), make_profile({"train": columns, **splits}, training=training))


def test_whole_numbers_within_the_limit_and_amounts_are_never_a_warning() -> None:
    rng = np.random.default_rng(0)
    alarms = 0
    for _ in range(200):
        rows = int(rng.integers(20, 1000))
        columns = {
            "small": rng.integers(-(2**24), 2**24 + 1, rows),
            "amount": rng.integers(0, 10**9, rows),
            "real": rng.normal(size=rows) * 10 ** rng.uniform(-30, 30),
            "wide": rng.normal(size=rows) * 1e12,
        }
        alarms += any(f.severity != "info" for f in findings(columns))

    assert alarms == 0


@pytest.mark.parametrize(("precision", "limit"), [("float32", 2**24), ("float16", 2**11), ("bfloat16", 2**8)])
def test_consecutive_identifiers_beyond_the_limit_are_named(precision: str, limit: int) -> None:
    rng = np.random.default_rng(1)
    hits = 0
    for _ in range(200):
        rows = int(rng.integers(100, 1000))
        ids = rng.permutation(rows) + limit
        (finding,) = findings({"id": ids, "x": rng.random(rows)}, precision)
        hits += finding.columns == ("id",) and finding.severity == "warning"

    assert hits == 200


@pytest.mark.parametrize("precision", ["float16", "bfloat16"])
def test_amounts_rounded_in_half_precision_are_no_warning(precision: str) -> None:
    rng = np.random.default_rng(5)
    alarms = 0
    for _ in range(200):
        amounts = rng.integers(0, int(rng.integers(3000, 60000)), int(rng.integers(30, 1000)))
        alarms += any(f.severity != "info" for f in findings({"amount": amounts}, precision))

    assert alarms <= 1


def test_values_beyond_the_largest_are_an_error() -> None:
    rng = np.random.default_rng(2)
    hits = 0
    for _ in range(200):
        values = rng.normal(size=100)
        values[int(rng.integers(100))] = rng.choice([-1, 1]) * rng.uniform(65520, 1e9)
        (finding,) = findings({"x": values, "edge": np.linspace(0, 65504, 100)}, "float16")
        hits += finding.columns == ("x",) and finding.severity == "error"

    assert hits == 200


@pytest.mark.parametrize(("unit", "name"), [(1, "seconds"), (10**3, "milliseconds"), (10**9, "nanoseconds")])
def test_times_since_1970_are_recognised(unit: int, name: str) -> None:
    rng = np.random.default_rng(3)
    start = rng.integers(1_600_000_000, 1_700_000_000)

    (finding,) = findings({"time": (start + rng.integers(0, 10**7, 500)) * unit})

    assert finding.severity == "warning"
    assert f"look like {name} since 1970" in finding.message


@pytest.mark.parametrize("type_", [pa.timestamp("ns"), pa.timestamp("s", tz="UTC"), pa.date32()])
def test_times_are_told_for_information(type_: pa.DataType) -> None:
    days = [datetime.date(2024, 1, 1) + datetime.timedelta(days=i) for i in range(10)]

    found = findings({"when": pa.array(days).cast(pa.date32()).cast(pa.timestamp("s")).cast(type_)})

    # 20,000 days are counted without gaps
    assert [f.severity for f in found] == ([] if type_ == pa.date32() else ["info"])


def test_exact_beyond_the_limit_is_fine() -> None:
    assert findings({"kib": np.arange(100) * 2**20}) == []


def test_whole_floats_count_as_whole_numbers_and_nulls_are_skipped() -> None:
    values = pa.array([float(2**24 + i) for i in range(100)] + [None])

    (finding,) = findings({"id": values})

    assert finding.severity == "warning"


def test_identifiers_beyond_float64_are_compared_exactly() -> None:
    ids = np.arange(1000) * 7 + 2**60

    (finding,) = findings({"id": ids}, "float64")

    assert finding.evidence["collapsed"] > 0.9


def test_the_other_splits_say_only_what_is_new() -> None:
    ids = {"id": np.arange(100) + 2**24}
    large = {"x": np.array([1e39, *range(99)])}

    found = findings(ids | {"x": np.arange(100.0)}, test=ids | large, val=ids | {"x": np.arange(100.0)})

    assert [(f.split, f.columns) for f in found] == [("train", ("id",)), ("test", ("x",))]


def test_elements_of_a_tensor_are_judged_too() -> None:
    pixels = pa.FixedSizeListArray.from_arrays(pa.array(np.arange(300) + 2**24), 3)

    assert {f.columns for f in findings({"image": pixels})} == {("image[0]",), ("image[1]",), ("image[2]",)}


def test_a_pass_says_what_it_would_have_seen() -> None:
    data = make_profile({"train": {"x": [1.0, 2.0], "label": [0.5, 1.5]}})

    assert (
        PrecisionLoss().detectable(data, "train") == "whole numbers above 16,777,216 or any above 3.403e+38"
    )


def test_saved_profiles_are_judged_by_their_levels() -> None:
    data = make_profile({"train": {"id": np.arange(200) + 2**24, "even": np.arange(200) * 2 + 2**24}})
    loaded = replace(data, splits={"train": from_json(to_json(data.train))[0]})

    assert [f.columns for f in run_checker(PrecisionLoss(), loaded)] == [("id",)]
