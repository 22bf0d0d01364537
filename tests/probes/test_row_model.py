import numpy as np
import pytest
from threadpoolctl import threadpool_info

from datacheck.probes.row_model import FOLDS, PENALTIES, Ridge, _by_features, _by_rows, _guess
from datacheck.probes.threads import one_thread


@pytest.fixture
def problem():
    rng = np.random.default_rng(0)
    features = rng.normal(size=(60, 25))
    goal = features[:, :2] + rng.normal(size=(60, 2))
    return features, goal, rng.permutation(60) % FOLDS


@pytest.mark.parametrize("penalty", PENALTIES)
def test_products_of_rows_and_of_features_give_the_same_fits(problem, penalty):
    features, goal, folds = problem
    own = [features[folds == fold] for fold in range(FOLDS)]
    crosses = np.stack([part.T @ goal[folds == fold] for fold, part in enumerate(own)])
    grams = np.stack([part.T @ part for part in own])
    few = _by_features(grams, crosses, penalty)
    many = _by_rows(features, features @ features.T, goal, folds, penalty)
    np.testing.assert_allclose(few, many, rtol=1e-7, atol=1e-10)


@pytest.mark.parametrize("noise", [0.01, 1, 100])
@pytest.mark.parametrize("rows", [90, 700])
def test_the_penalty_is_the_best_of_all(noise, rows):
    rng = np.random.default_rng(1)
    encoded = rng.normal(size=(rows, 4))
    goal = encoded[:, :1] + noise * rng.normal(size=(rows, 1))
    goal -= goal.mean()
    ridge, fit = Ridge.plan(encoded, rng, remembering=False), np.arange(rows)
    features, fitted = ridge._features(encoded), ridge._fitted(encoded, goal, fit)
    each = [fitted(float(penalty)) for penalty in PENALTIES]
    errors = [((_guess(features, ridge.folds, found) - goal) ** 2).sum() for found in each]
    np.testing.assert_array_equal(ridge._best(encoded, goal, fit), each[int(np.argmin(errors))])


def test_a_row_is_predicted_by_fits_without_it():
    rng = np.random.default_rng(2)
    encoded = rng.normal(size=(300, 3))
    noise = rng.normal(size=(300, 1))
    guess = Ridge.plan(encoded, rng, remembering=False).predict(encoded, noise, np.ones(300, bool), rng)
    assert abs(np.corrcoef(guess[:, 0], noise[:, 0])[0, 1]) < 0.25


def test_threads_are_kept_to_one_and_given_back():
    before = [pool["num_threads"] for pool in threadpool_info()]
    with one_thread("scipy.linalg"):
        assert {pool["num_threads"] for pool in threadpool_info()} == {1}
    assert [pool["num_threads"] for pool in threadpool_info()][: len(before)] == before
