import numpy as np
import pyarrow as pa
import pytest

from datacheck.probes.shift import shift
from datacheck.probes.shift_kernel import vector_shifts
from datacheck.probes.shift_reduce import principal_components
from datacheck.probes.shift_table import pair_of

CENTRES = np.random.default_rng(0).normal(size=(5, 40))


def column(matrix: np.ndarray) -> pa.FixedSizeListArray:
    return pa.FixedSizeListArray.from_arrays(pa.array(matrix.ravel()), matrix.shape[1])


def embeddings(rng: np.random.Generator, rows: int, first: float = 0.2, noise: float = 1.0) -> pa.Table:
    shares = np.array([first, *np.full(4, (1 - first) / 4)])
    chosen = CENTRES[rng.choice(5, rows, p=shares)]
    return pa.table({"v": column(chosen + noise * rng.normal(size=chosen.shape))})


def test_clean_embeddings_are_quiet() -> None:
    rng = np.random.default_rng(1)

    kinds = [shift(embeddings(rng, 600), embeddings(rng, 300)).kind for _ in range(20)]

    assert sum(kind != "none" for kind in kinds) <= 2


@pytest.mark.parametrize("change", [{"first": 0.4}, {"noise": 1.3}])
def test_moved_embeddings_are_found(change: dict[str, float]) -> None:
    rng = np.random.default_rng(2)

    kinds = [shift(embeddings(rng, 1000), embeddings(rng, 600, **change)).kind for _ in range(5)]

    assert kinds == ["covariate"] * 5


def test_the_kernel_test_sees_what_no_single_entry_shows() -> None:
    rng = np.random.default_rng(3)
    train, test = rng.normal(size=(2, 2000, 3))
    test[:, 2] = np.abs(test[:, 2]) * np.sign(test[:, 0] * test[:, 1])

    (found,) = vector_shifts(pair_of(pa.table({"v": column(train)}), pa.table({"v": column(test)})), rng)

    assert found.p == 0.002
    assert found.relevant
    assert found.column == "v"


def test_the_kernel_test_is_calibrated() -> None:
    rng = np.random.default_rng(4)
    pairs = [pair_of(embeddings(rng, 200), embeddings(rng, 100)) for _ in range(60)]

    p = [next(vector_shifts(pair, rng)).p for pair in pairs]

    assert sum(value <= 0.05 for value in p) <= 8
    assert 15 <= sum(value <= 0.5 for value in p) <= 45


def test_wide_vectors_have_the_axes_of_the_exact_decomposition() -> None:
    rng = np.random.default_rng(5)
    matrix = rng.normal(size=(300, 3)) @ rng.normal(size=(3, 400)) + 0.01 * rng.normal(size=(300, 400))
    vectors = pa.chunked_array([column(matrix)])
    centred = matrix - matrix.mean(axis=0)
    exact = np.linalg.svd(np.concatenate([centred, centred]), compute_uv=False)[:3] / np.sqrt(2)

    parts = dict(principal_components(vectors, vectors))

    lengths = [np.linalg.norm(parts[f"component {k}"][:300]) for k in (1, 2, 3)]
    assert lengths == pytest.approx(exact.tolist(), rel=1e-6)


def test_lists_of_one_length_are_vectors_and_others_are_not() -> None:
    even = pa.table({"v": pa.array([[1.0, 2.0], [3.0, 4.0]] * 40), "x": np.arange(80.0)})
    uneven = pa.table({"v": pa.array([[1.0, 2.0], [3.0]] * 40), "x": np.arange(80.0)})

    assert "v" not in shift(even, even).skipped
    assert shift(even, uneven).skipped["v"] == "lists of different lengths are not compared"
