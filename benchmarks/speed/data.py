"""Writes the data that the speed table is measured on: `python benchmarks/speed/data.py FOLDER [NAME ...]`.

The same seed gives the same rows. Names: 1m, 5m, 20m (Parquet, 30 mixed columns), csv (the first million),
wide (200k x 500 float32 Parquet), npy (1M x 100 float32), jpeg (5,000 photographs of noise, 224 x 224).
"""

import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

SEED = 20260301
GROUP = 1 << 18  # rows of a row group


def mixed(rng: np.random.Generator, rows: int) -> pa.Table:
    """Thirty columns: 20 floats of varied scale, 4 whole numbers, 4 categories, 1 text, 1 label."""
    columns: dict[str, object] = {}
    for i in range(20):
        values = rng.normal(size=rows) * 10.0 ** (i % 7 - 3) + (i % 5) * 10.0 ** (i % 3)
        if i % 5 == 1:
            values = np.round(values, 2)
        if i % 5 == 2:
            values[rng.random(rows) < 0.01] = np.nan
        if i == 4:
            values[rng.random(rows) < 1e-5] = np.inf
        mask = rng.random(rows) < 0.02 if i % 5 == 3 else None
        columns[f"f{i}"] = pa.array(values.astype(np.float32 if i % 2 else np.float64), mask=mask)
    columns["age"] = rng.integers(0, 100, rows)
    columns["count"] = rng.poisson(3, rows).astype(np.int32)
    columns["id"] = rng.integers(0, 2**50, rows)
    columns["epoch"] = 1_700_000_000_000 + rng.integers(0, 10**9, rows)
    for i, levels in enumerate((3, 10, 50, 200)):
        columns[f"c{i}"] = pa.DictionaryArray.from_arrays(
            pa.array(rng.integers(0, levels, rows).astype(np.int32)), [f"level {k}" for k in range(levels)]
        ).cast(pa.string())
    columns["text"] = pa.array(np.char.add("user-", rng.integers(0, 2**40, rows).astype("U13")))
    columns["label"] = rng.integers(0, 2, rows)
    return pa.table(columns)


def write_mixed(path: Path, rows: int, compression: str = "snappy") -> None:
    rng = np.random.default_rng(SEED)
    writer = None
    for start in range(0, rows, GROUP):
        table = mixed(rng, min(GROUP, rows - start))
        writer = writer or pq.ParquetWriter(path, table.schema, compression=compression)
        writer.write_table(table, row_group_size=GROUP)
    if writer:
        writer.close()


def write_csv(path: Path) -> None:
    rng = np.random.default_rng(SEED)
    with path.open("wb") as file:
        for i, start in enumerate(range(0, 1_000_000, GROUP)):
            table = mixed(rng, min(GROUP, 1_000_000 - start))
            pa.csv.write_csv(table, file, pa.csv.WriteOptions(include_header=i == 0))


def write_wide(path: Path) -> None:
    rng = np.random.default_rng(SEED)
    names = [f"f{i}" for i in range(500)]
    writer = pq.ParquetWriter(path, pa.schema([(name, pa.float32()) for name in names]), compression="snappy")
    for _ in range(8):
        block = rng.normal(size=(500, 25_000)).astype(np.float32)
        writer.write_table(pa.table(dict(zip(names, block, strict=True))))
    writer.close()


def write_npy(path: Path) -> None:
    np.save(path, np.random.default_rng(SEED).normal(size=(1_000_000, 100)).astype(np.float32))


def write_jpegs(folder: Path) -> None:
    import PIL.Image

    rng = np.random.default_rng(SEED)
    for i in range(5000):
        path = folder / f"class{i % 10}" / f"{i:05}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        coarse = rng.integers(0, 256, (28, 28, 3)).astype(np.uint8)
        PIL.Image.fromarray(coarse).resize((224, 224), PIL.Image.Resampling.BICUBIC).save(path, quality=90)


MAKERS = {
    "1m": ("1m.parquet", lambda path: write_mixed(path, 1_000_000)),
    "zstd": ("1m_zstd.parquet", lambda path: write_mixed(path, 1_000_000, "zstd")),
    "5m": ("5m.parquet", lambda path: write_mixed(path, 5_000_000)),
    "20m": ("20m.parquet", lambda path: write_mixed(path, 20_000_000)),
    "csv": ("1m.csv", write_csv),
    "wide": ("wide.parquet", write_wide),
    "npy": ("1m.npy", write_npy),
    "jpeg": ("jpeg", write_jpegs),
}


def main(folder: Path, names: list[str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name in names or [name for name in MAKERS if name != "20m"]:
        file, make = MAKERS[name]
        if not (folder / file).exists():
            make(folder / file)
            print(f"{name}: {folder / file}", flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
