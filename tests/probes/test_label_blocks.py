import numpy as np
import pyarrow as pa
import pytest
from sklearn.datasets import load_digits

from datacheck.probes.alignment import check_alignment
from datacheck.probes.label_blocks import Evidence, deflation, file_stretches, stretches


def evidence(rows=4000, shuffled=None, offset=None, nats=0.4):
    rng = np.random.default_rng(0)
    aligned, moved = nats + rng.normal(size=rows), -nats + rng.normal(size=rows)
    for first, last in [shuffled] if shuffled else []:
        aligned[first:last] -= 2.5 * nats
    for first, last in [offset] if offset else []:
        aligned[first:last], moved[first:last] = moved[first:last].copy(), aligned[first:last].copy()
    noisy = np.log(0.5 * np.exp(aligned) + 0.5)
    return Evidence(("aligned", "shuffled", "noisy", 3), np.stack([aligned, 0 * aligned, noisy, moved]), 1.0)


def test_nothing_is_found_where_nothing_is():
    assert stretches(evidence()) == []


def test_a_shuffled_stretch_is_found_within_a_few_rows():
    (found,) = stretches(evidence(shuffled=(1000, 1300)))
    assert (found.state, abs(found.first - 1000) < 20, abs(found.last - 1300) < 20) == (
        "shuffled",
        True,
        True,
    )


def test_an_offset_stretch_is_named():
    (found,) = stretches(evidence(offset=(2000, 2400)))
    assert (found.state, abs(found.first - 2000) < 8, abs(found.last - 2400) < 8) == (3, True, True)


def test_long_tables_are_searched_in_steps_and_settled_by_row():
    (found,) = stretches(evidence(rows=200_000, offset=(100_003, 101_001)))
    assert abs(found.first - 100_003) < 12
    assert abs(found.last - 101_001) < 12


def test_a_bad_file_is_found():
    bounds = np.arange(0, 4001, 100)
    (found,) = file_stretches(evidence(shuffled=(700, 800), nats=0.6), bounds)
    assert (found.first, found.last) == (700, 800)


@pytest.mark.parametrize(("memory", "low", "high"), [(0.0, 1.0, 1.3), (0.8, 3.0, 12.0)])
def test_deflation_follows_the_autocorrelation(memory, low, high):
    rng = np.random.default_rng(0)
    noise = rng.normal(size=20_000)
    for i in range(1, len(noise)):
        noise[i] += memory * noise[i - 1]
    assert low <= deflation(noise) <= high


def test_one_bad_stretch_is_no_autocorrelation():
    aligned = evidence(shuffled=(1000, 1500)).nats[0]
    assert deflation(aligned) < 1.2


def test_scattered_noise_is_no_shift_of_labels_that_repeat():
    """The digits come in rounds of 130 rows with equal labels: at that distance most wrong labels are right."""
    digits = load_digits()
    table = pa.table({f"p{i}": pixel for i, pixel in enumerate(digits.data.T)})
    for seed in (0, 2):
        rng = np.random.default_rng(seed)
        wrong = rng.random(len(digits.target)) < 0.1
        noisy = digits.target.copy()
        noisy[wrong] = rng.integers(0, 10, wrong.sum())
        found = check_alignment(table, pa.array(noisy), task="classification", noise=True)
        assert (found.verdict, found.blocks) == ("partial", ())
    shifted = digits.target.copy()
    shifted[700:850] = np.roll(digits.target, 3)[700:850]
    found = check_alignment(table, pa.array(shifted), task="classification")
    assert [block.offset for block in found.blocks] == [3]
