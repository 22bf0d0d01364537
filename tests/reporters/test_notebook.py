from html import unescape

from datacheck.report import Report
from datacheck.reporters.base import reporters
from datacheck.reporters.notebook import profile_html, report_html


def test_the_page_in_a_frame_without_scripts(hostile: Report) -> None:
    cell = report_html(hostile)
    assert cell.startswith('<iframe sandbox srcdoc="') and cell.count("<") == 2
    assert reporters()["html"].render(hostile) == unescape(cell.split('srcdoc="')[1].split('" title=')[0])


def test_a_profile_shows_its_columns(report: Report) -> None:
    cell = unescape(profile_html(report.profile.train))
    assert "income" in cell and "900 rows" in cell
