import numpy as np
import pytest

from datacheck.checkers.label_noise import LabelNoise
from datacheck.finding import Finding
from datacheck.testing import make_profile, run_checker


def findings(share: float, seed: int, rows: int = 1500) -> tuple[list[Finding], set[int]]:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(rows, 4))
    label = (x[:, 0] + x[:, 1] > 0).astype(int)
    wrong = rng.choice(rows, round(share * rows), replace=False)
    label[wrong] = 1 - label[wrong]
    data = make_profile({"train": {**{f"x{i}": x[:, i] for i in range(4)}, "y": label}}, label="y")
    return run_checker(LabelNoise(), data), set(wrong.tolist())


@pytest.mark.parametrize("seed", range(4))
def test_right_labels_are_left_alone(seed: int) -> None:
    found, _ = findings(0.0, seed)

    assert not [f for f in found if f.severity != "info"]


@pytest.mark.parametrize("seed", range(4))
def test_one_wrong_label_in_eight_warns_and_names_rows(seed: int) -> None:
    (found,), wrong = findings(0.125, seed)

    assert found.severity == "warning"
    assert found.evidence["interval"][0] <= 0.125 <= found.evidence["interval"][1] + 0.01
    assert len(wrong & set(found.rows.examples)) >= 9


def test_few_wrong_labels_are_information() -> None:
    found, _ = findings(0.02, 1)

    assert {f.severity for f in found} <= {"info"}


def test_labels_without_relation_to_the_features_are_not_judged() -> None:
    rng = np.random.default_rng(0)
    data = make_profile({"train": {"x": rng.normal(size=400), "y": rng.integers(0, 2, 400)}}, label="y")

    assert run_checker(LabelNoise(), data) == []
