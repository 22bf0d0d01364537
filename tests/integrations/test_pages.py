"""docs/integrations.md leads to every page, and every page is run by a test beside this one."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
INDEX = (ROOT / "docs" / "integrations.md").read_text(encoding="utf-8")
PAGES = {page.name for page in (ROOT / "docs" / "integrations").glob("*.md")}
ROWS = re.findall(r"^\|[^|]+\| `([^`]+)` \| \[(\S+\.md)\]\(integrations/\2\)", INDEX, re.MULTILINE)


def test_the_index_leads_to_every_page() -> None:
    assert {page for _, page in ROWS} == PAGES


@pytest.mark.parametrize(("line", "page"), ROWS)
def test_a_page_shows_the_line_that_stands_for_it(line: str, page: str) -> None:
    text = (ROOT / "docs" / "integrations" / page).read_text(encoding="utf-8")

    assert any(line in block for block in re.findall(r"^```\w+\n(.*?)^```", text, re.MULTILINE | re.DOTALL))


@pytest.mark.parametrize("page", sorted(PAGES))
def test_a_page_has_tests_that_read_it(page: str) -> None:
    tests = [
        *(ROOT / "tests" / "integrations").rglob("test_*.py"),
        *(ROOT / "tests" / "airflow").glob("test_*.py"),
    ]
    texts = [path.read_text(encoding="utf-8") for path in tests if path.name != Path(__file__).name]

    assert any(page in text or f'blocks("{page.removesuffix(".md")}"' in text for text in texts)
