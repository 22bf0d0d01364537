"""The files that datacheck writes do not depend on threads, hash seeds, or the order that a folder lists files in."""

import json
import math
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pyarrow import parquet
from runs import start, table

FILES = ("report.json", "normalization.json", "profile/train.json", "profile/test.json")


def written(folder: Path, data: str, threads: int, seed: str) -> dict[str, bytes]:
    arguments = ("profile", data, "--quiet", "--threads", str(threads), "--out", "out")
    process = start(folder, *arguments, PYTHONHASHSEED=seed)
    _, errors = process.communicate(timeout=300)
    assert process.returncode in (0, 1), errors
    found = {name: (folder / "out" / name).read_bytes() for name in FILES}
    shutil.rmtree(folder / "out")
    return found


def test_threads_hash_seeds_and_the_order_of_the_folder(data: Path) -> None:
    first = written(data.parent, "data", 1, "0")
    assert written(data.parent, "data", 2, "1") == first
    turned = data.parent / "turned"
    for path in sorted(data.rglob("*.csv"), reverse=True):
        place = turned / path.relative_to(data)
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, place)
    data.rename(data.parent / "away")
    turned.rename(data)
    assert written(data.parent, "data", 7, "random") == first


@pytest.mark.slow
def test_the_cuts_of_the_files_change_nothing_but_digests_and_rounding(tmp_path: Path) -> None:
    reports = []
    for rows in (1_000_000, 40_000, 17_001):
        for seed, name in enumerate(("train", "test")):
            parquet.write_table(table(90_000, seed), tmp_path / f"{name}.parquet", row_group_size=rows)
        found = written(tmp_path, ".", 3, "random")
        reports.append({name: _without_digests(json.loads(content)) for name, content in found.items()})
    for other in reports[1:]:
        assert list(_differences(reports[0], other, "")) == []


def _differences(a: Any, b: Any, path: str) -> Iterator[str]:
    """Where two documents differ by more than the rounding of another order of summation."""
    if isinstance(a, dict) and isinstance(b, dict) and a.keys() == b.keys():
        yield from (found for key in a for found in _differences(a[key], b[key], f"{path}/{key}"))
    elif isinstance(a, list) and isinstance(b, list) and len(a) == len(b):
        yield from (
            found
            for i, (x, y) in enumerate(zip(a, b, strict=True))
            for found in _differences(x, y, f"{path}[{i}]")
        )
    elif isinstance(a, float) and isinstance(b, float):
        if not math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-9):
            yield f"{path}: {a} and {b}"
    elif a != b:
        yield f"{path}: {a} and {b}"


def _without_digests(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_digests(item) for key, item in value.items() if key != "fingerprint"}
    return [_without_digests(item) for item in value] if isinstance(value, list) else value
