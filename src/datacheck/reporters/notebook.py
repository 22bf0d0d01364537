"""Reports and profiles in a notebook's cell."""

from html import escape

from ..dataset_profile import DatasetProfile
from ..profiles import Profile
from ..records.memorization import Memorization
from ..report import Report
from .base import reporters
from .document import Document
from .html import picture_page
from .pictures.curves import learning_curves

HEIGHT = 640
"""Pixels of the frame: what a laptop shows beside the cell."""
PICTURE_HEIGHT = 320
"""Pixels of the frame of one picture with its sentence and legend."""


def report_html(report: Report) -> str:
    """The page in a frame of its own without scripts, so that page and notebook leave each other alone."""
    return _frame(reporters()["html"].render(report), "datacheck report")


def profile_html(profile: Profile) -> str:
    """The columns of one split in a frame of its own."""
    data = DatasetProfile(splits={"data": profile})
    document = Document.of(Report(profile=data))
    return _frame(reporters()["html"].render(document), "datacheck profile")


def memorization_html(record: Memorization) -> str:
    """The learning curves of given and shuffled labels in a frame of their own."""
    page = picture_page(learning_curves(record.to_json()), record.sentence)
    return _frame(page, "datacheck memorization probe", PICTURE_HEIGHT)


def _frame(page: str, title: str, height: int = HEIGHT) -> str:
    style = f"width:100%;height:{height}px;border:0"
    return f'<iframe sandbox srcdoc="{escape(page)}" title="{title}" style="{style}"></iframe>'
