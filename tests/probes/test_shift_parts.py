import itertools

import numpy as np
import pyarrow as pa
import pytest

from datacheck.probes.shift_columns import shifts_inside
from datacheck.probes.shift_dependence import dependence_shift
from datacheck.probes.shift_design import linear_design, normal_scores, tree_design
from datacheck.probes.shift_domain import auc_interval, domain_test, folds_of
from datacheck.probes.shift_kind import Moved, kind_of
from datacheck.probes.shift_label import label_of
from datacheck.probes.shift_sample import sample_of
from datacheck.probes.shift_table import pair_of
from datacheck.probes.shift_weights import class_weights, effective_share, row_weights

DOMAIN = np.repeat([0, 1], [200, 100])


def test_the_permuted_classifier_is_calibrated_where_the_plain_one_is_not() -> None:
    rng = np.random.default_rng(0)
    p = []
    for _ in range(150):
        folds = folds_of(DOMAIN, 5, rng)
        p.append(domain_test(rng.normal(size=(300, 8)), DOMAIN, folds, folds, rng).p)
    assert 0.0 < np.mean(np.array(p) < 0.05) <= 0.10
    assert 0.35 < np.mean(np.array(p) < 0.5) < 0.65


@pytest.mark.parametrize("terms", [299, 301])
def test_products_of_rows_and_of_terms_give_the_same_classifier(terms: int) -> None:
    rng = np.random.default_rng(2)
    x, folds = rng.normal(size=(300, terms)), np.arange(300) % 3
    x[:, 4] += DOMAIN

    found = domain_test(x, DOMAIN, folds, folds, np.random.default_rng(0))

    known = DOMAIN - np.array([DOMAIN[folds == f].mean() for f in folds])
    for fold in range(3):
        a, b = x[folds != fold], known[folds != fold]
        weights = np.linalg.solve(a.T @ a + (0.1 * len(a) + terms) * np.eye(terms), a.T @ b)
        np.testing.assert_allclose(found.weights[fold], weights, rtol=1e-9)
        np.testing.assert_allclose(found.scores[folds == fold], x[folds == fold] @ weights, rtol=1e-9)
    assert np.argmax(found.share) == 4


def test_the_classifier_names_the_terms_that_tell_the_splits_apart() -> None:
    rng = np.random.default_rng(1)
    terms = rng.normal(size=(300, 6))
    terms[:, 2] += DOMAIN
    folds = folds_of(DOMAIN, 5, rng)

    found = domain_test(terms, DOMAIN, folds, folds, rng)

    assert found.p < 1e-6
    assert np.argmax(found.share) == 2
    auc, (low, high) = auc_interval(found.scores, DOMAIN)
    assert low < 0.76 < high
    assert 0.65 < auc < 0.85


def test_folds_spread_every_stratum() -> None:
    folds = folds_of(np.repeat([0, 1, 2], [30, 9, 60]), 3, np.random.default_rng(2))

    assert [np.bincount(folds[part]).tolist() for part in (slice(30), slice(30, 39))] == [[10] * 3, [3] * 3]


@pytest.mark.parametrize("heavy", [False, True])
def test_the_dependence_test_is_calibrated(heavy: bool) -> None:
    rng = np.random.default_rng(3)
    p = []
    for _ in range(150):
        x = rng.standard_t(3, size=(300, 12)) if heavy else rng.normal(size=(300, 12))
        x[:, 1] += x[:, 0]
        p.append(dependence_shift(np.clip(x, -4, 4), DOMAIN).p)
    assert np.mean(np.array(p) < 0.05) <= 0.09


def test_a_column_handed_to_other_rows_is_the_one_named() -> None:
    rng = np.random.default_rng(4)
    x = rng.normal(size=(2000, 1)) + 0.7 * rng.normal(size=(2000, 5))
    x[1000:, 3] = rng.permutation(x[1000:, 3])

    found = dependence_shift(x, np.repeat([0, 1], 1000))

    assert found.terms == (3,)
    assert found.relevant
    assert found.interval[1] < 0


def test_columns_with_few_values_off_the_common_one_are_left_out() -> None:
    x = np.zeros((300, 2))
    x[0] = x[299, 0] = 1.0

    assert dependence_shift(x, DOMAIN) is None


def test_differences_of_one_sign_in_every_class_add_up() -> None:
    rng = np.random.default_rng(5)
    strata, domain = rng.integers(8, size=1600), rng.integers(2, size=1600)
    values = {"x": rng.normal(size=1600) + 0.4 * domain, "z": rng.normal(size=1600)}
    order = np.argsort(domain, kind="stable")
    sides = [pa.table({name: v[domain == side] for name, v in values.items()}) for side in (0, 1)]

    found = {s.column: s.p for s in shifts_inside(pair_of(*sides), strata[order])}

    assert found["x"] < 1e-3
    assert found["z"] > 1e-3


def test_normal_scores_do_not_see_values_moved_by_a_hair() -> None:
    values = np.concatenate([np.arange(200.0), np.arange(100.0) * 2 + 1e-6])

    scores = normal_scores(values, DOMAIN)

    assert np.abs(scores[200:] - scores[:200:2]).max() < 1e-4


def test_designs_have_a_row_per_row_and_no_holes() -> None:
    table = pa.table(
        {"x": [1.0, None, 3.0, float("inf")] * 20, "c": ["a", "b", None, "a"] * 20, "k": [1] * 80}
    )
    pair = pair_of(table, table)

    linear, trees = linear_design(pair), tree_design(pair)

    assert linear.terms.shape[0] == trees.shape[0] == 160
    assert np.isfinite(linear.terms).all()
    assert np.isfinite(trees).all()
    assert np.allclose(linear.terms.mean(axis=0), 0)


@pytest.mark.parametrize("moved", list(itertools.product([False, True], repeat=4)))
def test_the_rule_table(moved: tuple[bool, bool, bool, bool]) -> None:
    x, y, x_given_y, y_given_x = moved
    kind = kind_of(Moved(x=x, y=y, x_given_y=x_given_y, y_given_x=y_given_x))
    table = {
        (False, False): "label" if y and not x_given_y else "covariate" if x or x_given_y else "none",
        (True, False): "label" if y else "concept",
        (True, True): "mixed" if x else "concept",
    }
    assert kind == table[y_given_x, x_given_y and y_given_x]


def test_class_weights_are_the_ratio_of_shares() -> None:
    label = label_of(
        "y",
        pa.chunked_array([["a"] * 80 + ["b"] * 20]),
        pa.chunked_array([["a"] * 50 + ["b"] * 50]),
        "classification",
    )

    weights = class_weights(label)

    assert weights.classes == pytest.approx({"a": 0.627, "b": 2.463}, abs=0.001)
    assert weights.effective_share == pytest.approx(1 / (0.8 * 0.627**2 + 0.2 * 2.463**2), abs=0.01)


def test_class_weights_that_rest_on_a_few_rows_are_refused() -> None:
    rare = pa.chunked_array([["a"] * 990 + ["b"] * 10])
    frequent = pa.chunked_array([["a"] * 50 + ["b"] * 950])

    found = class_weights(label_of("y", rare, frequent, "classification"))

    assert found.classes is None
    assert "1% of the rows effective" in found.refused


def weighed(x: np.ndarray, domain: np.ndarray, auc: float) -> object:
    sides = [pa.table({f"x{i}": column[domain == side] for i, column in enumerate(x.T)}) for side in (0, 1)]
    pair = pair_of(*sides)
    return row_weights(pair, sample_of(pair, None, np.random.default_rng(0), 0), 0, auc)


def test_row_weights_are_one_when_there_is_nothing_to_correct() -> None:
    rng = np.random.default_rng(6)

    weights = weighed(rng.normal(size=(2000, 3)), np.repeat([0, 1], 1000), 0.5)

    assert weights.values.std() < 0.15
    assert weights.effective_share == effective_share(weights.values) > 0.97


def test_every_training_row_is_weighed_although_models_read_a_sample() -> None:
    rng = np.random.default_rng(7)
    x = rng.normal(size=(14_000, 2))
    x[12_000:, 0] += 0.5

    weights = weighed(x, np.repeat([0, 1], [12_000, 2000]), 0.64)

    assert weights.rows.tolist() == list(range(12_000))
    truth = np.exp(0.5 * x[:12_000, 0] - 0.125)
    assert np.sqrt(((weights.values - truth) ** 2).mean()) < 0.5 * truth.std()


def test_row_weights_are_refused_without_overlap() -> None:
    found = weighed(np.random.default_rng(8).normal(size=(200, 2)), np.repeat([0, 1], 100), 0.99)

    assert found.values is None
    assert "hardly overlap" in found.refused
