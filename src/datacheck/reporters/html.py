"""report.html: one file, no script, no network."""

from functools import cache
from pathlib import Path

import jinja2
from markupsafe import Markup

from .base import Reporter
from .document import Document
from .page import Page
from .pictures.marks import WIDTH, Figure

_TEMPLATES = Path(__file__).parent / "templates"


class HtmlReporter(Reporter):
    """A self-contained page that is readable without scripts, under a strict content-security policy."""

    suffix = ".html"

    def text(self, document: Document) -> str:
        """The page."""
        page = _environment().get_template("report.html.j2")
        return page.render(page=Page.of(document)) + "\n"


def picture_page(figure: Figure, sentence: str) -> str:
    """A page of one picture below what it says."""
    page = _environment().get_template("picture.html.j2")
    return page.render(figure=figure, sentence=sentence) + "\n"


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        auto_reload=False,
    )
    css = (_TEMPLATES / "report.css").read_text(encoding="utf-8")
    environment.globals.update(css=Markup(css), width=WIDTH)
    return environment
