from dataclasses import replace

import numpy as np
import pytest

from datacheck.errors import ContractError
from datacheck.normalization import Labels, Normalization


def test_classes_weights_and_numbers(fit):
    labels = fit({"x": [1.0] * 8, "y": ["b", "a", "a", "a", "a", "a", "a", "c"]}).label

    assert labels.classes == ("a", "b", "c")
    assert labels.counts == (6, 1, 1)
    assert labels.inverse_frequency == (8 / 18, 8 / 3, 8 / 3)
    assert labels.encode(["c", "a"]).tolist() == [2, 0]
    assert labels.inverse([2, 0]).tolist() == ["c", "a"]


def test_effective_number_is_that_of_the_paper():
    labels = Labels(name="y", task="classification", rows=1110, classes=(0, 1, 2), counts=(1000, 100, 10))

    raw = np.array([(1 - 0.999) / (1 - 0.999**n) for n in labels.counts])
    assert labels.effective_number == pytest.approx(tuple(raw / raw.sum() * 3))


def test_an_empty_class_has_no_weight():
    labels = Labels(name="y", task="classification", rows=2, classes=(0, 1), counts=(2, 0))

    assert labels.inverse_frequency == (0.5, None)
    assert labels.effective_number == (2.0, None)


@pytest.mark.parametrize("value", ["d", 7, None, ["a"]])
def test_an_unseen_label_is_named(fit, value):
    labels = fit({"x": [1.0, 2.0], "y": ["a", "b"]}).label

    with pytest.raises(
        ContractError, match=r"the label 'y' is .*, which no training row has; expected one of: a, b"
    ):
        labels.encode(np.array(["a", value], dtype=object))


@pytest.mark.parametrize("numbers", [[2], [-1]])
def test_class_numbers_out_of_range(fit, numbers):
    with pytest.raises(ContractError, match="for the label 'y', 0 to 1 expected"):
        fit({"x": [1.0, 2.0], "y": ["a", "b"]}).label.inverse(numbers)


def test_no_class_numbers(fit):
    assert fit({"x": [1.0, 2.0], "y": ["a", "b"]}).label.inverse([]).tolist() == []


@pytest.mark.parametrize("target", [[1.0, 2.0, 6.0], [1e308, -1e308, 0.0], [1e-300, 2e-300, 4e-300]])
def test_targets_are_standardised_and_back(fit, target):
    labels = fit({"x": [1.0, 2.0, 3.0], "y": target}, task="regression").label

    z = labels.encode(target)

    assert z.std() == pytest.approx(1)
    assert labels.inverse(z) == pytest.approx(np.array(target), rel=1e-12)


def test_a_constant_target_is_zero(fit):
    labels = fit({"x": [1.0, 2.0], "y": [3.0, 3.0]}, task="regression").label

    assert labels.encode([3.0, 4.0]).tolist() == [0, 0]
    assert labels.inverse([0.0]).tolist() == [3.0]


@pytest.mark.parametrize(
    ("labels", "task"),
    [
        ([1.0, 2.0, 6.0], "regression"),
        (["a", "b", "a"], "classification"),
        ([True, False, True], "classification"),
    ],
)
def test_save_and_load(fit, tmp_path, labels, task):
    contract = fit({"x": [1.0, 2.0, 3.0], "y": labels}, task=task)
    contract.save(tmp_path / "n.json")

    assert Normalization.load(tmp_path / "n.json").label == contract.label


def test_empty_classes_are_read_again(fit, tmp_path):
    contract = replace(
        fit({"x": [1.0, 2.0]}),
        label=Labels(name="y", task="classification", rows=1, classes=(0, 1), counts=(1, 0)),
    )
    contract.save(tmp_path / "n.json")

    assert Normalization.load(tmp_path / "n.json").label == contract.label


def test_targets_of_nothing_have_no_scale(fit):
    assert fit({"x": [1.0, 2.0], "y": [None, float("nan")]}, task="regression").label is None


def test_too_many_classes(fit):
    assert fit({"x": np.arange(1500.0), "y": [f"c{i}" for i in range(1500)]}).label is None
