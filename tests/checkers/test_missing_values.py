import numpy as np
import pyarrow as pa
import pytest

from datacheck.checkers.missing_values import MissingValues
from datacheck.finding import Finding
from datacheck.testing import make_profile, run_checker


def findings(splits: dict, label: str | None = None) -> list[Finding]:
    return run_checker(MissingValues(), make_profile(splits, label=label))


def column(rng: np.random.Generator, rate: float) -> pa.Array:
    rows = int(rng.integers(200, 2000))
    gone = np.zeros(rows, bool)
    gone[rng.choice(rows, round(rate * rows), replace=False)] = True
    return pa.array(rng.normal(size=rows), mask=gone)


def test_few_gaps_are_never_a_warning() -> None:
    rng = np.random.default_rng(0)

    found = [findings({"train": {"x": column(rng, rng.uniform(0, 0.05))}}) for _ in range(200)]

    assert all(f.severity == "info" for run in found for f in run)


def test_many_gaps_are_a_warning() -> None:
    rng = np.random.default_rng(1)

    found = [findings({"train": {"x": column(rng, rng.uniform(0.15, 1))}}) for _ in range(200)]

    assert all([f.severity for f in run] == ["warning"] for run in found)


def test_complete_features_and_labels_are_passed_over() -> None:
    table = {"x": [1.0, 2.0], "nan": [np.nan, 1.0], "label": ["a", None]}

    assert findings({"train": table}, label="label") == []


def test_an_empty_column_says_so_and_is_dropped() -> None:
    (finding,) = findings({"train": {"void": pa.nulls(3), "x": [1, 2, 3]}})

    assert finding.severity == "warning"
    assert "no value at all" in finding.message
    assert finding.fix == "features = features.drop(columns=['void'])"


@pytest.mark.parametrize(("train", "says"), [([1.0, 2.0], True), ([None, 2.0], False)])
def test_gaps_that_training_never_saw_are_told(train: list, says: bool) -> None:
    found = findings({"train": {"x": train}, "test": {"x": [1.0, None]}})

    assert ("none in the training split" in found[-1].message) is says


def test_text_is_filled_with_a_category_of_its_own() -> None:
    (finding,) = findings({"train": {"city": ["a", None, "b"]}})

    assert "fillna('missing')" in finding.fix
    assert finding.evidence == {"missing": 1, "rows": 3, "rate": pytest.approx(1 / 3)}


def test_a_pass_says_what_it_would_have_seen() -> None:
    data = make_profile({"train": {"x": [1.0, 2.0], "label": [0.5, 1.5]}})

    assert MissingValues().detectable(data, "train") == "one empty cell"
