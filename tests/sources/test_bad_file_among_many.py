import io
import json
import tarfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import PIL.Image
import pyarrow as pa
import pyarrow.csv
import pyarrow.feather
import pyarrow.parquet as pq
import pytest

from datacheck.cli import main
from datacheck.run import compare, profile
from datacheck.saved import to_json

Write = Callable[[pa.Table, Path], object]


def json_lines(table: pa.Table, path: Path) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in table.to_pylist()))


def npz(table: pa.Table, path: Path) -> None:
    np.savez(path, **{name: table[name].to_numpy() for name in table.column_names})


def shard(table: pa.Table, path: Path) -> None:
    with tarfile.open(path, "w") as archive:
        for i, row in enumerate(table.to_pylist()):
            text = json.dumps(row).encode()
            member = tarfile.TarInfo(f"{i:03}.json")
            member.size = len(text)
            archive.addfile(member, io.BytesIO(text))


FORMATS: dict[str, Write] = {
    "parquet": pq.write_table,
    "csv": pa.csv.write_csv,
    "jsonl": json_lines,
    "arrow": pa.feather.write_feather,
    "npz": npz,
    "tar": shard,
}


def part(seed: int, rows: int = 60) -> pa.Table:
    rng = np.random.default_rng(seed)
    return pa.table(
        {"x": rng.normal(size=rows), "k": rng.integers(0, 9, rows), "label": rng.integers(0, 2, rows)}
    )


def command(*arguments: str) -> int:
    with pytest.raises(SystemExit) as stopped:
        main(["profile", *arguments])
    return int(stopped.value.code or 0)


def the_finding(folder: Path) -> dict:
    report = json.loads((folder / "report.json").read_text())
    return next(f for f in report["findings"] if f["checker"] == "unreadable-file")


@pytest.fixture
def data(folder: Path) -> Path:
    (folder / "data").mkdir()
    return folder / "data"


def write_parts(data: Path, suffix: str, numbers: range) -> None:
    for i in numbers:
        FORMATS[suffix](part(i), data / f"p{i}.{suffix}")


@pytest.mark.parametrize("suffix", FORMATS)
def test_one_truncated_file_is_named_and_the_rest_profiled(data: Path, suffix: str, capsys) -> None:
    write_parts(data, suffix, range(4))
    bad = data / f"p2.{suffix}"
    whole = bad.read_bytes()
    half = len(whole) // 2 + 600  # in a shard: between the header and the content of a member
    bad.write_bytes(whole[:half].rstrip(b"\n0123456789,.-") + b',"')

    assert command("data") == 2
    assert f"p2.{suffix}" in capsys.readouterr().err
    assert command("data", "--on-bad-file", "skip", "--select", "unreadable-file") == 1

    found = the_finding(Path("datacheck-report"))
    assert (found["severity"], found["evidence"]["files"]) == ("error", [bad.name])
    assert found["message"].startswith("1 of 4 files cannot be read and was left out: ")
    assert bad.name in found["evidence"]["reasons"][0]
    bad.unlink()
    assert json.loads(Path("datacheck-report/profile/data.json").read_text())["rows"] == 180


def test_the_rest_is_profiled_as_if_the_bad_file_were_not_there(data: Path) -> None:
    write_parts(data, "parquet", range(5))
    damaged = data / "p3.parquet"
    pq.write_table(part(3, 9_000), damaged, row_group_size=1_000, compression="none", use_dictionary=False)
    content = bytearray(damaged.read_bytes())
    content[len(content) // 2 : len(content) // 2 + 3_000] = b"\xff" * 3_000  # pages of the middle row groups
    damaged.write_bytes(content)

    def content_of(threads: int) -> str:
        report = profile(data, on_bad_file="skip", threads=threads, select=["unreadable-file"])
        return json.dumps([to_json(report.profile.train), [dict(f.evidence) for f in report.findings]])

    with_one, with_four = content_of(1), content_of(4)
    assert with_one == with_four
    damaged.unlink()
    assert json.loads(with_one)[0] == json.loads(content_of(2))[0]
    assert json.loads(with_one)[1][0]["files"] == ["p3.parquet"]


def test_no_file_can_be_read(data: Path, capsys) -> None:
    for name in ("a.parquet", "b.parquet"):
        (data / name).write_bytes(b"PAR1 and no more")

    assert command("data", "--on-bad-file", "skip") == 2
    assert "none of the 2 files of split 'data' can be read; the first: a.parquet" in capsys.readouterr().err


def test_no_file_can_be_read_to_its_end(data: Path, capsys) -> None:
    for name in ("a.csv", "b.csv"):
        (data / name).write_text("x,y\n1,2\n" * 400_000 + "1\n")  # beyond the head

    assert command("data", "--on-bad-file", "skip") == 2
    assert "none of the 2 files" in capsys.readouterr().err


def test_files_that_do_not_go_with_most_others(data: Path) -> None:
    write_parts(data, "parquet", range(3))
    pq.write_table(part(3).drop(["k"]), data / "p3.parquet")
    pq.write_table(part(4).append_column("z", [[1] * 60]), data / "p4.parquet")
    texts = part(5).set_column(0, "x", [["a"] * 60])
    pq.write_table(texts, data / "p0.parquet")  # the first of them

    report = profile(data, on_bad_file="skip", select=["unreadable-file"])

    assert report.findings[0].evidence == {
        "files": ["p0.parquet", "p3.parquet", "p4.parquet"],
        "reasons": [
            "p0.parquet: column 'x' is string, but double in the other files",
            "p3.parquet has no column 'k', but the other files have",
            "p4.parquet has a column 'z', which the other files have not",
        ],
    }
    assert report.profile.train.rows == 120


def test_bad_files_of_new_data_and_by_split(data: Path, folder: Path) -> None:
    for split in ("train", "test"):
        (data / split).mkdir()
        write_parts(data / split, "csv", range(3))
    (data / "test" / "p1.csv").write_bytes(b"")

    report = profile(data, on_bad_file="skip", select=["unreadable-file"])
    compared = compare(data / "train", data / "test", on_bad_file="skip", select=["unreadable-file"])

    assert [f.split for f in report.findings] == ["test"]
    assert [(f.split, f.evidence["files"]) for f in compared.findings] == [("new", ["p1.csv"])]


def test_a_waived_bad_file_does_not_fail_the_run(data: Path, folder: Path) -> None:
    write_parts(data, "csv", range(3))
    (data / "p1.csv").write_bytes(b"")
    (folder / "pyproject.toml").write_text(
        '[tool.datacheck]\non-bad-file = "skip"\nselect = ["unreadable-file"]\n'
        '[[tool.datacheck.waivers]]\nchecker = "unreadable-file"\nreason = "fetched again tomorrow"\n'
    )

    assert command("data") == 0


def test_an_unknown_answer_to_bad_files(data: Path, capsys) -> None:
    write_parts(data, "csv", range(1))

    assert command("data", "--on-bad-file", "skp") == 2
    assert "on-bad-file 'skp' is unknown; did you mean 'skip'?" in capsys.readouterr().err


def test_images_that_cannot_be_read_are_listed(data: Path) -> None:
    for i in range(6):
        path = data / f"class{i % 2}" / f"{i}.png"
        path.parent.mkdir(exist_ok=True)
        PIL.Image.fromarray(np.full((8, 8, 3), 40 * i, np.uint8)).save(path)
    (data / "class0" / "2.png").write_bytes(b"no image")

    assert command("data", "--select", "unreadable-file") == 1

    found = the_finding(Path("datacheck-report"))
    assert found["message"].startswith("1 of 6 images cannot be read: ")
    assert (found["columns"], found["evidence"]["count"]) == (["image.unreadable"], 1)
    assert "class0/2.png" in found["evidence"]["images"][0]
