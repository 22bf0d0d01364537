import numpy as np
import pyarrow as pa
import pyarrow.csv as pc
import pyarrow.parquet as pq
import pytest

from datacheck.dataset import find
from datacheck.errors import ContractError, InputError
from datacheck.normalization.files import normalize_files
from datacheck.sources.base import Piece, Source, Widen

RNG = np.random.default_rng(8)


@pytest.fixture
def table():
    return pa.table(
        {"a": RNG.normal(5, 2, 1000), "t": RNG.choice(["u", "v"], 1000), "y": RNG.integers(0, 2, 1000)}
    )


@pytest.fixture
def contract(fit, table):
    return fit({name: table.column(name).combine_chunks() for name in table.column_names})


@pytest.fixture
def sources(table, tmp_path):
    """Two shards of training and one CSV file of test."""
    (tmp_path / "data" / "train").mkdir(parents=True)
    pq.write_table(table.slice(0, 400), tmp_path / "data" / "train" / "0.parquet")
    pq.write_table(table.slice(400, 300), tmp_path / "data" / "train" / "1.parquet")
    pc.write_csv(table.slice(700), tmp_path / "data" / "test.csv")
    return [source for split in find(tmp_path / "data").splits.values() for source in split.sources]


def test_every_source_becomes_a_file(sources, contract, table, tmp_path):
    rows = []

    written = normalize_files(sources, contract, tmp_path / "out", progress=rows.append)

    names = sorted(str(path.relative_to(tmp_path / "out")) for path in written)
    assert names == ["test.parquet", "train/0.parquet", "train/1.parquet"]
    assert sum(rows) == 1000
    for path, part in (("train/0.parquet", table.slice(0, 400)), ("test.parquet", table.slice(700))):
        given = pq.read_table(tmp_path / "out" / path)
        assert given.replace_schema_metadata().equals(contract.transform(part))


def test_a_second_run_does_only_what_is_missing(sources, contract, tmp_path):
    first = normalize_files(sources, contract, tmp_path / "out")
    kept = first[0].stat().st_mtime_ns
    first[1].write_bytes(first[1].read_bytes()[:100])
    rows = []

    normalize_files(sources, contract, tmp_path / "out", progress=rows.append)

    assert first[0].stat().st_mtime_ns == kept
    assert sum(rows) == 300


def test_another_contract_writes_again(sources, contract, fit, tmp_path):
    normalize_files(sources, contract, tmp_path / "out")
    rows = []

    normalize_files(
        sources,
        fit({"a": [1.0, 2.0, 9.0], "t": ["u", "v", "u"], "y": [0, 1, 0]}),
        tmp_path / "out",
        progress=rows.append,
    )

    assert sum(rows) == 1000


def test_a_source_that_does_not_fit_is_named_and_leaves_nothing(sources, fit, tmp_path):
    with pytest.raises(ContractError, match=r"train/0.parquet: columns 'b' of the contract are missing"):
        normalize_files(sources, fit({"b": [1.0, 2.0]}), tmp_path / "out")

    assert list((tmp_path / "out").rglob("*.*")) == []


def test_columns_to_pass_over(sources, fit, tmp_path):
    contract = fit({"a": [1.0, 2.0, 3.0]})

    (path, *_) = normalize_files(sources, contract, tmp_path / "out", ignore=["t", "y"])

    assert pq.read_schema(path).names == ["a"]


def test_two_sources_of_one_name(contract, sources, tmp_path):
    with pytest.raises(InputError, match="would both become"):
        normalize_files([*sources, sources[0]], contract, tmp_path / "out")


def test_a_file_without_rows_keeps_its_columns(contract, table, tmp_path):
    (tmp_path / "data").mkdir()
    pq.write_table(table.slice(0, 0), tmp_path / "data" / "test.parquet")
    (source,) = find(tmp_path / "data").splits["test"].sources

    (path,) = normalize_files([source], contract, tmp_path / "out")

    assert pq.read_table(path).num_rows == 0
    assert pq.read_schema(path).names == [*contract.outputs, "y"]


def test_a_type_that_widens_late_in_a_file(fit, tmp_path):
    lines = ["a"] + ["1"] * 300_000 + ["2.5"]
    (tmp_path / "test.csv").write_text("\n".join(lines))
    (source,) = find(tmp_path / "test.csv").splits.popitem()[1].sources

    (path,) = normalize_files([source], fit({"a": [1.0, 2.0, 3.0]}), tmp_path / "out")

    assert pq.read_table(path).num_rows == 300_001


class Widening(Source):
    """A source that finds a wider type once, after its first batch."""

    def __init__(self):
        self.name, self.schema, self.reads = "test.csv", pa.schema({"a": pa.float64()}), 0

    @classmethod
    def open(cls, path, name):
        return cls()

    @property
    def rows(self):
        return None

    @property
    def fingerprint(self):
        return "f"

    def pieces(self):
        return [Piece(start=0, read=self.read)]

    def read(self, rows):
        self.reads += 1
        yield pa.record_batch({"a": [1.0, 2.0]})
        if self.reads == 1:
            raise Widen("a")


def test_a_file_that_is_read_again_counts_once(fit, tmp_path):
    (path,) = normalize_files([Widening()], fit({"a": [1.0, 2.0, 3.0]}), tmp_path)

    assert pq.read_table(path).num_rows == 2
