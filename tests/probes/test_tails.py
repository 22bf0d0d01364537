import numpy as np
import pytest
from scipy import stats

from datacheck._ranks import mid_ranks
from datacheck.probes.tails import pearson_quantile, pearson_tail

RNG = np.random.default_rng(0)
NULLS = {
    "skewed to the right": RNG.exponential(size=500),
    "skewed to the left": -RNG.chisquare(3, 500),
    "nearly even": RNG.normal(size=500),
}


@pytest.mark.parametrize("null", NULLS.values(), ids=NULLS)
@pytest.mark.parametrize("z", [-4, -1, 0, 2, 6, 12])
def test_the_tail_is_that_of_scipy(null, z):
    value = null.mean() + z * null.std()
    expected = stats.pearson3.sf(value, stats.skew(null), null.mean(), null.std())
    assert pearson_tail(value, null) == pytest.approx(expected, rel=1e-8, abs=1e-290)


@pytest.mark.parametrize("null", NULLS.values(), ids=NULLS)
@pytest.mark.parametrize("share", [1e-6, 1e-3, 0.3])
def test_the_quantile_is_that_of_scipy(null, share):
    expected = stats.pearson3.isf(share, stats.skew(null), null.mean(), null.std())
    assert pearson_quantile(share, null) == pytest.approx(expected, rel=1e-8)


def test_an_even_null_has_normal_tails():
    null = np.array([-1.0, 0.0, 1.0])
    assert pearson_tail(2 * null.std(), null) == pytest.approx(stats.norm.sf(2))
    assert pearson_quantile(0.01, null) == pytest.approx(null.std() * stats.norm.isf(0.01))


@pytest.mark.parametrize("values", [RNG.normal(size=50), RNG.integers(0, 4, 50), np.empty(0)])
def test_ranks_are_those_of_scipy(values):
    np.testing.assert_array_equal(mid_ranks(values), stats.rankdata(values))
