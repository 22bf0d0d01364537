import decimal

import numpy as np
import pyarrow as pa
import pytest

from datacheck._batch import Origin
from datacheck.dataset import find
from datacheck.engines.local import profile_split
from datacheck.profiles import Profile, merge

RNG = np.random.default_rng(20260101)
NORMAL = RNG.normal(size=100_000)
CUTS = (100_000, 33_333, 4_096, 1_000)


def cut(column, rows: int = 10_000) -> Profile:
    table = pa.table({"x": column})
    parts = (table.slice(start, rows).combine_chunks().to_batches() for start in range(0, len(table), rows))
    batches = [batch for part in parts for batch in part]
    starts = np.cumsum([0, *(batch.num_rows for batch in batches)])
    return merge(
        Profile.of(Origin(part="p", row=int(start)).stamp(batch))
        for start, batch in zip(starts, batches, strict=False)
    )


def std(values: np.ndarray) -> float:
    x = values.astype(np.longdouble)
    return float(np.sqrt(((x - x.mean()) ** 2).mean()))


@pytest.mark.parametrize(
    ("values", "error"),
    [
        (NORMAL, 1e-14),
        (1e8 + 1e-3 * NORMAL, 1e-9),
        ((1e6 + NORMAL).astype(np.float32), 1e-13),
        (1e308 * (1 + 0.1 * np.tanh(NORMAL)), 1e-13),
        (1e308 * np.sign(NORMAL), 1e-13),
        (np.ldexp(np.abs(NORMAL), -1070), 1e-9),
        (np.ldexp(NORMAL, -1000), 1e-13),
        (3 + 1e-13 * NORMAL, 1e-6),
        ((60_000 + 100 * NORMAL).astype(np.float16)[np.abs(NORMAL) < 3], 1e-13),
        (np.where(np.arange(100_000) < 3, 1.0, 0.0), 1e-13),
    ],
    ids=[
        "normal",
        "offset",
        "float32",
        "1e308",
        "both-ends",
        "subnormal",
        "tiny",
        "jitter",
        "float16",
        "rare",
    ],
)
@pytest.mark.parametrize("rows", CUTS)
def test_standard_deviation(values, error, rows):
    p = cut(values, rows)
    assert p["x"].moments.std == pytest.approx(std(values), rel=error)
    assert p["x"].moments.mean == pytest.approx(
        float(values.astype(np.longdouble).mean()), rel=1e-14, abs=1e-13 * std(values)
    )
    assert (p["x"].extrema.min, p["x"].extrema.max) == (values.min(), values.max())


def test_jitter_vanishes_in_float32():
    assert cut((3 + 1e-13 * NORMAL).astype(np.float32))["x"].moments.std == 0.0


def test_ten_million_equal_values():
    p = cut(np.full(10_000_000, 0.1), 1 << 16)
    assert (p["x"].moments.mean, p["x"].moments.std) == (0.1, 0.0)
    assert p["x"].levels.counts == {0.1: 10_000_000}


def test_skewness_and_kurtosis():
    from scipy.stats import kurtosis, skew

    values = 1e3 + RNG.gamma(2.0, size=100_000)
    moments = cut(values)["x"].moments
    assert moments.skewness == pytest.approx(skew(values), rel=1e-9)
    assert moments.kurtosis == pytest.approx(kurtosis(values), rel=1e-9)


def test_epoch_nanoseconds_stay_integers():
    low, high = 1_700_000_000_000_000_001, 1_700_000_000_123_456_789
    for column in (np.array([high, low]), pa.array([high, None, low], pa.timestamp("ns"))):
        assert (cut(column)["x"].extrema.min, cut(column)["x"].extrema.max) == (low, high)


def test_uint64_above_2_to_the_63():
    values = np.array([2**64 - 1, 2**63, 2**63 + 1], np.uint64)
    p = cut(values)
    assert (p["x"].extrema.min, p["x"].extrema.max) == (2**63, 2**64 - 1)
    assert p["x"].distinct.estimate == 3
    assert p["x"].levels.counts == {2**63: 1, 2**63 + 1: 1, 2**64 - 1: 1}


@pytest.mark.parametrize("low", [-(2**63), -5, 2**63 - 4])
def test_int64_at_its_ends(low):
    p = cut(np.array([low, low + 3, low]))
    assert (p["x"].extrema.min, p["x"].extrema.max, p["x"].distinct.estimate) == (low, low + 3, 2)
    assert p["x"].levels.counts == {low: 2, low + 3: 1}


def test_int64_over_its_whole_range():
    p = cut(np.array([-(2**63), 2**63 - 1]))
    assert p["x"].distinct.estimate == 2
    assert p["x"].moments.std == pytest.approx(2.0**63)


def test_decimals_with_nulls():
    p = cut(pa.array([decimal.Decimal("0.10"), None, decimal.Decimal("0.30")], pa.decimal128(38, 2)))
    assert (p["x"].counts.null, p["x"].moments.mean, p["x"].extrema.max) == (1, pytest.approx(0.2), 0.3)


@pytest.mark.parametrize(
    "type_", [pa.float64(), pa.float32(), pa.int64(), pa.bool_(), pa.string(), pa.null()]
)
def test_all_null(type_):
    p = cut(pa.nulls(100, type_), 7)
    assert (p["x"].counts.null, p["x"].counts.finite, p["x"].counts.zero) == (100, 0, 0)
    for statistic, value in (
        ("moments", "mean"),
        ("moments", "std"),
        ("extrema", "min"),
        ("quantiles", "at"),
    ):
        found = getattr(p["x"], statistic)
        if found is not None:
            assert (found.at(0.5) if value == "at" else getattr(found, value)) is None
    assert p["x"].distinct is None or p["x"].distinct.estimate == 0


def test_all_nan():
    p = cut(np.full(100, np.nan), 7)
    assert (p["x"].counts.nan, p["x"].counts.null, p["x"].counts.finite) == (100, 0, 0)
    assert (p["x"].moments.mean, p["x"].extrema.min, p["x"].levels.counts) == (None, None, {})
    assert p["x"].first_rows.places[0] == ("p", 0)


def test_one_value():
    p = cut(np.array([7.5]))
    assert (p["x"].moments.mean, p["x"].moments.std, p["x"].moments.std_sample) == (7.5, 0.0, None)


def test_alternating_infinities():
    p = cut(np.array([np.inf, -np.inf] * 50), 7)
    assert (p["x"].counts.positive_inf, p["x"].counts.negative_inf, p["x"].counts.nan) == (50, 50, 0)
    assert (p["x"].moments.mean, p["x"].extrema.max) == (None, None)
    assert p["x"].distinct.estimate == 0


@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.float16])
def test_non_finite_among_numbers(dtype):
    values = NORMAL[:5000].astype(dtype)
    values[[3, 700, 4000]] = np.nan, np.inf, -np.inf
    valid = np.ones(5000, bool)
    valid[[3, 4, 5]] = False
    p = cut(pa.array(values, mask=~valid), 512)
    kept = values[valid & np.isfinite(values)]
    assert (p["x"].counts.null, p["x"].counts.nan, p["x"].counts.infinite) == (3, 0, 2)
    assert p["x"].counts.negative == np.count_nonzero(kept < 0) + 1
    assert p["x"].moments.std == pytest.approx(std(kept), rel=1e-13)
    assert p["x"].first_rows.places == (("p", 700), ("p", 4000))


def test_garbage_under_a_null_does_not_count():
    values = np.array([1.0, np.nan, np.inf, 2.0, -np.inf])
    bitmap = pa.py_buffer(np.packbits([1, 0, 0, 1, 0], bitorder="little").tobytes())
    column = pa.Array.from_buffers(pa.float64(), 5, [bitmap, pa.py_buffer(values)])
    p = cut(column)
    assert (p["x"].counts.null, p["x"].counts.nan, p["x"].counts.infinite, p["x"].counts.negative) == (
        3,
        0,
        0,
        0,
    )
    assert (p["x"].moments.mean, p["x"].extrema.max, p["x"].distinct.estimate) == (1.5, 2.0, 2)
    assert p["x"].first_rows.places == ()


def test_garbage_text_under_a_null_hashes_as_null():
    texts, offsets = pa.py_buffer(b"abxyab"), pa.py_buffer(np.array([0, 2, 4, 6], np.int32))
    bitmap = pa.py_buffer(b"\x05")
    column = pa.Array.from_buffers(pa.string(), 3, [bitmap, offsets, texts])
    p = cut(column)
    assert (p["x"].distinct.estimate, p["x"].levels.counts) == (1, {"ab": 2})


def test_signed_zeros_and_nans_are_one_value():
    nans = np.array([0x7FF8000000000000, 0xFFF8000000000001], np.uint64).view(np.float64)
    p = cut(np.array([0.0, -0.0, *nans]))
    assert (p["x"].distinct.estimate, p["x"].levels.counts, p["x"].counts.zero) == (1, {0.0: 2}, 2)


@pytest.mark.parametrize("nulls", [False, True])
def test_booleans(nulls):
    p = cut(pa.array([True, False, True, None if nulls else True] * 25).slice(1, 98), 13)
    assert p["x"].levels.counts == ({0: 25, 1: 49} if nulls else {0: 25, 1: 73})
    assert p["x"].extrema.max == 1


@pytest.mark.parametrize("index", [pa.int8(), pa.int32(), pa.uint16()])
def test_dictionaries(index):
    column = pa.array(["a", None, "b", "a"] * 10).dictionary_encode().cast(pa.dictionary(index, pa.string()))
    p = cut(column, 7)
    assert (p["x"].levels.counts, p["x"].counts.null, p["x"].distinct.estimate) == ({"a": 20, "b": 10}, 10, 2)


def test_dictionary_that_holds_a_null_an_unused_and_a_repeated_level():
    levels = pa.array(["a", None, "unused", "a"])
    column = pa.DictionaryArray.from_arrays(pa.array([0, 1, 3, None], pa.int8()), levels)
    p = cut(column)
    assert (p["x"].levels.counts, p["x"].counts.null, p["x"].distinct.estimate) == ({"a": 2}, 2, 1)


def test_dictionary_of_numbers():
    p = cut(pa.array([1.5, None, 2.5]).dictionary_encode())
    assert (p["x"].kind, p["x"].moments.mean, p["x"].counts.null) == ("numeric", 2.0, 1)


@pytest.mark.parametrize(
    "type_", [pa.float32(), pa.int16(), pa.bool_(), pa.string(), pa.date32(), pa.decimal128(12, 2)]
)
def test_sliced_arrays_with_offsets(type_):
    whole = pa.array([0, 1, None, 1, 0, 1, 1, None, 0, 1] * 10, pa.int32())
    whole = (
        whole.cast(pa.bool_()).cast(pa.int32()).cast(pa.string())
        if type_ == pa.string()
        else whole.cast(type_)
    )
    for start, stop in ((0, 100), (3, 40), (9, 97), (13, 14)):
        sliced, fresh = whole.slice(start, stop - start), pa.array(whole.to_pylist()[start:stop], type_)
        assert dump(cut(sliced)) == dump(cut(fresh))


def dump(p: Profile) -> list[object]:
    column = p["x"]
    statistics = (column.counts, column.extrema, column.moments, column.distinct, column.levels, p.row_hashes)
    return [s and s.to_json() for s in statistics]


def test_chunked_arrays_with_empty_chunks():
    chunks = pa.chunked_array([[], [1.0, None], [], [3.0], []], pa.float64())
    p = profile_split(find(pa.table({"x": chunks})).splits["data"])
    assert (p.rows, p["x"].moments.mean, p["x"].counts.null) == (3, 2.0, 1)


@pytest.mark.parametrize("rows", CUTS)
def test_exact_statistics_do_not_depend_on_the_cuts(rows):
    values = np.where(RNG.random(100_000) < 0.01, np.nan, np.round(NORMAL, 2))
    text = pa.array([f"{value:.1f}" for value in NORMAL])
    for column in (values, text):
        a, b = cut(column, 100_000), cut(column, rows)
        assert dump(a)[3:] == dump(b)[3:]
        assert dump(a)[0] == dump(b)[0]
        assert a.sample.row.tolist() == b.sample.row.tolist()


def test_long_and_empty_texts():
    texts = ["", "a", "a\0", "x" * 10_000, "x" * 9_999 + "y", "", None]
    p = cut(pa.array(texts))
    assert (p["x"].distinct.estimate, p["x"].counts.null) == (5, 1)
    assert p["x"].levels.counts[""] == 2


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_floats_are_the_same_for_any_number_of_threads(threads):
    rng = np.random.default_rng(1)
    table = pa.table({f"x{i}": rng.normal(size=2_500_000) for i in range(2)})
    one = profile_split(find(table).splits["data"], threads=1)
    assert one["x0"].moments == profile_split(find(table).splits["data"], threads=threads)["x0"].moments
