import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datacheck._precision import LIMITS, is_constant_in, limits, round_to, rounding_noise


@pytest.mark.parametrize(
    ("precision", "std", "low", "high", "constant"),
    [
        ("float64", None, None, None, True),
        ("float64", 0.0, 5.0, 5.0, True),
        ("float64", 1e-13, 3.0, 3.0 + 4e-13, False),
        ("float32", 1e-13, 3.0, 3.0 + 4e-13, True),
        ("float64", 1e-3, 1e8, 1e8 + 4e-3, False),
        ("float32", 1e-3, 1e8, 1e8 + 4e-3, True),
        ("float32", 1.0, 1e6 - 4, 1e6 + 4, False),
        ("float32", 1e-4, -3e-4, 3e-4, False),
        ("float32", 0.0245, 0.0, 1.0, False),
        ("float16", 6.0, 2000.0, 2020.0, False),
        ("bfloat16", 6.0, 2000.0, 2020.0, True),
        ("float16", 1e-9, 0.0, 5e-9, True),
        ("float32", 1e-320, 1e-320, 3e-320, True),
        ("float64", 1e-320, 1e-320, 3e-320, False),
        ("float32", 1e307, 1e300, 1e308, False),
    ],
)
def test_constant_in_the_training_precision(precision, std, low, high, constant):
    assert is_constant_in(precision, std, low, high) is constant


@pytest.mark.parametrize("name", ["float64", "float32", "float16"])
def test_limits_are_those_of_numpy(name):
    info = np.finfo(name)
    limit = limits(name)
    assert (limit.eps, limit.max, limit.smallest_step) == (
        float(info.eps), float(info.max), float(info.smallest_subnormal))  # fmt: skip


@pytest.mark.parametrize("name", sorted(LIMITS))
def test_the_integer_after_the_gapless_range_is_lost(name):
    n = LIMITS[name].exact_integers
    assert round_to(np.array([n, n + 1.0]), name).tolist() == [n, n]


@settings(deadline=None)
@given(st.lists(st.floats(width=32), max_size=20))
def test_bfloat16_rounds_as_torch_does(values):
    torch = pytest.importorskip("torch")
    expected = torch.tensor(values, dtype=torch.float32).to(torch.bfloat16).to(torch.float64).numpy()
    np.testing.assert_array_equal(round_to(values, "bfloat16"), expected)


def test_noise_of_zeros_is_the_smallest_step():
    assert rounding_noise(0.0, "float32") == 2 * 2.0**-149


def test_an_unknown_precision_names_the_known_ones():
    with pytest.raises(ValueError, match=r"float8.*float64, float32, float16, bfloat16"):
        limits("float8")
