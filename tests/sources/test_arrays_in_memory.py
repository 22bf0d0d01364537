import json
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa
import pytest
import torch

import datacheck as dc
from datacheck.errors import InputError
from datacheck.saved import to_json

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


WHOLE = (10 * torch.from_numpy(X)).round()
TENSORS = {
    "gradients": torch.from_numpy(X.copy()).requires_grad_(),
    "a parameter": torch.nn.Parameter(torch.from_numpy(X.copy())),
    "rows and columns swapped": torch.from_numpy(X.T.copy()).T,
    "every second row": torch.from_numpy(np.repeat(X, 2, axis=0))[::2],
    "one row repeated": torch.from_numpy(X[:1]).expand(300, 3),
    "negative on reading": torch.complex(torch.from_numpy(X), torch.from_numpy(X)).conj().imag,
    "three axes": torch.from_numpy(X).reshape(100, 3, 3),
    "one axis": torch.from_numpy(X).reshape(-1),
    "not finite": torch.where(torch.from_numpy(X) > 1, torch.nan, torch.inf),
    **{
        str(dtype): WHOLE.abs().to(dtype)
        for dtype in (torch.float16, torch.float64, torch.bool, torch.int8, torch.int16, torch.int32)
    },
    **{str(dtype): WHOLE.abs().to(dtype) for dtype in (torch.int64, torch.uint8, torch.uint16, torch.uint64)},
}


@pytest.mark.parametrize("tensor", TENSORS.values(), ids=TENSORS)
def test_a_tensor_has_the_profile_of_the_same_array(tensor: torch.Tensor) -> None:
    array = np.array(tensor.detach().resolve_neg().numpy())

    assert everything(dc.Profile.of(tensor)) == everything(dc.Profile.of(array))
    assert everything(profile(tensor).profile.train) == everything(dc.Profile.of(array))


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float8_e4m3fn])
def test_floats_that_numpy_does_not_have_become_longer_ones(dtype: torch.dtype) -> None:
    tensor = torch.from_numpy(X).to(dtype)

    assert everything(dc.Profile.of(tensor)) == everything(dc.Profile.of(tensor.float().numpy()))


def everything(found: dc.Profile) -> str:
    return json.dumps([to_json(found), found.sample.hashes.tolist(), found.sample.table.to_pydict()])


class Watched(torch.Tensor):
    """A tensor that notes how many rows are copied to the host at once."""

    copied: ClassVar[list[int]] = []

    def numpy(self, *, force: bool = False) -> np.ndarray:
        self.copied.append(len(self))
        return super().numpy(force=force)


def test_a_tensor_comes_to_the_host_in_blocks() -> None:
    values = RNG.normal(size=(150_000, 2)).astype(np.float32)

    found = dc.Profile.of(torch.from_numpy(values).as_subclass(Watched))

    assert sum(Watched.copied) >= 150_000 and max(Watched.copied) <= 1 << 16
    assert everything(found) == everything(dc.Profile.of(values))


def test_profiles_of_tensors_add_up() -> None:
    first, second = torch.from_numpy(X[:100]), torch.from_numpy(X[100:])

    assert (dc.Profile.of(first) + dc.Profile.of(second)).rows == 300
    assert (dc.Profile.of(first) + dc.Profile.of(first[:0])).rows == 100
    with pytest.raises(dc.MergeError, match="each part may be counted once"):
        dc.Profile.of(first) + dc.Profile.of(first.clone())


def test_a_profile_of_a_table_is_that_of_its_batch() -> None:
    batch = pa.record_batch({"x": X[:, 0]})

    assert to_json(dc.Profile.of(pa.table(batch)))["columns"] == to_json(dc.Profile.of(batch))["columns"]
    with pytest.raises(InputError, match="data is a str; expected"):
        dc.Profile.of("a/path")


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
        (torch.tensor(3.0), "0-d"),
        (torch.zeros(0, 3), "has no rows"),
        (torch.zeros(3, 0), "rows without values"),
        (
            torch.zeros(3, 3, dtype=torch.complex64),
            "complex64; expected real numbers: pass torch.view_as_real",
        ),
        (torch.eye(3).to_sparse(), "layout torch.sparse_coo; expected a dense tensor: pass x.to_dense"),
        (torch.zeros(3, 3, device="meta"), "the device 'meta', which holds no values"),
    ],
)
def test_what_makes_no_table_is_refused(data: object, said: str) -> None:
    with pytest.raises(InputError, match=said):
        profile(data)


@pytest.mark.filterwarnings("ignore")  # torch says that each of these is in beta or on its way out
@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: torch.eye(3).to_sparse_csr(), "layout torch.sparse_csr"),
        (lambda: torch.nested.nested_tensor([torch.zeros(2), torch.zeros(3)]), "one shape: pass x.to_padded"),
        (
            lambda: torch.quantize_per_tensor(torch.eye(3), 0.1, 0, torch.qint8),
            "quantised .* pass x.dequantize",
        ),
    ],
)
def test_tensors_without_plain_numbers_in_rows_are_refused(make: Any, said: str) -> None:
    with pytest.raises(InputError, match=said):
        profile(make())
    with pytest.raises(InputError, match=said):
        dc.Profile.of(make())
