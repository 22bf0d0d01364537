from dataclasses import replace

import numpy as np
import pytest

from datacheck.checkers.covariate_shift import CovariateShift
from datacheck.dataset_profile import DatasetProfile
from datacheck.finding import Finding
from datacheck.probes.measure.shift import measure
from datacheck.testing import make_profile, run_checker


def table(rng: np.random.Generator, rows: int) -> dict[str, object]:
    return {
        "income": rng.lognormal(size=rows),
        "age": rng.integers(18, 90, rows),
        "zeros": np.where(rng.random(rows) < 0.8, 0.0, rng.normal(size=rows)),
        "city": rng.choice(["a", "b", "c"], rows, p=[0.6, 0.3, 0.1]),
        "gaps": np.where(rng.random(rows) < 0.1, np.nan, rng.normal(size=rows)),
    }


def alone(splits: dict[str, dict[str, object]]) -> DatasetProfile:
    return replace(make_profile(splits), records={"shift": {}})


def findings(train: dict[str, object], test: dict[str, object]) -> list[Finding]:
    return run_checker(CovariateShift(), alone({"train": train, "test": test}))


def measured(data: DatasetProfile) -> DatasetProfile:
    return replace(data, records={"shift": {name: measure(data, name) for name in data.others}})


@pytest.mark.parametrize("rows", [100, 1000])
def test_clean_splits_are_rarely_alarmed_about(rows: int) -> None:
    rng = np.random.default_rng(rows)

    alarms = [
        any(f.severity.rank for f in findings(table(rng, rows), table(rng, rows // 2))) for _ in range(200)
    ]

    assert sum(alarms) <= 10


@pytest.mark.parametrize(
    ("column", "change"),
    [
        ("income", lambda x, rng: x * 1.5),
        ("age", lambda x, rng: x + 8),
        ("zeros", lambda x, rng: np.where(rng.random(len(x)) < 0.15, 1.0, x)),
        ("city", lambda x, rng: np.where(rng.random(len(x)) < 0.2, "c", x)),
        ("city", lambda x, rng: np.where(rng.random(len(x)) < 0.05, "new", x)),
        ("gaps", lambda x, rng: np.where(rng.random(len(x)) < 0.08, np.nan, x)),
        ("gaps", lambda x, rng: np.where(rng.random(len(x)) < 0.05, np.inf, x)),
    ],
)
def test_planted_shifts_are_found_and_named(column: str, change: object) -> None:
    rng = np.random.default_rng(1)
    missed = 0
    for _ in range(30):
        test = table(rng, 1000)
        test[column] = change(test[column], rng)
        found = [f for f in findings(table(rng, 2000), test) if f.severity.rank]
        missed += not any(column in f.columns for f in found)
    assert missed <= 1


def test_trifles_on_large_data_are_information() -> None:
    rng = np.random.default_rng(2)
    train, test = ({"x": rng.normal(size=60_000) + shift} for shift in (0, 0.03))

    (found,) = findings(train, test)

    assert found.severity == "info"
    assert "too little to act on" in found.message


def test_severity_follows_the_lower_bound() -> None:
    rng = np.random.default_rng(3)
    base = {"x": rng.normal(size=3000)}

    assert [f.severity for f in findings(base, {"x": rng.normal(size=3000) + 0.25})] == ["warning"]
    assert [f.severity for f in findings(base, {"x": rng.normal(size=3000) + 1})] == ["error"]


def test_few_rows_are_not_judged() -> None:
    assert findings({"x": np.arange(20.0)}, {"x": np.arange(20.0) + 100}) == []


def test_a_pass_says_what_it_could_have_seen() -> None:
    data = make_profile({"train": {"x": np.arange(500.0)}, "test": {"x": np.arange(500.0)}})

    assert "points of the rows moved past a threshold" in CovariateShift().detectable(data, "test")


def test_features_that_follow_the_label_are_information() -> None:
    rng = np.random.default_rng(4)
    splits = {}
    for name, share in (("train", 0.5), ("test", 0.2)):
        label = (rng.random(2000) < share).astype(int)
        splits[name] = {"x": rng.normal(size=2000) + label, "z": rng.normal(size=2000), "y": label}

    found = run_checker(CovariateShift(), measured(make_profile(splits, label="y")))

    assert [(f.severity, f.columns) for f in found] == [("info", ("x",))]
    assert "moved with the mix of labels" in found[0].message


def test_what_shows_only_jointly_is_told() -> None:
    rng = np.random.default_rng(5)
    splits = {}
    for name, sign in (("train", 1), ("test", -1)):
        x = rng.normal(size=2000)
        splits[name] = {
            "x": x,
            "z": sign * 0.7 * x + 0.7 * rng.normal(size=2000),
            "y": rng.integers(2, size=2000),
        }

    found = run_checker(CovariateShift(), measured(make_profile(splits, label="y")))

    assert [set(f.columns) for f in found] == [{"x", "z"}]
    assert "told from" in found[0].message
