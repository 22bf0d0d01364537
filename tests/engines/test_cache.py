import json
import os
import stat
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest

from datacheck.cache import Cache
from datacheck.cli import main
from datacheck.dataset import find
from datacheck.dataset_profile import DatasetProfile
from datacheck.engines import seen
from datacheck.engines.assemble import profile_dataset
from datacheck.saved import to_json
from datacheck.sources import parquet
from datacheck.sources.base import file_fingerprint
from datacheck.sources.parquet import Parquet

FILES = 70  # nine groups, the last of them short; their fingerprints are one more entry


def part(seed: int, rows: int = 40) -> pa.Table:
    rng = np.random.default_rng(seed)
    texts = [f"{seed} {i}" for i in range(rows)]
    return pa.table({"x": rng.normal(size=rows), "text": texts, "label": rng.integers(0, 3, rows)})


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    for i in range(FILES):
        pq.write_table(part(i), folder / f"{i:03}.parquet")
    return folder


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(folder=tmp_path / "cache", least=0)


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the files that are read, in the order of the reading."""
    names: list[str] = []
    really = Parquet._streamed

    def noted(self: Parquet, groups: range):
        names.append(self.name)
        return really(self, groups)

    monkeypatch.setattr(Parquet, "_streamed", noted)
    return names


def content(profiled: DatasetProfile) -> str:
    """Everything that a profile says, with its rows."""
    train = profiled.train
    rows = [train.sample.table.to_pydict(), train.sample.row.tolist(), train.window.table.to_pydict()]
    return json.dumps([to_json(train), rows])


def run(data: Path, cache: Cache | None, threads: int = 2, **options) -> str:
    return content(profile_dataset(find(data), cache=cache, threads=threads, **options))


def test_only_files_that_changed_are_read_again(data: Path, cache: Cache, read: list[str]) -> None:
    plain = run(data, None)
    assert run(data, cache) == plain
    read.clear()
    assert run(data, cache, threads=4) == plain
    assert read == []

    changed = ["003.parquet", "040.parquet", "069.parquet"]
    for i, name in enumerate(changed):
        pq.write_table(part(1_000 + i), data / name)
    again = run(data, cache)

    assert sorted(read) == changed
    assert again != plain
    assert again == run(data, None, threads=1)


def test_files_of_different_lengths_with_more_rows_than_a_sample_holds(
    tmp_path: Path, cache: Cache, read: list[str]
) -> None:
    for i, rows in enumerate((90_000, 10, 50_000)):
        pq.write_table(part(i, rows), tmp_path / f"{i}.parquet", row_group_size=20_000)
    plain = run(tmp_path, None)
    assert [run(tmp_path, cache), run(tmp_path, cache, threads=1)] == [plain, plain]

    pq.write_table(part(9, 50_000), tmp_path / "1.parquet")
    read.clear()
    again = run(tmp_path, cache)

    assert set(read) == {"1.parquet"}
    assert again == run(tmp_path, None)


@pytest.mark.parametrize("options", [{"seed": 1}, {"label": "x"}])
def test_what_changes_the_result_is_in_the_key(
    data: Path, cache: Cache, read: list[str], options: dict
) -> None:
    run(data, cache)
    read.clear()

    assert run(data, cache, **options) == run(data, None, **options)
    assert len(set(read)) == FILES


def test_a_file_that_was_replaced_with_its_size_and_head(data: Path, cache: Cache) -> None:
    path = data / "005.parquet"
    run(data, cache)
    before = path.stat()
    pq.write_table(part(5).set_column(0, "x", part(6)["x"]), path)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))

    assert run(data, cache) == run(data, None)


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the files whose fingerprints are made; files may be as new as they are here."""
    names: list[str] = []

    def noted(path: Path) -> str:
        names.append(path.name)
        return file_fingerprint(path)

    monkeypatch.setattr(parquet, "file_fingerprint", noted)
    monkeypatch.setattr(seen, "SETTLED", -(10**18))
    return names


def test_only_files_that_changed_are_opened_for_their_fingerprints(
    data: Path, cache: Cache, opened: list[str]
) -> None:
    plain = run(data, None)
    opened.clear()
    assert run(data, cache) == plain
    assert len(opened) == FILES
    opened.clear()
    assert run(data, cache) == plain
    assert opened == []

    path = data / "005.parquet"
    before = path.stat()
    pq.write_table(part(5).set_column(0, "x", part(6)["x"]), path)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert run(data, cache) == run(data, None)
    assert opened[0] == "005.parquet" and len(opened) == 1 + FILES  # the last run was without the cache


def test_files_that_were_just_written_are_opened_again(
    data: Path, cache: Cache, opened: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seen, "SETTLED", 10**18)
    run(data, cache)
    opened.clear()

    assert run(data, cache) == run(data, None)
    assert len(opened) == 2 * FILES


@pytest.mark.parametrize("notes", ["[]", "{", '{"Parquet 005.parquet ": [1]}', "\xff"])
def test_damaged_notes_of_fingerprints_are_passed_over(
    data: Path, cache: Cache, opened: list[str], notes: str
) -> None:
    plain = run(data, cache)
    (noted,) = (entry for entry in cache.folder.iterdir() if entry.read_bytes().startswith(b"{"))
    noted.write_bytes(notes.encode("latin1"))
    opened.clear()

    assert run(data, cache) == plain
    assert len(opened) == FILES


def test_damaged_entries_are_passed_over_and_written_again(data: Path, cache: Cache, read: list[str]) -> None:
    plain = run(data, cache)
    for entry in cache.folder.iterdir():
        entry.write_bytes(entry.read_bytes()[:-7] + b"garbage")

    assert run(data, cache) == plain
    read.clear()
    assert run(data, cache) == plain
    assert read == []


def test_entries_are_private_and_bounded(data: Path, cache: Cache, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seen, "SETTLED", -(10**18))
    run(data, cache)
    sizes = [entry.stat().st_size for entry in cache.folder.iterdir()]
    modes = {stat.S_IMODE(entry.stat().st_mode) for entry in cache.folder.iterdir()}
    assert (len(sizes), modes, stat.S_IMODE(cache.folder.stat().st_mode)) == (FILES + 10, {0o600}, 0o700)

    small = Cache(folder=cache.folder, least=0, most=sum(sizes) // 2)
    newest = max(cache.folder.iterdir(), key=lambda entry: entry.stat().st_mtime_ns)
    small.trim()

    assert sum(entry.stat().st_size for entry in cache.folder.iterdir()) <= small.most
    assert newest.exists()


def test_a_folder_that_cannot_be_written(data: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")

    assert run(data, Cache(folder=tmp_path / "file" / "cache", least=0)) == run(data, None)


def test_a_bad_file_is_not_kept(data: Path, cache: Cache) -> None:
    damaged = data / "007.parquet"
    pq.write_table(part(7, 9_000), damaged, row_group_size=1_000, compression="none", use_dictionary=False)
    whole = bytearray(damaged.read_bytes())
    whole[len(whole) // 2 : len(whole) // 2 + 30_000] = b"\xff" * 30_000  # headers of pages among them
    damaged.write_bytes(whole)

    first, second = (
        profile_dataset(find(data, on_bad_file="skip"), cache=cache, skip=True) for _ in range(2)
    )

    assert [*first.unreadable["data"]] == [*second.unreadable["data"]] == ["007.parquet"]
    damaged.unlink()
    assert content(first) == content(second) == run(data, None)


def test_texts_whose_types_widen(tmp_path: Path, cache: Cache) -> None:
    for i in range(3):
        (tmp_path / f"{i}.csv").write_text("x,y\n" + "1,2\n" * 400)
    (tmp_path / "3.csv").write_text("x,y\n" + "1,2\n" * 1_100_000 + "1.5,2\n")  # beyond the head

    assert [run(tmp_path, cache), run(tmp_path, cache)] == [run(tmp_path, None)] * 2


@pytest.mark.parametrize(
    ("arguments", "settings", "kept"),
    [([], "", True), (["--no-cache"], "", False), ([], "cache = false", False)],
)
def test_the_command_line(
    folder: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], settings: str, kept: bool
) -> None:
    monkeypatch.setenv("DATACHECK_CACHE_DIR", str(folder / "kept"))
    monkeypatch.setattr(Cache, "__init__", lambda self, **given: _small(self, **given))
    (folder / "pyproject.toml").write_text(f"[tool.datacheck]\n{settings}\n")
    pq.write_table(part(0), folder / "a.parquet")

    with pytest.raises(SystemExit):
        main(["profile", "a.parquet", "--quiet", "--select", "constant-feature", *arguments])

    assert (folder / "kept").exists() == kept


def _small(cache: Cache, folder: Path) -> None:
    for name, value in {"folder": folder, "most": 1 << 30, "least": 0}.items():
        object.__setattr__(cache, name, value)
