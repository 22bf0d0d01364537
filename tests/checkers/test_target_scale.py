import numpy as np
import pytest

from datacheck.checkers.target_scale import TargetScale
from datacheck.finding import Finding
from datacheck.schema import Training
from datacheck.testing import make_profile, run_checker


def findings(target: np.ndarray, precision: str = "float32", task: str = "regression") -> list[Finding]:
    table = {"x": np.arange(len(target)), "y": target}
    training = Training(precision=precision)
    return run_checker(TargetScale(), make_profile({"train": table}, label="y", task=task, training=training))


def test_targets_of_size_one_are_left_alone() -> None:
    rng = np.random.default_rng(0)
    draws = [rng.normal, lambda size: rng.random(size), lambda size: rng.standard_t(3, size)]

    alarms = sum(bool(findings(draws[i % 3](size=int(rng.integers(20, 500))))) for i in range(200))

    assert alarms == 0


@pytest.mark.parametrize("unit", [1000.0, 0.001])
def test_targets_in_other_units_are_named(unit: float) -> None:
    rng = np.random.default_rng(1)

    found = [findings(rng.normal(1, 1, int(rng.integers(20, 500))) * unit) for _ in range(200)]

    assert all([f.severity for f in run] == ["info"] and run[0].columns == ("y",) for run in found)


@pytest.mark.parametrize(("precision", "severity"), [("float16", "warning"), ("float32", "info")])
def test_a_square_that_overflows_the_precision_is_a_warning(precision: str, severity: str) -> None:
    (finding,) = findings(np.array([100.0, 200.0, 300.0]), precision)

    assert finding.severity == severity


@pytest.mark.parametrize("target", [np.zeros(5), np.full(5, np.nan)])
def test_targets_without_a_size_are_not_judged(target: np.ndarray) -> None:
    assert findings(target) == []


def test_classes_are_not_judged() -> None:
    assert findings(np.array([1000, 2000, 1000, 2000]), task="classification") == []


def test_a_pass_says_what_it_would_have_seen() -> None:
    data = make_profile({"train": {"x": [1.0, 2.0], "label": [0.5, 1.5]}}, label="label", task="regression")

    assert TargetScale().detectable(data, "train") == "a target of size above 10 or below 0.1"
