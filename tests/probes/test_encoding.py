import numpy as np
import pyarrow as pa
import pytest

from datacheck.probes.encoding import COMPONENTS, encode


def test_a_unit_changes_nothing():
    x = np.random.default_rng(0).lognormal(size=500)
    np.testing.assert_allclose(encode(pa.table({"x": x})), encode(pa.table({"x": x * 1e6})), atol=1e-9)


def test_outliers_stay_within_four_and_a_half():
    x = np.append(np.random.default_rng(0).normal(size=500), 1e30)
    assert np.abs(encode(pa.table({"x": x}))).max() < 4.5


@pytest.mark.parametrize(
    "column",
    [
        pa.array([1.5] * 50),
        pa.array([None] * 50, pa.float64()),
        pa.array([f"id{i}" for i in range(50)]),
        pa.array(range(50)),
        pa.array([float("nan")] * 50),
        pa.array(["a"] * 50),
        pa.array([[1, 2]] * 50, pa.list_(pa.int64())),
    ],
)
def test_columns_that_say_nothing_are_left_out(column):
    assert encode(pa.table({"x": column})).shape == (50, 0)


def test_missing_values_get_a_flag_and_the_middle():
    encoded = encode(pa.table({"x": pa.array([1.0, 2.0, None, 4.0, 7.0])}))
    assert encoded.shape == (5, 2)
    assert encoded[:, 1].tolist() == [0, 0, 1, 0, 0]
    assert encoded[2, 0] == 0


def test_levels_become_centred_indicators():
    encoded = encode(pa.table({"c": pa.array(["a", "b", "a", "b", None, "a"]).dictionary_encode()}))
    np.testing.assert_allclose(encoded[:, 0], np.array([1, 0, 1, 0, 0, 1]) - 0.5)


def test_times_and_booleans_are_numbers():
    when = pa.array([0, 5, 9, 2], pa.timestamp("us"))
    assert encode(pa.table({"t": when, "b": pa.array([True, False, True, True])})).shape == (4, 2)


def test_wide_tables_become_components_of_unit_size():
    rng = np.random.default_rng(0)
    encoded = encode(pa.table({f"x{i}": rng.normal(size=300) for i in range(300)}))
    assert encoded.shape == (300, COMPONENTS)
    assert 0.8 < (encoded**2).mean() < 1.2


def test_a_tensor_column_keeps_relative_sizes():
    values = np.random.default_rng(0).normal(size=(100, 3)) * [1, 1, 10]
    column = pa.FixedSizeListArray.from_arrays(pa.array(values.ravel()), 3)
    encoded = encode(pa.table({"image": column}))
    assert encoded[:, 2].std() > 5 * encoded[:, 0].std()
