import numpy as np
import pyarrow as pa
import pytest
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris, load_wine

from datacheck.errors import NotApplicable
from datacheck.probes.leakage import score_features

RNG = np.random.default_rng(0)
LABELS = RNG.integers(0, 2, 1000)


def best(column, labels=LABELS):
    return score_features(
        pa.table({"x": column, "z": RNG.normal(size=len(labels))}), pa.array(labels)
    ).features[0]


@pytest.mark.parametrize(
    "column",
    [
        LABELS * 7.5 + 1,
        LABELS + 0.1 * RNG.normal(size=1000),
        np.where(LABELS == 1, "yes", "no"),
        np.where(LABELS == 1, RNG.normal(size=1000), np.nan),
    ],
)
def test_a_copy_of_the_label_is_found_in_any_dress(column):
    assert best(column).feature == "x"
    assert best(column).score > 0.9


def test_a_value_that_one_class_has_is_found():
    column = np.where((LABELS == 1) & (RNG.random(1000) < 0.5), "refunded", "none")
    (category,) = score_features(pa.table({"x": column}), pa.array(LABELS)).categories
    assert (category.value, category.label, category.precision) == ("refunded", 1, 1.0)
    assert 0.4 < category.recall < 0.6


def test_a_missing_value_can_tell():
    column = np.where((LABELS == 1) & (RNG.random(1000) < 0.5), np.nan, RNG.normal(size=1000))
    (category,) = score_features(pa.table({"x": column}), pa.array(LABELS)).categories
    assert category.value is None


def test_unrelated_features_score_nothing():
    columns = {f"x{i}": RNG.normal(size=1000) for i in range(20)} | {"id": [f"row {i}" for i in range(1000)]}
    found = score_features(pa.table(columns), pa.array(LABELS))
    assert all(score.score < 0.02 for score in found.features)
    assert found.together < 0.02


def test_a_real_value_that_is_a_feature():
    values = RNG.normal(size=800)
    found = score_features(pa.table({"copy": np.exp(values)}), pa.array(values))
    assert found.features[0].score > 0.95
    assert found.to_json()["features"][0][0] == "copy"


@pytest.mark.parametrize("load", [load_breast_cancer, load_diabetes, load_iris, load_wine])
def test_bundled_data_leak_nothing(load):
    features, labels = load(return_X_y=True)
    table = pa.table({f"x{i}": column for i, column in enumerate(features.T)})
    found = score_features(table, pa.array(labels))
    assert found.features[0].score < 0.8
    assert found.categories == ()


def test_one_class_is_not_applicable():
    with pytest.raises(NotApplicable):
        score_features(pa.table({"x": range(50)}), pa.array([1] * 50))
