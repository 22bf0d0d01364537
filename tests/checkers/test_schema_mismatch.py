from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from datacheck.checkers.schema_mismatch import SchemaMismatch
from datacheck.finding import Finding
from datacheck.testing import make_profile, run_checker

TRAIN = {"a": [1.0, 2.0], "b": ["x", "y"], "label": [0, 1]}


def findings(train: Mapping[str, Any], other: Mapping[str, Any], split: str = "test") -> list[Finding]:
    return run_checker(SchemaMismatch(), make_profile({"train": train, split: other}, label="label"))


@pytest.mark.parametrize(
    ("change", "severity", "columns"),
    [
        ({"a": None}, "error", ("a",)),
        ({"c": [1, 2]}, "warning", ("c",)),
        ({"a": ["1", "2"]}, "error", ("a",)),
        ({"a": np.array([1, 2])}, "info", ("a",)),
        ({"label": None}, "warning", ("label",)),
    ],
)
def test_each_difference_has_its_severity(
    change: dict[str, Any], severity: str, columns: tuple[str, ...]
) -> None:
    other = {name: values for name, values in (TRAIN | change).items() if values is not None}

    (found,) = findings(TRAIN, other)

    assert (found.severity.value, found.columns) == (severity, columns)


def test_equal_schemas_pass_and_every_planted_difference_is_found() -> None:
    rng = np.random.default_rng(0)
    for _ in range(200):
        names = [f"f{i}" for i in rng.permutation(int(rng.integers(2, 8)))]
        table = {name: rng.normal(size=4) for name in names}
        moved = dict(reversed(table.items()))
        missing = {name: values for name, values in table.items() if name != names[0]}

        assert run_checker(SchemaMismatch(), make_profile({"train": table, "test": table})) == []
        for other, severity in ((moved, "warning"), (missing, "error")):
            (found,) = run_checker(SchemaMismatch(), make_profile({"train": table, "test": other}))
            assert found.severity == severity


def test_another_order_names_the_moved_columns_and_the_remedy() -> None:
    (found,) = findings(
        {"a": [1], "b": [2], "c": [3]} | {"label": [0]}, {"a": [1], "c": [3], "b": [2], "label": [0]}
    )

    assert found.columns == ("c", "b")
    assert found.fix == "test = test[list(train.columns)]"


def test_validation_without_labels_is_an_error() -> None:
    (found,) = findings(TRAIN, {"a": [1.0], "b": ["x"]}, split="val")

    assert found.severity == "error"
    assert found.message == "Split 'val' cannot be scored: it has no label column 'label'."


def test_a_column_without_any_value_has_no_type_to_differ() -> None:
    assert findings(TRAIN, TRAIN | {"b": pa.array([None, None], pa.float64())}) == []
    assert findings(TRAIN, TRAIN | {"b": pa.array([None, None], pa.null())}) == []


def test_the_width_of_the_label_is_info() -> None:
    (found,) = findings(TRAIN, TRAIN | {"label": [0.0, 1.0]})

    assert found.severity == "info"
