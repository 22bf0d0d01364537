"""Takes the pictures of the README: the report of sample_data/wine-broken, wide and narrow, light and dark.

Needs Chromium and `pip install playwright`: python docs/screenshots.py
"""

import shutil
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from datacheck.config import Config
from datacheck.reporters.base import write
from datacheck.run import profile

HERE = Path(__file__).parent
SIZES = {
    "report-1280": (1280, 1500, "light"),
    "report-1280-dark": (1280, 1500, "dark"),
    "report-390": (390, 1500, "light"),
}


def main() -> None:
    """Writes docs/report-*.png."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as started:
        page = Path(folder) / "report.html"
        write(profile(HERE.parent / "sample_data" / "wine-broken", config=Config()), "html", str(page))
        options = {"executable_path": shutil.which("chromium"), "args": ["--no-sandbox", "--disable-gpu"]}
        browser = started.chromium.launch(**options)
        for name, size in SIZES.items():
            _shoot(browser, page, HERE / f"{name}.png", *size)
        browser.close()


def _shoot(browser: Browser, page: Path, picture: Path, width: int, height: int, scheme: str) -> None:
    context = browser.new_context(
        viewport={"width": width, "height": height}, color_scheme=scheme, offline=True, device_scale_factor=1
    )
    tab = context.new_page()
    tab.goto(page.as_uri())
    tab.screenshot(path=picture)
    context.close()


if __name__ == "__main__":
    main()
