import re
from typing import Any

import pytest

from datacheck import testing
from datacheck.finding import Finding, Severity
from datacheck.report import Report
from datacheck.reporters.base import reporters
from datacheck.reporters.document import Document
from datacheck.reporters.pictures.base import figure, text_lines
from datacheck.reporters.pictures.marks import WIDTH, Axis, decades, wide
from datacheck.reporters.shapes import Histogram, histogram

CURVE = {"offsets": [-2, -1, 0, 1, 2], "strength": [0.1, 0.2, 0.1, 9.0, 0.3], "peak": 1, "threshold": 3.0}
STRIP = {"starts": [0, 300, 600], "nats": [0.4, -0.9, 0.5]}
EVIDENCE: dict[str, dict[str, Any]] = {
    "Fit of the features to labels that many rows on": CURVE,
    "Do the labels fit their rows?": STRIP,
    "Rows whose labels are not theirs": {"blocks": [{"rows": [300, 400], "kind": "shuffled"}]},
    "Learning curves": {
        "curves": {"true labels": [1.0, 0.5, 0.2], "random labels": [1.0, 0.9, 0.8]},
        "steps": [1.0, 10.0, 100.0],
    },
    "Labels that are probably wrong: row, given → likelier": {
        "suspects": [[17, 0.9996, "cat", "dog"], [4, 0.5, 0, 1]]
    },
    "Spread of the features, logarithmic; 16 in between left out": {
        "features": [{"column": f"f{i}", "spread": 10.0**i} for i in range(30)]
    },
    "Classes in the first batches": {"first_batches": [[3, 1], [0, 4]], "classes": ["a", "b"]},
}


def _finding(checker: str = "made-up", *columns: str, split: str = "train", **evidence: Any) -> Finding:
    return Finding(
        checker=checker, severity=Severity.ERROR, split=split, message="m", columns=columns, evidence=evidence
    )


@pytest.fixture
def document(report: Report) -> Document:
    return Document.of(report)


@pytest.mark.parametrize("title", EVIDENCE)
def test_evidence_finds_its_picture(title: str, document: Document) -> None:
    drawn = figure(_finding(**EVIDENCE[title]), document)
    assert drawn is not None and drawn.title == title


LONG: dict[str, Any] = {
    "features": [{"column": f"{i} mean_RESIDENTIAL_income_MW", "spread": 10.0**i} for i in range(3)],
    "suspects": [[1_234_567, 0.9996, "a rather LONG name of a class", "WWWWWWWWWWWWWW"]],
}


@pytest.mark.parametrize("evidence", LONG)
def test_no_text_reaches_over_the_edge(evidence: str, document: Document) -> None:
    drawn = figure(_finding(**{evidence: LONG[evidence]}), document)
    assert drawn is not None
    for mark in drawn.marks:
        if mark.tag == "text":
            places, units = dict(mark.attributes), wide(mark.text)
            left = float(places["x"]) - units * {"start": 0, "middle": 0.5, "end": 1}[places["text-anchor"]]
            # the letters of a share are smaller than those of a label
            units *= 11.5 / 14.5 if mark.css == "value" else 1
            assert left >= 0 and left + units <= WIDTH


@pytest.mark.parametrize("evidence", [CURVE, STRIP])
def test_evidence_may_be_nested(evidence: dict[str, Any], document: Document) -> None:
    assert figure(_finding(plot=evidence), document) == figure(_finding(**evidence), document)


@pytest.mark.parametrize("title", EVIDENCE)
def test_pictures_are_small(title: str, report: Report) -> None:
    page = reporters()["html"].render(Report(profile=report.profile, findings=(_finding(**EVIDENCE[title]),)))
    card = page[page.index("<article") : page.index("</article>")]
    assert all(len(svg) <= 5000 for svg in re.findall(r"<svg.*?</svg>", card, re.DOTALL))


@pytest.mark.parametrize(
    ("checker", "column", "title"),
    [
        ("sorted-labels", "target", "Labels in file order"),
        ("class-imbalance", "target", "Share of each class, by split"),
        ("missing-values", "age", "Rows without a value of age"),
        ("covariate-shift", "age", "Distribution of age; shaded: test against train"),
        ("covariate-shift", "colour", "Distribution of colour"),
    ],
)
def test_profiles_find_their_picture(checker: str, column: str, title: str, document: Document) -> None:
    split = "test" if checker == "covariate-shift" else "train"
    drawn = figure(_finding(checker, column, split=split), document)
    assert drawn is not None and drawn.title == title
    assert text_lines(_finding(checker, column, split=split), document, 80)


@pytest.mark.parametrize(
    "evidence",
    [
        {"offsets": [0], "strength": [1.0]},
        {"starts": [], "nats": []},
        {"blocks": [{"rows": []}, "what"]},
        {"curves": {"one point": [1.0]}, "steps": [1.0]},
        {"suspects": ["what", [1]]},
        {"first_batches": [], "classes": []},
        {"features": ["a", {"column": "b", "spread": 0.0}]},
    ],
)
def test_nothing_to_draw(evidence: dict[str, Any], document: Document) -> None:
    assert figure(_finding(**evidence), document) is None
    assert text_lines(_finding(**evidence), document, 80) == []


@pytest.mark.parametrize(
    "junk", [3, "x", None, [], {}, [None], [[]], {"a": "b"}, [{"rows": 1}], ["inf", "nan"]]
)
@pytest.mark.parametrize("title", EVIDENCE)
def test_evidence_of_another_form_breaks_nothing(title: str, junk: Any, report: Report) -> None:
    for key in EVIDENCE[title]:
        found = _finding("made-up", "age", **{**EVIDENCE[title], key: junk})
        for name in ("html", "terminal", "markdown", "junit", "sarif", "github"):
            reporters()[name].render(Report(profile=report.profile, findings=(found,)))


def test_a_constant_column_or_one_that_is_not_there(document: Document) -> None:
    assert figure(_finding("made-up", "flat"), document) is None
    assert figure(_finding("made-up", "gone"), document) is None


def test_without_profiles_only_evidence_is_drawn(document: Document) -> None:
    alone = Document(content=document.content)
    assert figure(_finding("covariate-shift", "age"), alone) is None
    assert figure(_finding(**STRIP), alone) is not None


def test_an_only_split_is_filled() -> None:
    data = testing.make_profile({"train": {"x": [i / 7 for i in range(300)]}})
    drawn = figure(_finding("made-up", "x"), Document.of(Report(profile=data)))
    assert drawn is not None and drawn.marks[1].css == "soft s0"


def test_no_label_no_order() -> None:
    data = testing.make_profile({"train": {"x": [1.0, 2.0]}})
    assert figure(_finding("sorted-labels"), Document.of(Report(profile=data))) is None


def test_numeric_targets_in_file_order_are_a_line() -> None:
    data = testing.make_profile({"train": {"x": [0.0] * 300, "y": [i / 7 for i in range(300)]}}, label="y")
    document = Document.of(Report(profile=data))
    drawn = figure(_finding("sorted-labels", "y"), document)
    assert drawn is not None and drawn.title == "Target in file order"


def test_many_classes_share_the_last_colour() -> None:
    labels = [f"class {i:02d}" for i in range(20) for _ in range(10)]
    data = testing.make_profile({"train": {"x": list(range(200)), "y": labels}}, label="y")
    drawn = figure(_finding("sorted-labels", "y"), Document.of(Report(profile=data)))
    assert drawn is not None and len(drawn.legend) == 8
    assert drawn.legend[-1] == ("k7", "other classes")


def test_blocks_and_suspects_in_characters(document: Document) -> None:
    blocks = [{"rows": [450, 900], "kind": "shuffled"}]
    assert text_lines(_finding(blocks=blocks), document, 44)[0] == "first row ▕··········██████████▏ last row"
    suspects = [{"row": 17, "score": 0.9996, "given": "cat", "suggested": "dog"}]
    assert text_lines(_finding(suspects=suspects), document, 80) == ["row 17: cat → dog  >99.9 %"]


def test_many_scales_leave_out_the_middle(document: Document) -> None:
    lines = text_lines(
        _finding(**EVIDENCE["Spread of the features, logarithmic; 16 in between left out"]), document, 80
    )
    assert "… 20 features between" in lines[5]


def test_missing_values_of_a_column_that_is_not_there(document: Document) -> None:
    assert figure(_finding("missing-values", "gone"), document) is None


def test_offset_scan_without_threshold_or_peak(document: Document) -> None:
    drawn = figure(_finding(offsets=[0, 1], strength=[1.0, 2.0]), document)
    assert drawn is not None and drawn.description == ""


def test_bar_counts_follow_the_rows() -> None:
    assert [len(_histogram(n).labels) for n in (20, 200, 20_000)] == [5, 12, 24]


def test_levels_beyond_a_dozen_are_one_bar() -> None:
    data = testing.make_profile({"train": {"city": [f"c{i % 40}" for i in range(400)]}})
    shape = histogram({"train": data.train["city"]})
    assert shape is not None and shape.labels[-1] == "28 more"
    assert sum(shape.shares["train"]) == pytest.approx(1)


def _histogram(n: int) -> Histogram:
    data = testing.make_profile({"train": {"x": [i / 7 for i in range(n)]}})
    shape = histogram({"train": data.train["x"]})
    assert shape is not None
    return shape


def test_axes_keep_marks_inside() -> None:
    assert [Axis(0, 10, 100, 0).at(v) for v in (-5, 0, 5, 99)] == [100, 100, 50, 0]
    assert Axis(1, 1, 0, 10).at(1) == 5
    assert decades(0.02, 5e7, most=4) == [-2, 1, 4, 7, 10]
