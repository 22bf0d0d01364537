import numpy as np
import pytest

from datacheck.probes.alignment_basis import Lift, eigenbases
from datacheck.probes.alignment_omnibus import omnibus


def bases(rng, rows=60, columns=4):
    x = rng.normal(size=(rows, columns))
    return x, eigenbases(Lift.fit(x, rng, waves=48).blocks(x))


@pytest.mark.parametrize("kind", ["values", "classes", "rare class"])
def test_p_values_of_unrelated_labels_are_uniform_from_sixty_rows_up(kind):
    p_values = []
    for seed in range(200):
        rng = np.random.default_rng(seed)
        _, found = bases(rng)
        share = 0.1 if kind == "rare class" else 0.5
        y = rng.normal(size=60) if kind == "values" else (rng.random(60) < share).astype(float)
        p_values.append(omnibus(found, (y - y.mean())[:, None], rng).p_value)
    assert np.mean(np.array(p_values) < 0.05) <= 0.09
    assert np.mean(np.array(p_values) < 0.01) <= 0.035
    assert 0.4 < np.mean(p_values) < 0.6


def test_signals_of_the_stated_size_are_found():
    hits = 0
    for seed in range(20):
        rng = np.random.default_rng(seed)
        x, found = bases(rng, rows=400)
        noise = rng.normal(size=400)
        share = omnibus(found, noise[:, None] - noise.mean(), rng).detectable_r2
        signal = x @ rng.normal(size=4)
        y = np.sqrt(share) * signal / signal.std() + np.sqrt(1 - share) * rng.normal(size=400)
        hits += omnibus(found, (y - y.mean())[:, None], rng).p_value < 1e-3
    assert hits >= 17


def test_a_strong_relation_is_beyond_counting():
    rng = np.random.default_rng(0)
    x, found = bases(rng, rows=500)
    assert omnibus(found, x[:, :1] - x[:, :1].mean(), rng).p_value < 1e-12


@pytest.mark.parametrize("shape", ["interaction", "bump"])
def test_what_is_not_linear_is_seen_too(shape):
    rng = np.random.default_rng(0)
    x, found = bases(rng, rows=1500)
    signal = x[:, 0] * x[:, 1] if shape == "interaction" else np.exp(-8 * x[:, 0] ** 2)
    y = signal / signal.std() + 3 * rng.normal(size=1500)
    assert omnibus(found, (y - y.mean())[:, None], rng).p_value < 1e-3
