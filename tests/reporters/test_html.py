import datetime as dt
import re
import time
from html.parser import HTMLParser

import pyarrow as pa
import pytest

from datacheck import testing
from datacheck.report import Report
from datacheck.reporters.base import reporters

html = reporters()["html"]
VOID = {"meta", "link", "img"}


class Page(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)


@pytest.fixture(params=["report", "clean", "crashed", "hostile"])
def page(request: pytest.FixtureRequest) -> Page:
    return Page(html.render(request.getfixturevalue(request.param)))


def test_well_formed(page: Page) -> None:
    assert page.open == []


def test_no_script_no_handler_no_address(page: Page) -> None:
    for tag, attributes in page.tags:
        assert tag not in {"script", "iframe", "object", "embed", "form", "base", "use"}
        for name, value in attributes.items():
            assert not name.startswith("on")
            if name in {"href", "src", "xlink:href"}:
                assert value is not None and value.startswith(("#", "data:"))


def test_ids_are_unique_and_links_lead_somewhere(page: Page) -> None:
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    targets = [a["href"] for _, a in page.tags if (a.get("href") or "").startswith("#")]
    assert {str(target)[1:] for target in targets} <= set(ids)


def test_every_picture_has_a_name(page: Page) -> None:
    for tag, attributes in page.tags:
        if tag == "svg":
            assert {"aria-labelledby", "aria-label", "aria-hidden"} & attributes.keys()


def test_pictures_are_small(report: Report) -> None:
    sizes = [len(svg.encode()) for svg in re.findall(r"<svg.*?</svg>", html.render(report), re.DOTALL)]
    assert max(sizes) <= 5000


def test_hostile_names_are_shown_as_text(hostile: Report) -> None:
    words = "".join(Page(html.render(hostile)).words)
    for shown in ("<script>alert(1)</script>", "line\\nbreak", "\\u202egnp.exe", "{{ 7 * 7 }}", "😀 𝒳"):
        assert shown in words
    assert "x" * 2001 not in words
    assert "(10,000 characters)" in words


def test_strict_policy_is_in_the_page(report: Report) -> None:
    assert "default-src 'none'; style-src 'unsafe-inline'; img-src data:" in html.render(report)


def test_says_all_outcomes(report: Report) -> None:
    text = " ".join(" ".join(Page(html.render(report)).words).split())
    for said in (
        "4 errors and 2 warnings",
        "the label is a class",
        "one empty cell",
        "incomes are like that",
        "seed 0",
    ):
        assert said in text


def test_size_and_time_of_wide_tables(wide) -> None:
    hundred, two_thousand = wide(100), wide(2000)
    assert len(html.render(hundred).encode()) <= 1_000_000
    assert len(html.render(two_thousand).encode()) <= 5_000_000


def test_five_hundred_features_take_two_seconds(wide) -> None:
    report = wide(500)
    html.render(report)
    start = time.process_time()
    html.render(report)
    assert time.process_time() - start <= 2.0


def test_columns_of_every_kind_have_a_row() -> None:
    columns = {
        "when": pa.array([dt.datetime(2026, 1, day) for day in range(1, 29)]),
        "nested": pa.array([{"a": 1}] * 28),
        "empty": pa.array([None] * 28, pa.float64()),
        "text": pa.array([f"unique {i}" for i in range(28)]),
        "flag": pa.array([True, False] * 14),
    }
    page = Page(html.render(Report(profile=testing.make_profile({"train": pa.table(columns)}))))
    words = " ".join(" ".join(page.words).split())
    assert all(name in words for name in columns)
    assert "2026" in words and "most often unique 0" in words and "100 %" in words


def test_same_bytes_twice(report: Report) -> None:
    assert html.render(report) == html.render(report)
