import numpy as np
import pytest

from datacheck.checkers.label_misalignment import LabelMisalignment
from datacheck.checkers.label_noise import LabelNoise
from datacheck.checkers.target_leakage import TargetLeakage
from datacheck.checking import check
from datacheck.config import Config
from datacheck.testing import make_profile


def findings(checker, columns, task="classification"):
    data = make_profile({"train": columns}, label="y", task=task)
    report = check(data, Config(select=(checker.name,)))
    return report, report.findings


def columns(rows=600, seed=0):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=rows)
    return {"x": x, "z": rng.normal(size=rows), "y": (x + 0.3 * rng.normal(size=rows) > 0).astype(int)}, rng


@pytest.mark.parametrize("cls", [LabelMisalignment, LabelNoise, TargetLeakage])
def test_examples_are_judged_rightly(cls):
    _, clean = findings(cls, cls.clean.splits["train"])
    _, dirty = findings(cls, cls.dirty.splits["train"])
    assert not [f for f in clean if f.severity.rank > 0]
    assert {column for f in dirty for column in f.columns} == set(cls.dirty.finds)


def test_an_offset_is_an_error_with_its_repair():
    data, _ = columns()
    moved = {**data, "y": np.roll(data["y"], 1)}
    report, (finding,) = findings(LabelMisalignment, moved)
    assert finding.severity == "error"
    assert "row i+1" in finding.message
    assert "np.roll(labels, -1)" in finding.fix
    assert report.alignment["train"].offset == 1
    np.testing.assert_array_equal(np.roll(moved["y"], -1), data["y"])


def test_a_bad_stretch_names_its_rows():
    data, rng = columns(1500)
    data["y"][300:600] = rng.permutation(data["y"][300:600])
    _, (finding,) = findings(LabelMisalignment, data)
    assert "do not belong to them" in finding.message
    assert abs(finding.rows.count - 300) < 40


def test_labels_without_relation_warn_with_what_would_have_been_seen():
    data, rng = columns(1500)
    _, (finding,) = findings(LabelMisalignment, {**data, "y": rng.permutation(data["y"])})
    assert finding.severity == "warning"
    assert "explained variance" in finding.message


def test_a_pass_says_what_it_could_have_seen():
    report, none = findings(LabelMisalignment, columns()[0])
    assert none == ()
    assert "R²" in report.passed[0].detectable


def test_noise_is_judged_only_where_labels_are_aligned():
    data, _ = columns()
    report, _ = findings(LabelNoise, {**data, "y": np.roll(data["y"], 1)})
    assert "offset 1" in report.not_checked[0].reason


def test_noise_names_the_rows():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(800, 2))
    data = {"a": x[:, 0], "b": x[:, 1], "y": (x.sum(axis=1) > 0).astype(int)}
    wrong = rng.permutation(800)[:80]
    data["y"][wrong] = 1 - data["y"][wrong]
    _, (finding,) = findings(LabelNoise, data)
    assert finding.severity == "warning"
    assert np.mean(np.isin(finding.rows.examples, wrong)) > 0.8


def test_a_telling_value_is_named():
    data, rng = columns()
    reason = np.where((data["y"] == 1) & (rng.random(600) < 0.6), "cancelled", "none").tolist()
    _, (finding,) = findings(TargetLeakage, {"reason": reason, **data})
    assert "'cancelled'" in finding.message
    assert finding.columns == ("reason",)
