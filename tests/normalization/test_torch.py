import io
import sys

import numpy as np
import pyarrow as pa
import pytest

from datacheck.errors import ContractError, MissingExtraError

torch = pytest.importorskip("torch")


@pytest.fixture
def mixed(fit, table):
    """A contract of every action on numbers, and its training rows with missing values."""
    numbers = {k: v for k, v in table.items() if k not in ("colour", "y")}
    overrides = {
        "huge": "quantile",
        "tiny": {"missing_indicator": True},
        "count": {"action": "one_hot", "missing_indicator": True, "fill": 3},
    }
    x = np.column_stack(list(numbers.values()))
    x[::7, :] = np.nan
    x[1, 6] = 999
    return fit(numbers, overrides), x


@pytest.fixture
def plain(fit):
    x = np.random.default_rng(5).normal([0, 1e6, -3e-5], [1, 2, 1e-6], (5000, 3)).astype(np.float32)
    return fit({f"x{i}": x[:, i] for i in range(3)}), x


@pytest.mark.parametrize(("dtype", "error"), [("float64", 1e-12), ("float32", 1e-6)])
def test_equals_numpy(mixed, dtype, error):
    contract, x = mixed

    given = contract.to_torch(dtype=dtype)(torch.tensor(x))

    np.testing.assert_allclose(given.numpy(), contract.transform(x, dtype=dtype), rtol=error, atol=1e-15)


def test_float32_tensors_equal_numpy(plain):
    contract, x = plain

    np.testing.assert_allclose(contract.to_torch()(torch.tensor(x)).numpy(), contract.transform(x), rtol=1e-6)


def test_chunks_equal_the_whole(fit):
    x = torch.randn(30_000, 20, generator=torch.Generator().manual_seed(0)) * 3 + 7
    x[5, 5], x[6, 6] = torch.nan, 3e38
    columns = {f"x{i}": x[:500, i].nan_to_num(0).clamp(-99, 99).numpy() for i in range(20)}
    for overrides in ({}, {"x3": {"clip": [-1, 1]}}):
        module = fit(columns, overrides).to_torch()

        whole = module(x[None])[0]

        assert torch.equal(module(x), whole)
        assert torch.isfinite(whole).all()


@pytest.mark.parametrize("shape", [(3,), (4, 3), (2, 5, 3), (0, 3)])
def test_leading_dimensions_are_kept(plain, shape):
    assert plain[0].to_torch()(torch.zeros(shape)).shape == shape


def test_texts_are_given_as_their_numbers(fit):
    module = fit({"t": ["a", "b", "a"], "x": [1.0, 2.0, 3.0]}).to_torch()

    given = module(torch.tensor([[1.0, 2.0], [5.0, 2.0]]))

    assert given.tolist() == [[0, 1, 0, 0], [0, 0, 1, 0]]


def test_another_width_is_refused(plain):
    with pytest.raises(ContractError, match=r"a tensor of shape \(4, 2\) given, \(…, 3\) expected"):
        plain[0].to_torch()(torch.zeros(4, 2))


def test_half_moves_the_module_but_keeps_its_statistics(plain):
    contract, x = plain
    module = contract.to_torch()
    before = module(torch.tensor(x))

    assert torch.equal(module.half().to(torch.bfloat16)(torch.tensor(x)), before)


def test_state_dict_holds_everything(mixed, fit):
    contract, x = mixed
    module = contract.to_torch()
    other = contract.to_torch()
    for buffer in other.buffers():
        buffer.zero_()

    other.load_state_dict(module.state_dict())

    assert torch.equal(other(torch.tensor(x)), module(torch.tensor(x)))


def test_gradients_pass(plain):
    contract, x = plain
    given = torch.tensor(x[:5], requires_grad=True)

    contract.to_torch()(given).sum().backward()

    scales = [1.0 if feature.action == "none" else feature.std for feature in contract]
    assert given.grad[0].numpy() == pytest.approx(1 / np.array(scales), rel=1e-5)


@pytest.mark.parametrize("which", ["mixed", "plain"])
def test_compile_and_export(request, which):
    contract, x = request.getfixturevalue(which)
    module, given = contract.to_torch(), torch.tensor(x[:64])
    expected = module(given)

    exported = torch.export.export(module, (given,), dynamic_shapes=({0: torch.export.Dim("rows")},)).module()

    for made in (torch.compile(module, backend="eager"), exported):
        torch.testing.assert_close(made(given), expected, rtol=1e-6, atol=1e-6)
    assert exported(torch.tensor(x[:7])).shape[0] == 7


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("which", ["mixed", "plain"])
def test_onnx(request, which):
    runtime = pytest.importorskip("onnxruntime")
    pytest.importorskip("onnxscript")
    contract, x = request.getfixturevalue(which)
    module = contract.to_torch()
    rows = ({0: torch.export.Dim("rows")},)
    file = io.BytesIO()

    torch.onnx.export(module, (torch.tensor(x[:5]),), dynamo=True, dynamic_shapes=rows, verbose=False).save(
        file
    )

    session = runtime.InferenceSession(file.getvalue())
    (given,) = session.run(None, {session.get_inputs()[0].name: x})
    np.testing.assert_allclose(given, module(torch.tensor(x)).numpy(), rtol=1e-6, atol=1e-6)


def test_without_torch_the_error_names_the_extra(fit, monkeypatch):
    monkeypatch.setitem(sys.modules, "datacheck.normalization.torch", None)

    with pytest.raises(MissingExtraError, match="pip install 'datacheck-ml\\[torch\\]'"):
        fit({"x": [1.0, 2.0]}).to_torch()


def test_arrow_rows_and_tensors_agree(mixed):
    contract, x = mixed
    table = pa.table({name: x[:, j] for j, name in enumerate(contract.names)})

    rows = contract.transform(table).to_pandas().to_numpy()

    np.testing.assert_allclose(rows, contract.to_torch()(torch.tensor(x)).numpy(), rtol=1e-6, atol=1e-12)
