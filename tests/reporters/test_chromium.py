import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from datacheck.report import Report
from datacheck.reporters.base import reporters
from datacheck.reporters.notebook import report_html

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
AXE = Path(sys.prefix) / "node_modules" / "axe-core" / "axe.min.js"
REPORTS = ["report", "clean", "crashed", "hostile"]

playwright = pytest.importorskip("playwright.sync_api", reason="pip install playwright")
if CHROMIUM is None:
    pytest.skip("there is no chromium; apt-get install chromium", allow_module_level=True)


class Visit:
    def __init__(self, page: Any) -> None:
        self.page = page
        self.requests: list[str] = []
        self.trouble: list[str] = []
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("console", lambda message: self.trouble.append(message.text))
        page.on("pageerror", lambda error: self.trouble.append(str(error)))
        page.on("dialog", lambda dialog: self.trouble.append(dialog.message))


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


@pytest.fixture
def visit(browser: Any, tmp_path: Path) -> Iterator[Callable[..., Visit]]:
    contexts = []

    def open_page(text: str, **options: Any) -> Visit:
        path = tmp_path / "report.html"
        path.write_text(text, encoding="utf-8")
        contexts.append(browser.new_context(offline=True, **options))
        seen = Visit(contexts[-1].new_page())
        seen.page.goto(path.as_uri())
        return seen

    yield open_page
    for context in contexts:
        context.close()


@pytest.mark.parametrize("name", REPORTS)
def test_opens_offline_without_a_word(name: str, visit: Any, request: pytest.FixtureRequest) -> None:
    seen = visit(reporters()["html"].render(request.getfixturevalue(name)))
    assert seen.page.title().startswith("datacheck: ")
    assert [url for url in seen.requests if not url.startswith(("file:", "data:"))] == []
    assert len([url for url in seen.requests if url.startswith("file:")]) == 1
    assert seen.trouble == []
    assert seen.page.evaluate("document.scripts.length") == 0


@pytest.mark.parametrize("name", REPORTS)
@pytest.mark.parametrize("width", [390, 1280])
def test_the_page_never_scrolls_sideways(
    name: str, width: int, visit: Any, request: pytest.FixtureRequest
) -> None:
    seen = visit(
        reporters()["html"].render(request.getfixturevalue(name)), viewport={"width": width, "height": 900}
    )
    assert seen.page.evaluate("document.documentElement.scrollWidth") == width


def test_every_fold_opens_with_the_keyboard(report: Report, visit: Any) -> None:
    seen = visit(reporters()["html"].render(report))
    for fold in seen.page.query_selector_all("summary"):
        fold.focus()
        seen.page.keyboard.press("Enter")
    assert seen.page.evaluate("document.querySelectorAll('details:not([open])').length") == 0
    seen.page.keyboard.press("Tab")
    assert seen.page.evaluate("document.activeElement !== document.body")


@pytest.mark.skipif(not AXE.is_file(), reason="there is no axe-core; npm install --prefix .venv axe-core")
@pytest.mark.parametrize("name", REPORTS)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_accessibility_violation(
    name: str, scheme: str, visit: Any, request: pytest.FixtureRequest
) -> None:
    seen = visit(reporters()["html"].render(request.getfixturevalue(name)), color_scheme=scheme)
    seen.page.evaluate("for (const fold of document.querySelectorAll('details')) fold.open = true")
    seen.page.evaluate(AXE.read_text(encoding="utf-8"))
    found = seen.page.evaluate("axe.run().then(result => result.violations)")
    assert [(v["id"], [node["html"][:200] for node in v["nodes"][:3]]) for v in found] == []


def test_prints_with_all_folds_open(report: Report, visit: Any) -> None:
    seen = visit(reporters()["html"].render(report))
    seen.page.emulate_media(media="print")
    hidden = "[...document.querySelectorAll('details')].some(d => !d.lastElementChild.checkVisibility())"
    assert not seen.page.evaluate(hidden)
    assert len(seen.page.pdf()) > 20_000


def test_a_notebook_cell_shows_the_page_and_runs_nothing(hostile: Report, visit: Any) -> None:
    seen = visit(f"<!doctype html><title>datacheck: notebook</title>{report_html(hostile)}")
    inside = seen.page.frame_locator("iframe")
    inside.locator("h1").wait_for(timeout=5000)
    assert inside.locator("article.finding").count() > 10
    assert seen.trouble == []
