import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import datacheck as dc
from datacheck.cli import main

SAMPLES = Path(__file__).parent.parent / "sample_data"


def run(*arguments: object) -> int:
    with pytest.raises(SystemExit) as stopped:
        main([str(argument) for argument in arguments])
    return int(stopped.value.code or 0)


@pytest.fixture
def wine(folder: Path) -> Path:
    run("profile", SAMPLES / "wine", "--out", "wine", "--quiet", "--select", "constant-feature")
    return folder / "wine"


def test_normalised_files_verify_and_a_second_run_keeps_them(
    wine: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    contract = wine / "normalization.json"

    assert run("verify", contract, SAMPLES / "wine") == 0
    assert "train: raw" in capsys.readouterr().out
    assert run("normalize", SAMPLES / "wine", "--contract", contract, "--out", "normalised") == 0
    written = sorted(Path("normalised").glob("*.parquet"))
    before = [path.stat().st_mtime_ns for path in written]
    assert [path.name for path in written] == ["test.parquet", "train.parquet", "val.parquet"]
    assert abs(pd.read_parquet("normalised/train.parquet")["proline"].mean()) < 1e-6

    assert run("verify", contract, "normalised") == 0
    assert "train: normalised" in capsys.readouterr().out
    assert run("normalize", SAMPLES / "wine", "--contract", contract, "--out", "normalised") == 0
    assert [path.stat().st_mtime_ns for path in written] == before


def test_verify_names_the_wrong_factor(wine: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = run("verify", wine / "normalization.json", SAMPLES / "wine-broken")

    assert code in (1, 2)
    assert "proline" in "".join(capsys.readouterr())


def test_a_saved_report_renders_again_without_the_data(
    wine: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert (
        run("report", wine / "report.json", "--format", "html=again.html", "--format", "json=again.json") == 0
    )

    assert json.loads(Path("again.json").read_text()) == json.loads((wine / "report.json").read_text())
    assert "<html" in Path("again.html").read_text()


def test_diff_tells_what_is_new(wine: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run("profile", SAMPLES / "wine-broken", "--out", "broken", "--quiet", "--select", "constant-feature")

    assert run("diff", wine, "broken") == 1
    assert "batch_code" in capsys.readouterr().out
    assert run("diff", wine, wine) == 0
    assert run("diff", "broken", wine) == 0


def test_a_loader_is_audited_by_the_name_of_its_factory(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("torch")
    Path("my_loaders.py").write_text(
        "import torch\n"
        "from torch.utils.data import DataLoader, TensorDataset\n"
        "def sorted_labels():\n"
        "    data = TensorDataset(torch.randn(320, 4), torch.arange(320) // 80)\n"
        "    return DataLoader(data, batch_size=16)\n"
        "def with_validation():\n"
        "    data = TensorDataset(torch.randn(320, 4), torch.randint(0, 4, (320,)))\n"
        "    return DataLoader(data, batch_size=16, shuffle=True), DataLoader(data, batch_size=16)\n"
    )
    monkeypatch.syspath_prepend(str(folder))

    assert run("loader", "my_loaders:sorted_labels") == 1
    assert "loader-order" in capsys.readouterr().out
    assert run("loader", "my_loaders:with_validation") == 1
    assert "loader-coverage" in capsys.readouterr().out
    assert run("loader", "my_loaders:sorted_label") == 2
    assert "did you mean 'sorted_labels'" in capsys.readouterr().err


def test_what_a_baseline_names_is_waived(wine: Path) -> None:
    broken = ("profile", SAMPLES / "wine-broken", "--quiet", "--select", "constant-feature", "--out")

    assert run(*broken, "first") == 1
    assert run(*broken, "second", "--baseline", "first/report.json") == 0
    assert json.loads(Path("second/report.json").read_text())["waived"]
    assert run(*broken, "third", "--baseline", wine / "report.json") == 1


def test_notebooks_and_frames_show_a_report(folder: Path) -> None:
    report = dc.profile({"x": [1.0, 2.0, 3.0] * 10, "flat": [7.0] * 30}, select=["constant-feature"])

    frame = report.to_pandas()
    assert frame.loc[0, ["checker", "severity"]].tolist() == ["constant-feature", "error"]
    assert "flat" in report._repr_html_()
    assert "flat" in report.profile.train._repr_html_()


def test_suspects_are_written_with_the_wrong_labels_first(folder: Path) -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(1500, 4))
    right = (x[:, 0] + x[:, 1] > 0).astype(int)
    wrong = rng.choice(1500, 75, replace=False)
    given = right.copy()
    given[wrong] = 1 - given[wrong]
    frame = pd.DataFrame(x, columns=list("abcd")).assign(label=given)
    frame.to_parquet("data.parquet")

    run("profile", "data.parquet", "--quiet", "--suspects", "suspects.parquet")

    suspects = pd.read_parquet("suspects.parquet")
    assert list(suspects.columns) == ["row", "score", "suggested", "split"]
    assert len(suspects) == 1500
    assert len(set(suspects["row"][:75]) & set(wrong.tolist())) >= 55
    found = json.loads(Path("datacheck-report/report.json").read_text())["alignment"]["data"]["noise"]
    assert found["interval"][0] <= 0.05 <= found["interval"][1]
