import numpy as np
import pyarrow as pa
import pytest

from datacheck.probes.shift import shift

ROWS = 1500


def population(rng: np.random.Generator, rows: int) -> dict[str, np.ndarray]:
    x = rng.normal(size=(rows, 4))
    x[:, 1] += 0.6 * x[:, 0]
    label = (x[:, 0] + x[:, 2] * x[:, 1] + 0.5 * rng.normal(size=rows) > 0).astype(int)
    city = np.array(["a", "b", "c", "d"])[np.digitize(x[:, 3], [-0.7, 0, 0.9])]
    return {"a": x[:, 0], "b": x[:, 1], "c": x[:, 2], "city": city, "y": label}


def select(columns: dict[str, np.ndarray], keep: np.ndarray) -> dict[str, np.ndarray]:
    rows = np.flatnonzero(keep)
    return {name: values[rows] for name, values in columns.items()}


def verdict(train: dict[str, np.ndarray], test: dict[str, np.ndarray], **options: object) -> object:
    return shift(pa.table(train), pa.table(test), label="y", task="classification", **options)


def test_clean_splits_are_quiet() -> None:
    rng = np.random.default_rng(0)

    kinds = [verdict(population(rng, 400), population(rng, 200)).kind for _ in range(30)]

    assert sum(kind != "none" for kind in kinds) <= 3


def test_selection_on_features_is_a_covariate_shift_with_weights() -> None:
    rng = np.random.default_rng(1)
    pool = population(rng, 4 * ROWS)

    found = verdict(
        population(rng, ROWS), select(pool, rng.random(4 * ROWS) < 1 / (1 + np.exp(-1.5 * pool["a"])))
    )

    assert found.kind == "covariate"
    assert "a" in found.features
    assert found.weights.values.mean() == pytest.approx(1)
    assert 0.3 < found.weights.effective_share < 0.95
    truth = 1 / (1 + np.exp(-1.5 * found_values(found, rng)))
    assert np.corrcoef(found.weights.values, truth)[0, 1] > 0.7


def found_values(found: object, rng: np.random.Generator) -> np.ndarray:
    again = np.random.default_rng(1)
    population(again, 4 * ROWS)
    return population(again, ROWS)["a"][found.weights.rows]


def test_another_class_mix_is_a_label_shift_with_class_weights() -> None:
    rng = np.random.default_rng(2)
    pool = population(rng, 4 * ROWS)

    found = verdict(population(rng, ROWS), select(pool, rng.random(4 * ROWS) < np.where(pool["y"], 0.5, 0.2)))

    assert found.kind == "label"
    assert found.weights.classes[1] / found.weights.classes[0] == pytest.approx(2.5, rel=0.2)
    assert found.p_values["x_given_y"] > 0.01


def test_labels_changed_in_a_region_are_a_concept_shift_and_weights_refused() -> None:
    rng = np.random.default_rng(3)
    test = population(rng, ROWS)
    test["y"] = np.where((test["a"] > 0.3) & (test["c"] > 0), 1 - test["y"], test["y"])

    found = verdict(population(rng, ROWS), test)

    assert found.kind == "concept"
    assert found.intervals["y_given_x"][0] > 0.02
    assert found.weights.values is None
    assert "relabel" in found.weights.refused


def test_both_at_once_are_mixed() -> None:
    rng = np.random.default_rng(4)
    test = population(rng, ROWS)
    test["b"] = test["b"] + 1
    test["y"] = np.where(rng.random(ROWS) < 0.4, 1 - test["y"], test["y"])

    assert verdict(population(rng, ROWS), test).kind == "mixed"


def test_broken_dependence_is_named_by_its_column() -> None:
    rng = np.random.default_rng(5)
    test = population(rng, ROWS)
    test["b"] = rng.permutation(test["b"])

    found = verdict(population(rng, ROWS), test)

    assert found.kind in ("covariate", "mixed")
    assert "b" in found.features


def test_the_same_input_gives_the_same_answer() -> None:
    tables = [population(np.random.default_rng(seed), 300) for seed in (6, 7)]

    first, second = (verdict(*tables, seed=5) for _ in range(2))

    assert first.to_json() == second.to_json()


def test_regression_target_that_moved_with_its_features_is_no_concept_shift() -> None:
    rng = np.random.default_rng(8)
    tables = [population(rng, 6 * ROWS), population(rng, ROWS)]
    for table in tables:
        table["y"] = table["a"] + 0.5 * table["c"] + 0.3 * rng.normal(size=len(table["a"]))
    test = select(tables[0], rng.random(6 * ROWS) < 1 / (1 + np.exp(-tables[0]["a"])))

    found = shift(pa.table(tables[1]), pa.table(test), label="y", task="regression")

    assert found.kind == "covariate"


def test_groups_count_as_one() -> None:
    rng = np.random.default_rng(9)
    group = np.repeat(np.arange(60), 20)

    def sessions() -> pa.Table:
        return pa.table({"x": rng.normal(size=60)[group] + 0.1 * rng.normal(size=1200), "session": group})

    alarms = [shift(sessions(), sessions(), groups="session").shifted for _ in range(20)]

    assert sum(alarms) <= 3


def nearly_collinear(rng: np.random.Generator, rows: int) -> dict[str, np.ndarray]:
    """Columns that follow from each other, one with many equal values and one with a heavy tail."""
    base = rng.normal(size=rows)
    return {
        "a": base,
        "b": base + 0.05 * rng.normal(size=rows),
        "spiked": np.where(rng.random(rows) < 0.5, 0.0, rng.normal(size=rows)),
        "heavy": np.exp(1.2 * rng.normal(size=rows)),
        "y": (base + rng.normal(size=rows) > 0).astype(int),
    }


@pytest.mark.parametrize("column", ["a", "b", "spiked", "heavy"])
def test_a_move_by_a_hair_is_no_shift_however_many_rows_show_it(column: str) -> None:
    rng = np.random.default_rng(12)
    train, test = nearly_collinear(rng, 20_000), nearly_collinear(rng, 20_000)
    test[column] = test[column] + 0.03 * train[column].std()

    found = verdict(train, test)

    assert found.p_values["x"] < 0.01
    assert found.kind == "none"


def test_columns_that_no_longer_go_together_are_a_shift_all_the_same() -> None:
    rng = np.random.default_rng(13)
    train, test = nearly_collinear(rng, 3000), nearly_collinear(rng, 3000)
    test["b"] = test["b"] + 0.15

    found = verdict(train, test)

    assert found.shifted
    assert found.auc > 0.6


def test_splits_without_common_rows_say_that_the_concept_cannot_be_told() -> None:
    rng = np.random.default_rng(14)
    test = population(rng, 600)
    test["a"] = test["a"] + 6

    found = verdict(population(rng, 600), test)

    assert found.reason.startswith("whether P(y|x) changed cannot be told: the splits share too few rows")


BAD = {
    "an absent class": {"x": np.arange(200.0), "y": ["a", "b"] * 100},
    "a constant": {"x": np.arange(200.0), "c": [1.0] * 200, "y": ["a", "a"] * 100},
    "nulls only": {"x": np.arange(200.0), "n": pa.nulls(200, pa.float64()), "y": ["a", "a"] * 100},
    "free text": {"x": np.arange(200.0), "t": [f"text {i}" for i in range(200)], "y": ["a", "a"] * 100},
    "infinities": {"x": [np.inf, -np.inf, np.nan, 1.0] * 50, "y": ["a", "a"] * 100},
    "null labels": {"x": np.arange(200.0), "y": [None] * 200},
    "vectors": {
        "v": pa.FixedSizeListArray.from_arrays(pa.array(np.random.default_rng(0).normal(size=800)), 4),
        "y": ["a", "b"] * 100,
    },
    "times": {"x": np.arange(200.0), "t": pa.array(range(200), pa.timestamp("s")), "y": ["a", "a"] * 100},
}


@pytest.mark.parametrize("what", BAD)
def test_bad_input_is_answered_or_skipped_with_a_reason(what: str) -> None:
    test = pa.table(BAD[what])
    train = test.set_column(test.column_names.index("y"), "y", pa.array(["a", "a"] * 100))

    found = shift(train, test, label="y", task="classification")

    assert found.kind in ("none", "covariate", "label", "concept", "mixed", "cannot tell")
    assert all(isinstance(reason, str) for reason in found.skipped.values())
    assert found.to_json()["kind"] == found.kind


def test_too_few_rows_are_said_to_be_too_few() -> None:
    table = pa.table({"x": np.arange(20.0)})

    found = shift(table, table)

    assert found.kind == "cannot tell"
    assert "30 are needed" in found.reason


def test_columns_of_another_type_are_skipped() -> None:
    train, test = (
        pa.table({"x": np.arange(50.0), "z": ["a"] * 50}),
        pa.table({"x": np.arange(50.0), "z": [1.0] * 50}),
    )

    assert shift(train, test).skipped["z"] == "string in the training split, double in the other"


def test_row_numbers_are_skipped() -> None:
    train, test = pa.table({"id": range(100)}), pa.table({"id": range(100, 200)})

    found = shift(train, test)

    assert found.kind == "cannot tell"
    assert "numbers the rows" in found.skipped["id"]


def test_many_columns_are_answered() -> None:
    rng = np.random.default_rng(10)
    tables = [
        pa.table({f"x{i}": rng.normal(size=100) for i in range(150)} | {"y": rng.integers(2, size=100)})
    ] * 2

    assert shift(tables[0], tables[1], label="y", task="classification").kind == "none"


def test_without_labels_class_weights_are_estimated() -> None:
    rng = np.random.default_rng(11)
    pool = population(rng, 4 * ROWS)
    test = select(pool, rng.random(4 * ROWS) < np.where(pool["y"], 0.5, 0.2))
    del test["y"]

    found = verdict(population(rng, ROWS), test)

    assert found.kind == "cannot tell"
    assert "no labels" in found.reason
    assert found.weights.classes[1] / found.weights.classes[0] == pytest.approx(2.5, rel=0.4)


def test_gaps_filled_with_the_median_are_found() -> None:
    """They move no threshold by much, but a value that nobody had is in a tenth of the rows."""
    rng = np.random.default_rng(12)
    train, test = population(rng, 1000), population(rng, 500)
    test["b"][rng.random(500) < 0.1] = np.median(train["b"])

    found = verdict(train, test)

    assert (found.kind, found.features) == ("covariate", ("b",))


def test_common_values_moved_by_a_hair_are_not() -> None:
    rng = np.random.default_rng(13)
    train, test = population(rng, 20_000), population(rng, 20_000)
    for side, at in ((train, 0.0), (test, 0.02)):
        side["c"] = np.where(rng.random(20_000) < 0.6, at, side["c"])

    assert "c" not in verdict(train, test).features
