import numpy as np
import pyarrow as pa
import pytest
import torch

import datacheck as dc
from datacheck.errors import InputError

RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(300, 3)).astype(np.float32), RNG.integers(0, 2, 300)
GIVEN = {
    "a pair": (X, Y),
    "a mapping": {"x": X, "y": Y},
    "tensors": (torch.from_numpy(X), torch.from_numpy(Y)),
    "a tensor with gradients": (torch.from_numpy(X.copy()).requires_grad_(), Y),
    "Fortran's order, big-endian": (np.asfortranarray(X.astype(">f4")), Y),
}


def profile(data: object) -> dc.Report:
    return dc.profile(data, select=["constant-feature"])


@pytest.mark.parametrize("data", GIVEN.values(), ids=GIVEN)
def test_arrays_give_the_profile_of_the_same_table(data: object) -> None:
    table = pa.table({"x": pa.FixedSizeListArray.from_arrays(X.reshape(-1), 3), "y": Y})
    expected = profile(table)

    report = profile(data)
    under_a_split = profile({"train": data})

    assert report.profile.schema.label == "y"
    for name in expected.profile.train.order:
        known, found = expected.profile.train[name], report.profile.train[name]
        assert (found.moments, found.extrema, found.levels) == (known.moments, known.extrema, known.levels)
        assert under_a_split.profile.train[name].moments == known.moments


def test_arrays_without_labels_one_for_each_split() -> None:
    report = profile({"train": X, "test": torch.from_numpy(X[:100]).bfloat16()})

    assert {name: split.rows for name, split in report.profile.splits.items()} == {"train": 300, "test": 100}
    assert report.profile.train.order == ("x[0]", "x[1]", "x[2]")
    assert report.profile.schema.label is None


def test_the_contract_normalises_the_same_arrays() -> None:
    far = 100 * X + 7
    contract = profile({"train": (far, Y)}).normalization

    np.testing.assert_allclose(contract.transform(far).mean(axis=0), 0, atol=1e-5)
    assert torch.allclose(contract.to_torch()(torch.from_numpy(far)).std(dim=0), torch.ones(3), atol=0.01)


def test_a_constant_feature_of_an_array_is_named() -> None:
    broken = X.copy()
    broken[:, 1] = 7

    assert [f.columns for f in profile((broken, Y)).findings] == [("x[1]",)]


def test_other_arrays_have_another_fingerprint() -> None:
    prints = [profile(x).profile.train.parts[0].fingerprint for x in (X, X + 1, X.T.copy(), X)]

    assert prints[0] == prints[3]
    assert len(set(prints)) == 3


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (np.array(3.0), "0-d"),
        (np.array([{}]), "Python objects"),
        ((X, Y[:-1]), "300 rows but 'y' has 299"),
        (X.astype(complex), "complex"),
        (np.zeros((4, 0)), "rows without values"),
        ([X, Y], "expected a path, a dataframe"),
        ((X, Y, X), "expected a path, a dataframe"),
        (torch.zeros(3, 3, device="meta"), "cannot become an array"),
    ],
)
def test_what_makes_no_table_is_refused(data: object, said: str) -> None:
    with pytest.raises(InputError, match=said):
        profile(data)
