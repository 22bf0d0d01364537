import io
import json
import tarfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.feather
import pytest

from datacheck.dataset import find
from datacheck.errors import DatacheckError, InputError
from datacheck.run import profile

TABLE = pa.table({"x": [1.0, 2.0, 3.0], "label": ["a", "b", "a"]})


def refuses(data, *words: str) -> None:
    with pytest.raises(DatacheckError) as caught:
        profile(data)
    for word in words:
        assert word in str(caught.value)


def write(path: Path, data: bytes | str) -> Path:
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


def npy(folder: Path, values, name: str = "d.npy") -> Path:
    np.save(folder / name, values, allow_pickle=True)
    return folder / name


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", ["is empty", "one JSON object per line"]),
        ("\n\n", ["is empty"]),
        ('{"a": 1}\n{"a": ', ["cannot be read as JSON Lines", "line 2", "truncated"]),
        ("[1, 2]\n", ["one JSON object"]),
        ('{"a": 1}\n{"a": "x"}\n', ["one type per field"]),
        ('{"a": 1, "a": 2}\n', ["d.jsonl"]),
        ("{}\n", ["no columns"]),
        ("a,b\n1,2\n", ["cannot be read as JSON Lines"]),
    ],
)
def test_json_lines(tmp_path, text, words):
    refuses(write(tmp_path / "d.jsonl", text), *words)


def test_json_lines_that_change_far_below_the_head(tmp_path):
    head = '{"whole": 1, "real": 2, "text": null}\n' * 150_000
    path = write(tmp_path / "d.jsonl", head + '{"whole": 1, "real": 2.5, "text": "a", "new": true}\n')
    p = profile(path).profile.train
    assert (p.rows, p["real"].dtype, p["real"].extrema.max) == (150_001, "double", 2.5)
    assert (p["text"].levels.counts, p["new"].counts.null) == ({"a": 1}, 150_000)
    refuses(write(tmp_path / "d.jsonl", head + '{"whole": "one"}\n'), "whole", "one type")


def test_json_lines_with_nested_values(tmp_path):
    path = write(tmp_path / "d.jsonl", '{"a": {"b": 1}, "c": [1, 2], "x": 1.5}\n{"x": 2.5}\n')
    p = profile(path).profile.train
    assert (p["a"].kind, p["c"].counts.null, p["x"].moments.mean) == ("other", 1, 2.0)


def test_arrow_files(tmp_path):
    pa.feather.write_feather(TABLE, tmp_path / "d.arrow")
    whole = (tmp_path / "d.arrow").read_bytes()
    refuses(write(tmp_path / "d.arrow", whole[:-30]), "d.arrow")
    refuses(write(tmp_path / "d.arrow", b""), "not a readable Arrow IPC file", "0 bytes")
    refuses(write(tmp_path / "d.arrow", "a,b\n1,2\n"), "not a readable Arrow IPC file")
    refuses(write(tmp_path / "d.arrow", b"ARROW1\0\0garbage"), "not a readable Arrow IPC file")


def test_arrow_stream_that_ends_early(tmp_path):
    with pa.OSFile(str(tmp_path / "d.arrows"), "wb") as sink, pa.ipc.new_stream(sink, TABLE.schema) as writer:
        writer.write_table(TABLE, max_chunksize=1)
    whole = (tmp_path / "d.arrows").read_bytes()
    refuses(write(tmp_path / "d.arrows", whole[: len(whole) - 100]), "d.arrows")


def test_arrow_file_without_rows(tmp_path):
    pa.feather.write_feather(TABLE.slice(0, 0), tmp_path / "d.feather")
    refuses(tmp_path / "d.feather", "has no rows")


def test_stream_that_was_read_already():
    reader = TABLE.to_reader()
    profile(reader)
    refuses(reader)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (np.float64(3.0), ["single value (0-d)"]),
        (np.empty((0, 3)), ["has no rows"]),
        (np.empty((3, 0)), ["rows without values"]),
        (np.array([1 + 2j]), ["complex128", "expected real numbers"]),
        (np.array([{"a": 1}], object), ["Python objects", "could run code"]),
        (np.array([["a", "b"]]), ["expected real numbers"]),
    ],
)
def test_numpy_arrays_that_are_refused(tmp_path, values, words):
    refuses(npy(tmp_path, values), "d.npy", *words)


@pytest.mark.parametrize(
    "values",
    [
        np.array([1, 2, 3], dtype)
        for dtype in (
            "?",
            "i1",
            "u2",
            ">i4",
            "<u8",
            "f2",
            ">f4",
            "f8",
            "g",
            "U3",
            "S3",
            "M8[ns]",
            "M8[h]",
            "m8[s]",
        )
    ],
    ids=lambda values: values.dtype.str,
)
def test_numpy_types(tmp_path, values):
    p = profile(npy(tmp_path, values)).profile.train
    assert (p.rows, len(p.columns)) == (3, 1)


@pytest.mark.parametrize("dtype", ["?", "i1", "f2", ">f4", "g"])
def test_numpy_matrices(tmp_path, dtype):
    values = np.array([[0, 1], [1, 0], [1, 1]], dtype)
    for name, array in (("c.npy", values), ("f.npy", np.asfortranarray(values))):
        p = profile(npy(tmp_path, array, name)).profile.train
        assert [p[c].moments.mean for c in p.columns] == [pytest.approx(2 / 3)] * 2


def test_numpy_files_that_are_damaged(tmp_path):
    whole = npy(tmp_path, np.arange(1000)).read_bytes()
    refuses(write(tmp_path / "d.npy", whole[:500]), "not a readable NumPy file (500 bytes")
    refuses(write(tmp_path / "d.npy", b""), "not a readable NumPy file (0 bytes")
    refuses(write(tmp_path / "d.npy", "a,b\n1,2\n"), "not a readable NumPy file")
    refuses(write(tmp_path / "d.npz", "a,b\n1,2\n"), "not a readable NumPy file")
    np.savez(tmp_path / "d.npz", x=np.arange(1000))
    (tmp_path / "d.npy").unlink()
    (tmp_path / "d.npz").rename(tmp_path / "d.npy")
    refuses(tmp_path / "d.npy", "rename it to .npz")


def test_npz_with_objects(tmp_path):
    np.savez(tmp_path / "d.npz", x=np.array([None, "a"], object))
    refuses(tmp_path / "d.npz", "Python objects")


def test_npz_of_another_length(tmp_path):
    np.savez(tmp_path / "d.npz", x=np.zeros((3, 2)), y=np.zeros(4))
    refuses(tmp_path / "d.npz", "'x' has 3 rows but 'y' has 4")


def test_npz_with_splits(tmp_path):
    np.savez(
        tmp_path / "mnist.npz",
        x_train=np.ones((5, 2, 2)),
        y_train=np.arange(5),
        x_test=np.ones((2, 2, 2)),
        y_test=np.arange(2),
    )
    report = profile(tmp_path / "mnist.npz")
    assert {name: (p.rows, len(p.columns)) for name, p in report.profile.splits.items()} == {
        "train": (5, 5),
        "test": (2, 5),
    }
    assert report.profile.schema.label == "y"


def test_npy_pairs(tmp_path):
    for split, rows in (("train", 5), ("test", 2)):
        npy(tmp_path, np.ones((rows, 2), np.float32), f"X_{split}.npy")
        npy(tmp_path, np.arange(rows), f"y_{split}.npy")
    report = profile(tmp_path)
    assert {name: p.columns for name, p in report.profile.splits.items()} == dict.fromkeys(
        ("train", "test"), ("x[0]", "x[1]", "y")
    )
    npy(tmp_path, np.arange(3), "y_test.npy")
    refuses(tmp_path, "'x' has 2 rows but 'y' has 3", "X_test.npy + y_test.npy")


def tar(path: Path, members: dict[str, bytes]) -> Path:
    with tarfile.open(path, "w") as archive:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return path


def sample(i: int) -> dict[str, bytes]:
    array = io.BytesIO()
    np.save(array, np.array([i, 2.0 * i]))
    about = {"weight": i / 2, "tags": ["a"], "name": f"n{i}"}
    return {
        f"{i:03}.cls": str(i % 3).encode(),
        f"{i:03}.json": json.dumps(about).encode(),
        f"{i:03}.x.npy": array.getvalue(),
    }


def test_webdataset_shards(tmp_path):
    for shard in range(2):
        members = {name: data for i in range(50) for name, data in sample(i + 50 * shard).items()}
        tar(tmp_path / f"train-{shard:05}.tar", members)
    report = profile(tmp_path)
    p = report.profile.splits["train"]
    assert (p.rows, p.columns) == (100, ("label", "weight", "name", "x[0]", "x[1]"))
    assert (report.profile.schema.label, p["x[1]"].extrema.max, p["weight"].moments.mean) == (
        "label",
        198.0,
        24.75,
    )


def test_webdataset_shards_that_are_damaged(tmp_path):
    whole = tar(
        tmp_path / "d.tar", {name: data for i in range(50) for name, data in sample(i).items()}
    ).read_bytes()
    refuses(write(tmp_path / "d.tar", whole[: len(whole) // 2 + 100]), "d.tar")
    refuses(write(tmp_path / "d.tar", "a,b\n1,2\n"), "not a readable tar file")
    refuses(tar(tmp_path / "d.tar", {}), "no samples")
    refuses(tar(tmp_path / "d.tar", {"0.cls": b"one"}), "0.cls is no valid .cls file")
    refuses(tar(tmp_path / "d.tar", {"0.cls": b"1", "0.txt": b"a", "1.cls": b"2"}), "has no 'txt'")


def test_torch_datasets():
    torch = pytest.importorskip("torch")

    class Rows(torch.utils.data.Dataset):
        def __init__(self, rows):
            self.rows = rows

        def __len__(self):
            return len(self.rows)

        def __getitem__(self, i):
            return self.rows[i]

    p = profile(
        Rows(
            [{"a": torch.tensor(1.5), "b": "text", "c": 3}, {"a": torch.tensor(2.5), "b": "more", "c": None}]
        )
    ).profile.train
    assert (p.columns, p["a"].moments.mean, p["c"].counts.null) == (("a", "b", "c"), 2.0, 1)
    assert profile(Rows([(1.0, 2, 3)] * 4)).profile.train.columns == ("x0", "x1", "x2")
    assert profile(Rows([torch.ones(2, dtype=torch.bfloat16).float()])).profile.train.columns == (
        "x[0]",
        "x[1]",
    )
    refuses(Rows([]), "no rows")
    refuses(Rows([torch.ones(2), torch.ones(3)]), "shapes")
    refuses(Rows([{"a": 1}, {"b": 1}]), "has no 'a'")
    refuses(Rows([object()]), "cannot become a column")


def test_locations(tmp_path):
    refuses("nothing://bucket/data", "nothing://bucket/data")
    refuses("memory://not/there", "does not exist")
    refuses(f"file://{tmp_path}", "it is empty")
    with pytest.raises(InputError, match="does not exist"):
        find(f"file://{tmp_path}/nothing.csv")
