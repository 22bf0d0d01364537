from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from datacheck.checkers.cross_split_duplicates import CrossSplitDuplicates
from datacheck.errors import NotApplicable
from datacheck.finding import Finding
from datacheck.testing import make_profile, run_checker


def findings(train: Any, test: Any) -> list[Finding]:
    return run_checker(CrossSplitDuplicates(), make_profile({"train": train, "test": test}, label="label"))


def table(seed: int, rows: int = 200) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    return {"a": rng.normal(size=rows), "b": rng.normal(size=rows), "label": rng.integers(2, size=rows)}


def leaky(rows: int = 10, size: int = 200) -> tuple[dict[str, Any], dict[str, Any]]:
    train, test = table(0), table(1, size)
    for name in test:
        test[name][:rows] = train[name][-rows:]
    return train, test


def test_leaked_rows_are_told_with_a_fix_that_removes_them() -> None:
    import pandas as pd

    train, test = leaky()
    test["label"][:2] = 1 - test["label"][:2]

    (found,) = findings(train, test)
    scope = {"train": pd.DataFrame(train), "test": pd.DataFrame(test)}
    exec(found.fix, scope)

    assert found.severity == "error"
    assert found.message == (
        "The score on 'test' is too good: 10 rows (5 %) stand in 'train' too; 2 of them with another label."
    )
    assert found.rows is not None
    assert found.rows.examples == (0, 1, 2, 3, 4)
    assert len(scope["test"]) == 190


def test_a_single_common_row_of_many_is_info() -> None:
    (found,) = findings(*leaky(rows=1, size=1000))

    assert found.severity == "info"
    assert found.message == "1 row (0.1 %) of 'test' stand in 'train' too."


def test_a_test_set_without_labels_disagrees_with_none() -> None:
    train, test = leaky()
    del test["label"]

    (found,) = findings(train, test)

    assert found.evidence["other_label"] is None
    assert "another label" not in found.message


def test_missing_labels_disagree_with_none() -> None:
    train, test = leaky()
    test["label"] = pa.array([None] * 200, pa.int64())

    (found,) = findings(train, test)

    assert found.evidence["other_label"] == 0


def test_another_order_and_width_of_the_columns_do_not_hide_a_leak() -> None:
    train, test = leaky()
    for name in "ab":
        train[name] = train[name].astype(np.float32).astype(np.float64)
        test[name] = test[name].astype(np.float32)

    (found,) = findings(train, dict(reversed(test.items())))

    assert found.severity == "error"


def test_coarse_features_coincide_across_splits_without_an_error() -> None:
    rng = np.random.default_rng(2)
    train, test = (
        {f"c{i}": rng.integers(3, size=300) for i in range(4)} | {"label": rng.integers(2, size=300)}
        for _ in range(2)
    )

    (found,) = findings(train, test)

    assert found.severity == "info"
    assert found.message.endswith("Chance gives about as many.")


def test_other_features_are_a_matter_of_schema_mismatch() -> None:
    train, test = leaky()
    del test["b"]
    data = make_profile({"train": train, "test": test}, label="label")

    with pytest.raises(NotApplicable, match="see schema-mismatch"):
        list(CrossSplitDuplicates().check(data, "test"))
