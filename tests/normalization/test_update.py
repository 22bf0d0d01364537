import numpy as np
import pyarrow as pa
import pytest

from datacheck._batch import Origin
from datacheck.errors import MergeError
from datacheck.normalization import Normalization
from datacheck.profiles import Profile
from datacheck.schema import Schema, Training

RNG = np.random.default_rng(3)


def profile(columns, part):
    return Profile.of(Origin(part=part, fingerprint=part).stamp(pa.record_batch(columns)))


def contract(columns, part="a", overrides=None, task="classification"):
    schema = Schema(label="y" if "y" in columns else None, task=task)
    return Normalization.of(profile(columns, part), schema, Training(), overrides)


def halves(make):
    return {"x": make(300)}, {"x": make(700)}


def joined(a, b):
    return {name: np.concatenate([a[name], b[name]]) for name in a}


@pytest.mark.parametrize(
    "make",
    [
        lambda n: RNG.normal(5, 3, n),
        lambda n: RNG.normal(1e8, 1, n),
        lambda n: RNG.normal(0, 1, n) * 1e307,
        lambda n: RNG.integers(0, 9, n),
    ],
)
def test_moments_are_refitted_exactly(make):
    a, b = halves(make)

    updated = contract(a).update(profile(b, "b"))["x"]

    whole = contract(joined(a, b))["x"]
    assert updated.mean == pytest.approx(whole.mean, rel=1e-13)
    assert updated.std == pytest.approx(whole.std, rel=1e-10)
    assert (updated.min, updated.max, updated.count) == (whole.min, whole.max, whole.count)
    assert updated.fill == updated.mean


@pytest.mark.parametrize("action", ["log1p+standardize", "quantile", "robust"])
def test_other_statistics_are_refitted(action):
    a, b = halves(lambda n: RNG.lognormal(2, 0.8, n))

    updated = contract(a, overrides={"x": action}).update(profile(b, "b"))

    whole = contract(joined(a, b), overrides={"x": action})
    x = joined(a, b)["x"][:, None]
    assert updated["x"].action == action
    assert updated.transform(x) == pytest.approx(whole.transform(x), abs=0.12)
    assert (updated["x"].log_mean or 0) == pytest.approx(whole["x"].log_mean or 0)


def test_the_counter_and_the_parts_tell_what_is_in_it():
    first = contract({"x": [1.0, 2.0, 3.0]}, "a")

    second = first.update(profile({"x": [4.0]}, "b"))

    assert (second.updates, second.rows, [part.name for part in second.parts]) == (1, 4, ["a", "b"])
    assert first.fingerprint != second.fingerprint
    assert second.fitted_on(profile({"x": [1.0, 2.0, 3.0]}, "a") + profile({"x": [4.0]}, "b"))
    assert not second.fitted_on(profile({"x": [4.0]}, "b"))


def test_the_same_rows_twice_are_refused():
    first = contract({"x": [1.0, 2.0, 3.0]}, "a")

    with pytest.raises(MergeError, match="are in both profiles"):
        first.update(profile({"x": [1.0, 2.0, 3.0]}, "a"))


def test_other_features_are_refused():
    with pytest.raises(MergeError, match="they must be the same"):
        contract({"x": [1.0, 2.0, 3.0]}).update(profile({"z": [1.0]}, "b"))


def test_an_empty_start_and_nothing_new():
    nothing = {"x": pa.array([None, None], pa.float64())}

    assert contract(nothing).update(profile({"x": [1.0, 3.0]}, "b"))["x"].mean == 2
    assert contract({"x": [1.0, 3.0]}).update(profile(nothing, "b"))["x"].std == 1


def test_new_classes_come_after_the_old():
    first = contract({"x": [1.0, 2.0], "y": ["b", "c"]})

    label = first.update(profile({"x": [1.0, 2.0], "y": ["a", "b"]}, "b")).label

    assert (label.classes, label.counts, label.rows) == (("b", "c", "a"), (2, 1, 1), 4)


def test_the_target_is_refitted():
    first = contract({"x": [1.0, 2.0], "y": [1.0, 2.0]}, task="regression")

    label = first.update(profile({"x": [1.0, 2.0], "y": [3.0, 8.0]}, "b")).label

    assert (label.mean, label.std, label.max) == (3.5, pytest.approx(np.std([1, 2, 3, 8])), 8)


@pytest.mark.parametrize("y", [None, [f"c{i}" for i in range(1500)]])
def test_a_label_that_cannot_be_counted_stays(y):
    first = contract({"x": [1.0, 2.0], "y": ["b", "c"]})
    columns = {"x": np.arange(1500.0)} if y is None else {"x": np.arange(1500.0), "y": y}

    assert first.update(profile(columns, "b")).label == first.label
