import numpy as np
import pytest
from scipy.signal import lfilter

from datacheck.probes.alignment_basis import eigenbases
from datacheck.probes.offset_gates import columns_agree, made_of_labels
from datacheck.probes.offset_scan import offset_scan, reach, usable_rows
from datacheck.probes.whitening import Whitener


def scan_of(x, y):
    n = usable_rows(len(y))
    return offset_scan(eigenbases([x[:n]]), (y[:n] - y[:n].mean())[:, None])


@pytest.mark.parametrize("offset", [-600, -3, 1, 42, 660])
def test_the_offset_is_the_peak_and_is_claimed(offset):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(3000, 3))
    scan = scan_of(x, np.roll(x[:, 0] + rng.normal(size=3000), offset))
    assert (scan.peak, scan.claimed) == (offset, offset)
    assert scan.p_value(offset) < 1e-8 < 1e-3 < scan.p_value(0)


def test_the_scan_equals_the_statistic_computed_shift_by_shift():
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(128, 3)), rng.normal(size=128)
    (basis,) = eigenbases([x])
    scan = scan_of(x, y)
    direct = np.array(
        [(basis.weights @ (basis.vectors.T @ np.roll(y - y.mean(), -k)) ** 2) for k in range(128)]
    )
    far = direct[reach(128) + 1 : 128 - reach(128)]
    expected = ((direct - far.mean(axis=0)) / far.std(axis=0)).max(axis=1)
    np.testing.assert_allclose([scan.at(k) for k in (0, 5, -7)], expected[[0, 5, -7]], atol=1e-4)


def test_no_offset_is_claimed_of_unrelated_rows_in_a_hundred_draws():
    for seed in range(100):
        rng = np.random.default_rng(seed)
        assert scan_of(rng.normal(size=(400, 3)), rng.normal(size=400)).claimed == 0


def test_whitening_takes_memory_and_cycles_out():
    rng = np.random.default_rng(0)
    series = lfilter([1], [1, -0.95], rng.normal(size=4000)) + 3 * np.sin(np.arange(4000) * 2 * np.pi / 24)
    whitener = Whitener.fit(series[:, None])
    white = whitener.apply(series[:, None])[:, 0]
    lagged = [np.corrcoef(white[:-lag], white[lag:])[0, 1] for lag in (1, 2, 24)]
    assert np.abs(lagged).max() < 0.06
    assert 1 <= whitener.cycles.sum() < 100


def test_rows_without_memory_are_left_alone():
    fits = [Whitener.fit(np.random.default_rng(seed).normal(size=(1000, 1))) for seed in range(100)]
    assert sum(fit is not None for fit in fits) <= 3


def test_lag_features_are_known_for_what_they_are():
    z = lfilter([1], [1, -0.9], np.random.default_rng(0).normal(size=2003))
    own = np.random.default_rng(1).normal(size=2000)
    features = np.column_stack([z[2:-1], (z[2:-1] + z[1:-2]) / 2, own])
    assert made_of_labels(features, z[3:, None]).tolist() == [True, True, False]
    white = Whitener.fit(z[3:, None])
    lags = white.apply(np.column_stack([z[2:-1], z[1:-2], z[:-3]]))
    assert not columns_agree(lags, white.apply(z[3:, None]), -1)
