"""Measures what the cost model of docs/scale.md is made of: `python benchmarks/scale.py FILE.parquet [MERGES]`.

FILE as `benchmarks/speed/data.py` writes it. One core; CPU seconds. Prints, for partitions of several sizes, the
CPU of a partial profile and its bytes; then the time to add real partials of different row groups.
"""

import sys
import time
from collections.abc import Iterator
from dataclasses import replace

import pyarrow as pa
import pyarrow.parquet as pq

from datacheck.engines.pieces import partial_profile
from datacheck.part_bytes import from_bytes, to_bytes
from datacheck.profiles import Profile, merge

SIZES = (16_384, 65_536, 262_144, 1_048_576)


def sizes(table: pa.Table) -> None:
    print(
        "| rows of the partition | profile, CPU s | rows/s | to bytes, s | from bytes, s | MB | kB a feature |"
    )
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for rows in SIZES:
        part = table.slice(0, rows).combine_chunks()
        start = time.process_time()
        made = partial_profile(part, "a", label="label")
        profiled = time.process_time()
        data = to_bytes(made)
        packed = time.process_time()
        from_bytes(data)
        read = time.process_time()
        cells = [f"{rows:,}", f"{profiled - start:.2f}", f"{rows / (profiled - start):,.0f}"]
        cells += [f"{packed - profiled:.2f}", f"{read - packed:.2f}", f"{len(data) / 1e6:.1f}"]
        print("| " + " | ".join([*cells, f"{len(data) / 1e3 / table.num_columns:,.0f}"]) + " |", flush=True)


def merges(file: pq.ParquetFile, count: int) -> None:
    """Adds `count` partials: those of the file's row groups, again and again under other names."""
    groups = [
        to_bytes(partial_profile(file.read_row_group(i), str(i), label="label"))
        for i in range(file.num_row_groups)
    ]

    def renamed() -> Iterator[Profile]:
        for i in range(count):
            made = from_bytes(groups[i % len(groups)])
            yield replace(made, parts=tuple(replace(part, name=f"{i:06d}") for part in made.parts))

    start = time.process_time()
    total = merge(renamed())
    used = time.process_time() - start
    mb = sum(map(len, groups)) / len(groups) / 1e6
    print(
        f"{count:,} partials of {mb:.1f} MB: {used:.1f} s, {used / count * 1000:.0f} ms each, {total.rows:,} rows"
    )
    print(f"the sum: {len(to_bytes(total)) / 1e6:.1f} MB", flush=True)


def main(path: str, most: int = 1000) -> None:
    file = pq.ParquetFile(path)
    sizes(file.read_row_groups(list(range(4))))
    for count in (10, 100, 1000):
        if count <= most:
            merges(file, count)


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:]))
