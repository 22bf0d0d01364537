from itertools import permutations

import numpy as np
import pytest

from datacheck import _sequences as sequences


def runs_of(labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    starts = np.flatnonzero(np.append(True, labels[1:] != labels[:-1]))
    return labels[starts], np.diff(np.append(starts, len(labels)))


@pytest.mark.parametrize("labels", [(0, 0, 0, 1, 1, 1), (0, 0, 1, 1, 2, 2, 2), (0, 1, 2, 3)])
def test_change_moments_and_p_equal_enumeration(labels: tuple[int, ...]) -> None:
    orders = np.array(sorted(set(permutations(labels))))
    changes = (np.diff(orders, axis=1) != 0).sum(axis=1)
    counts = np.bincount(labels)

    assert sequences.changes_by_chance(counts) == pytest.approx((changes.mean(), changes.var()))
    if len(counts) == 2:
        assert sequences.changes_p(2, counts) == pytest.approx((changes <= 2).mean())


def test_normal_p_is_close_to_simulation_for_many_classes() -> None:
    rng = np.random.default_rng(0)
    labels = np.repeat(np.arange(5), [100, 50, 30, 15, 5])
    changes = np.array([np.count_nonzero(np.diff(rng.permutation(labels))) for _ in range(2000)])

    limit = int(np.quantile(changes, 0.05))

    expected = (changes <= limit).mean()
    assert sequences.changes_p(limit, np.bincount(labels)) == pytest.approx(expected, abs=0.02)


@pytest.mark.parametrize("seed", range(20))
def test_batches_from_runs_equal_batches_from_rows(seed: int) -> None:
    rng = np.random.default_rng(seed)
    classes, batch = int(rng.integers(1, 6)), int(rng.integers(1, 9))
    labels = np.repeat(rng.integers(classes, size=30), rng.integers(1, 2 + 10 * (seed % 2), size=30))
    codes, lengths = runs_of(labels)
    rows = labels[: len(labels) // batch * batch].reshape(-1, batch)

    found = sequences.one_class_batches(lengths, batch)
    held = sequences.batches_with(codes, lengths, classes, batch)

    assert found == np.count_nonzero((rows == rows[:, :1]).all(axis=1))
    assert held.tolist() == [(rows == c).any(axis=1).sum() for c in range(classes)]


def test_hypergeometric_chances_equal_simulation() -> None:
    rng = np.random.default_rng(1)
    labels = np.repeat([0, 1, 2], [70, 20, 10])
    batches = np.array([rng.permutation(labels)[:8] for _ in range(4000)])

    missed = [(batches != c).all(axis=1).mean() for c in range(3)]
    single = (batches == batches[:, :1]).all(axis=1).mean()

    assert sequences.miss_chances([70, 20, 10], 8) == pytest.approx(missed, abs=0.03)
    assert sequences.one_class_chance([70, 20, 10], 8) == pytest.approx(single, abs=0.02)


def test_one_row_does_not_change() -> None:
    assert sequences.changes_by_chance([1]) == (0.0, 0.0)
    assert sequences.changes_p(0, [1]) == 1.0


def test_a_batch_larger_than_the_data_misses_nothing() -> None:
    assert sequences.miss_chances([3, 2], 100).tolist() == [0.0, 0.0]
    assert sequences.one_class_chance([3, 2], 100) == 0.0


def test_rank_correlation_of_random_orders_keeps_its_level() -> None:
    rng = np.random.default_rng(2)

    p = [sequences.lag_correlation(rng.permutation(50).astype(float))[1] for _ in range(2000)]

    assert np.mean(np.array(p) < 0.05) == pytest.approx(0.05, abs=0.02)
    assert sequences.lag_correlation(np.ones(5)) == (0.0, 1.0)
