"""Reports and profiles in a notebook's cell."""

from html import escape

from ..dataset_profile import DatasetProfile
from ..profiles import Profile
from ..report import Report
from .base import reporters
from .document import Document

HEIGHT = 640
"""Pixels of the frame: what a laptop shows beside the cell."""


def report_html(report: Report) -> str:
    """The page in a frame of its own without scripts, so that page and notebook leave each other alone."""
    return _frame(reporters()["html"].render(report), "datacheck report")


def profile_html(profile: Profile) -> str:
    """The columns of one split in a frame of its own."""
    data = DatasetProfile(splits={"data": profile})
    document = Document.of(Report(profile=data))
    return _frame(reporters()["html"].render(document), "datacheck profile")


def _frame(page: str, title: str) -> str:
    style = f"width:100%;height:{HEIGHT}px;border:0"
    return f'<iframe sandbox srcdoc="{escape(page)}" title="{title}" style="{style}"></iframe>'
