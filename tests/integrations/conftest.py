import re
from collections.abc import Callable
from pathlib import Path

import pytest

PAGES = Path(__file__).parents[2] / "docs" / "integrations"


@pytest.fixture
def blocks() -> Callable[[str, str], list[str]]:
    """The fenced blocks of one language on a page of docs/integrations."""

    def read(page: str, language: str) -> list[str]:
        text = (PAGES / f"{page}.md").read_text(encoding="utf-8")
        return re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)

    return read
