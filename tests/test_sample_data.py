import hashlib
import importlib.util
from pathlib import Path

import pytest

import datacheck as dc

ROOT = Path(__file__).parent.parent / "sample_data"

# set: what the README explains; (checker, split, some of its columns) of every planted fault
EXPLAINED = {
    "wine": {"feature-scale-disparity"},
    "breast-cancer": {"feature-scale-disparity"},
    "digits": set(),
}
PLANTED = {
    "wine-broken": [
        ("feature-scale-disparity", "train", {"proline"}),
        ("constant-feature", "train", {"batch_code"}),
        ("constant-feature", "train", {"sensor"}),
        ("missing-values", "train", {"hue"}),
        ("non-finite-values", "train", {"alcohol"}),
        ("sorted-labels", "train", {"label"}),
        ("single-class-batches", "train", {"label"}),
        ("covariate-shift", "test", {"magnesium"}),
    ],
    "breast-cancer-broken": [
        ("split-normalised-apart", "val", {"mean_radius", "worst_area"}),
        ("label-shift", "test", {"label"}),
        ("cross-split-duplicates", "test", set()),
        ("duplicate-rows", "train", set()),
        ("conflicting-labels", "train", {"label"}),
    ],
    "digits-broken": [
        ("split-normalised-apart", "val", {"pixel_3_3"}),
        ("unseen-label", "val", {"label"}),
        ("unseen-label", "test", {"label"}),
        ("missing-labels", "train", {"label"}),
        ("schema-mismatch", "test", {"pixel_7_7"}),
        ("precision-loss", "train", {"scan_id"}),
        ("heavy-tail", "train", {"exposure"}),
    ],
}
# what follows from a planted fault without being one: the other faces of it
CONSEQUENCES = {
    "wine-broken": set(),
    "breast-cancer-broken": {("covariate-shift", "val"), ("covariate-shift", "test")},
    "digits-broken": {("covariate-shift", "val"), ("label-shift", "val"), ("label-shift", "test")},
}


@pytest.fixture(scope="module")
def reports() -> dict[str, dc.Report]:
    return {name: dc.profile(ROOT / name) for name in (*EXPLAINED, *PLANTED)}


@pytest.mark.parametrize("name", EXPLAINED)
def test_a_clean_set_gives_nothing_that_its_readme_does_not_explain(
    reports: dict[str, dc.Report], name: str
) -> None:
    report = reports[name]

    assert {f.checker for f in report.findings if f.severity != "info"} <= EXPLAINED[name]
    assert not [f for f in report.findings if f.severity == "error"]
    assert report.exit_code == 0


@pytest.mark.parametrize(
    ("name", "checker", "split", "columns"),
    [(name, *fault) for name, faults in PLANTED.items() for fault in faults],
)
def test_a_planted_fault_is_found_with_its_columns(
    reports: dict[str, dc.Report], name: str, checker: str, split: str, columns: set[str]
) -> None:
    found = [
        f for f in reports[name].findings if (f.checker, f.split) == (checker, split) and f.severity != "info"
    ]

    assert found
    assert columns <= {column for f in found for column in f.columns}


@pytest.mark.parametrize("name", PLANTED)
def test_a_broken_set_gives_no_other_error(reports: dict[str, dc.Report], name: str) -> None:
    planted = {(checker, split) for checker, split, _ in PLANTED[name]}

    errors = {(f.checker, f.split) for f in reports[name].findings if f.severity == "error"}

    assert errors <= planted | CONSEQUENCES[name]
    assert not reports[name].crashed
    assert reports[name].exit_code == 1


def test_only_the_scaled_columns_are_said_to_be_scaled(reports: dict[str, dc.Report]) -> None:
    found = [f for f in reports["digits-broken"].findings if f.checker == "split-normalised-apart"]

    assert all(column.startswith("pixel") for f in found for column in f.columns)


def test_the_script_makes_the_same_files_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spec = importlib.util.spec_from_file_location("make_samples", ROOT / "make.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "HERE", tmp_path)

    module.main()

    stored = {p.relative_to(ROOT): digest(p) for p in ROOT.rglob("*") if p.suffix in (".csv", ".parquet")}
    made = {p.relative_to(tmp_path): digest(p) for p in tmp_path.rglob("*") if p.is_file()}
    assert made == stored


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
