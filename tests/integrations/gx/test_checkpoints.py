from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import datacheck as dc
from datacheck.integrations import gx
from datacheck.integrations.questions import QUESTIONS

ROOT = Path(__file__).parents[3]
Outcomes = Callable[[str, str], gx.Outcome]

# set, split: columns of which some expectation is not met; findings at error or warning, with some columns
PLANTED = {
    ("wine-broken", "train"): (
        {"proline", "hue", "alcohol", None},
        [
            ("constant-feature", "error", {"batch_code"}),
            ("constant-feature", "error", {"sensor"}),
            ("non-finite-values", "error", {"alcohol"}),
            ("feature-scale-disparity", "error", {"proline"}),
            ("sorted-labels", "error", {"label"}),
            ("single-class-batches", "warning", {"label"}),
            ("covariate-shift", "error", {"hue", "proline"}),
            ("normalization-contract", "error", {"proline"}),
        ],
    ),
    ("wine-broken", "test"): (
        {"magnesium", "hue", "proline", None},
        [("covariate-shift", "error", {"magnesium"})],
    ),
    ("breast-cancer-broken", "train"): ({None}, []),  # duplicates, of which no column is to blame
    ("breast-cancer-broken", "val"): (
        {"mean_radius", "worst_area", None},
        [
            ("split-normalised-apart", "error", {"mean_radius", "worst_area"}),
            ("normalization-contract", "error", {"mean_radius", "worst_area"}),
        ],
    ),
    ("breast-cancer-broken", "test"): ({"label"}, [("label-shift", "error", {"label"})]),
    ("digits-broken", "train"): (
        {"label", None},
        [
            ("precision-loss", "warning", {"scan_id"}),
            ("heavy-tail", "warning", {"exposure"}),
            ("label-shift", "warning", {"label"}),
        ],
    ),
    ("digits-broken", "val"): (
        {"pixel_3_3", "pixel_0_3", None},
        [("split-normalised-apart", "error", {"pixel_3_3"})],
    ),
    ("digits-broken", "test"): ({None}, [("schema-mismatch", "error", {"pixel_7_7"})]),
}
EXPLAINED = {"feature-scale-disparity"}  # sample_data/README.md says why that is right


@pytest.mark.parametrize("split", ["train", "val", "test"])
@pytest.mark.parametrize("name", ["wine", "breast-cancer", "digits"])
def test_a_clean_set_passes(name: str, split: str, outcome: Outcomes) -> None:
    found = outcome(name, split)

    assert found.exit_code == 0, (found.unmet, found.errors)
    assert found.evaluated > 100
    assert {f.checker for f in found.findings if f.severity != "info"} <= EXPLAINED


@pytest.mark.parametrize(("name", "split"), PLANTED)
def test_a_broken_set_fails_on_the_planted_columns(name: str, split: str, outcome: Outcomes) -> None:
    columns, planted = PLANTED[name, split]
    found = outcome(name, split)

    assert found.exit_code
    assert columns <= {one.column for one in found.unmet}
    for checker, severity, some in planted:
        assert [f for f in found.findings if f[:2] == (checker, severity) and some <= {*f.columns}]


def test_a_missing_column_is_an_error_and_not_a_failure(outcome: Outcomes) -> None:
    found = outcome("digits-broken", "test")

    assert found.exit_code == 2
    assert {one.column for one in found.errors} == {"pixel_7_7", None}  # None: all columns together
    assert all("pixel_7_7" in one.seen for one in found.errors if one.column)
    assert "pixel_7_7" not in {one.column for one in found.unmet}


@pytest.mark.parametrize(("name", "split"), [("wine-broken", "train"), ("breast-cancer-broken", "val")])
def test_the_findings_are_those_of_the_api(
    name: str, split: str, outcome: Outcomes, stored_project: Path, tmp_path: Path
) -> None:
    clean = name.removesuffix("-broken")
    saved = stored_project / "gx" / "datacheck" / clean
    [data] = (ROOT / "sample_data" / name).glob(f"{split}*")
    alone = [c for q in QUESTIONS.values() if not q.against for c in q.checkers]
    against = [c for q in QUESTIONS.values() if q.against for c in q.checkers]

    reports = [
        dc.profile({"data": data}, label="label", select=alone),
        dc.compare(saved / "profile.json", data, contract=saved / "normalization.json", select=against),
    ]

    said = {(f.checker, str(f.severity), f.columns) for report in reports for f in report.findings}
    assert {tuple(f) for f in outcome(name, split).findings} == said


def test_fail_on_decides_what_fails_and_not_what_is_found(
    stored_project: Path, tmp_path: Path, frame: Callable[[str, str], Any]
) -> None:
    import great_expectations

    context = great_expectations.get_context(mode="ephemeral")
    asset = context.data_sources.add_pandas("data").add_dataframe_asset("frame")
    batch = asset.add_batch_definition_whole_dataframe("all").get_batch({"dataframe": frame("wine", "train")})

    lenient = batch.validate(gx.ExpectFeatureScalesToBeComparable())
    strict = batch.validate(gx.ExpectFeatureScalesToBeComparable(fail_on="warning"))

    assert (lenient.success, strict.success) == (True, False)
    assert lenient.result == strict.result
    assert [f["severity"] for f in strict.result["details"]["findings"]] == ["warning"]


def test_the_project_stays_as_it_is(stored_project: Path, outcome: Outcomes) -> None:
    outcome("wine", "test")

    here = {p.relative_to(stored_project): p.read_bytes() for p in files(stored_project)}
    there = {p.relative_to(ROOT / "expectations"): p.read_bytes() for p in files(ROOT / "expectations")}
    assert here == there


def files(project: Path) -> list[Path]:
    return [p for p in project.rglob("*") if p.is_file() and "uncommitted" not in p.parts]
