from html import unescape

import numpy as np

from datacheck.probes.memorization import memorization_probe
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


def test_a_memorisation_probe_shows_its_learning_curves() -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(120, 3))
    record = memorization_probe(None, (x, (x[:, 0] > 0).astype(int)), epochs=5)
    cell = unescape(record._repr_html_())
    assert record.sentence in cell
    assert "Learning curves" in cell and "shuffled labels, rows seen" in cell and cell.count("<path") >= 3
