import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_digits, load_iris, load_wine

from datacheck.checkers.split_normalised_apart import SplitNormalisedApart
from datacheck.finding import Finding
from datacheck.testing import make_profile, run_checker


def findings(train: np.ndarray, test: np.ndarray) -> list[Finding]:
    splits = {
        name: {f"x{i}": values[:, i] for i in range(values.shape[1])}
        for name, values in (("train", train), ("test", test))
    }
    return run_checker(SplitNormalisedApart(), make_profile(splits))


def raw(rng: np.random.Generator, fewest: int = 30) -> tuple[np.ndarray, np.ndarray]:
    rows, features = rng.integers(fewest, 800, 2), int(rng.integers(1, 9))
    draw = [
        lambda n: rng.normal(size=n),
        lambda n: rng.standard_t(3, n),
        lambda n: rng.lognormal(size=n),
        lambda n: np.where(rng.random(n) < 0.4, 0.0, rng.integers(0, 256, n)),
    ][int(rng.integers(4))]
    scale, offset = 10 ** rng.uniform(-2, 3, features), rng.uniform(-5, 5, features)
    train, test = ((draw((n, features)) + offset) * scale for n in rows)
    return train, test


def standardise(values: np.ndarray, by: np.ndarray, ddof: int = 0) -> np.ndarray:
    return (values - by.mean(axis=0)) / by.std(axis=0, ddof=ddof)


def test_splits_on_one_scale_are_left_alone() -> None:
    rng = np.random.default_rng(0)
    alarms = 0
    for i in range(200):
        train, test = raw(rng)
        alarms += bool(
            findings(standardise(train, train), standardise(test, train)) if i % 2 else findings(train, test)
        )

    assert alarms == 0


@pytest.mark.parametrize("side", ["train", "test"])
def test_a_split_normalised_by_itself_beside_a_raw_one_is_an_error(side: str) -> None:
    rng = np.random.default_rng(1)
    hits = 0
    for i in range(200):
        train, test = raw(rng)
        far = 10 * train.std(axis=0)
        if side == "train":
            values = standardise(train, train, ddof=i % 2), test + far
        else:
            values = train, standardise(test, test, ddof=i % 2)
        found = findings(*(v.astype(np.float32) if i % 4 > 1 else v for v in values))
        hits += [f.severity for f in found] == ["error"] and len(found[0].columns) == train.shape[1]

    assert hits == 200


def test_splits_each_normalised_by_themselves_are_a_warning() -> None:
    rng = np.random.default_rng(2)
    hits = 0
    for _ in range(200):
        train, test = raw(rng)
        found = findings(standardise(train, train), standardise(test, test))
        hits += [f.severity for f in found] == ["warning"]

    assert hits == 200


@pytest.mark.parametrize("constant", [255.0, 1 / 255.0, 1000.0, 10.0])
def test_a_split_scaled_by_a_constant_is_an_error(constant: float) -> None:
    rng = np.random.default_rng(3)
    hits = 0
    for _ in range(50):
        rows, features = rng.integers(30, 800, 2), int(rng.integers(3, 9))
        train, test = (rng.integers(0, 256, (n, features)).astype(float) for n in rows)
        found = findings(train, test * constant)
        hits += [f.severity for f in found] == ["error"]
        assert not found or found[0].evidence["constant"] == pytest.approx(constant, rel=0.2)

    assert hits == 50


@pytest.mark.parametrize("load", [load_wine, load_breast_cancer, load_iris, load_digits])
def test_real_data_in_random_splits_are_left_alone(load) -> None:
    values = load().data
    rng = np.random.default_rng(4)
    for share in (0.5, 0.7, 0.9):
        rows = rng.permutation(len(values))
        cut = int(share * len(values))
        train, test = values[rows[:cut]], values[rows[cut:]]
        assert findings(train, test) == []
        std = np.where(train.std(axis=0) > 0, train.std(axis=0), 1.0)
        assert findings((train - train.mean(axis=0)) / std, (test - train.mean(axis=0)) / std) == []


def test_too_few_rows_and_one_split_are_not_judged() -> None:
    assert findings(np.array([[1.0], [2.0], [4.0]]), np.array([[-1.0], [0.0], [1.0]])) == []
    assert run_checker(SplitNormalisedApart(), make_profile({"train": {"x": [1.0, 2.0, 3.0]}})) == []


def test_only_the_features_on_another_scale_are_named() -> None:
    rng = np.random.default_rng(5)
    train, test = rng.normal(5, 1, (300, 8)), rng.normal(5, 1, (100, 8))
    test[:, :7] /= 100

    (finding,) = findings(train, test)

    assert finding.columns == tuple(f"x{i}" for i in range(7))
    assert "divided by" in finding.message
