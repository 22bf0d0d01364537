import numpy as np
import pytest

from datacheck._contingency import (
    chi_square_p,
    class_ratios,
    compare_levels,
    compare_rates,
    merge_rare,
    total_variation,
)
from datacheck._significance import benjamini_hochberg, detectable_distance, detectable_rate
from datacheck._two_sample import Ecdf, compare_distributions, compare_numbers, smooth_rank_test, wasserstein

SHAPES = {
    "normal": lambda rng, n: rng.normal(size=n),
    "lognormal": lambda rng, n: rng.lognormal(sigma=2, size=n),
    "counts": lambda rng, n: rng.poisson(1.5, n).astype(float),
    "zero-inflated": lambda rng, n: np.where(rng.random(n) < 0.92, 0.0, rng.normal(size=n)),
    "binary": lambda rng, n: (rng.random(n) < 0.3).astype(float),
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("rows", [60, 1000])
def test_clean_columns_are_rarely_significant(shape, rows):
    rng = np.random.default_rng(rows)
    p = [compare_numbers(SHAPES[shape](rng, rows), SHAPES[shape](rng, rows // 2)).p for _ in range(300)]
    assert np.mean(np.array(p) < 0.05) <= 0.08
    assert np.mean(np.array(p) < 0.001) <= 0.01


@pytest.mark.parametrize(
    ("change", "shape"),
    [
        (lambda x: x + 0.3, "location"),
        (lambda x: 1.4 * x, "spread"),
    ],
)
def test_medium_changes_are_found_and_named(change, shape):
    rng = np.random.default_rng(1)
    shifts = [compare_numbers(rng.normal(size=1000), change(rng.normal(size=1000))) for _ in range(50)]
    assert np.mean([s.p < 0.01 for s in shifts]) >= 0.95
    assert np.mean([s.shape == shape for s in shifts]) >= 0.9


def test_a_count_moved_by_a_hair_has_no_distance():
    rng = np.random.default_rng(2)
    counts = np.where(rng.random(4000) < 0.92, 0, rng.poisson(3, 4000)).astype(float)
    shift = compare_numbers(counts[:2000], counts[2000:] + 0.01 * counts.std())
    assert shift.distance < 0.03
    assert shift.wasserstein < 0.1
    assert shift.p < 1e-9


def test_distance_is_the_share_of_rows_across_the_threshold():
    train, test = np.arange(1000.0), np.concatenate([np.arange(1000.0)[:800], np.full(200, -1e6)])
    shift = compare_numbers(train, test)
    assert shift.points == pytest.approx(20, abs=0.2)
    assert shift.below_test - shift.below_train == pytest.approx(0.2, abs=0.002)
    assert shift.interval[0] < 0.2 < shift.interval[1]


def test_wasserstein_is_in_standard_deviations():
    values = np.random.default_rng(3).normal(5, 2, 5000)
    assert wasserstein(Ecdf.of(values), Ecdf.of(values + 1)) == pytest.approx(0.5, rel=0.03)
    assert wasserstein(Ecdf.of([1.0, 1.0]), Ecdf.of([2.0])) is None


@pytest.mark.parametrize("rows", [10_000, 1_000_000])
def test_a_sketch_does_not_raise_false_alarms(rows):
    rng = np.random.default_rng(rows)
    alarms = 0
    for _ in range(40):
        sides = []
        for _ in range(2):
            ranks = np.clip(np.linspace(0, 1, 513) + rng.uniform(-0.0133, 0.0133, 513), 1e-6, 1 - 1e-6)
            sides.append(Ecdf.of_knots(np.sort(np.sqrt(ranks)), rows, 0.0133))
        alarms += compare_distributions(*sides).p < 0.05
    assert alarms <= 3


def test_a_sketch_still_sees_a_shift():
    knots = np.sort(np.random.default_rng(4).normal(size=1001))
    shift = compare_distributions(
        Ecdf.of_knots(knots, 10**6, 0.003), Ecdf.of_knots(knots + 0.3, 10**6, 0.003)
    )
    assert shift.p < 1e-6
    assert 0.08 < shift.distance < 0.14


@pytest.mark.parametrize("train", [[], [np.nan, np.inf]])
def test_nothing_finite_is_no_answer(train):
    assert compare_numbers(train, [1.0, 2.0]) is None
    assert compare_levels({}, {"a": 1}) is None
    assert compare_rates(0, 0, 1, 2) is None


@pytest.mark.parametrize("values", [[5.0], [1e308, -1e308, 1e307], [0.0, 5e-324], [1e15, 1e15 + 1]])
def test_extreme_values_are_answered(values):
    shift = compare_numbers(np.repeat(values, 50), np.repeat(values, 50))
    assert shift.p == 1.0
    assert shift.distance == 0.0


def test_rare_values_fall_back_to_the_exact_test():
    p, _ = smooth_rank_test([1000, 0], [994, 6])
    assert p == pytest.approx(0.031, abs=0.002)


def test_chi_square_is_calibrated_with_many_rare_levels():
    rng = np.random.default_rng(5)
    share = 1 / np.arange(1, 101) ** 1.5
    p = [
        chi_square_p(
            *merge_rare(
                [rng.multinomial(800, share / share.sum()), rng.multinomial(300, share / share.sum())]
            )
        )
        for _ in range(400)
    ]
    assert np.mean(np.array(p) < 0.05) <= 0.085


def test_total_variation_is_free_of_sampling_noise():
    rng = np.random.default_rng(6)
    flat = np.full(50, 0.02)
    tilted = flat * np.where(np.arange(50) < 25, 1.4, 0.6)
    clean = [total_variation(rng.multinomial(500, flat), rng.multinomial(500, flat))[0] for _ in range(100)]
    moved = [total_variation(rng.multinomial(500, flat), rng.multinomial(500, tilted))[0] for _ in range(100)]
    assert np.mean(clean) < 0.045
    assert np.mean(moved) == pytest.approx(0.2, abs=0.04)


def test_one_level_everywhere_is_no_shift():
    assert compare_levels({"a": 10}, {"a": 20}).p == 1.0
    assert compare_levels({"a": 50}, {"b": 50}).distance == pytest.approx(1.0, abs=0.02)


def test_missing_rate_of_every_row_on_one_side():
    assert compare_rates(0, 100, 100, 100).p < 1e-20
    assert compare_rates(0, 100, 0, 50).p == 1.0


def test_an_absent_class_has_a_finite_ratio():
    (ratio, bound), _ = class_ratios([100, 900], [0, 1000])
    assert 0 < ratio < 0.02
    assert bound > 1
    assert class_ratios([0], [0]) == [(1.0, 1.0)]


def test_benjamini_hochberg_is_monotone_and_in_order():
    p = np.array([0.5, 0.001, 0.04])
    assert benjamini_hochberg(p).round(4).tolist() == [0.5, 0.003, 0.06]
    assert benjamini_hochberg([]).tolist() == []


def test_the_detectable_effect_is_detected_at_the_stated_power():
    rng = np.random.default_rng(7)
    effect = detectable_distance(500, 500, 0.01)
    shifts = [
        compare_distributions(Ecdf.of(rng.random(500)), Ecdf.of(_step(rng, 500, effect))) for _ in range(200)
    ]
    assert 0.82 <= np.mean([s.p < 0.01 for s in shifts]) <= 0.99
    assert detectable_rate(500, 500, 0.01) == pytest.approx(0.122, abs=0.001)
    assert detectable_distance(0, 5, 0.01) is None
    assert detectable_rate(0, 5, 0.01) is None


def _step(rng, rows, effect):
    return np.where(rng.random(rows) < 0.5 + effect, rng.random(rows) / 2, 0.5 + rng.random(rows) / 2)
