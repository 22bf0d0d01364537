from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from datacheck.checkers.conflicting_labels import ConflictingLabels
from datacheck.errors import NotApplicable
from datacheck.finding import Finding
from datacheck.testing import make_profile, run_checker


def findings(table: Any) -> list[Finding]:
    return run_checker(
        ConflictingLabels(), make_profile({"train": table}, label="label", task="classification")
    )


def table(rows: int = 100) -> dict[str, Any]:
    rng = np.random.default_rng(0)
    return {"a": rng.normal(size=rows), "b": rng.normal(size=rows), "label": rng.integers(2, size=rows)}


def conflicting() -> dict[str, Any]:
    whole = {name: np.append(values, values[:5]) for name, values in table().items()}
    whole["label"][-5:] = 1 - whole["label"][-5:]
    return whole


def test_conflicts_are_told_with_equal_rows_side_by_side() -> None:
    import pandas as pd

    (found,) = findings(conflicting())
    scope = {"table": pd.DataFrame(conflicting())}
    exec(found.fix, scope)

    assert found.severity == "warning"
    assert found.message == (
        "No network can be right on all of 10 rows (9.5 %): their features are equal and their labels differ."
    )
    assert found.evidence["groups"] == 5
    assert found.rows is not None
    first, second = found.rows.examples[:2]
    assert abs(first - second) == 100
    assert findings(scope["table"]) == []


def test_copies_with_the_same_label_pass() -> None:
    assert findings({name: np.append(values, values[:5]) for name, values in table().items()}) == []


def test_a_missing_label_disagrees_with_none() -> None:
    whole = conflicting()
    whole["label"] = pa.array([*whole["label"][:-5].tolist(), *[None] * 5])

    assert findings(whole) == []


def test_noise_over_coarse_features_is_info() -> None:
    rng = np.random.default_rng(1)
    coarse = {f"c{i}": rng.integers(3, size=500) for i in range(4)} | {"label": rng.integers(2, size=500)}

    (found,) = findings(coarse)

    assert found.severity == "info"
    assert found.message.endswith("the features are so coarse that honest cases coincide.")


@pytest.mark.parametrize(
    ("columns", "reason"),
    [
        ({"x": [1.0, 2.0], "z": [1.0, 2.0]}, "no label column is known"),
        ({"x": [1.0, 2.0, 3.0], "label": [0.5, 0.7, 0.9]}, "equal rows may have different targets"),
        (
            {"x": [1.0, 2.0], "label": pa.array([None, None], pa.string())},
            "every label in 'label' is missing",
        ),
    ],
)
def test_what_it_cannot_judge_is_said(columns: dict[str, Any], reason: str) -> None:
    data = make_profile({"train": columns})

    with pytest.raises(NotApplicable, match=reason):
        list(ConflictingLabels().check(data, "train"))
