import re

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from sklearn.datasets import load_wine

from datacheck.errors import ContractError
from datacheck.normalization import Normalization
from datacheck.profiles import Profile

RNG = np.random.default_rng(9)
X, Y = load_wine(return_X_y=True)
NAMES = [f"c{j}" for j in range(13)]
ORDER = RNG.permutation(178)
TRAIN, TEST = ORDER[:100], RNG.choice(ORDER[100:], 200)


def table(rows, labels=None):
    columns = {name: rows[:, j] for j, name in enumerate(NAMES)}
    return columns if labels is None else {**columns, "y": labels}


@pytest.fixture
def contract(fit):
    return fit(table(X[TRAIN], Y[TRAIN]))


def test_raw_and_normalised_are_told_apart(contract):
    raw, normalised = contract.verify(X[TEST]), contract.verify(contract.transform(X[TEST]))

    assert (raw.state, raw.correct) == ("raw", True)
    assert (normalised.state, normalised.correct) == ("normalised", True)
    assert min(raw.confidence, normalised.confidence) > 0.99
    assert {f.state for f in normalised.features} == {"normalised"}


def test_the_training_rows_themselves_are_no_refit(contract):
    assert contract.verify(contract.transform(X[TRAIN])).state == "normalised"


def standard(x):
    return (x - x.mean(0)) / x.std(0)


@pytest.mark.parametrize(
    ("mistake", "state", "constant"),
    [
        (lambda x, c: c.transform(c.transform(x, dtype="float64")), "normalised twice", None),
        (lambda x, c: standard(x), "own statistics", None),
        (
            lambda x, c: pd.DataFrame(x).pipe(lambda f: (f - f.mean()) / f.std()).to_numpy(),
            "own statistics",
            None,
        ),
        (lambda x, c: (x - x.min(0)) / np.ptp(x, axis=0), "own statistics", None),
        (lambda x, c: 2 * (x - x.min(0)) / np.ptp(x, axis=0) - 1, "own statistics", None),
        (
            lambda x, c: (x - np.median(x, 0)) / np.subtract(*np.quantile(x, [0.75, 0.25], 0)),
            "own statistics",
            None,
        ),
        (lambda x, c: x / 255, "scaled by a constant", 1 / 255),
        (lambda x, c: x * 1000, "scaled by a constant", 1000),
        (lambda x, c: x * 7.3, "scaled by a constant", pytest.approx(7.3, rel=0.1)),
        (lambda x, c: c.transform(x) * 0.5, "normalised, then scaled", 0.5),
        (lambda x, c: c.transform(x / 255), "scaled, then normalised", 1 / 255),
        (lambda x, c: x / [f.std for f in c], "not centred", None),
        (lambda x, c: x - [f.mean for f in c], "not divided", None),
        (
            lambda x, c: (x - [f.mean for f in c]) / np.square([f.std for f in c]),
            "divided by the variance",
            None,
        ),
    ],
)
def test_mistakes_are_named(contract, mistake, state, constant):
    verdict = contract.verify(mistake(X[TEST], contract))

    assert (verdict.state, verdict.correct, verdict.constant) == (state, False, constant)
    assert not verdict
    assert str(verdict).startswith(state)


def test_reordered_columns_are_found(contract):
    order = RNG.permutation(13)

    before, after = contract.verify(X[TEST][:, order]), contract.verify(contract.transform(X[TEST][:, order]))

    wanted = tuple(NAMES[j] for j in order)
    assert before.state == after.state == "columns reordered"
    assert np.mean([a == b for a, b in zip(before.order, wanted, strict=True)]) > 0.8
    assert sum(f.correct for f in before.features) < 5


def test_one_column_in_another_unit(contract):
    rows = X[TEST].copy()
    rows[:, 4] *= 1000

    verdict = contract.verify(rows)

    assert verdict.state == "single columns"
    assert [(f.name, f.constant) for f in verdict.features if not f.correct] == [("c4", 1000.0)]
    assert "'c4' is scaled by 1000 (kilo- or milli-)" in verdict.detail


def test_one_column_left_raw(contract):
    rows = contract.transform(X[TEST])
    rows[:, 12] = X[TEST][:, 12]

    verdict = contract.verify(rows)

    assert [(f.name, f.state) for f in verdict.features if not f.correct] == [("c12", "raw")]


def test_celsius_and_fahrenheit(fit):
    celsius = RNG.normal(15, 8, (400, 1))
    contract = fit({"t": celsius[:200, 0]})

    verdict = contract.verify(celsius[200:] * 1.8 + 32)

    assert [(f.state, f.detail) for f in verdict.features] == [
        ("another unit", "changed from degrees Celsius to Fahrenheit")
    ]


@pytest.mark.parametrize(
    ("train", "test", "detail"),
    [
        (Y, Y + 1, "counts from 1 where the contract counts from 0"),
        (Y + 1, Y, "counts from 0 where the contract counts from 1"),
        (np.array(["a", "b", "c"])[Y], Y, "holds class numbers where the contract has the classes"),
        (Y, np.array(["0", "1", "2"])[Y], "holds texts where the contract has numbers"),
        (np.array(["0", "1", "5"])[Y], np.array([0, 1, 5])[Y], "holds numbers where the contract has texts"),
        (np.array(["a", "b", "c"])[Y], np.array(["A", "b ", "C"])[Y], "differs .* in capitals or spaces"),
        (np.array(["a", "b", "c"])[Y], np.array(["k", "l", "m"])[Y], "has none of the contract's classes"),
    ],
)
def test_labels_that_are_coded_otherwise(fit, train, test, detail):
    contract = fit(table(X[TRAIN], train[TRAIN]))

    verdict = contract.verify(pa.table(table(X[TEST], test[TEST])))

    assert verdict.state == "label coded differently"
    assert re.search(detail, verdict.detail)


def test_a_new_class_is_no_other_coding(fit):
    known = TRAIN[Y[TRAIN] != 1]
    contract = fit(table(X[known], Y[known]))

    assert contract.verify(pa.table(table(X[TEST], Y[TEST]))).state == "raw"


def test_targets(fit):
    target = X[:, 12]
    contract = fit(table(X[TRAIN][:, :12].repeat(2, 1)[:, :13], target[TRAIN]), task="regression")
    rows = X[TEST][:, :12].repeat(2, 1)[:, :13]

    def verdict(values):
        return contract.verify(pd.DataFrame(table(rows, values)))

    assert verdict(target[TEST]).correct
    assert verdict(contract.label.encode(target[TEST])).correct
    assert "the target 'y': the raw values times 0.01" in verdict(target[TEST] / 100).detail


def test_profiles_are_judged_as_their_rows_are(contract):
    profile = Profile.of(pa.record_batch(table(X[TEST] / 255, Y[TEST])))

    verdict = contract.verify(profile)

    assert (verdict.state, verdict.same_data, verdict.rows) == ("scaled by a constant", False, 200)
    assert contract.verify(Profile.of(pa.record_batch(table(X[TRAIN], Y[TRAIN])))).same_data


def test_image_channels(fit):
    pixels = RNG.integers(0, [60, 150, 256], (300, 8, 8, 3)).astype(np.uint8)
    contract = Normalization.of_images([pixels[:150]])
    test = pixels[150:]

    swapped = contract.verify(test[..., ::-1])
    assert (swapped.state, swapped.order) == (
        "channels swapped",
        ("image[blue]", "image[green]", "image[red]"),
    )
    assert contract.verify(contract.transform(test[..., ::-1])).state == "channels swapped"
    assert contract.verify(np.moveaxis(test, -1, 1)).state == "raw"
    assert contract.verify(contract.transform(test)).state == "normalised"
    assert (contract.verify(test / 255).state, contract.verify(test / 255).constant) == (
        "scaled by a constant",
        1 / 255,
    )


@pytest.mark.parametrize("action", ["robust", "log1p+standardize", "quantile", "minmax"])
def test_every_action_is_recognised(fit, action):
    x = RNG.lognormal(3, 0.7, (600, 4))
    contract = fit({f"c{j}": x[:300, j] for j in range(4)}, {f"c{j}": action for j in range(4)})

    states = [contract.verify(rows).state for rows in (x[300:], contract.transform(x[300:]))]

    assert states == ["raw", "normalised"]


@pytest.mark.parametrize(
    ("columns", "rows", "detail"),
    [
        ({"a": [1.0, 1.0]}, np.ones((50, 1)), "no feature of the contract varies"),
        ({"a": [1.0, 2.0, 3.0]}, np.ones((5, 1)), "5 rows are too few, 20 are needed"),
        ({"a": [1.0, 2.0, 3.0]}, np.full((50, 1), np.nan), "0 rows are too few"),
        ({"a": [1.0, 2.0, 3.0]}, RNG.normal(-9e5, 1e-4, (50, 1)), "like the training rows in no reading"),
    ],
)
def test_nothing_is_said_where_nothing_can_be(fit, columns, rows, detail):
    verdict = fit(columns).verify(rows)

    assert (verdict.state, verdict.correct) == ("unclear", None)
    assert detail in verdict.detail


@pytest.mark.parametrize(
    ("x", "message"),
    [
        (np.zeros((30, 2)), r"shape \(30, 2\) given, \(rows, 13\) expected"),
        (pa.table({"c0": [1.0]}), "columns 'c1', .* of the contract are missing"),
        (Profile.of(pa.record_batch({"c0": [1.0]})), "the profile has no column 'c1'"),
        ([1.0], "list given; expected an array, a table or a Profile"),
    ],
)
def test_rows_of_another_sort(contract, x, message):
    with pytest.raises(ContractError, match=message):
        contract.verify(x)


def test_images_with_other_channels():
    contract = Normalization.of_images([RNG.integers(0, 256, (30, 8, 8, 3)).astype(np.uint8)])

    with pytest.raises(ContractError, match="3 channels expected"):
        contract.verify(np.zeros((30, 8, 8, 2)))


def test_tables_and_profiles_without_their_label(contract):
    columns = table(X[TEST])

    assert contract.verify(pl.DataFrame(columns)).state == "raw"
    assert contract.verify(Profile.of(pa.record_batch(columns))).state == "raw"


def test_a_column_of_nothing(contract):
    columns = {**table(X[TEST]), "c3": pa.nulls(200, pa.float64())}

    assert contract.verify(Profile.of(pa.record_batch(columns))).rows == 200


def test_profiles_of_targets(fit):
    contract = fit(table(X[TRAIN], X[TRAIN, 12]), task="regression")

    assert contract.verify(Profile.of(pa.record_batch(table(X[TEST], X[TEST, 12])))).correct
    assert not contract.verify(Profile.of(pa.record_batch(table(X[TEST], X[TEST, 12] * 255)))).correct


def test_two_mistakes_are_both_told(contract):
    verdict = contract.verify(pa.table(table(X[TEST] / 255, Y[TEST] + 1)))

    assert verdict.state == "scaled by a constant"
    assert verdict.detail.endswith("counts from 1 where the contract counts from 0")


def test_a_constant_target_says_nothing(fit):
    contract = fit(table(X[TRAIN], np.ones(100)), task="regression")

    assert contract.verify(pa.table(table(X[TEST], np.ones(200)))).correct


@pytest.mark.parametrize("share", [0.2, 0.26, 0.3, 0.5])
def test_an_indicator_alone_bears_no_mark_of_its_own(fit, share):
    contract = fit({"flag": (RNG.random(800) < 0.24).astype(float)})

    flags = (RNG.random((600, 1)) < share).astype(float)

    assert contract.verify(flags).state != "own statistics"
