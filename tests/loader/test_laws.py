import numpy as np
import pytest
from scipy import stats

from datacheck.loader import laws


@pytest.mark.parametrize("classes", [2, 10, 100])
def test_fair_shuffles_reach_a_tail_no_more_often_than_it_says(classes: int) -> None:
    rng = np.random.default_rng(classes)

    p = [laws.neighbours(rng.integers(classes, size=600)).p_more for _ in range(120)]

    assert np.mean(np.array(p) < 0.05) < 0.13
    assert min(p) > 1e-4


@pytest.mark.parametrize("size", [2, 8, 32])
def test_pairs_within_fair_batches_are_as_expected(size: int) -> None:
    rng = np.random.default_rng(size)
    codes, sizes = rng.integers(4, size=640), np.full(640 // size, size)

    found = laws.within(codes, sizes)

    assert abs(found.excess) < 0.05
    assert found.p_more > 1e-4


def test_expected_pairs_are_those_of_the_hypergeometric_law() -> None:
    codes, sizes = np.repeat([0, 1, 2], [60, 30, 10]), np.full(10, 10)

    found = laws.within(codes, sizes)
    equal = sum(n * (n - 1) for n in (60, 30, 10)) / (100 * 99)

    assert found.expected == pytest.approx(450 * equal, rel=0.03)


def test_strata_forbid_exchanges_between_widths() -> None:
    codes, strata = np.repeat([0, 1], 50), np.repeat([0, 1], 50)

    found = laws.within(codes, np.full(10, 10), strata)

    assert found.excess == 0
    assert found.p_more == 1


def test_one_class_and_missing_chances_equal_scipy() -> None:
    counts = np.array([40, 25, 10])

    missing = [stats.hypergeom.pmf(0, 75, n, 6) for n in counts]
    one = sum(stats.hypergeom.pmf(6, 75, n, 6) for n in counts)

    assert laws.missing_chance(counts, 6) == pytest.approx(missing)
    assert laws.one_class_chance(counts, 6) == pytest.approx(one)


def test_batch_size_for_all_is_the_smallest() -> None:
    counts = np.array([700, 200, 30])

    size = laws.batch_size_for_all(counts)

    assert laws.missing_chance(counts, size).sum() <= 0.01 < laws.missing_chance(counts, size - 1).sum()


@pytest.mark.parametrize(("observed", "side"), [(6.0, 0), (-6.0, 1)])
def test_a_null_without_spread_gives_no_tail_below_the_draws(observed: float, side: int) -> None:
    assert laws.tails(observed, np.zeros(199))[side] == pytest.approx(1 / 200)


def test_no_neighbours_and_no_ranks_without_enough_samples() -> None:
    assert laws.neighbours(np.array([0, 1])) is None
    assert laws.within(np.array([0, 1]), np.array([1, 1])) is None
    assert laws.rank_correlation(np.arange(5), np.arange(5)) is None
