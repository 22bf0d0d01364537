import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import datacheck as dc
from datacheck.cli import main

ROWS = 1200
CHECKERS = ("covariate-shift", "label-shift", "concept-shift", "odd-split")


def population(rng: np.random.Generator, rows: int) -> tuple[np.ndarray, np.ndarray]:
    x = rng.normal(size=(rows, 3))
    return x, x[:, 0] + 0.5 * rng.normal(size=rows) > 0


def table(x: np.ndarray, label: np.ndarray) -> pa.Table:
    return pa.table(
        {**{f"x{i}": values for i, values in enumerate(x.T)}, "target": np.where(label, "yes", "no")}
    )


def folder(root: Path, chance: object) -> Path:
    """Two training files, a validation split like them, and a test split of rows kept by their chance."""
    rng = np.random.default_rng(0)
    (root / "train").mkdir(parents=True)
    pq.write_table(table(*population(rng, ROWS)), root / "train" / "a.parquet")
    pq.write_table(table(*population(rng, ROWS)), root / "train" / "b.parquet")
    pq.write_table(table(*population(rng, ROWS)), root / "val.parquet")
    x, label = population(rng, 6 * ROWS)
    kept = np.flatnonzero(rng.random(len(x)) < chance(x, label))[:ROWS]
    pq.write_table(table(x[kept], label[kept]), root / "test.parquet")
    return root


def run(*arguments: object) -> int:
    with pytest.raises(SystemExit) as stop:
        main([str(argument) for argument in arguments])
    return int(stop.value.code or 0)


def profiled(data: Path, out: Path, *options: object) -> int:
    chosen = [word for name in CHECKERS for word in ("--select", name)]
    return run("profile", data, "--out", out, "--quiet", *chosen, *options)


def test_row_weights_are_written_with_their_places(tmp_path: Path) -> None:
    data = folder(tmp_path / "data", lambda x, y: 1 / (1 + np.exp(-1.5 * x[:, 2])))

    profiled(data, tmp_path / "out", "--weights", tmp_path / "w.parquet")

    weights = pq.read_table(tmp_path / "w.parquet").to_pandas()
    assert set(weights.split) == {"test"}
    assert weights.row.tolist() == list(range(2 * ROWS))
    last = weights.iloc[-1]
    assert (last.file, last.file_row) == ("train/b.parquet", ROWS - 1)
    feature = np.concatenate([pq.read_table(f)["x2"].to_numpy() for f in sorted((data / "train").iterdir())])
    truth = 1 / (1 + np.exp(-1.5 * feature))
    assert np.corrcoef(weights.weight, truth)[0, 1] > 0.8


def test_class_weights_are_in_the_contract(tmp_path: Path) -> None:
    data = folder(tmp_path / "data", lambda x, y: np.where(y, 0.6, 0.2))

    profiled(data, tmp_path / "out", "--weights", tmp_path / "w.parquet")

    label = dc.Normalization.load(tmp_path / "out" / "normalization.json").label
    no, yes = label.split_weights["test"]
    assert yes / no == pytest.approx(3, rel=0.2)
    weights = pq.read_table(tmp_path / "w.parquet").to_pandas()
    assert sorted(set(weights.weight)) == pytest.approx([no, yes])


def test_a_contract_without_split_weights_is_read_and_a_senseless_one_refused(tmp_path: Path) -> None:
    data = folder(tmp_path / "data", lambda x, y: np.where(y, 0.6, 0.2))
    profiled(data, tmp_path / "out")
    path = tmp_path / "out" / "normalization.json"
    content = json.loads(path.read_text())
    content["label"]["split_weights"]["test"] = [1.0]
    path.write_text(json.dumps(content))
    with pytest.raises(dc.ContractError, match="a weight for each class for 'test'"):
        dc.Normalization.load(path)

    del content["label"]["split_weights"]
    path.write_text(json.dumps(content))

    assert dc.Normalization.load(path).label.split_weights == {}


def test_weights_are_refused_with_the_reason(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = folder(tmp_path / "data", lambda x, y: np.ones(len(x)))

    code = profiled(data, tmp_path / "out", "--weights", tmp_path / "w.parquet")

    assert code == 2
    assert "no weights can be written" in capsys.readouterr().err
    assert not (tmp_path / "w.parquet").exists()


def test_validation_is_compared_with_test_directly(tmp_path: Path) -> None:
    data = folder(tmp_path / "data", lambda x, y: 1 / (1 + np.exp(-1.5 * x[:, 2])))
    profiled(data, tmp_path / "out")

    report = json.loads((tmp_path / "out" / "report.json").read_text())

    (odd,) = [f for f in report["findings"] if f["checker"] == "odd-split"]
    assert "compared directly: covariate shift" in odd["message"]
    assert odd["evidence"]["direct"]["val"]["kind"] == "covariate"
    assert report["shift"]["test"]["beside"]["val"]["kind"] == "covariate"


def grouped(rng: np.random.Generator) -> pa.Table:
    group = np.repeat(np.arange(60), 20)
    x = rng.normal(size=60)[group] + 0.3 * rng.normal(size=1200)
    return pa.table({"x": x, "patient": group, "target": rng.integers(2, size=1200)})


def test_groups_are_counted_where_they_are_named() -> None:
    rng = np.random.default_rng(9)
    splits = {"train": grouped(rng), "test": grouped(rng)}

    plain = dc.profile(splits, select=["covariate-shift", "label-shift"])
    known = dc.profile(splits, select=["covariate-shift", "label-shift"], group="patient")

    (found,) = [f for f in plain.findings if f.severity != "info"]
    assert "name the column with --group or --time" in found.advice
    assert known.findings == ()
    assert known.shift["test"].groups == (60, 60)
    seen = {p.checker: p.detectable for p in known.passed}
    assert (
        seen["covariate-shift"]
        == "a feature of which 41 points of the rows moved past a threshold (90 % power)"
    )


def test_groups_in_compare_and_pyproject(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(9)
    for name in ("old", "new"):
        pq.write_table(grouped(rng), tmp_path / f"{name}.parquet")
    monkeypatch.chdir(tmp_path)
    sides = (
        "compare",
        "old.parquet",
        "new.parquet",
        "--quiet",
        "--fail-on",
        "warning",
        "--select",
        CHECKERS[0],
    )

    assert run(*sides) == 1
    assert run(*sides, "--group", "patient") == 0
    (tmp_path / "pyproject.toml").write_text('[tool.datacheck]\ngroup = "patient"\n')
    assert run(*sides) == 0


def test_a_group_column_that_is_not_there_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pq.write_table(grouped(np.random.default_rng(1)), tmp_path / "a.parquet")

    assert run("profile", tmp_path / "a.parquet", "--out", tmp_path / "out", "--group", "patent") == 2
    assert "'patent', which --group names" in capsys.readouterr().err


def test_group_and_time_exclude_each_other() -> None:
    with pytest.raises(dc.ConfigError, match="expected one of them"):
        dc.profile(pa.table({"x": [1.0, 2.0]}), group="a", time="b")
