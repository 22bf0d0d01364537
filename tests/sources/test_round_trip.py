import gzip
import json

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.csv
import pyarrow.feather
import pyarrow.parquet as pq
import pytest

from datacheck.run import profile

RNG = np.random.default_rng(7)
ROWS = 3000
TABLE = pa.table(
    {
        "real": np.where(
            RNG.random(ROWS) < 0.01, 1e-300, RNG.normal(size=ROWS) * 10.0 ** RNG.integers(-5, 5, ROWS)
        ),
        "whole": RNG.integers(-(10**12), 10**12, ROWS),
        "few": RNG.integers(0, 5, ROWS),
        "text": pa.array([None if i % 50 == 0 else f"täxt {i % 700}" for i in range(ROWS)]),
        "holes": pa.array([None if i % 7 == 0 else i / 3 for i in range(ROWS)]),
        "label": pa.array([f"class {i % 3}" for i in range(ROWS)]),
    }
)
NUMBERS = TABLE.select(["real", "whole", "few"]).cast(
    pa.schema([(n, pa.float64()) for n in ("real", "whole", "few")])
)
MATRIX = np.column_stack([NUMBERS.column(i).to_numpy() for i in range(3)])


def statistics(data) -> dict[str, object]:
    p = profile(data).profile.train
    columns = {c.name: (c.kind, c.counts, c.extrema, c.distinct, c.levels) for c in p}
    moments = {(c.name, key): getattr(c.moments, key) for c in p if c.moments for key in ("mean", "std")}
    quantiles = {c.name: c.quantiles and c.quantiles.at(0.3) for c in p}
    return {
        "rows": p.rows, "columns": columns, "quantiles": quantiles, "hashes": p.row_hashes,
        "order": p.label_order.sequence()[0][:50], "moments": moments,
    }  # fmt: skip


def same(data, expected) -> None:
    found = statistics(data)
    for key, value in expected.items():
        assert found[key] == (pytest.approx(value, rel=1e-12) if key == "moments" else value), key


EXPECTED = statistics(TABLE)


def write_jsonl(path) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in TABLE.to_pylist()))


def write_stream(path, table=TABLE) -> None:
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table, max_chunksize=700)


def write_file(path) -> None:
    dictionary = TABLE.set_column(3, "text", TABLE["text"].dictionary_encode())
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, dictionary.schema) as writer:
        writer.write_table(dictionary, max_chunksize=700)


def write_gz(path) -> None:
    plain = path.with_suffix("")
    pa.csv.write_csv(TABLE, plain)
    path.write_bytes(gzip.compress(plain.read_bytes()))
    plain.unlink()


def write_zstd(path) -> None:
    with pa.CompressedOutputStream(str(path), "zstd") as sink:
        pa.csv.write_csv(TABLE, sink)


def write_jsonl_gz(path) -> None:
    plain = path.with_suffix("")
    write_jsonl(plain)
    path.write_bytes(gzip.compress(plain.read_bytes()))
    plain.unlink()


WRITERS = {
    "d.parquet": lambda path: pq.write_table(TABLE, path, row_group_size=1000),
    "small groups.parquet": lambda path: pq.write_table(TABLE, path, row_group_size=3),
    "z.parquet": lambda path: pq.write_table(TABLE, path, compression="zstd", use_dictionary=False),
    "d.csv": lambda path: pa.csv.write_csv(TABLE, path),
    "d.tsv": lambda path: pa.csv.write_csv(TABLE, path, pa.csv.WriteOptions(delimiter="\t")),
    "d.csv.gz": write_gz,
    "d.csv.zst": write_zstd,
    "d.jsonl": write_jsonl,
    "d.ndjson": write_jsonl,
    "d.jsonl.gz": write_jsonl_gz,
    "d.arrow": write_file,
    "d.arrows": write_stream,
    "stream.arrow": write_stream,
    "d.feather": lambda path: pa.feather.write_feather(TABLE, path, compression="zstd"),
}


@pytest.mark.parametrize("name", WRITERS)
def test_same_rows_in_every_file_format(tmp_path, name):
    WRITERS[name](tmp_path / name)
    same(tmp_path / name, EXPECTED)
    same(tmp_path, EXPECTED)


FRAMES = {
    "pandas": lambda: TABLE.to_pandas(types_mapper=pd.ArrowDtype),
    "polars": lambda: pl.from_arrow(TABLE),
    "chunked": lambda: pa.concat_tables([TABLE.slice(0, 11), TABLE.slice(0, 0), TABLE.slice(11)]),
    "reader": lambda: TABLE.to_reader(max_chunksize=123),
    "columns": lambda: {name: TABLE[name].to_pylist() for name in TABLE.column_names},
}


@pytest.mark.parametrize("name", FRAMES)
def test_same_rows_in_every_dataframe(name):
    same(FRAMES[name](), EXPECTED)


def test_same_rows_from_a_query():
    with duckdb.connect() as connection:
        connection.register("rows", TABLE)
        same(connection.sql("select * from rows"), EXPECTED)
        report = profile({"train": connection.sql("select * from rows where few < 3")})
        assert report.profile.train.rows == np.count_nonzero(TABLE["few"].to_numpy() < 3)


def test_formats_mixed_in_one_split(tmp_path):
    pq.write_table(TABLE.slice(0, 1000), tmp_path / "a.parquet")
    pa.csv.write_csv(TABLE.slice(1000, 1000), tmp_path / "b.csv")
    write_stream(tmp_path / "c.arrow", TABLE.slice(2000))
    same(tmp_path, EXPECTED)


ARRAYS = {
    "plain": MATRIX,
    "fortran": np.asfortranarray(MATRIX),
    "big-endian": MATRIX.astype(">f8"),
    "structured": np.rec.fromarrays(MATRIX.T, names=["real", "whole", "few"]),
}


@pytest.mark.parametrize("name", ARRAYS)
def test_same_numbers_in_numpy_files(tmp_path, name):
    expected = statistics(NUMBERS)
    np.save(tmp_path / "rows.npy", ARRAYS[name])
    np.savez(tmp_path / "rows.npz", x=ARRAYS[name])
    for file in ("rows.npy", "rows.npz"):
        found = statistics(tmp_path / file)
        assert [*found["columns"].values()] == [*expected["columns"].values()]


def test_same_numbers_from_a_torch_dataset():
    torch = pytest.importorskip("torch")
    pairs = torch.utils.data.TensorDataset(torch.from_numpy(MATRIX), torch.arange(ROWS) % 3)

    class Stream(torch.utils.data.IterableDataset):
        def __iter__(self):
            return iter(pairs)

    for data in (pairs, Stream(), {"train": pairs}):
        report = profile(data)
        assert report.profile.schema.label == "y"
        p = report.profile.train
        assert p.columns == ("x[0]", "x[1]", "x[2]", "y")
        expected = statistics(NUMBERS)["columns"].values()
        assert [(c.kind, c.counts, c.extrema, c.distinct, c.levels) for c in p][:3] == [*expected]


def test_folders_that_hugging_face_saves(tmp_path):
    for split in ("train", "test"):
        (tmp_path / split).mkdir()
        for name in ("state.json", "dataset_info.json"):
            (tmp_path / split / name).write_text("{}")
        write_stream(tmp_path / split / "data-00000-of-00001.arrow")
        write_stream(tmp_path / split / "cache-1234.arrow", TABLE.select(["few"]))
    (tmp_path / "dataset_dict.json").write_text('{"splits": ["train", "test"]}')
    report = profile(tmp_path)
    assert {name: p.rows for name, p in report.profile.splits.items()} == {"train": ROWS, "test": ROWS}


@pytest.mark.parametrize("scheme", ["file", "memory"])
def test_remote_locations(tmp_path, scheme):
    fsspec = pytest.importorskip("fsspec")
    root = f"file://{tmp_path}/data" if scheme == "file" else "memory://bucket/data"
    system, folder = fsspec.core.url_to_fs(root)
    system.makedirs(folder, exist_ok=True)
    for name in ("d.parquet", "d.csv", "d.csv.gz", "d.jsonl", "d.arrow"):
        WRITERS[name](tmp_path / name)
        with system.open(f"{folder}/{name}", "wb") as file:
            file.write((tmp_path / name).read_bytes())
        same(f"{root}/{name}", EXPECTED)
    assert profile(root).profile.train.rows == 5 * ROWS


def test_s3(tmp_path):
    server_module = pytest.importorskip("moto.server")
    import pyarrow.fs as pafs

    server = server_module.ThreadedMotoServer(port=0)
    server.start()
    try:
        host, port = server.get_host_and_port()
        options = {"access_key": "a", "secret_key": "b", "region": "us-east-1"}
        system = pafs.S3FileSystem(
            **options, endpoint_override=f"http://{host}:{port}", allow_bucket_creation=True
        )
        system.create_dir("bucket")
        with system.open_output_stream("bucket/train/d.parquet") as file:
            pq.write_table(TABLE, file)
        query = f"?scheme=http&endpoint_override={host}:{port}&region=us-east-1&access_key=a&secret_key=b"
        uri = f"s3://a:b@bucket/train{query.partition('&access_key')[0]}"
        same(uri, EXPECTED)
    finally:
        server.stop()
