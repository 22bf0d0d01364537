import numpy as np
import pytest

from datacheck.checkers.identifier_feature import IdentifierFeature
from datacheck.testing import make_profile, run_checker


def named(values):
    found = run_checker(IdentifierFeature(), make_profile({"train": {"x": values}}))
    return bool(found)


RNG = np.random.default_rng(0)


@pytest.mark.parametrize(
    "values",
    [
        range(100),
        range(7, 2000, 3),
        RNG.permutation(5000),
        RNG.permutation(30_000)[:3000],
        [f"u{i}" for i in range(80)],
    ],
)
def test_what_numbers_or_names_rows_is_found(values):
    assert named(list(values))


@pytest.mark.parametrize(
    "values",
    [
        RNG.normal(size=500),
        RNG.integers(0, 10**9, 500),
        RNG.integers(0, 300, 500),
        RNG.integers(0, 30_000, 3000),
        range(20),
        [None, *range(200)],
        ["a", "b"] * 100,
    ],
)
def test_what_measures_something_is_not(values):
    assert not named(list(values))


def test_random_whole_numbers_alarm_in_no_draw_of_two_hundred():
    assert not any(named(np.random.default_rng(s).integers(0, 4000, 300).tolist()) for s in range(200))
