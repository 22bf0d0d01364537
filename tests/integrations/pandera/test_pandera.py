import json
import os
import shutil
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from importlib import util
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pa = pytest.importorskip("pandera.pandas")
pl = pytest.importorskip("polars")

import pandas as pd  # noqa: E402
import yaml  # noqa: E402
from pandera.errors import SchemaErrors, SchemaWarning  # noqa: E402

from datacheck import run  # noqa: E402
from datacheck.cli import main  # noqa: E402
from datacheck.errors import FormatError, InputError  # noqa: E402
from datacheck.integrations.pandera import answers, export, findings, load  # noqa: E402
from datacheck.integrations.questions import QUESTIONS  # noqa: E402

SAMPLES = Path(__file__).parents[3] / "sample_data"


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the report on wine, and its schema for pandas and for polars."""
    folder = tmp_path_factory.mktemp("pandera")
    with pytest.raises(SystemExit):
        main(["profile", str(SAMPLES / "wine"), "--out", str(folder / "report"), "--quiet"])
    for backend in ("pandas", "polars"):
        out = ["--out", str(folder / f"{backend}.yaml"), "--module", str(folder / f"{backend}_schema.py")]
        with pytest.raises(SystemExit) as stopped:
            main(["export", "pandera", str(folder / "report"), *out, "--backend", backend])
        assert not stopped.value.code
    return folder


@pytest.fixture
def copied(exported: Path, tmp_path: Path) -> Path:
    shutil.copytree(exported, tmp_path / "copy")
    return tmp_path / "copy"


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    def refuse(*_: Any) -> None:
        raise AssertionError("something wants to reach the network")

    for name in ("connect", "connect_ex", "sendto"):
        monkeypatch.setattr(socket.socket, name, refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    yield


def module(path: Path) -> Any:
    spec = util.spec_from_file_location(path.stem, path)
    assert spec and spec.loader
    made = util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made.schema


def checks(schema: Any) -> Counter[tuple[str, str, str]]:
    """Every check of a schema: column, name, arguments without the names of files."""

    def told(check: Any) -> str:
        kept = {k: v for k, v in check.statistics.items() if v is not None}
        return json.dumps(
            {k: Path(v).suffix if k in ("profile", "contract") else v for k, v in kept.items()},
            sort_keys=True,
        )

    columns = [(name, check) for name, column in schema.columns.items() for check in column.checks]
    return Counter((name, c.name, told(c)) for name, c in [*columns, *(("", c) for c in schema.checks)])


def failed(schema: Any, frame: Any) -> SchemaErrors:
    with pytest.raises(SchemaErrors) as caught:
        schema.validate(frame, lazy=True)
    return caught.value


def names(errors: SchemaErrors) -> set[tuple[str | None, str]]:
    """Column and check of each failure; the column is None for those of the frame."""
    found = [(error.schema.name, getattr(error.check, "name", error.check)) for error in errors.schema_errors]
    return {(column, str(name)) for column, name in found}


READERS: dict[str, Callable[[Path], Any]] = {
    "pandas": pd.read_csv,
    "polars": pl.read_csv,
    "polars lazy": pl.scan_csv,
}


@pytest.mark.parametrize("reader", READERS)
def test_clean_twins_pass_and_broken_twins_fail_on_the_planted_columns(
    exported: Path, reader: str, no_network: None
) -> None:
    schema, read = load(exported / f"{reader.split()[0]}.yaml"), READERS[reader]

    for split in ("train", "val", "test"):
        schema.validate(read(SAMPLES / "wine" / f"{split}.csv"), lazy=True)
    errors = failed(schema, read(SAMPLES / "wine-broken" / "test.csv"))

    assert {column for column, name in names(errors) if name != "column_in_schema"} == {
        None, "hue", "magnesium", "proline",
    }  # fmt: skip
    assert {name for column, name in names(errors) if column is None} - {"column_in_schema"} == {
        f"datacheck_{question}" for question in QUESTIONS if question != "labels_mixed"
    }
    assert ("hue", "datacheck_missing") in names(errors) and ("proline", "datacheck_range") in names(errors)


@pytest.mark.parametrize("split", ["train", "test"])
def test_the_findings_are_those_of_check(exported: Path, split: str) -> None:
    broken = SAMPLES / "wine-broken" / f"{split}.csv"
    schema, frame = load(exported / "pandas.yaml"), pd.read_csv(broken)
    alone = [name for q in QUESTIONS.values() if not q.against for name in q.checkers]
    against = [name for q in QUESTIONS.values() if q.against for name in q.checkers]
    report, contract = exported / "report", exported / "report" / "normalization.json"

    by_cli = [*run.profile(frame, select=alone).findings]
    compared = run.compare(report / "profile" / "train.json", frame, contract=contract, select=against)
    by_cli += [finding for finding in compared.findings if finding.split == "new"]
    told = answers(schema, frame)

    def subjects(of: Any) -> Counter[tuple[Any, ...]]:
        return Counter((f.checker, f.severity, f.columns) for f in of)

    assert subjects(told) == subjects(by_cli)
    assert subjects(findings(failed(schema, frame))) <= subjects(told)
    errors = Counter({k: n for k, n in subjects(told).items() if k[1] == "error"})
    assert errors and errors <= subjects(findings(failed(schema, frame)))


def test_the_round_trip_loses_nothing(exported: Path) -> None:
    document = yaml.safe_load((exported / "pandas.yaml").read_text())
    held = len(document["checks"]) + sum(
        key.startswith("datacheck_") for column in document["columns"].values() for key in column
    )
    schema = load(exported / "pandas.yaml")

    assert checks(schema).total() == held == 6 + 13 * 5 + 3
    assert checks(module(exported / "pandas_schema.py")) == checks(schema)
    assert checks(load(exported / "polars.yaml")) == checks(schema)
    assert checks(module(exported / "polars_schema.py")) == checks(schema)
    again = exported / "again.yaml"
    again.write_text(schema.to_yaml())
    assert load(again).to_yaml() == schema.to_yaml() and checks(load(again)) == checks(schema)
    assert not schema.coerce and not any(column.coerce for column in schema.columns.values())


def test_the_same_report_gives_the_same_bytes(exported: Path, tmp_path: Path) -> None:
    written = export(exported / "report", tmp_path / "pandas.yaml")

    assert [path.name for path in written] == [
        "pandas.yaml",
        "pandas.profile.json",
        "pandas.normalization.json",
    ]
    assert all(path.read_bytes() == (exported / path.name).read_bytes() for path in written)


def test_the_module_warns_of_nothing_and_needs_no_black(exported: Path) -> None:
    code = "import sys; sys.modules['black'] = None; import pandas_schema; print(len(pandas_schema.schema.checks))"

    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], cwd=exported, capture_output=True, text=True
    )

    assert done.stdout == "6\n", done.stderr


def test_a_check_that_pandera_would_drop_is_an_error(copied: Path) -> None:
    path = copied / "pandas.yaml"
    text = path.read_text().replace("datacheck_mean:", "datacheck_meen:", 1)
    path.write_text(text)

    assert (
        checks(pa.DataFrameSchema.from_yaml(text)).total() == checks(load(copied / "polars.yaml")).total() - 1
    )
    with pytest.raises(FormatError, match=r"holds 74 checks, pandera .* loaded 73; lost: datacheck_meen"):
        load(path)


def test_nothing_is_registered_unless_the_package_is_imported_so_load_is_the_door(exported: Path) -> None:
    code = (
        "import pandera.pandas as pa\n"
        "try:\n    schema = pa.DataFrameSchema.from_yaml('pandas.yaml')\n"
        "except AttributeError:\n    print('refused')\n"
        "from datacheck.integrations.pandera import load\nprint(len(load('pandas.yaml').checks))\n"
    )

    done = subprocess.run([sys.executable, "-c", code], cwd=exported, capture_output=True, text=True)

    assert done.stdout.split() == ["refused", "6"], done.stderr


def test_a_lazy_frame_is_checked_where_pandera_alone_passes_it(exported: Path) -> None:
    import pandera.polars as pp

    broken = pl.scan_csv(SAMPLES / "wine" / "test.csv").with_columns(pl.col("proline") * 1e6)
    schema = load(exported / "polars.yaml")

    pp.DataFrameSchema(schema.columns, checks=schema.checks).validate(broken, lazy=True)  # the pitfall
    assert ("proline", "datacheck_range") in names(failed(schema, broken))


def test_a_polars_frame_that_lacks_a_column_and_fails_a_check_is_reported(exported: Path) -> None:
    frame = pl.read_csv(SAMPLES / "wine" / "test.csv").drop("hue").with_columns(pl.col("proline") * 1e6)

    errors = failed(load(exported / "polars.yaml"), frame)

    assert {"hue", "False"} <= set(errors.failure_cases["failure_case"])


@pytest.mark.parametrize("reader", ["pandas", "polars"])
def test_an_id_that_became_text_fails(exported: Path, reader: str) -> None:
    frame = READERS[reader](SAMPLES / "wine" / "test.csv")
    text = (
        frame.assign(proline=frame["proline"].astype(str))
        if reader == "pandas"
        else frame.with_columns(pl.col("proline").cast(pl.String))
    )

    assert ("proline", "datacheck_kind") in names(failed(load(exported / f"{reader}.yaml"), text))


@pytest.mark.parametrize("reader", ["pandas", "polars"])
def test_nulls_reach_the_check_and_whole_numbers_may_become_floats(exported: Path, reader: str) -> None:
    schema, frame = load(exported / f"{reader}.yaml"), pd.read_csv(SAMPLES / "wine" / "train.csv")
    some, many = frame.copy(), frame.copy()
    some.loc[:1, "proline"] = np.nan
    many.loc[:29, "proline"] = np.nan
    unlabelled = frame.astype({"label": object})
    unlabelled.loc[0, "label"] = None
    as_sent = pd.DataFrame if reader == "pandas" else pl.from_pandas

    schema.validate(as_sent(some), lazy=True)
    assert names(failed(schema, as_sent(many))) >= {("proline", "datacheck_missing")}
    assert ("label", "datacheck_missing") in names(failed(schema, as_sent(unlabelled)))


def test_a_check_of_nulls_that_ignores_them_is_refused(copied: Path) -> None:
    path = copied / "pandas.yaml"
    path.write_text(path.read_text().replace("ignore_na: false", "ignore_na: true", 1))

    with pytest.raises(FormatError, match="never sees a null"):
        load(path)


def test_an_empty_frame_proves_nothing(exported: Path) -> None:
    frame = pd.read_csv(SAMPLES / "wine" / "test.csv").iloc[:0]

    assert (None, "datacheck_rows") in names(failed(load(exported / "pandas.yaml"), frame))


def test_a_class_that_training_lacks_fails(exported: Path) -> None:
    frame = pd.read_csv(SAMPLES / "wine" / "test.csv")
    frame.loc[3, "label"] = "class_9"

    errors = failed(load(exported / "pandas.yaml"), frame)

    assert ("label", "datacheck_levels") in names(errors)
    assert [f.columns for f in findings(errors) if f.checker == "unseen-label"] == [("label",)]


def test_a_question_without_an_answer_is_a_warning(exported: Path) -> None:
    frame = pd.read_csv(SAMPLES / "wine" / "test.csv").query("label == 'class_1'")

    with pytest.warns(SchemaWarning, match="datacheck_labels_mixed not checked: s"):
        failed(load(exported / "pandas.yaml"), frame)


@pytest.mark.parametrize("name", ["pandas.profile.json", "pandas.normalization.json"])
def test_another_profile_or_contract_fails_and_so_does_none(copied: Path, name: str) -> None:
    schema, frame = load(copied / "pandas.yaml"), pd.read_csv(SAMPLES / "wine" / "test.csv")

    (copied / name).write_text((copied / name).read_text().replace("107", "108"))
    assert "export it again" in str(failed(schema, frame))
    (copied / name).unlink()
    assert "does not exist" in str(failed(schema, frame))


def test_a_frame_is_profiled_once_and_a_changed_one_again(
    exported: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from datacheck.integrations.pandera import frames

    calls: list[str | None] = []
    real = frames.profile_dataset
    monkeypatch.setattr(
        frames, "profile_dataset", lambda data, *, label: calls.append(label) or real(data, label=label)
    )
    schema, frame = load(exported / "pandas.yaml"), pd.read_csv(SAMPLES / "wine" / "test.csv")

    schema.validate(frame, lazy=True, inplace=True)
    assert calls == ["label"]
    frame["proline"] *= 1e6
    failed(schema, frame)
    assert len(calls) == 2


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[1, 2]", "no schema of pandera"),
        ("columns: {x: 3}", "no schema of pandera"),
        ("columns: {x: {nullable: true}}\nchecks: 7", "no list of mappings"),
        (
            "columns: {}\nchecks: [{options: {check_name: no_such}}]",
            "cannot read .* is every check registered",
        ),
        ("schema_type: spark\ncolumns: {}", "did you mean|expected one of"),
        ("columns: {x: {dtype: no_such}}", "cannot read"),
        ("a: [", "cannot be read as a schema"),
    ],
)
def test_a_file_that_is_no_schema_is_told(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "schema.yaml").write_text(text)

    with pytest.raises(FormatError, match=message):
        load(tmp_path / "schema.yaml")


def test_a_report_without_its_profiles_is_told(copied: Path) -> None:
    shutil.rmtree(copied / "report" / "profile")

    with pytest.raises(InputError, match=r"has no profile of the split 'train'; expected the folder"):
        export(copied / "report", copied / "schema.yaml")


def test_a_report_in_memory_with_categories_flags_a_target_and_a_tensor(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)

    def rows(n: int) -> pd.DataFrame:
        return pd.DataFrame(
            {
                "city": pd.Categorical(rng.choice(["Rome", "Oslo", "Lima"], n)),
                "flag": rng.integers(0, 2, n).astype(bool),
                "x": rng.normal(5, 2, n),
                "when": pd.Timestamp("2026-01-01") + pd.to_timedelta(rng.integers(0, 9999, n), unit="h"),
                "vector": list(rng.normal(size=(n, 2))),
                "y": rng.normal(size=n),
            }
        )

    report = run.profile({"train": rows(900), "test": rows(300)}, label="y", task="regression")
    export(report, tmp_path / "schema.yaml", module=tmp_path / "made.py")
    schema = load(tmp_path / "schema.yaml")

    assert not schema.strict  # the tensor is a column of the frame and none of the schema
    schema.validate(rows(400), lazy=True)
    module(tmp_path / "made.py").validate(rows(400), lazy=True)
    other = rows(400).assign(city="Bonn", flag=3, y=1e3)
    assert names(failed(schema, other)) >= {
        ("city", "datacheck_levels"), ("flag", "datacheck_levels"), ("y", "datacheck_range"), ("y", "datacheck_mean"),
    }  # fmt: skip


def test_a_missing_pandera_names_what_installs_it(exported: Path) -> None:
    code = (
        "import sys; sys.modules['pandera'] = None\n"
        "from datacheck.cli import main\nmain(['export', 'pandera', 'report', '-o', 'x.yaml'])\n"
    )

    done = subprocess.run([sys.executable, "-c", code], cwd=exported, capture_output=True, text=True)

    assert done.returncode == 2
    assert "pip install 'datacheck-ml[pandera]'" in done.stderr and "Traceback" not in done.stderr


@pytest.mark.slow
def test_the_page_runs(folder: Path, blocks: Callable[[str, str], list[str]]) -> None:
    shutil.copytree(SAMPLES / "wine", folder / "data")
    shutil.copy(SAMPLES / "wine-broken" / "test.csv", folder / "new.csv")
    tools = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}

    for code in blocks("pandera", "sh"):
        subprocess.run(["bash", "-e", "-c", code], env=tools, check=True, capture_output=True)
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", blocks("pandera", "python")[0]], capture_output=True, text=True
    )

    assert done.returncode == 0, done.stderr
    assert "error normalization-contract ('proline',)" in done.stdout and "proline" in done.stdout
