import json
import re
from html import unescape
from xml.etree import ElementTree

import pytest

from datacheck.report import Report
from datacheck.reporters.base import reporters
from datacheck.reporters.facts import facts, tables


def _texts(report: Report) -> dict[str, str]:
    texts = {name: reporter.render(report) for name, reporter in reporters().items()}
    texts["terminal"] = reporters()["terminal"].render(report, width=4000)
    texts["html"] = unescape(re.sub("<[^>]*>", " ", texts["html"]))
    texts["junit"] = "".join(ElementTree.fromstring(texts["junit"]).itertext())
    texts["markdown"] = unescape(texts["markdown"].replace("\\", ""))
    texts["github"] = texts["github"].replace("%25", "%")
    texts["sarif"] = json.dumps(json.loads(texts["sarif"]), ensure_ascii=False)
    return texts


@pytest.mark.parametrize("name", ["terminal", "html", "junit", "markdown", "sarif", "github"])
def test_every_number_of_every_finding(name: str, report: Report) -> None:
    text = _texts(report)[name]
    for finding in report.findings:
        for key, value in facts(finding.evidence):
            if not tables({key.replace(" ", "_"): finding.evidence.get(key.replace(" ", "_"))}):
                assert value in text, (finding.checker, key)
        for _, _, rows in tables(finding.evidence) if name == "html" else ():
            assert all(cell in text for row in rows for cell in row)


def test_almost_all_is_never_all(report: Report) -> None:
    for name in ("terminal", "html", "junit", "markdown", "sarif", "github"):
        text = _texts(report)[name]
        assert ">99.9 %" in text and "<0.1 %" in text
        assert "p <1e-300" in text or "<1e-300" in text


def test_counts_agree_with_json(report: Report) -> None:
    content = report.to_json()
    texts = _texts(report)
    errors = sum(f["severity"] == "error" for f in content["findings"])
    for name in ("terminal", "html", "markdown", "github"):
        assert f"{errors} errors and 2 warnings" in texts[name]
