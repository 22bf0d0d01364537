import numpy as np
import pyarrow as pa
import pytest

from datacheck.checkers.constant_feature import ConstantFeature
from datacheck.finding import Finding
from datacheck.schema import Training
from datacheck.testing import make_profile, run_checker


def findings(columns: dict, precision: str = "float32", **splits: dict) -> list[Finding]:
    training = Training(precision=precision)
    return run_checker(ConstantFeature(), make_profile({"train": columns, **splits}, training=training))


def test_features_that_vary_are_left_alone_however_small_their_unit() -> None:
    rng = np.random.default_rng(0)
    alarms = 0
    for _ in range(200):
        rows = int(rng.integers(2, 1000))
        columns = {
            "small": rng.normal(size=rows) * 10 ** rng.uniform(-30, 30),
            "offset": 1000 + rng.normal(size=rows),
            "year": 2000 + np.arange(rows) % 20,
            "rare": np.eye(1, rows, 0)[0],
            "city": np.where(np.arange(rows) % 3, "a", "b"),
        }
        alarms += bool(findings(columns))

    assert alarms == 0


def test_constants_and_rounding_noise_are_errors() -> None:
    rng = np.random.default_rng(1)
    hits = 0
    for _ in range(200):
        rows, value = int(rng.integers(2, 1000)), float(rng.normal() * 10 ** rng.uniform(-3, 6))
        columns = {
            "flat": np.full(rows, value),
            "jitter": value * (1 + 1e-9 * rng.normal(size=rows)),
            "text": np.full(rows, "a"),
            "gaps": pa.array(np.full(rows, value), mask=np.arange(rows) % 3 == 1),
            "x": rng.normal(size=rows),
        }
        found = findings(columns)
        hits += {f.columns[0] for f in found if f.severity == "error"} == {"flat", "jitter", "text", "gaps"}

    assert hits == 200


@pytest.mark.parametrize(
    ("precision", "named"), [("float64", []), ("float32", ["x"]), ("bfloat16", ["x", "year"])]
)
def test_the_training_precision_decides(precision: str, named: list[str]) -> None:
    columns = {"x": 3 + 1e-13 * np.arange(20), "year": 2000 + np.arange(20)}

    assert [f.columns[0] for f in findings(columns, precision)] == named


def test_constant_in_one_split_only_says_where_it_varies() -> None:
    vary, flat = {"x": [1.0, 2.0, 3.0]}, {"x": [1.0, 1.0, 1.0]}

    (here,) = findings(flat, test=vary)
    (there,) = findings(vary, test=flat)
    both = findings(flat, test=flat)

    assert (here.split, here.severity) == ("train", "error")
    assert here.message.endswith("it varies in test")
    assert (there.split, there.severity) == ("test", "error")
    assert [(f.split, f.severity) for f in both] == [("train", "error")]


def test_columns_without_a_value_are_left_to_missing_values() -> None:
    assert findings({"void": pa.nulls(3, pa.float64()), "nan": [np.nan] * 3}) == []
