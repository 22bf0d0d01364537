import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from sklearn.preprocessing import StandardScaler

from datacheck.errors import ContractError
from datacheck.normalization import Normalization

RNG = np.random.default_rng(2)


def test_standardize_equals_scikit_learn(fit):
    x = RNG.normal([0, 1e6, -3], [1, 2, 1e5], (500, 3))
    contract = fit({f"x{i}": x[:, i] for i in range(3)})
    expected = StandardScaler().fit_transform(x)

    np.testing.assert_allclose(contract.transform(x, dtype="float64"), expected, rtol=1e-11, atol=1e-11)
    np.testing.assert_allclose(contract.transform(x), expected, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        ("standardize", lambda x: (x - x.mean()) / x.std()),
        ("minmax", lambda x: (x - x.min()) / (x.max() - x.min())),
        ("robust", lambda x: (x - np.median(x)) / np.subtract(*np.quantile(x, [0.75, 0.25]))),
        ("log1p+standardize", lambda x: (np.log1p(x) - np.log1p(x).mean()) / np.log1p(x).std()),
        ({"action": "scale_by_constant", "constant": 128}, lambda x: x / 128),
        ("none", lambda x: x),
        ("drop_constant", lambda x: 0 * x),
    ],
)
def test_actions_are_their_formulas(fit, action, expected):
    x = RNG.gamma(2.0, 20.0, 400)

    given = fit({"x": x}, {"x": action}).transform(x[:, None], dtype="float64")[:, 0]

    np.testing.assert_allclose(given, expected(x), rtol=1e-12, atol=1e-12)


def test_quantile_makes_normal_scores(fit):
    x = RNG.exponential(size=2000)

    z = fit({"x": x}, {"x": "quantile"}).transform(x[:, None])[:, 0]

    assert abs(z.mean()) < 0.02
    assert np.quantile(z, [0.1, 0.5, 0.9]) == pytest.approx([-1.2816, 0, 1.2816], abs=0.02)
    assert (np.argsort(z, kind="stable") == np.argsort(x, kind="stable")).all()


def tables(columns):
    table = pa.table(columns)
    yield "Table", table
    yield "RecordBatch", table.combine_chunks().to_batches()[0]
    yield "reader", table.to_reader(max_chunksize=300)
    yield "pandas", table.to_pandas()
    yield "polars", pl.from_arrow(table)


def as_pandas(result):
    if isinstance(result, pa.RecordBatchReader):
        return result.read_all().to_pandas()
    return result if isinstance(result, pd.DataFrame) else result.to_pandas()


def test_every_table_gives_the_same(fit, table):
    contract = fit(table, {"count": {"missing_indicator": True}, "huge": "quantile"})
    results = {kind: as_pandas(contract.transform(x)) for kind, x in tables(table)}

    for kind, result in results.items():
        assert list(result.columns) == [*contract.outputs, "y"], kind
        np.testing.assert_array_equal(result.to_numpy(float), results["Table"].to_numpy(float))


def test_tables_come_back_as_they_came(fit, table):
    contract = fit(table)

    kinds = {kind: type(contract.transform(x)) for kind, x in tables(table)}

    assert kinds == {
        "Table": pa.Table,
        "RecordBatch": pa.RecordBatch,
        "reader": pa.RecordBatchReader,
        "pandas": pd.DataFrame,
        "polars": pl.DataFrame,
    }


def test_pandas_keeps_its_index(fit):
    frame = pd.DataFrame({"x": [1.0, 2.0, 4.0]}, index=[10, 20, 30])

    assert fit({"x": frame.x.to_numpy()}).transform(frame).index.tolist() == [10, 20, 30]


def test_arrays_equal_tables(fit, table):
    numbers = {k: v for k, v in table.items() if k not in ("colour", "y")}
    contract = fit(numbers, {"count": {"action": "one_hot"}, "rare": {"missing_indicator": True}})
    x = np.column_stack(list(numbers.values()))

    given = contract.transform(x, dtype="float64")

    expected = contract.transform(pa.table(numbers), dtype="float64").to_pandas().to_numpy()
    np.testing.assert_allclose(given, expected, rtol=1e-12)


def test_float32_arrays_equal_their_float64_twins(fit):
    x = RNG.normal([0, 1e6, -3e-5], [1, 2, 1e-6], (5000, 3)).astype(np.float32)
    contract = fit({f"x{i}": x[:, i] for i in range(3)})

    np.testing.assert_allclose(
        contract.transform(x), contract.transform(x.astype(float), dtype="float64"), rtol=1e-6
    )


def test_object_arrays_hold_texts(fit):
    x = np.array([[1.0, "a"], [3.0, "b"], [None, "c"]], dtype=object)
    contract = fit({"x": [1.0, 2.0, 3.0], "t": ["a", "b", "a"]})

    assert contract.transform(x).round(3).tolist() == [
        [pytest.approx(-1.225), 1, 0, 0],
        [pytest.approx(1.225), 0, 1, 0],
        [0, 0, 0, 1],
    ]


def test_number_arrays_hold_the_numbers_of_categories(fit):
    contract = fit({"t": ["a", "b", "a"]}, {"t": {"fill": "b", "missing_indicator": True}})

    given = contract.transform(np.array([[0], [1], [7], [np.nan], [0.5]]))

    assert given.tolist() == [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 1, 0, 1], [0, 0, 1, 0]]


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("dtype", ["float32", "float64", "float16", "int64", "int8", "uint8", "bool"])
def test_types_and_layouts_of_arrays(fit, order, dtype):
    x = np.asarray(RNG.integers(0, 100, (700, 7)).astype(dtype), order=order)
    contract = fit({f"x{i}": RNG.normal(50, 10, 50) for i in range(7)})

    expected = contract.transform(x.astype(float), dtype="float64")
    np.testing.assert_allclose(contract.transform(x), expected, rtol=1e-6, atol=1e-7)


def test_missing_values_take_the_fill(fit):
    contract = fit(
        {"a": [1.0, 2.0, 3.0], "b": [1.0, 2.0, 4.0]}, {"b": {"fill": 0.0, "missing_indicator": True}}
    )

    given = contract.transform(pa.table({"a": [None, 1.0], "b": [float("nan"), 4.0]})).to_pylist()

    zero = contract.transform(np.zeros((1, 2)))[0, 1]
    assert given[0] == {"a": 0.0, "b": zero, "b=<missing>": 1.0}
    assert given[1]["b=<missing>"] == 0.0


def test_a_column_of_nothing_but_nulls_is_filled(fit):
    contract = fit({"a": [1.0, 2.0, 3.0]})

    assert contract.transform(pa.table({"a": pa.nulls(2)})).column("a").to_pylist() == [0.0, 0.0]


def test_infinities_end_at_the_clip(fit):
    contract = fit({"a": [1.0, 2.0, 3.0], "b": [1.0, 2.0, 4.0]}, {"b": {"clip": [-3, 3]}})

    given = contract.transform(np.array([[np.inf, np.inf], [-np.inf, -np.inf]]))

    top = float(np.finfo(np.float32).max)
    assert given.tolist() == [[top, 3], [-top, -3]]


def test_tensors_are_taken_element_by_element(fit):
    pixels = pa.FixedSizeListArray.from_arrays(pa.array([0.0, 5.0, 2.0, 9.0, 4.0, 1.0]), 2)
    contract = fit({"p": pixels})

    assert contract.names == ("p[0]", "p[1]")
    assert contract.transform(pa.table({"p": pixels})).to_pandas().to_numpy() == pytest.approx(
        contract.transform(np.array([[0, 5], [2, 9], [4, 1.0]]))
    )


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"alpha": [1.0]}, "columns 'beta' of the contract are missing; add them"),
        ({"alpha": [1.0], "bta": [1.0]}, "columns 'beta' of the contract are missing; did you mean 'bta'?"),
        ({"alpha": [1.0], "beta": [1.0], "id": [1]}, r"columns 'id' are not in the contract; .*ignore=\("),
        ({"beta": [1.0], "alpha": [1.0]}, "at position 0 'beta' given, 'alpha' expected; .* reorder=True"),
        (
            {"alpha": ["1.0"], "beta": [1.0]},
            "the column 'alpha' is string, the contract was fitted on double",
        ),
    ],
)
def test_tables_that_do_not_fit(fit, columns, message):
    contract = fit({"alpha": [1.0, 2.0], "beta": [1.0, 3.0]})

    with pytest.raises(ContractError, match=message):
        contract.transform(pa.table(columns))


def test_a_column_twice_is_refused(fit):
    contract = fit({"a": [1.0, 2.0]})

    with pytest.raises(ContractError, match="columns 'a' stand in the table more than once"):
        contract.transform(pa.Table.from_arrays([pa.array([1.0]), pa.array([2.0])], names=["a", "a"]))


def test_what_the_caller_allows(fit):
    contract = fit({"a": [1.0, 2.0, 3.0], "b": [1.0, 3.0, 6.0]})
    shuffled = pa.table({"id": [1], "b": [1.0], "a": [1.0]})

    given = contract.transform(shuffled, ignore=["id"], reorder=True)

    assert given.column_names == ["a", "b"]


@pytest.mark.parametrize(
    ("x", "message"),
    [
        (np.zeros((3, 2)), r"shape \(3, 2\) given, \(rows, 1\) expected"),
        (np.zeros(3), r"shape \(3,\) given"),
        (np.zeros((2, 1), complex), "an array of complex128 given, numbers expected"),
        (np.zeros((2, 2), object), r"shape \(2, 2\) given, \(rows, 1\) expected"),
        (np.array([[1], ["a"]], object), "the array has a column of mixed types"),
        ([[1.0]], "list given; expected a numpy array"),
        (pd.DataFrame({"a": [1, "b"]}), "the dataframe has a column of mixed types"),
    ],
)
def test_inputs_of_another_sort(fit, x, message):
    with pytest.raises(ContractError, match=message):
        fit({"a": [1.0, 2.0]}).transform(x)


def test_no_rows(fit, table):
    contract = fit(table)
    empty = pa.table(table).slice(0, 0)

    assert contract.transform(empty).num_rows == 0
    assert fit({"a": [1.0, 2.0, 3.0]}).transform(np.empty((0, 1))).shape == (0, 1)


def test_inverse_of_arrays(fit, table):
    numbers = {k: v for k, v in table.items() if k not in ("colour", "y", "cauchy", "jitter")}
    contract = fit(numbers, {"count": "one_hot", "huge": "quantile"})
    x = np.column_stack(list(numbers.values()))

    back = contract.inverse(contract.transform(x, dtype="float64"))

    np.testing.assert_allclose(back, x, rtol=1e-9)


def test_inverse_of_tables_gives_texts_and_nulls(fit):
    columns = {"a": [1.0, None, 3.0, 4.0], "t": ["x", "y", None, "x"], "y": [0, 1, 0, 1]}
    contract = fit(columns, {"a": {"missing_indicator": True}})

    back = contract.inverse(contract.transform(pa.table(columns)))

    assert back.column("t").to_pylist() == columns["t"]
    assert back.column("a").to_pylist() == [pytest.approx(1), None, pytest.approx(3), pytest.approx(4)]
    assert back.column("y").to_pylist() == columns["y"]


def test_inverse_of_a_constant_is_the_constant(fit):
    contract = fit({"a": [5.0, 5.0], "b": [1e308, -1e308]})

    assert contract.inverse(np.zeros((1, 2))).tolist() == [[5.0, -1e308]]


def test_inverse_names_a_missing_column(fit):
    with pytest.raises(ContractError, match="the normalised column 'b' is missing"):
        fit({"a": [1.0, 2.0, 3.0], "b": [1.0, 2.0, 3.0]}).inverse(pa.table({"a": [1.0]}))


def test_texts_without_action_pass_through_tables_only(fit):
    names = [f"id{i}" for i in range(50)]
    contract = fit({"id": names, "x": RNG.normal(5, 1, 50)})

    result = contract.transform(pa.table({"id": names, "x": np.zeros(50)}))

    assert result.column("id").to_pylist() == names
    assert contract.outputs == ("x",)
    assert contract.inverse(result).column("id").to_pylist() == names


def test_dropped_text_is_zero(fit):
    contract = fit({"t": ["a", "a"], "x": [1.0, 2.0]})

    assert contract.transform(pa.table({"t": ["a", "b"], "x": [1.0, 2.0]})).column("t").to_pylist() == [0, 0]


def test_save_and_load(fit, table, tmp_path):
    contract = fit(table, {"huge": {"action": "quantile", "missing_indicator": True, "clip": [-3, 3]}})
    contract.save(tmp_path / "deep" / "normalization.json")

    loaded = Normalization.load(tmp_path / "deep" / "normalization.json")

    assert loaded.features == contract.features
    assert (loaded.label, loaded.parts, loaded.precision) == (
        contract.label,
        contract.parts,
        contract.precision,
    )
    assert [p.name for p in (tmp_path / "deep").iterdir()] == ["normalization.json"]


def test_a_dataframe_in_another_order_is_refused_on_the_fast_way_too(fit):
    contract = fit({"a": [1.0, 2.0, 3.0], "b": [1.0, 3.0, 6.0]})
    frame = pd.DataFrame({"b": [1.0], "a": [2.0]})

    with pytest.raises(ContractError, match="have another order"):
        contract.transform(frame)
    assert contract.transform(frame, reorder=True).shape == (1, 2)


def test_dictionary_columns_are_texts(fit):
    contract = fit({"t": ["a", "b", "a"]})
    table = pa.table({"t": pa.array(["b", None, "z"]).dictionary_encode()})

    assert [list(row.values()) for row in contract.transform(table).to_pylist()] == [
        [0, 1, 0],
        [0, 0, 0],
        [0, 0, 1],
    ]


def test_missing_rate(fit):
    contract = fit({"a": [1.0, None, 3.0, None]})

    assert contract["a"].missing_rate == 0.5
    assert len(contract) == 1
