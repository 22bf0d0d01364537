import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from datacheck.cli import main


def run(*arguments: object) -> int:
    with pytest.raises(SystemExit) as stopped:
        main([str(argument) for argument in arguments])
    return int(stopped.value.code or 0)


@pytest.fixture
def data(folder: Path) -> Path:
    rng = np.random.default_rng(0)
    where = folder / "data"
    where.mkdir()
    for split, rows in {"train": 400, "test": 200}.items():
        frame = pd.DataFrame(
            {"x": rng.normal(size=rows), "z": rng.normal(size=rows), "label": rng.integers(0, 2, rows)}
        )
        frame.to_csv(where / f"{split}.csv", index=False)
    return where


def spoil(data: Path) -> None:
    frame = pd.read_csv(data / "train.csv").assign(flat=7.0)
    frame.to_csv(data / "train.csv", index=False)
    pd.read_csv(data / "test.csv").assign(flat=7.0).to_csv(data / "test.csv", index=False)


def test_clean_data_exit_with_0_and_write_every_file(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = run("profile", data)

    out = Path("datacheck-report")
    files = {path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file()}
    assert code == 0
    assert files == {
        "report.json",
        "report.html",
        "normalization.json",
        "profile/train.json",
        "profile/test.json",
    }
    assert "label" in capsys.readouterr().out


def test_a_fault_exits_with_1_and_is_in_the_json(data: Path) -> None:
    spoil(data)

    code = run("profile", data, "--quiet", "--out", "r")

    report = json.loads(Path("r/report.json").read_text())
    found = [(f["checker"], f["columns"], f["severity"]) for f in report["findings"]]
    assert code == report["exit_code"] == 1
    assert ("constant-feature", ["flat"], "error") in found
    assert (report["format"], report["label"], report["task"]) == (1, "label", "classification")
    assert report["splits"]["train"]["rows"] == 400


@pytest.mark.parametrize(("fail_on", "code"), [("error", 1), ("warning", 1), ("never", 0)])
def test_fail_on_sets_the_exit_code(data: Path, fail_on: str, code: int) -> None:
    spoil(data)

    assert run("profile", data, "--quiet", "--fail-on", fail_on) == code


def test_format_json_prints_the_report_and_nothing_else(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run("profile", data, "--format", "json", "--format", "markdown=summary.md")

    printed = capsys.readouterr()
    assert json.loads(printed.out) == json.loads(Path("datacheck-report/report.json").read_text())
    assert printed.err == ""
    assert Path("summary.md").read_text().strip()


def test_quiet_prints_nothing(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run("profile", data, "--quiet")

    printed = capsys.readouterr()
    assert printed.out == printed.err == ""


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["profile", "nowhere"], "nowhere does not exist"),
        (["profile", "data", "--label", "lable"], "did you mean 'label'"),
        (["profile", "data", "--precision", "float8"], "precision 'float8' is unknown"),
        (["profile", "data", "--select", "constant"], "no checker 'constant'"),
        (["profile", "data", "--format", "pdf", "--quiet"], "no format 'pdf'"),
        (["explain", "constant-featur"], "did you mean 'constant-feature'"),
    ],
)
def test_a_wrong_call_is_one_line_and_exit_code_2(
    data: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:

    code = run(*arguments)

    error = capsys.readouterr().err
    assert code == 2
    assert message in error
    assert error.startswith("datacheck: ")
    assert "Traceback" not in error


def test_nothing_is_written_when_the_input_is_bad(data: Path) -> None:
    (data / "test.csv").write_text("")

    assert run("profile", data, "--out", "r") == 2
    assert not Path("r").exists()


def test_settings_come_from_pyproject(data: Path) -> None:
    Path("pyproject.toml").write_text(
        '[tool.datacheck]\nout = "from-config"\nselect = ["constant-feature"]\nseed = 7\nlabel = "z"\n'
    )

    run("profile", data, "--quiet")

    report = json.loads(Path("from-config/report.json").read_text())
    assert (report["seed"], report["label"], report["task"]) == (7, "z", "regression")
    assert {entry["checker"] for entry in report["passed"]} == {"constant-feature"}


def test_options_go_before_pyproject(data: Path) -> None:
    Path("pyproject.toml").write_text("[tool.datacheck]\nseed = 7\n")

    run("profile", data, "--quiet", "--seed", "3")

    assert json.loads(Path("datacheck-report/report.json").read_text())["seed"] == 3


def test_list_and_explain_show_every_checker(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("list") == 0
    names = [line.split()[0] for line in capsys.readouterr().out.splitlines()]

    assert "constant-feature" in names
    for name in names:
        assert run("explain", name) == 0
        assert "What to do:" in capsys.readouterr().out


def test_init_writes_a_table_that_loads(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("pyproject.toml").write_text("[tool.ruff]\nline-length = 100\n")

    assert run("init") == 0
    written = Path("pyproject.toml").read_text()
    Path("pyproject.toml").write_text(written.replace("# batch-size = 32", "batch-size = 16"))

    from datacheck.config import Config

    assert Config.load(folder).batch_size == 16
    assert run("init") == 2


def test_saved_profiles_merge_once(data: Path) -> None:
    run("profile", data, "--quiet")
    train, test = Path("datacheck-report/profile/train.json"), Path("datacheck-report/profile/test.json")

    assert run("merge", train, test, "--out", "all.json") == 0
    assert json.loads(Path("all.json").read_text())["rows"] == 600
    assert run("merge", train, train, "--out", "twice.json") == 2
    assert not Path("twice.json").exists()


def test_new_data_are_checked_against_a_saved_profile(data: Path) -> None:
    run("profile", data, "--quiet")
    saved = Path("datacheck-report/profile/train.json")
    moved = pd.read_csv(data / "test.csv")
    moved["x"] += 3
    moved.to_csv("moved.csv", index=False)

    assert run("check", data / "test.csv", "--reference", saved, "--quiet") == 0
    assert run("check", "moved.csv", "--reference", saved, "--format", "json=found.json", "--quiet") == 1

    found = json.loads(Path("found.json").read_text())["findings"]
    assert ("covariate-shift", ["x"]) in [(f["checker"], f["columns"]) for f in found]


@pytest.mark.parametrize(
    "content",
    ["{}", "[1]", "nonsense", '{"kind": "profile", "format": 99}', '{"kind": "profile", "format": 1}'],
)
def test_a_damaged_profile_is_a_clear_error(
    data: Path, content: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("bad.json").write_text(content)

    assert run("check", data / "test.csv", "--reference", "bad.json") == 2
    assert "bad.json" in capsys.readouterr().err


def test_no_values_keeps_category_names_out_of_the_profile(folder: Path) -> None:
    pd.DataFrame({"x": [1.0, 2.0] * 40, "who": ["Ada", "Grace"] * 40, "label": ["yes", "no"] * 40}).to_csv(
        "d.csv"
    )

    run("profile", "d.csv", "--quiet", "--no-values")

    saved = Path("datacheck-report/profile/data.json").read_text()
    assert not any(f'"{value}"' in saved for value in ("Ada", "Grace", "yes"))


def test_the_installed_command_runs_and_is_quick_to_help() -> None:
    code = "import sys, datacheck.cli; print({'torch', 'scipy', 'sklearn', 'pandas'} & {*sys.modules})"

    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout

    assert loaded.strip() == "set()"


def test_data_without_labels_load_no_learners(tmp_path: Path) -> None:
    (tmp_path / "d.csv").write_text("x,z\n" + "".join(f"{i * i % 7},{i * 5 % 11}\n" for i in range(60)))
    code = (
        "import sys, datacheck as dc; dc.profile('d.csv')\n"
        "print({'torch', 'sklearn', 'pandas', 'datacheck.probes.alignment'} & {*sys.modules})"
    )
    command = [sys.executable, "-c", code]

    loaded = subprocess.run(command, capture_output=True, text=True, check=True, cwd=tmp_path).stdout

    assert loaded.strip() == "set()"


def test_a_fault_of_ours_is_no_finding(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*arguments: object, **options: object) -> None:
        raise ZeroDivisionError("a fault")

    monkeypatch.setattr("datacheck.run.profile", fail)

    assert run("profile", "anything") == 2
    assert "please report it" in capsys.readouterr().err
