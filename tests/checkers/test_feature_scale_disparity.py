from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
from sklearn.datasets import load_breast_cancer, load_digits, load_iris, load_wine

from datacheck._condition import condition, independent
from datacheck.checkers.feature_scale_disparity import FeatureScaleDisparity
from datacheck.errors import NotApplicable
from datacheck.finding import Finding
from datacheck.saved import from_json, to_json
from datacheck.statistics.row_sample import RowSample
from datacheck.testing import make_profile, run_checker


def findings(columns: dict[str, np.ndarray]) -> list[Finding]:
    return run_checker(FeatureScaleDisparity(), make_profile({"train": columns}))


def clean(rng: np.random.Generator, rows: int, features: int) -> dict[str, np.ndarray]:
    scale = 5 ** rng.uniform(-0.5, 0.5, features)
    offset = rng.uniform(-5, 5, features) * scale
    columns = {f"x{i}": rng.normal(offset[i], scale[i], rows) for i in range(features)}
    return columns | {"flag": (rng.random(rows) < 0.3).astype(int)}


def severities(found: list[Finding]) -> list[str]:
    return [f.severity.value for f in found]


def test_features_of_similar_scale_are_left_alone() -> None:
    rng = np.random.default_rng(0)
    found = [
        severities(findings(clean(rng, int(rng.integers(50, 500)), int(rng.integers(2, 8)))))
        for _ in range(200)
    ]

    assert sum(any(s != "info" for s in run) for run in found) == 0


@pytest.mark.parametrize("fault", [{"scale": 1000.0, "offset": 0.0}, {"scale": 1.0, "offset": 1000.0}])
def test_a_feature_on_another_scale_is_named(fault: dict[str, float]) -> None:
    rng = np.random.default_rng(1)
    hits = 0
    for _ in range(200):
        columns = clean(rng, int(rng.integers(50, 500)), int(rng.integers(2, 8)))
        columns["odd"] = rng.normal(fault["offset"], 1.0, len(columns["flag"])) * fault["scale"]
        (finding,) = findings(columns)
        hits += finding.severity == "warning" and "odd" in finding.columns and "flag" not in finding.columns

    assert hits == 200


def test_eleven_orders_are_an_error_that_states_the_cost() -> None:
    rng = np.random.default_rng(2)

    (finding,) = findings({"tiny": rng.normal(size=5000) * 1e-4, "huge": rng.normal(size=5000) * 1e7})

    assert finding.severity == "error"
    assert finding.columns == ("tiny", "huge")
    assert finding.evidence["orders_of_magnitude"] == pytest.approx(11, abs=0.05)
    assert finding.evidence["condition_number"] == pytest.approx(1e22, rel=0.1)
    assert finding.evidence["condition_number_standardised"] < 1.1
    assert [f["column"] for f in finding.evidence["features"]] == ["tiny", "huge"]


@pytest.mark.parametrize(
    ("load", "expected"),
    [(load_wine, ["warning"]), (load_breast_cancer, ["warning"]), (load_digits, []), (load_iris, [])],
    ids=["wine", "breast_cancer", "digits", "iris"],
)
def test_real_data_are_never_an_error(load, expected) -> None:
    values = load().data
    rng = np.random.default_rng(3)
    for _ in range(5):
        rows = rng.permutation(len(values))[: int(0.7 * len(values))]
        assert severities(findings({f"f{i}": values[rows, i] for i in range(values.shape[1])})) == expected


def test_indicators_constants_and_rare_activity_have_no_scale_of_their_own() -> None:
    rng = np.random.default_rng(4)
    rare = np.zeros(2000)
    rare[:20] = rng.uniform(1, 3, 20)
    columns = {
        "x": rng.normal(size=2000),
        "flag": (rng.random(2000) < 0.01).astype(int),
        "flat": np.full(2000, 1e9),
        "jitter": 3e5 + 1e-13 * rng.normal(size=2000),
        "rare": rare,
    }

    assert findings(columns) == []


def test_standardised_rare_activity_is_on_the_scale_of_the_rest() -> None:
    digits = load_digits().data
    columns = {f"f{i}": (x - x.mean()) / x.std() for i, x in enumerate(digits.T) if x.std() > 0}

    assert [s for s in severities(findings(columns)) if s != "info"] == []


def test_rare_activity_on_another_scale_is_named() -> None:
    rng = np.random.default_rng(10)
    rare = np.zeros(2000)
    rare[:60] = rng.uniform(1e6, 2e6, 60)

    (finding,) = findings({"x": rng.normal(size=2000), "rare": rare})

    assert finding.severity == "warning"
    assert "rare" in finding.columns


def test_saved_profiles_keep_the_verdict_without_the_cost() -> None:
    rng = np.random.default_rng(11)
    data = make_profile({"train": {"x": rng.normal(size=100), "wide": rng.normal(size=100) * 1e4}})
    loaded = replace(data, splits={"train": from_json(to_json(data.train))[0]})

    (finding,) = run_checker(FeatureScaleDisparity(), loaded)

    assert finding.severity == "warning"
    assert finding.evidence["condition_number"] is None


def test_numbers_beyond_float64_squares_still_have_orders_of_magnitude() -> None:
    rng = np.random.default_rng(5)

    (finding,) = findings({"x": rng.normal(size=100), "vast": rng.normal(size=100) * 1e300})

    assert finding.evidence["condition_number"] is None
    assert finding.evidence["orders_of_magnitude"] == pytest.approx(300, abs=0.3)


def test_wide_tables_get_a_lower_bound() -> None:
    rng = np.random.default_rng(6)
    columns = {f"x{i}": rng.normal(size=300) * 10 ** (i / 100) for i in range(300)}

    (finding,) = findings(columns)

    assert finding.evidence["condition_features"] == 128
    assert "at least" in finding.message


def test_condition_number_agrees_with_the_closed_form_for_graded_matrices() -> None:
    rng = np.random.default_rng(7)
    for _ in range(200):
        std, rho = 10 ** rng.uniform(-6, 7, 2), rng.uniform(-0.99, 0.99)
        covariance = np.outer(std, std) * np.array([[1, rho], [rho, 1]])
        a, c = sorted(std**2)
        # largest eigenvalue, then the determinant over it: neither cancels
        largest = (a + c) / 2 + np.hypot((c - a) / 2, covariance[0, 1])
        expected = largest**2 / (a * c * (1 - rho**2))

        found = condition(np.zeros(2), covariance)

        assert found is not None
        assert found.raw == pytest.approx(expected, rel=1e-6)
        assert found.standardised == pytest.approx((1 + abs(rho)) / (1 - abs(rho)), rel=1e-6)


def test_condition_number_of_offset_features_matches_a_plain_routine() -> None:
    rng = np.random.default_rng(8)
    values = rng.normal(size=(500, 4)) @ rng.normal(size=(4, 4)) + [5.0, 0.0, -3.0, 1.0]

    found = condition(values.mean(axis=0), np.cov(values.T, ddof=0))

    assert found is not None
    assert found.raw == pytest.approx(np.linalg.cond(values.T @ values / 500), rel=1e-8)


def test_features_that_others_explain_are_left_out() -> None:
    rng = np.random.default_rng(9)
    x = rng.normal(size=(100, 3))
    values = np.column_stack([x, x.sum(axis=1), x[:, 0]])

    assert independent(np.corrcoef(values.T)) == [0, 1, 2]
    assert condition(np.zeros(1), np.array([[np.inf]])) is None


def test_a_pass_says_what_it_would_have_seen() -> None:
    data = make_profile({"train": {"x": [1.0, 2.0], "label": [0.5, 1.5]}})

    assert (
        FeatureScaleDisparity().detectable(data, "train")
        == "spreads a factor of 10 apart, a mean 30 standard deviations from 0"
    )


def test_without_a_feature_that_varies_there_is_nothing_to_judge() -> None:
    data = make_profile({"train": {"void": pa.nulls(2, pa.float64()), "flat": [1.0, 1.0], "flag": [0, 1]}})
    checker = FeatureScaleDisparity()

    with pytest.raises(NotApplicable, match="no numeric feature that varies"):
        list(checker.check(data, "train"))

    numbers = make_profile({"train": {"x": np.arange(9.0)}})
    bare = replace(numbers, splits={"train": replace(numbers.train, sample=RowSample())})
    with pytest.raises(NotApplicable):
        list(checker.check(bare, "train"))
