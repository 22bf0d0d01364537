from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from sklearn.datasets import load_digits, load_iris, load_wine

from datacheck.checkers.label_encoding import LabelEncoding
from datacheck.errors import NotApplicable
from datacheck.finding import Finding
from datacheck.testing import make_profile, run_checker


def findings(labels: Any, **columns: Any) -> list[Finding]:
    data = make_profile({"train": {"label": labels, **columns}}, label="label", task="classification")
    return run_checker(LabelEncoding(), data)


def shares(rng: np.random.Generator, classes: int, rows: int = 50) -> dict[str, np.ndarray]:
    p = rng.dirichlet(np.ones(classes), size=rows)
    return {f"label_{i}": column for i, column in enumerate(p.T)}


@pytest.mark.parametrize(
    ("labels", "expected", "part"),
    [
        ([0, 1, 2], "", ""),
        ([False, True], "", ""),
        ([1, 2, 3], "warning", "stops at label 3: the classes run from 1 to 3, not from 0 to 2."),
        ([0, 1, 5], "warning", "stops at label 5: the classes leave out 2, 3, 4."),
        ([0, 100_000], "warning", "leave out 1, 2, 3, 4, 5, ..."),
        ([-1, 0, 1], "warning", "negative labels: the classes run from -1 to 1."),
        ([-1, 1], "info", "hinge loss"),
        ([0.0, 1.0, 2.0], "info", "stored as floats"),
        ([0.0, 0.5], "warning", "with a fraction, such as 0.5"),
        (["cat", "dog"], "info", "The labels are texts ('cat', 'dog'); a network needs numbers, 0 to 1."),
    ],
)
def test_each_encoding_has_its_verdict(labels: list[Any], expected: str, part: str) -> None:
    found = findings(labels * 10)

    assert [f.severity.value for f in found] == ([expected] if expected else [])
    assert all(part in f.message for f in found)


def test_the_fix_maps_the_labels() -> None:
    import pandas as pd

    (found,) = findings([3, 1, 7])
    scope = {"table": pd.DataFrame({"label": [1, 3, 7, 3]})}
    exec(found.fix, scope)
    (many,) = findings(list(range(1, 31)))

    assert many.fix.startswith("classes = sorted(table['label'].unique())")
    assert scope["table"]["label"].tolist() == [0, 1, 2, 1]


def test_classes_of_all_splits_count_together() -> None:
    data = make_profile(
        {"train": {"label": [0, 2] * 9}, "test": {"label": [1]}, "val": {"x": [1]}}, label="label"
    )

    assert run_checker(LabelEncoding(), data) == []


def test_encoded_labels_pass_and_shifted_ones_are_found() -> None:
    rng = np.random.default_rng(0)
    for _ in range(200):
        classes = int(rng.integers(2, 20))
        labels = np.append(np.arange(classes), rng.integers(classes, size=100))

        assert findings(labels) == []
        assert [f.severity.value for f in findings(labels + 1)] == ["warning"]


@pytest.mark.parametrize("load", [load_iris, load_digits, load_wine])
def test_real_data_pass(load: Any) -> None:
    assert findings(load().target) == []


def test_probabilities_that_sum_to_one_pass_and_others_are_errors() -> None:
    rng = np.random.default_rng(1)
    for _ in range(200):
        good = shares(rng, int(rng.integers(2, 10)))
        rounded = {name: values.round(2) for name, values in good.items()}
        bad = {name: values.copy() for name, values in good.items()}
        bad["label_0"][7] += 0.5

        for table in (good, rounded):
            assert run_checker(LabelEncoding(), make_profile({"train": table})) == []
        (found,) = run_checker(LabelEncoding(), make_profile({"train": bad}))
        assert found.rows is not None
        assert (found.severity, found.rows.count, found.columns) == ("error", 1, tuple(good))


def test_one_hot_rows_are_judged_and_several_labels_at_once_are_not() -> None:
    rng = np.random.default_rng(2)
    several = {f"label_{i}": rng.integers(0, 2, size=200) for i in range(4)}
    one_hot = dict(
        zip([f"y[{i}]" for i in range(3)], np.eye(3, dtype=int)[rng.integers(3, size=200)].T, strict=True)
    )
    one_hot["y[0]"] = np.where(np.arange(200) == 5, 1 - one_hot["y[0]"], one_hot["y[0]"])

    assert run_checker(LabelEncoding(), make_profile({"train": several})) == []
    (found,) = run_checker(LabelEncoding(), make_profile({"train": one_hot}))
    assert found.columns == ("y[0]", "y[1]", "y[2]")


def test_several_targets_are_not_probabilities() -> None:
    rng = np.random.default_rng(3)
    table = {f"target_{i}": rng.normal(5, 2, size=100) for i in range(3)}

    assert run_checker(LabelEncoding(), make_profile({"train": table})) == []


@pytest.mark.parametrize(
    ("table", "label", "reason"),
    [({"x": [1]}, None, "--label"), ({"label": [0.5, 1.5, 2.5]}, "label", "a number to predict")],
)
def test_what_it_cannot_judge_is_said(table: dict[str, Any], label: str | None, reason: str) -> None:
    data = make_profile({"train": pa.table(table)}, label=label)

    with pytest.raises(NotApplicable, match=reason):
        list(LabelEncoding().check(data, "train"))
