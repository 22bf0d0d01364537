"""No finite value gives NaN or infinity, whatever the contract, in numpy, torch and scikit-learn alike."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datacheck.normalization import ACTIONS, Normalization
from datacheck.profiles import Profile
from datacheck.schema import Schema, Training

FINITE = st.floats(allow_nan=False, allow_infinity=False)
EXTREME = st.sampled_from(
    [0.0, -0.0, 1e308, -1e308, 5e-324, -5e-324, 1e-310, 1.0, 3.0000001, 1e8, 65504.0, 2.0**63]
)
COLUMN = st.lists(FINITE | EXTREME, min_size=1, max_size=12)
PRECISION = st.sampled_from(["float32", "float16", "bfloat16"])
ACTION = st.sampled_from(["default", *sorted({*ACTIONS} - {"one_hot", "robust"})])


def contract_of(column, action, precision):
    overrides = {} if action == "default" else {"x": action}
    profile = Profile.of(pa.record_batch({"x": column}))
    return Normalization.of(profile, Schema(), Training(precision=precision), overrides)


CASES = given(train=COLUMN, test=COLUMN, action=ACTION, precision=PRECISION)
SETTINGS = settings(deadline=None, max_examples=150)


@SETTINGS
@CASES
def test_numpy(train, test, action, precision):
    contract = contract_of(train, action, precision)
    x = np.array([*train, *test])[:, None]

    with np.errstate(over="ignore"):
        narrow = x.astype(np.float32)
    for given_x in (x, narrow[np.isfinite(narrow).all(axis=1)]):
        assert np.isfinite(contract.transform(given_x)).all()
        assert np.isfinite(contract.transform(given_x, dtype="float64")).all()
        assert np.isfinite(contract.inverse(contract.transform(given_x))).all()


@SETTINGS
@CASES
def test_torch(train, test, action, precision):
    torch = pytest.importorskip("torch")
    module = contract_of(train, action, precision).to_torch()
    x = torch.tensor([*train, *test], dtype=torch.float64)[:, None]

    for dtype in (torch.float64, torch.float32, torch.float16, torch.bfloat16):
        cast = x.to(dtype)
        y = module(cast[torch.isfinite(cast).all(dim=1)])
        assert torch.isfinite(y).all()
        assert y.dtype == getattr(torch, precision)


@SETTINGS
@CASES
def test_scikit_learn(train, test, action, precision):
    estimator = contract_of(train, action, precision).to_sklearn()
    x = np.array([*train, *test])[:, None]

    with np.errstate(all="ignore"):
        assert np.isfinite(estimator.transform(x)).all()


@settings(deadline=None, max_examples=60)
@given(train=st.lists(COLUMN, min_size=3, max_size=3), test=COLUMN)
def test_scikit_learn_fitted_by_itself(train, test):
    from datacheck.normalization.sklearn import ContractTransformer

    rows = min(map(len, train))
    x = np.array([column[:rows] for column in train]).T

    with np.errstate(all="ignore"):  # scikit-learn sums its input to see whether it is finite
        estimator = ContractTransformer().fit(x)
        y = estimator.transform(np.repeat(np.array(test)[:, None], 3, axis=1))

    assert np.isfinite(y).all()


@pytest.mark.parametrize(
    "column",
    [
        [5.0],
        [1e308, -1e308],
        [5e-324, 1e-323],
        [2**63 - 1, -(2**63)],
        [1e308, 1.7e308, 1e307],
        [1e-320, 1e300],
    ],
)
@pytest.mark.parametrize("action", sorted({*ACTIONS} - {"one_hot", "robust"}))
def test_named_columns(column, action):
    contract = contract_of(column, action, "float16")

    assert np.isfinite(contract.transform(np.array(column, dtype=float)[:, None])).all()
