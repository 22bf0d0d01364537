import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pytest
from typer.testing import CliRunner

from datacheck.cli import app, main
from datacheck.config import Config
from datacheck.errors import ConfigError
from datacheck.selftest import Plan, Rate, SelfTest, render, run

QUICK = ("heavy-tail", "sorted-labels")


def selftest(*arguments: str) -> str:
    done = CliRunner().invoke(app, ["selftest", *arguments])
    assert done.exit_code == 0, done.output
    return done.stdout


@pytest.fixture
def own(folder: Path) -> Path:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(600, 3))
    x[:, 2] = 7.0
    y = (x[:, 0] + 0.5 * rng.normal(size=600) > 0).astype(int)
    table = pa.table({"a": x[:, 0], "b": x[:, 1], "flat": x[:, 2], "y": np.sort(y)})
    for name, rows in (("train", table[:400]), ("test", table[400:])):
        pyarrow.csv.write_csv(rows, folder / f"{name}.csv")
    return folder


def test_the_command_prints_false_alarms_and_finds_by_strength(folder: Path) -> None:
    text = selftest("--select", "heavy-tail", "--draws", "5", "--jobs", "1", "--rows", "400")

    assert "false alarms, 400 rows: 0 of 10 (0-31 %)" in text
    assert "1000: 5 of 5 (47-100 %)" in text
    assert "--draws 50 takes ten times as long" in text


@pytest.mark.slow
def test_figures_follow_from_the_seed_alone(folder: Path) -> None:
    both = [argument for name in QUICK for argument in ("--select", name)]
    arguments = ("--draws", "3", "--rows", "200", "--format", "json")

    one = json.loads(selftest(*both, *arguments, "--jobs", "1"))
    two = json.loads(selftest(*both, *arguments, "--jobs", "2"))
    alone = json.loads(selftest("--select", QUICK[1], *arguments, "--jobs", "1"))

    assert one == two
    assert alone["checkers"] == one["checkers"][1:]
    assert SelfTest.from_json(one).to_json() == one


def test_on_own_data_what_stands_is_told_from_false_alarms(own: Path) -> None:
    chosen = ("--select", "constant-feature", "--select", "sorted-labels")

    text = selftest(str(own), "--draws", "4", "--jobs", "1", *chosen)
    figures = json.loads(selftest(str(own), "--draws", "4", "--jobs", "1", *chosen, "--format", "json"))

    constant, order = figures["checkers"]
    assert "found in the data as they are, 400 rows: 4 of 4" in text
    assert "false alarms, 400 rows: 0 of 4" in text
    assert [rate["found"] for rate in constant["planted"]] == [0, 4, 4]
    assert [rate["found"] for rate in order["planted"]] == [0, 4, 4]


def test_a_fault_that_the_data_have_already_cannot_be_counted(own: Path) -> None:
    table = pyarrow.csv.read_csv(own / "train.csv")
    pyarrow.csv.write_csv(pa.concat_tables([table] * 3), own / "train.csv")

    text = selftest(str(own), "--draws", "3", "--jobs", "1", "--select", "duplicate-rows")

    assert "found in the data as they are" in text
    assert "not measured: the data have the fault as they are" in text


def test_what_cannot_be_measured_is_said() -> None:
    result = run(
        Plan(draws=1, config=Config(select=("unreadable-file", "target-scale"))), {"x": [1.0, 2.0] * 40}
    )

    assert [checker.reason for checker in result.checkers] == [
        "no label column is known; name it with --label",
        "no fault of this kind can be put into rows",
    ]
    assert "| **target-scale** | | | | not measured:" in render(result, "markdown")


def test_shift_is_measured_at_the_users_own_size() -> None:
    rng = np.random.default_rng(1)
    splits = {
        name: pa.table({"x": rng.normal(size=n)}) for name, n in (("train", 900), ("val", 300), ("test", 300))
    }

    result = run(Plan(draws=8, config=Config(select=("covariate-shift", "odd-split"))), splits)

    covariate, odd = result.checkers
    assert [(r.rows, r.found) for r in covariate.planted if r.strength == 0.5] == [(900, 2)]
    assert [r.draws for r in odd.planted] == [2, 2, 2]


def test_markdown_has_a_row_for_each_size() -> None:
    result = run(Plan(draws=2, rows=(100, 200), config=Config(select=("missing-values",))))

    rows = [line for line in render(result, "markdown").splitlines() if line.startswith("| ")][2:]

    assert [row.split("|")[2].strip() for row in rows] == ["100", "200"]


def test_intervals_are_those_of_clopper_and_pearson() -> None:
    assert Rate(rows=1, strength=None, found=4, draws=4).interval == (pytest.approx(0.3976, abs=1e-4), 1.0)
    assert Rate(rows=1, strength=None, found=50, draws=100).interval == pytest.approx(
        (0.3983, 0.6017), abs=1e-4
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--draws", "0"], "draws is 0; expected a whole number, 1 or more"),
        (["--seed", "-1"], "seed is -1; expected a whole number, 0 or more"),
        (["--rows", "7"], "rows is 7; expected 30 or more"),
        (["--format", "jsn"], "format 'jsn' is unknown; did you mean 'json'?"),
        (["--select", "heavy-tial"], "there is no checker 'heavy-tial'; did you mean 'heavy-tail'?"),
        (["nowhere"], "nowhere"),
    ],
)
def test_bad_arguments_are_one_line_and_exit_code_2(
    folder, capsys, arguments: list[str], message: str
) -> None:
    with pytest.raises(SystemExit) as stop:
        main(["selftest", *arguments])

    printed = capsys.readouterr()
    assert stop.value.code == 2
    assert message in printed.err
    assert printed.out == ""


def test_more_rows_than_there_are_is_an_error(own: Path) -> None:
    with pytest.raises(
        ConfigError, match="the data give 400 beside their other splits; expected --rows 400 or less"
    ):
        run(Plan(rows=(500,)), str(own))
