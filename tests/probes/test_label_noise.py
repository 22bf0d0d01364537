import numpy as np
import pyarrow as pa
import pytest
from sklearn.datasets import load_breast_cancer, load_digits
from sklearn.metrics import average_precision_score

from datacheck.errors import InputError
from datacheck.probes.label_noise import estimate_label_noise


def spoiled(load, share, seed=0):
    features, labels = load(return_X_y=True)
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(labels))[:1000]
    rows = rng.permutation(len(order))[: round(share * len(order))]
    given = labels[order].copy()
    given[rows] = given[rng.permutation(rows)]
    table = pa.table({f"x{i}": column for i, column in enumerate(features[order].T)})
    return table, labels[order], given


@pytest.mark.parametrize("load", [load_breast_cancer, load_digits])
@pytest.mark.parametrize("share", [0.02, 0.1, 0.2])
def test_the_share_of_wrong_labels_is_found_and_ranked(load, share):
    table, right, given = spoiled(load, share)
    wrong = given != right
    found = estimate_label_noise(table, pa.array(given))
    assert abs(found.noise.fraction - wrong.mean()) < 0.025
    assert found.noise.interval[0] <= found.noise.fraction <= found.noise.interval[1]
    assert average_precision_score(wrong, found.scores) > 0.75


def test_suggested_labels_are_mostly_the_right_ones():
    table, right, given = spoiled(load_digits, 0.1)
    found = estimate_label_noise(table, pa.array(given))
    worst = np.argsort(-found.scores)[:50]
    assert np.mean(found.suggested[worst] == right[worst]) > 0.9
    assert found.confusions[0].rows >= 1
    assert found.to_json()["suspects"][0][3] == found.suggested[worst[0]]


def test_a_unit_changes_no_rank():
    table, _, given = spoiled(load_breast_cancer, 0.1)
    large = table.set_column(3, "x3", pa.array(table["x3"].to_numpy() * 1e6))
    first, second = (estimate_label_noise(t, pa.array(given)).scores for t in (table, large))
    np.testing.assert_allclose(first, second, atol=1e-6)


def test_values_are_judged_too():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(1200, 3))
    y = x[:, 0] + np.abs(x[:, 1]) + 0.2 * rng.standard_t(4, 1200)
    rows = rng.permutation(1200)[:120]
    y[rows] = y[rng.permutation(rows)]
    found = estimate_label_noise(pa.table({f"x{i}": x[:, i] for i in range(3)}), pa.array(y))
    assert abs(found.noise.fraction - 0.1) < 0.03
    assert np.isin(np.argsort(-found.scores)[:60], rows).mean() > 0.9


def test_your_own_probabilities_are_ranked_as_self_confidence_for_even_noise():
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 2, 2000)
    shares = np.clip(0.5 + (truth - 0.5) * 0.8 + 0.1 * rng.normal(size=2000), 0.01, 0.99)
    given = np.where(rng.random(2000) < 0.1, 1 - truth, truth)
    probabilities = np.column_stack([1 - shares, shares])
    found = estimate_label_noise(pa.table({"x": truth}), pa.array(given), pred_probs=probabilities)
    own = -probabilities[np.arange(2000), given]
    wrong = given != truth
    ours = average_precision_score(wrong, found.scores)
    assert ours >= average_precision_score(wrong, own) - 0.01
    assert abs(found.noise.fraction - 0.1) < 0.03


def test_embeddings_take_the_place_of_features():
    table, _, given = spoiled(load_digits, 0.1)
    matrix = np.column_stack([column.to_numpy() for column in table.columns])
    found = estimate_label_noise(pa.table({"none": [0] * len(given)}), pa.array(given), embeddings=matrix)
    assert abs(found.noise.fraction - 0.09) < 0.03


def test_probabilities_must_match_the_labels():
    labels = pa.array([0, 1] * 50)
    with pytest.raises(InputError, match="one column for each class"):
        estimate_label_noise(pa.table({"x": range(100)}), labels, pred_probs=np.full((100, 3), 1 / 3))


def test_a_class_of_one_row_is_missing_from_what_its_fold_learns():
    table, _, _ = spoiled(load_breast_cancer, 0.02)
    given = np.append(np.zeros(149), 1.0)
    found = estimate_label_noise(table[:150], pa.array(given))
    assert len(found.scores) == 150
    assert np.isfinite(found.scores).all()
