import numpy as np
import pytest

from datacheck.checkers.target_leakage import TargetLeakage
from datacheck.finding import Finding
from datacheck.testing import make_profile, run_checker


def findings(columns: dict[str, object], label: np.ndarray) -> list[Finding]:
    return run_checker(TargetLeakage(), make_profile({"train": {**columns, "y": label}}, label="y"))


def features(rng: np.random.Generator, rows: int = 600) -> dict[str, np.ndarray]:
    return {f"x{i}": rng.normal(size=rows) for i in range(4)}


@pytest.mark.parametrize("seed", range(10))
def test_features_that_predict_well_together_are_no_leak(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x = features(rng)
    label = (x["x0"] + x["x1"] + 0.3 * rng.normal(size=600) > 0).astype(int)

    assert findings(x, label) == []


def test_an_honest_feature_as_strong_as_the_petals_of_iris_is_no_leak() -> None:
    rng = np.random.default_rng(0)
    label = rng.integers(0, 3, 1000)
    centre, spread = np.array([1.46, 4.26, 5.55]), np.array([0.17, 0.47, 0.55])  # its three petal lengths, cm
    petal = np.round(rng.normal(centre[label], spread[label]), 1)

    assert findings({**features(rng, 1000), "petal": petal}, label) == []


@pytest.mark.parametrize("seed", range(5))
def test_a_feature_made_of_the_label_is_an_error(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x = features(rng)
    label = (x["x0"] + rng.normal(size=600) > 0).astype(int)

    (found,) = findings({**x, "paid_back": 5.0 - 2 * label}, label)

    assert (found.severity, found.columns) == ("error", ("paid_back",))


def test_a_target_that_is_a_feature_is_found_in_regression() -> None:
    rng = np.random.default_rng(0)
    x = features(rng)
    target = x["x0"] + rng.normal(size=600)

    found = findings({**x, "copy": target * 3 + 1}, target)

    assert [f.columns for f in found if f.severity == "error"] == [("copy",)]


def test_nothing_is_said_without_a_label() -> None:
    rng = np.random.default_rng(0)

    assert run_checker(TargetLeakage(), make_profile({"train": features(rng)})) == []
