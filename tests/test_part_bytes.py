import datetime
import decimal
import json
import struct
import zlib
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from datacheck import FormatError, Profile
from datacheck._batch import Origin
from datacheck.dataset import find
from datacheck.engines.local import profile_split
from datacheck.part_bytes import from_bytes, to_bytes
from datacheck.profiles import merge
from datacheck.saved import from_json, to_json
from datacheck.statistics.row_hashes import KEEP, RowHashes
from datacheck.statistics.row_sample import RowSample

RNG = np.random.default_rng(5)
N = 3000
TABLE = pa.table(
    {
        "x": RNG.normal(size=N),
        "f": pa.array(RNG.normal(size=N).astype(np.float32), mask=RNG.random(N) < 0.1),
        "odd": pa.array([np.nan, np.inf, -np.inf, 0.0, 1e300] * (N // 5)),
        "big": pa.array([2**63 - 1, -(2**62), None] * (N // 3)),
        "u": pa.array([2**64 - 1, 2**63] * (N // 2), pa.uint64()),
        "few": pa.array(["a", "b\u00e9", None] * (N // 3)).dictionary_encode(),
        "many": pa.array([f"t{i}" for i in range(N)]),
        "flag": pa.array([True, False, None] * (N // 3)),
        "when": pa.array([datetime.datetime(2024, 1, 1) + datetime.timedelta(hours=i) for i in range(N)]),
        "vector": pa.FixedSizeListArray.from_arrays(pa.array(RNG.normal(size=2 * N)), 2),
        "lists": pa.array([[1], [], None] * (N // 3)),
        "nothing": pa.nulls(N),
        "label": pa.array(np.repeat([0, 1, 2], N // 3)),
    }
)


def stamped(table: pa.Table, **about: object) -> Profile:
    batch = table.combine_chunks().to_batches()[0]
    return Profile.of(Origin(part="a.parquet", fingerprint="f", **about).stamp(batch))


def same(a: Profile, b: Profile) -> None:
    assert a.parts == b.parts and a.order == b.order
    assert json.dumps(to_json(a), default=str) == json.dumps(to_json(b), default=str)
    assert a.row_hashes == b.row_hashes and a.row_hashes.bound == b.row_hashes.bound
    for one, other in ((a.sample, b.sample), (a.window, b.window)):
        assert np.array_equal(one.hashes, other.hashes) and np.array_equal(one.row, other.row)
        assert repr(_rows(one)) == repr(_rows(other))  # NaN is not equal to itself, its text is
    assert a.label_order == b.label_order
    for one, other in zip(a.blocks, b.blocks, strict=True):
        assert [type(x) for x in _extrema(one)] == [type(x) for x in _extrema(other)]
        assert repr(one.levels) == repr(other.levels)


def _rows(sample: RowSample) -> object:
    return None if sample.table is None else (sample.table.schema, sample.table.to_pydict())


def _extrema(block: object) -> list[object]:
    extrema = block.extrema
    return [] if extrema is None else [*extrema.min, *extrema.max]


@pytest.mark.parametrize("label", ["label", "few", "x", "f", "when", "flag", "big", None])
def test_a_profile_comes_back_as_it_was(label: str | None) -> None:
    profile = stamped(TABLE, label=label)

    same(from_bytes(to_bytes(profile)), profile)


def test_decimal_labels_stay_decimals() -> None:
    table = pa.table({"y": [decimal.Decimal("1.10"), None, decimal.Decimal("2.20")]})
    back = from_bytes(to_bytes(stamped(table, label="y")))

    assert back.label_order.stretches[0].values == (decimal.Decimal("1.10"), None, decimal.Decimal("2.20"))


def test_adding_what_came_back_is_adding_what_was_sent() -> None:
    parts = [stamped(TABLE.slice(start, 700), label="label", row=start, seed=3) for start in range(0, N, 700)]

    same(merge(from_bytes(to_bytes(part)) for part in parts), merge(parts))


def test_images_come_back(sample_data: Path) -> None:
    split = next(iter(find(sample_data / "digits").splits.values()))
    profile = profile_split(split)

    same(from_bytes(to_bytes(profile)), profile)


def test_no_rows() -> None:
    empty = Profile.of(pa.record_batch({"x": pa.array([], pa.float64())}))
    some = stamped(TABLE.select(["x"]))

    assert from_bytes(to_bytes(Profile())).columns == ()
    assert from_bytes(to_bytes(empty)).columns == ("x",)
    same(from_bytes(to_bytes(empty)) + some, empty + some)


def test_a_saved_profile_without_rows_keeps_its_quantiles() -> None:
    saved, _ = from_json(json.loads(json.dumps(to_json(stamped(TABLE.drop(["when"]), label="label")))))
    back = from_bytes(to_bytes(saved))

    assert asdict(back["x"].quantiles).keys() == {"values", "weights", "rank_error"}
    assert back["x"].quantiles == saved["x"].quantiles


def test_damage_anywhere_is_noticed() -> None:
    data = to_bytes(stamped(TABLE, label="label"))
    for at in [0, 20, 33, 60, len(data) // 2, len(data) - 1]:
        broken = bytearray(data)
        broken[at] ^= 0x41
        with pytest.raises(FormatError, match=r"a\.part"):
            from_bytes(bytes(broken), "a.part")
    for cut in (0, 5, 25, 40, len(data) - 1):
        with pytest.raises(FormatError, match="delete it and profile again"):
            from_bytes(data[:cut])


def test_a_later_format_says_so() -> None:
    header = b'{"format": 99, "version": "7.0", "buffers": [], "profile": {}}'
    body = struct.pack("<I", len(header)) + header
    data = b"datacheck part\n" + struct.pack("<I", zlib.crc32(body)) + body

    with pytest.raises(FormatError, match=r"format 99, written by datacheck 7\.0"):
        from_bytes(data)


def test_partials_with_different_bounds_add_up_to_the_smallest_hashes() -> None:
    # the second is full far below what the first holds, as where it has many more rows
    few, many = np.random.default_rng(2).integers(0, 2**63, (2, 1_200_000)).astype(np.uint64) * np.uint64(2)
    many >>= np.uint64(4)
    full = [RowHashes.of(hashes).smallest(KEEP) for hashes in (few, many)]
    sent = [from_bytes(to_bytes(replace(stamped(TABLE), row_hashes=rows))).row_hashes for rows in full]

    total = sent[0] + sent[1]

    every = np.sort(np.concatenate([few, many]))
    assert len(total.hashes) >= KEEP - 1
    assert np.array_equal(total.hashes, every[: len(total.hashes)])
