import html
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from datacheck.integrations import gx


@pytest.fixture(scope="module")
def docs(
    stored_project: Path, frame: Callable[[str, str], Any], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    folder = tmp_path_factory.mktemp("docs")
    gx.run(stored_project, "wine", frame("wine-broken", "test"), docs=folder)
    return folder


@pytest.fixture
def page(docs: Path) -> str:
    return text(docs / "validations")


def text(folder: Path) -> str:
    [file] = folder.rglob("*.html")
    return html.unescape(file.read_text("utf-8"))


@pytest.mark.parametrize(
    "sentence",
    [
        "must have a standard deviation that",
        "All numeric features must have comparable scales.",
        "Labels must be mixed across batches of",
        "must be distributed as in the profile",
        "The table must match the normalization contract",
    ],
)
def test_each_expectation_is_a_sentence(sentence: str, page: str) -> None:
    assert sentence in page


def test_the_page_shows_what_was_found(page: str) -> None:
    assert "error covariate-shift" in page
    assert "'magnesium': 91.6 points of the rows lie higher" in page
    assert "Rendering failed" not in page
    assert "$column" not in page


def test_the_page_of_the_suite_says_where_bounds_come_from(docs: Path) -> None:
    page = text(docs / "expectations")

    assert "0 of 107 training rows are missing; Clopper-Pearson upper bound at 99.9 %" in page
    assert "standard errors of its difference from a batch of 35 rows" in page
