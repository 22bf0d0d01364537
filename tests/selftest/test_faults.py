import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from datacheck.checking import check
from datacheck.config import Config, checker_classes
from datacheck.errors import ConfigError, NotApplicable
from datacheck.testing import faults, make_profile

# what cannot be put into rows
WITHOUT_A_FAULT = {"unreadable-file": "it is about files, and a planted fault is data in memory"}
PROBED = [name for name, cls in checker_classes().items() if cls.requires]


def frame(task: str | None = "classification", rows: int = 1400) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    x = rng.normal(2, 1.5, size=(rows, 3))
    score = x @ [1, 1, 0.3] - 4.6 + rng.normal(size=rows)
    label = score if task == "regression" else np.where(score > 0, "yes", "no")
    return pd.DataFrame(
        {
            "a": x[:, 0],
            "b": x[:, 1],
            "c": x[:, 2],
            "n": rng.poisson(9, rows),
            "city": rng.choice(list("uvw"), rows),
        }
        | {"y": label}
    )


def found(planted: faults.Planted, checker: str) -> bool:
    data = make_profile(
        planted.splits,
        label=planted.label,
        task=planted.task,
        **({"training": planted.training} if planted.training else {}),
    )
    findings = check(data, Config(select=(checker,))).findings
    least = faults.find(checker).severity.rank
    return any(
        f.split == planted.split
        and f.severity.rank >= least
        and set(planted.columns) <= {*f.columns, *planted.columns}
        for f in findings
    )


def test_every_checker_has_a_planted_fault() -> None:
    assert set(checker_classes()) - set(faults.every()) == set(WITHOUT_A_FAULT)
    assert set(faults.every()) <= set(checker_classes())


@pytest.mark.parametrize("name", faults.every())
def test_a_fault_describes_itself_and_its_grades(name: str) -> None:
    fault = faults.find(name)

    assert fault.__doc__
    assert fault.unit
    assert len(fault.strengths) == len(set(fault.strengths)) == 3
    assert list(fault.strengths) in (sorted(fault.strengths), sorted(fault.strengths, reverse=True))


@pytest.mark.parametrize("name", faults.every())
def test_a_fault_in_a_table_of_the_users_is_found_and_repeats_with_its_seed(name: str) -> None:
    fault = faults.find(name)
    table = frame(fault.task)
    before = table.copy()

    planted = fault(table, fault.strengths[-1], label="y", seed=3)
    again = fault(table, fault.strengths[-1], label="y", seed=3)

    assert table.equals(before)
    for split, rows in planted.splits.items():
        pd.testing.assert_frame_equal(rows.to_pandas(), again.splits[split].to_pandas())
    assert (planted.split, planted.columns, planted.rows) == (again.split, again.columns, again.rows)
    assert len(planted.splits) == max(fault.needs, 1)
    assert found(planted, name)


@pytest.mark.parametrize(
    "name", [n for n in faults.every() if n not in (*PROBED, "missing-labels", "non-finite-values")]
)
def test_a_stronger_fault_is_not_found_less(name: str) -> None:
    fault = faults.find(name)

    hits = [found(fault(frame(fault.task), s, label="y", seed=4), name) for s in fault.strengths]

    assert hits == sorted(hits)
    assert hits[-1]


@pytest.mark.parametrize("name", ["missing-values", "non-finite-values", "missing-labels", "heavy-tail"])
def test_the_rows_named_are_those_that_changed(name: str) -> None:
    table = pa.table(frame())
    fault = faults.find(name)

    planted = fault(table, fault.strengths[1], label="y", seed=5)

    (column,) = planted.columns or ("y",)
    old, new = table[column].to_pylist(), planted.splits[planted.split][column].to_pylist()
    changed = [row for row, (a, b) in enumerate(zip(old, new, strict=True)) if a != b]
    assert changed == list(planted.rows)


def test_copies_stand_where_they_are_said_to() -> None:
    planted = faults.find("cross-split-duplicates")(frame(), 0.1, label="y", seed=6)
    train = set(map(tuple, planted.splits["train"].to_pandas().to_numpy().tolist()))
    test = planted.splits["test"].to_pandas().to_numpy().tolist()

    assert [row for row, values in enumerate(test) if tuple(values) in train] == list(planted.rows)


def test_the_labels_of_a_stretch_stand_one_row_late() -> None:
    table = frame("regression")

    planted = faults.find("label-misalignment")(table, 0.3, label="y", seed=7)

    first, last = planted.rows[0], planted.rows[-1]
    labels = planted.splits["data"]["y"].to_numpy()
    np.testing.assert_array_equal(labels[first + 1 : last + 1], table["y"][first:last])
    np.testing.assert_array_equal(labels[last + 1 :], table["y"][last + 1 :])


def test_splits_and_paths_are_taken_as_they_are(tmp_path) -> None:
    for name, rows in (("train", 900), ("test", 500)):
        pq.write_table(pa.table(frame(rows=rows)), tmp_path / f"{name}.parquet")

    planted = faults.find("covariate-shift")(tmp_path, 0.5, label="y", seed=8)

    assert {name: len(table) for name, table in planted.splits.items()} == {"train": 900, "test": 500}
    assert planted.split == "test"


def test_whole_numbers_stay_whole_when_they_move() -> None:
    table = pa.table({"n": np.random.default_rng(0).poisson(9, 3000), "y": [0, 1] * 1500})

    moved = faults.find("covariate-shift")({"train": table, "test": table}, 0.2, seed=9).splits["test"]["n"]

    assert pa.types.is_integer(moved.type)
    assert np.mean(moved.to_numpy()) - np.mean(table["n"].to_numpy()) == pytest.approx(0.6, abs=0.05)


@pytest.mark.parametrize(
    ("name", "columns", "reason"),
    [
        ("heavy-tail", {"city": ["a", "b"] * 20}, "no numeric feature"),
        ("sorted-labels", {"x": list(range(40))}, "--label"),
        ("label-encoding", {"x": list(range(40)), "y": [i / 7 for i in range(40)]}, "the task is regression"),
        ("class-imbalance", {"x": list(range(40))}, "no label column is known"),
    ],
)
def test_data_that_cannot_have_the_fault_are_refused_with_the_reason(name, columns, reason) -> None:
    with pytest.raises(NotApplicable, match=reason):
        faults.find(name)(columns, 1.0)


def test_an_unknown_fault_names_the_nearest() -> None:
    with pytest.raises(ConfigError, match="did you mean 'heavy-tail'"):
        faults.find("heavy-tial")
