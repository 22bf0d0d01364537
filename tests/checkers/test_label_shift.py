from dataclasses import replace

import numpy as np
import pytest

from datacheck.checkers.label_shift import LabelShift
from datacheck.dataset_profile import DatasetProfile
from datacheck.finding import Finding
from datacheck.records.shift import Shift
from datacheck.testing import make_profile, run_checker


def alone(splits: dict[str, dict[str, object]], task: str) -> DatasetProfile:
    return replace(make_profile(splits, label="y", task=task), records={"shift": {}})


def findings(train: object, test: object, task: str = "classification") -> list[Finding]:
    splits = {name: {"x": np.zeros(len(y)), "y": y} for name, y in (("train", train), ("test", test))}
    return run_checker(LabelShift(), alone(splits, task))


def draw(rng: np.random.Generator, rows: int, *shares: float) -> np.ndarray:
    return rng.choice(["cat", "cow", "dog"][: len(shares)], rows, p=shares)


@pytest.mark.parametrize("rows", [100, 2000])
def test_clean_labels_are_rarely_alarmed_about(rows: int) -> None:
    rng = np.random.default_rng(rows)

    found = [
        findings(draw(rng, rows, 0.7, 0.25, 0.05), draw(rng, rows // 2, 0.7, 0.25, 0.05)) for _ in range(200)
    ]

    assert sum(map(bool, found)) <= 6


def test_a_moved_mix_is_found() -> None:
    rng = np.random.default_rng(1)

    found = [findings(draw(rng, 2000, 0.7, 0.3), draw(rng, 1000, 0.6, 0.4)) for _ in range(200)]

    assert sum(map(bool, found)) >= 196


def test_a_rare_class_that_doubled_is_found() -> None:
    (found,) = findings([0] * 99_800 + [1] * 200, [0] * 49_800 + [1] * 200)

    assert found.severity == "warning"
    assert found.evidence["ratio_at_least"] > 1.5


def test_a_large_shift_is_an_error_with_weights_to_paste() -> None:
    (found,) = findings(["a"] * 500 + ["b"] * 500, ["a"] * 400 + ["b"] * 100)

    assert found.severity == "error"
    assert "'a': 1.59" in found.fix


def test_a_moved_target_is_found() -> None:
    rng = np.random.default_rng(2)

    (found,) = findings(rng.normal(size=1000), rng.normal(size=1000) + 0.4, "regression")

    assert "lie higher" in found.message


def test_a_clean_target_is_quiet_and_says_what_it_could_have_seen() -> None:
    rng = np.random.default_rng(3)
    splits = {name: {"x": np.zeros(800), "y": rng.normal(size=800)} for name in ("train", "test")}
    data = alone(splits, "regression")

    assert run_checker(LabelShift(), data) == []
    assert "past a threshold" in LabelShift().detectable(data, "test")


def test_few_labels_are_not_judged() -> None:
    assert findings(["a"] * 20, ["b"] * 20) == []


@pytest.mark.parametrize(
    ("kind", "severity"), [("label", "error"), ("mixed", "error"), ("covariate", "info")]
)
def test_a_mix_that_follows_from_the_features_is_information(kind: str, severity: str) -> None:
    splits = {
        "train": {"x": np.zeros(1000), "y": ["a", "b"] * 500},
        "test": {"x": np.zeros(1000), "y": ["a"] * 1000},
    }
    data = make_profile(splits, label="y")
    record = Shift(reference="train", rows=(1000, 1000), seed=0, kind=kind)

    (found,) = run_checker(LabelShift(), replace(data, records={"shift": {"test": record}}))

    assert found.severity == severity
    assert bool(found.fix) == (severity == "error")
