"""Parquet files that are read column by column give what they give in batches."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from datacheck._streamed import whole
from datacheck.dataset import Split
from datacheck.engines.local import profile_split
from datacheck.sources.base import Piece
from datacheck.sources.parquet import Parquet

ROWS = 5000


def table() -> pa.Table:
    rng = np.random.default_rng(7)
    missing = rng.random(ROWS) < 0.1
    columns = {
        "x": pa.array(rng.normal(size=ROWS), mask=missing),
        "y": pa.array(np.where(missing, np.nan, rng.normal(size=ROWS)).astype(np.float32)),
        "count": rng.integers(0, 9, ROWS),
        "id": rng.integers(0, 2**60, ROWS),
        "city": pa.array([f"city {i}" for i in rng.integers(0, 30, ROWS)], mask=missing),
        "text": [f"{i:x}" for i in rng.integers(0, 2**60, ROWS)],
        "kind": pa.array([f"kind {i}" for i in rng.integers(0, 3, ROWS)]).dictionary_encode(),
        "time": pa.array(rng.integers(0, 2**40, ROWS), pa.timestamp("ms")),
        "vector": pa.FixedSizeListArray.from_arrays(pa.array(rng.normal(size=3 * ROWS)), 3),
        "flag": rng.random(ROWS) < 0.5,
        "label": [("yes", "no")[i] for i in rng.integers(0, 2, ROWS)],
    }
    return pa.table(columns)


def everything(source: Parquet) -> str:
    profile = profile_split(Split(sources=(source,)), label="label", threads=2)
    rows = (profile.sample.table, profile.window.table)
    columns = [
        {
            name: statistic.to_json()
            for name, statistic in vars(column).items()
            if hasattr(statistic, "to_json")
        }
        for column in profile
    ]
    return repr((columns, profile.row_hashes.to_json(), [t.to_pydict() for t in rows if t is not None]))


def in_batches(self: Parquet) -> list[Piece]:
    return [replace(self._piece(start, groups), columns=None) for start, groups in self._runs()]


@pytest.mark.parametrize("rows", [ROWS, 700, 1])
@pytest.mark.parametrize("nested", [True, False])
def test_columns_are_what_batches_are(tmp_path: Path, rows: int, nested: bool, monkeypatch) -> None:
    data = table().slice(0, ROWS if rows > 1 else 50)
    data = data if nested else data.drop_columns(["vector"])
    pq.write_table(data, tmp_path / "a.parquet", row_group_size=rows)
    source = Parquet.open(tmp_path / "a.parquet", "a.parquet")
    assert (source.texts is None) is nested
    once = everything(source)

    monkeypatch.setattr(Parquet, "pieces", in_batches)

    assert everything(source) == once


def test_row_groups_are_joined_while_their_columns_fit(tmp_path: Path, monkeypatch) -> None:
    pq.write_table(table().drop_columns(["vector"]), tmp_path / "a.parquet", row_group_size=500)
    source = Parquet.open(tmp_path / "a.parquet", "a.parquet")
    assert [piece.start for piece in source.pieces()] == [0]
    assert source.texts is not None
    monkeypatch.setattr("datacheck.sources.parquet._TEXTS", 3 * max(source.texts))
    assert [piece.start for piece in source.pieces()] == [0, 1500, 3000, 4500]
    monkeypatch.setattr("datacheck.sources.parquet._ROWS", 1000)
    assert [piece.start for piece in source.pieces()] == [0, 1000, 2000, 3000, 4000]
    assert all(piece.columns is not None for piece in source.pieces())


@pytest.mark.parametrize("size", [1 << 16, 1 << 15])
def test_no_bit_depends_on_the_slices(tmp_path: Path, size: int, monkeypatch) -> None:
    rng, rows = np.random.default_rng(3), 150_000
    row = np.arange(rows)
    missing = rng.random(rows) < 0.3
    columns = {
        "real": rng.normal(size=rows),
        "gaps": pa.array(rng.normal(size=rows).astype(np.float32), mask=missing),
        "small": pa.array(rng.integers(0, 2000, rows).astype(np.int16), mask=missing),
        "rising": row // 20 + rng.integers(0, 3, rows),
        "late": np.where(row < 70_000, rng.integers(0, 9, rows), rng.integers(0, 10**12, rows)),
        "large": rng.integers(0, 2**64, rows, np.uint64),
        "label": rng.integers(0, 3, rows),
    }
    pq.write_table(pa.table(columns), tmp_path / "a.parquet")
    source = Parquet.open(tmp_path / "a.parquet", "a.parquet")
    once = everything(source)
    monkeypatch.setattr(Parquet, "pieces", in_batches)
    monkeypatch.setattr("datacheck.engines.local.slice_rows", lambda columns: size)

    assert everything(source) == once


def test_texts_of_several_row_groups_are_one_array() -> None:
    chunks = [pa.array(["a", "b"]).dictionary_encode(), pa.array(["b", None]).dictionary_encode()]

    assert whole(pa.chunked_array(chunks)).to_pylist() == ["a", "b", "b", None]
    assert len(whole(pa.chunked_array([], pa.string()))) == 0
