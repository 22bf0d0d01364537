from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from sklearn.datasets import load_breast_cancer, load_digits, load_wine

from datacheck.checkers.class_imbalance import ClassImbalance
from datacheck.errors import NotApplicable
from datacheck.finding import Finding
from datacheck.testing import make_profile, run_checker


def findings(labels: Any) -> list[Finding]:
    data = make_profile({"train": {"label": labels}}, label="label", task="classification")
    return run_checker(ClassImbalance(), data)


def test_balanced_draws_pass() -> None:
    rng = np.random.default_rng(0)

    alarms = [findings(rng.integers(k, size=40 * k)) for k in rng.integers(2, 21, size=300)]

    assert alarms == [[]] * 300


def test_a_ratio_of_150_is_found() -> None:
    rng = np.random.default_rng(1)

    found = [findings(rng.random(8000) < 1 / 151) for _ in range(200)]

    assert all(len(f) == 1 and f[0].severity.rank >= (f[0].evidence["ratio"] >= 100) for f in found)
    assert sum(f[0].severity == "warning" for f in found) > 190


@pytest.mark.parametrize(
    ("rare", "common", "expected"),
    [(30, 200, []), (30, 400, ["info"]), (15, 160, ["warning"]), (50, 5100, ["warning"]), (3, 20, [])],
)
def test_severity_follows_ratio_and_rows(rare: int, common: int, expected: list[str]) -> None:
    assert [f.severity.value for f in findings([0] * common + [1] * rare)] == expected


def test_the_message_says_what_it_costs_and_the_fix_runs_on_the_counts() -> None:
    (found,) = findings(["ok"] * 9990 + ["fraud"] * 10)

    assert found.message == (
        "96.8 % of the shuffled batches of 32 hold no row of class 'fraud': it has 10 rows, class 'ok' has "
        "999 times as many. Always answering 'ok' is right for 99.9 %."
    )
    assert found.fix.startswith("counts = {'fraud': 10, 'ok': 9990}")
    assert found.evidence["batch_for_all_classes"] > 1000


@pytest.mark.parametrize("load", [load_breast_cancer, load_digits, load_wine])
def test_real_data_pass(load: Any) -> None:
    assert findings(load().target) == []


def test_one_class_is_an_error() -> None:
    (found,) = findings(["cat"] * 5)

    assert found.severity == "error"
    assert found.message == "There is nothing to learn: every label is 'cat'."


@pytest.mark.parametrize(
    ("labels", "reason"),
    [
        (pa.array([None, None], pa.string()), "every label in 'label' is missing"),
        ([f"c{i}" for i in range(1500)], "more than 1,000 classes"),
    ],
)
def test_what_it_cannot_judge_is_said(labels: Any, reason: str) -> None:
    data = make_profile({"train": {"label": labels}}, label="label")

    with pytest.raises(NotApplicable, match=reason):
        list(ClassImbalance().check(data, "train"))
