from markdown_it import MarkdownIt

from datacheck.report import Report
from datacheck.reporters.base import reporters
from datacheck.reporters.markdown import escape

markdown = reporters()["markdown"]


def test_escaped_names_are_text(hostile_name: str) -> None:
    tokens = MarkdownIt("commonmark").enable("table").parse(escape(hostile_name, 20_000))
    kinds = {child.type for token in tokens for child in token.children or ()}
    assert [token.type for token in tokens] == ["paragraph_open", "inline", "paragraph_close"]
    assert kinds == {"text"} or kinds == {"text", "text_special"}


def test_hostile_report_has_no_link_image_or_tag(hostile: Report) -> None:
    text = markdown.render(hostile)
    tokens = MarkdownIt("commonmark").enable("table").parse(text)
    kinds = {child.type for token in tokens for child in token.children or ()}
    assert not kinds & {"link_open", "image", "html_inline"}
    blocks = [token.content for token in tokens if token.type == "html_block"]
    assert all(block.startswith(("<details><summary>", "</details>")) for block in blocks)


def test_says_all_outcomes(report: Report) -> None:
    text = markdown.render(report)
    for said in ("4 errors and 2 warnings", "Not checked: 1", "Passed: 3", "Waived: 1", "```python", "▕"):
        assert said in text


def test_size_stays_below_a_step_summary(wide) -> None:
    assert len(markdown.render(wide(2000)).encode()) < 2**20
