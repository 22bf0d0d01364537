from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from datacheck.checkers.duplicate_rows import DuplicateRows
from datacheck.errors import NotApplicable
from datacheck.finding import Finding
from datacheck.testing import make_profile, run_checker


def findings(table: Any, **options: Any) -> list[Finding]:
    return run_checker(DuplicateRows(), make_profile({"train": table}, **options))


def table(rows: int = 100) -> dict[str, Any]:
    rng = np.random.default_rng(0)
    return {"a": rng.normal(size=rows), "b": rng.normal(size=rows), "label": rng.integers(2, size=rows)}


def test_copies_are_told_with_their_rows_and_a_fix_that_drops_them() -> None:
    import pandas as pd

    whole = {name: np.append(values, values[[3, 3, 8]]) for name, values in table().items()}

    (found,) = findings(whole, label="label")
    scope = {"table": pd.DataFrame(whole)}
    exec(found.fix, scope)

    assert found.message == (
        "3 rows (2.9 %) repeat an earlier row in all features: they count more than once, and a split may "
        "put copies on both sides."
    )
    assert found.rows is not None
    assert found.rows.examples == (3, 8, 100, 101, 102)
    assert found.evidence["largest_group"] == 3
    assert len(scope["table"]) == 100


def test_one_row_repeated_all_over_is_found() -> None:
    (found,) = findings({"a": np.full(500, 0.3), "b": np.full(500, 0.7)})

    assert found.severity == "warning"


def test_the_label_does_not_make_rows_different() -> None:
    whole = {name: np.append(values, values[:5]) for name, values in table().items()}
    whole["label"][-5:] = 1 - whole["label"][-5:]

    assert len(findings(whole, label="label")) == 1


def test_few_copies_pass() -> None:
    whole = {name: np.append(values, values[:5]) for name, values in table(1000).items()}

    assert findings(whole) == []


def test_coarse_features_coincide_without_a_warning() -> None:
    rng = np.random.default_rng(1)

    (found,) = findings({f"c{i}": rng.integers(3, size=500) for i in range(4)})

    assert found.severity == "info"
    assert found.message.endswith("The features are so coarse that chance alone gives about as many.")
    assert found.fix == ""


def test_repeated_texts_are_found_and_repeated_categories_are_not() -> None:
    texts = [f"review number {i}" for i in range(200)]

    assert [f.severity.value for f in findings({"text": texts + texts[:20]})] == ["warning"]
    assert findings({"city": ["a", "b"] * 50}) == []


@pytest.mark.parametrize(
    ("columns", "reason"),
    [
        ({"label": [0, 1]}, "there are no features"),
        ({"x": [1.0, 1.0]}, "one feature"),
        ({"blob": pa.array([b"1", b"1"]), "x": [1, 1]}, "cannot be compared"),
    ],
)
def test_what_it_cannot_judge_is_said(columns: dict[str, Any], reason: str) -> None:
    data = make_profile({"train": columns})

    with pytest.raises(NotApplicable, match=reason):
        list(DuplicateRows().check(data, "train"))
