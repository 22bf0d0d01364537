import numpy as np
import pyarrow as pa
import pytest
from scipy.signal import lfilter
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits

from datacheck.errors import InputError, NotApplicable
from datacheck.probes.alignment import check_alignment


def shuffled_rows(load, seed=0):
    features, labels = load(return_X_y=True)
    order = np.random.default_rng(seed).permutation(len(labels))
    table = pa.table({f"x{i}": column for i, column in enumerate(features[order].T)})
    return table, labels[order]


def linear(rows=1500, noise=0.5, seed=0):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(rows, 4))
    table = pa.table({f"x{i}": x[:, i] for i in range(4)})
    return table, x[:, 0] + np.sin(2 * x[:, 1]) + noise * rng.normal(size=rows), rng


def series(rows, columns, memory, seed):
    draws = np.random.default_rng(seed).normal(size=(rows, columns))
    return lfilter([1], [1, -memory], draws, axis=0)


@pytest.mark.parametrize("load", [load_breast_cancer, load_diabetes, load_digits])
def test_bundled_data_are_aligned(load):
    table, labels = shuffled_rows(load)
    found = check_alignment(table, pa.array(labels))
    assert found.label == "aligned"
    assert found.p_value < 1e-6
    assert found.suspicion.shape == labels.shape


@pytest.mark.parametrize("load", [load_breast_cancer, load_diabetes, load_digits])
@pytest.mark.parametrize("offset", [1, -1, 5, -64])
def test_an_offset_is_named_with_its_sign(load, offset):
    table, labels = shuffled_rows(load)
    found = check_alignment(table, pa.array(np.roll(labels, offset)))
    assert found.label == f"offset {offset}"
    assert found.to_json()["offset"] == offset


@pytest.mark.parametrize("load", [load_breast_cancer, load_diabetes, load_digits])
def test_shuffled_labels_are_no_evidence(load):
    table, labels = shuffled_rows(load)
    found = check_alignment(table, pa.array(np.random.default_rng(3).permutation(labels)))
    assert found.label == "no evidence"
    assert 0 < found.detectable_r2 < 0.3
    assert "hard or the labels are misaligned" in found.reason


def test_a_shuffled_stretch_is_found_to_a_few_rows():
    table, labels, rng = linear()
    labels[600:800] = rng.permutation(labels[600:800])
    (block,) = check_alignment(table, pa.array(labels)).blocks
    assert block.kind == "shuffled"
    assert abs(block.first - 600) <= 12
    assert abs(block.last - 800) <= 12


def test_a_row_lost_in_mid_file_shifts_the_rest():
    table, labels, _ = linear()
    found = check_alignment(table, pa.array(np.concatenate([labels[:400], labels[401:], labels[-1:]])))
    assert found.verdict == "block"
    (block,) = found.blocks
    assert (block.kind, block.offset, block.last) == ("offset", -1, 1500)
    assert abs(block.first - 400) <= 8


def test_a_bad_file_is_named():
    table, labels, rng = linear(noise=2.0)
    labels[600:700] = rng.permutation(labels[600:700])
    files = [(f"part-{i:03}.parquet", 100) for i in range(15)]
    found = check_alignment(table, pa.array(labels), files=files)
    assert [block.file for block in found.blocks] == ["part-006.parquet"]
    assert found.to_json()["blocks"][0]["rows"] == [600, 700]


def test_a_sample_keeps_its_positions():
    table, labels, _ = linear(rows=6000)
    rng = np.random.default_rng(1)
    positions = np.concatenate([np.arange(3000, 5000), rng.choice(3000, 500, replace=False)])
    rolled = np.roll(labels, 2)
    found = check_alignment(table.take(pa.array(positions)), pa.array(rolled[positions]), positions=positions)
    assert found.label == "offset 2"


@pytest.mark.parametrize("memory", [0.9, 0.98, 1.0])
def test_unrelated_series_are_not_aligned(memory):
    claims = 0
    for seed in range(6):
        x, y = series(1000, 3, memory, seed), series(1000, 1, memory, seed + 100)[:, 0]
        found = check_alignment(pa.table({f"x{i}": x[:, i] for i in range(3)}), pa.array(y))
        claims += found.label != "no evidence"
    assert claims == 0


def test_features_made_of_earlier_labels_are_no_offset():
    z = series(1500, 1, 0.98, 0)[:, 0]
    lags = pa.table({"one": z[2:-1], "two": z[1:-2], "three": z[:-3]})
    assert check_alignment(lags, pa.array(z[3:])).verdict in ("aligned", "no evidence")


def test_series_with_memory_show_their_block():
    x = series(2000, 3, 0.95, 1)
    rng = np.random.default_rng(2)
    y = x[:, 0] + 0.5 * x[:, 1] + series(2000, 1, 0.95, 7)[:, 0]
    y[900:1100] = rng.permutation(y[900:1100])
    (block,) = check_alignment(pa.table({f"x{i}": x[:, i] for i in range(3)}), pa.array(y)).blocks
    assert abs(block.first - 900) <= 12
    assert abs(block.last - 1100) <= 12


def test_sorted_labels_make_no_claim():
    table, labels, _ = linear()
    order = np.argsort(labels)
    found = check_alignment(table.take(pa.array(order)), pa.array(labels[order]))
    assert found.verdict in ("aligned", "no evidence")
    assert found.blocks == ()


def test_the_target_as_a_feature_is_aligned():
    table, labels, _ = linear(rows=300)
    assert check_alignment(table.append_column("copy", pa.array(labels)), pa.array(labels)).label == "aligned"


def test_missing_labels_keep_their_place():
    table, labels, _ = linear()
    rolled = np.roll(labels, 1)
    rolled[::7] = np.nan
    assert check_alignment(table, pa.array(rolled)).label == "offset 1"


def test_the_same_seed_gives_the_same_record():
    table, labels, _ = linear(rows=400)
    assert check_alignment(table, pa.array(labels)) == check_alignment(table, pa.array(labels))


FEW = np.arange(200) % 3


@pytest.mark.parametrize(
    ("table", "labels", "reason"),
    [
        (pa.table({"x": [1.0, 2.0]}), pa.array([0, 1]), "2 labelled rows"),
        (pa.table({"x": FEW}), pa.array(["same"] * 200), "all labels are the same"),
        (pa.table({"x": FEW}), pa.array([f"class {i}" for i in range(200)]), "too few rows in each class"),
        (pa.table({"x": [1.0] * 200}), pa.array(FEW), "no feature varies"),
        (pa.table({"x": pa.array([None] * 200, pa.float64())}), pa.array(FEW), "no feature varies"),
        (pa.table({"x": FEW}), pa.array([None] * 200, pa.float64()), "0 labelled rows"),
        (pa.table({"x": FEW}), pa.array([[1]] * 200), "neither classes nor numbers"),
    ],
)
def test_bad_input_is_not_checked_with_a_reason(table, labels, reason):
    with pytest.raises(NotApplicable, match=reason):
        check_alignment(table, labels)


def test_lengths_must_match():
    with pytest.raises(InputError, match="40 rows, 50 labels"):
        check_alignment(pa.table({"x": [1.0] * 40}), pa.array([0, 1] * 25), positions=np.arange(40))


def test_many_classes_and_many_features():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(600, 2000))
    table = pa.table({f"x{i}": x[:, i] for i in range(2000)})
    labels = (x[:, :1000].sum(axis=1) > 0).astype(int)
    assert check_alignment(table, pa.array(labels)).verdict in ("aligned", "no evidence")
    many = rng.integers(0, 150, 600)
    assert (
        check_alignment(table.select(["x0", "x1"]), pa.array(many), task="classification").label
        == "no evidence"
    )
