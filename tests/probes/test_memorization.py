from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
import torch
from sklearn.datasets import load_digits
from torch import nn

from datacheck.errors import InputError, NotApplicable
from datacheck.probes.memorization import default_network, memorization_probe, probe_table
from datacheck.probes.memorization_kernel import kernel_curves
from datacheck.probes.memorization_networks import Job, train_together
from datacheck.records.memorization import LearningCurve, Memorization


def digits(rows=400):
    features, labels = load_digits(return_X_y=True)
    order = np.random.default_rng(0).permutation(len(labels))[:rows]
    return (features[order] / 16).astype(np.float32), labels[order]


def test_right_labels_are_learnt_faster_and_carry_over():
    found = memorization_probe(None, digits(300), epochs=50, batch_size=16, device="cpu")
    assert found.metric == "accuracy"
    assert found.ratio > 3
    assert found.z > 5
    assert found.given.held_out[-1] > 0.8 > 0.3 > found.permuted.held_out[-1]
    assert found.permuted.train[-1] > 0.8
    assert "times as fast as on shuffled ones" in found.sentence
    assert found.kernel.z > 5
    assert found.to_json()["kernel"]["p_value"] < 1e-4


def test_shuffled_labels_are_learnt_no_faster():
    features, labels = digits(300)
    shuffled = np.random.default_rng(1).permutation(labels)
    found = memorization_probe(None, (features, shuffled), epochs=15, device="cpu")
    assert found.z < 4
    assert found.kernel.p_value > 0.001


def test_images_get_a_convolutional_probe():
    features, labels = digits(150)
    found = memorization_probe(None, (features.reshape(-1, 1, 8, 8), labels), epochs=4, device="cpu")
    assert found.given.train[-1] > found.permuted.train[-1]


def test_your_own_model_and_real_values():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(200, 3)).astype(np.float32)
    found = memorization_probe(lambda: nn.Linear(3, 1), (x, x @ [1.0, 2.0, -1.0]), epochs=80, device="cpu")
    assert found.metric == "R2"
    assert found.parameters == 4
    assert found.epochs_permuted is None
    assert found.given.held_out[-1] > 0.5 > found.permuted.train[-1]
    assert "does not memorise" in found.sentence


def test_a_table_is_encoded_first():
    rng = np.random.default_rng(0)
    x = rng.normal(size=300)
    table = pa.table({"x": x * 1e9, "c": pa.array(np.where(x > 0, "a", "b"))})
    assert probe_table(table, pa.array(x > 0), epochs=5, device="cpu").given.train[-1] > 0.9


def test_networks_trained_together_are_those_trained_in_turn():
    features, labels = digits(96)
    rows, goals = torch.from_numpy(features), torch.from_numpy(np.stack([labels, labels[::-1]]))
    both = Job(rows, goals, torch.ones(2, 96), 3, 32, 0)
    alone = Job(rows, goals[:1], torch.ones(1, 96), 3, 32, 0)
    factory = default_network((64,), 10)
    together, size = train_together(factory, both)
    single, _ = train_together(factory, alone)
    assert size == 64 * 64 + 64 + 64 * 64 + 64 + 650
    torch.testing.assert_close(together[:, 0, :1], single[:, 0], atol=0.03, rtol=0)


def test_the_same_seed_gives_the_same_curves():
    first, second = (memorization_probe(None, digits(150), epochs=3, device="cpu") for _ in range(2))
    assert first == second


def test_running_statistics_are_refused_with_the_remedy():
    with pytest.raises(InputError, match="GroupNorm"):
        memorization_probe(lambda: nn.Sequential(nn.BatchNorm1d(64), nn.Linear(64, 10)), digits(100))


def test_lengths_must_match():
    with pytest.raises(InputError, match="one label for each row"):
        memorization_probe(None, (np.zeros((5, 2)), [1, 2]))


def test_one_class_is_not_applicable():
    with pytest.raises(NotApplicable):
        memorization_probe(None, (np.zeros((50, 2)), [1] * 50))


def test_the_kernel_of_constant_labels_is_undefined():
    rng = np.random.default_rng(0)
    assert kernel_curves(rng.normal(size=(50, 2)), np.ones((50, 1)), rng) is None


def test_the_sentence_says_what_was_seen():
    flat = LearningCurve(train=(0.5, 1.0), held_out=(0.5, 0.9))
    found = Memorization(
        metric="accuracy", given=flat, permuted=flat, epochs=2, epochs_given=0.5, epochs_permuted=2.0, z=9.0,
        networks=12, parameters=10, n_used=100, seed=0, device="cpu",
    )  # fmt: skip
    assert found.sentence == (
        "A network of this size memorises these labels in 2 epochs whether or not they are right; "
        "on yours it learns 4.0 times as fast as on shuffled ones."
    )
    assert replace(found, epochs_given=None).ratio is None
