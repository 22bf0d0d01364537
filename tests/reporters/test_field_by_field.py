"""The findings and counts that four outputs show of real samples, read back from each and held against JSON."""

import json
import math
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

import datacheck as dc
from datacheck.report import Report
from datacheck.reporters.base import reporters

SAMPLES = Path(__file__).parents[2] / "sample_data"
NAMES = ("wine", "wine-broken", "breast-cancer-broken")
Finding = tuple[str, str, str, str, dict[str, str]]  # severity, checker, split, message, numbers


@pytest.fixture(scope="module", params=NAMES)
def report(request: pytest.FixtureRequest) -> Report:
    return dc.profile(SAMPLES / request.param)


def _json(report: Report) -> list[dict[str, Any]]:
    return list(json.loads(reporters()["json"].render(report))["findings"])


class _Cards(HTMLParser):
    """The cards of a page: their badge, checker, split, message, and pairs of facts."""

    def __init__(self) -> None:
        super().__init__()
        self.cards: list[dict[str, Any]] = []
        self.into: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        css = dict(attrs).get("class") or ""
        if tag == "article":
            self.cards.append({"texts": [], "facts": [], "h3": ""})
        self.into.append(f"{tag}.{css}")
        if tag in ("meta", "link", "img", "path", "rect", "line", "circle"):
            self.into.pop()

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        pass

    def handle_endtag(self, tag: str) -> None:
        if self.into and self.into[-1].startswith(f"{tag}."):
            self.into.pop()

    def handle_data(self, data: str) -> None:
        if not any(tag.startswith("article") for tag in self.into):
            return
        card, tag = self.cards[-1], self.into[-1].partition(".")[0]
        if tag == "span" and any(t.startswith("header") for t in self.into):
            card["texts"].append(data)
        elif tag == "h3":
            card["h3"] += data
        elif tag in ("dt", "dd"):
            card["facts"].append(data)


def _html(report: Report) -> list[Finding]:
    parser = _Cards()
    parser.feed(reporters()["html"].render(report))
    return [
        (
            card["texts"][0],
            card["texts"][1],
            card["texts"][2].removeprefix("split "),
            card["h3"],
            dict(zip(card["facts"][::2], card["facts"][1::2], strict=True)),
        )
        for card in parser.cards
    ]


def _terminal(report: Report) -> list[Finding]:
    text = reporters()["terminal"].render(report, width=100_000)
    blocks = re.findall(r"^(ERROR|WARNING|INFO)  (\S+)  (\S+)\n((?:  .*\n)*)", text, re.MULTILINE)
    return [
        (
            severity.lower(),
            checker,
            split,
            body.split("\n")[0].strip(),
            {"": _facts_line(body)},
        )
        for severity, checker, split, body in blocks
    ]


def _facts_line(body: str) -> str:
    """The line above the advice: between picture and arrow."""
    lines = [line.strip() for line in body.splitlines()]
    at = next((i for i, line in enumerate(lines) if line.startswith("→")), len(lines))
    return f" · {lines[at - 1]} · "


def _junit(report: Report) -> list[Finding]:
    found = []
    for case in ElementTree.fromstring(reporters()["junit"].render(report)).iter("testcase"):
        for element in (*case.iter("failure"), *case.iter("system-out")):
            for story in re.split(r"\n\n(?=ERROR: |WARNING: |INFO: )", element.text or ""):
                head = re.match(r"(ERROR|WARNING|INFO): (.*)", story)
                if head is None:
                    continue
                pairs = dict(re.findall(r"^  ([^:\n]+): (.*)$", story, re.MULTILINE))
                split = case.get("classname", "").removeprefix("datacheck.")
                found.append((head[1].lower(), case.get("name", ""), split, head[2], pairs))
    return found


@pytest.mark.parametrize("read", [_html, _terminal, _junit])
def test_the_same_findings_in_every_output(read: Any, report: Report) -> None:
    wanted = sorted((f["severity"], f["checker"], f["split"], f["message"]) for f in _json(report))
    assert sorted(finding[:4] for finding in read(report)) == wanted


@pytest.mark.parametrize("read", [_html, _terminal, _junit])
def test_the_same_numbers_in_every_output(read: Any, report: Report) -> None:
    shown = {finding[:4]: finding[4] for finding in read(report)}
    for finding in _json(report):
        where = (finding["severity"], finding["checker"], finding["split"], finding["message"])
        for key, value in finding["evidence"].items():
            if type(value) in (int, float):
                assert _near(_number(shown[where], key.replace("_", " ")), value), (where, key)


def test_the_same_counts_in_every_output(report: Report) -> None:
    content = json.loads(reporters()["json"].render(report))
    suites = ElementTree.fromstring(reporters()["junit"].render(report))
    failing = {(f["checker"], f["split"]) for f in content["findings"] if f["severity"] == "error"}
    assert int(suites.get("failures", -1)) == len(failing)
    assert int(suites.get("skipped", -1)) == len(content["not_checked"])
    page = reporters()["html"].render(report)
    tally = {name: int(count) for count, name in re.findall(r"<b>(\d+)</b> ([a-z ]+)</a>", page)}
    assert tally["passed"] == len(content["passed"])
    assert tally["not checked"] == len(content["not_checked"])
    assert f"Passed: {len(content['passed'])} checks" in reporters()["terminal"].render(report)


def _number(pairs: dict[str, str], name: str) -> str:
    if name in pairs:
        return pairs[name]
    found = re.search(rf" · {re.escape(name)} (.*?) · ", pairs[""])
    assert found is not None, name
    return found[1]


def _near(text: str, value: float) -> bool:
    """Whether a number as people read it is the one of report.json, to the digits that are shown."""
    plain = text.replace(",", "").lstrip("<>").strip()
    share = plain.endswith("%")
    shown = float(plain.rstrip(" %")) / (100 if share else 1)
    if text.startswith(("<", ">")):
        return value < shown if text.startswith("<") else value > shown
    return math.isclose(shown, value, rel_tol=6e-3, abs_tol=6e-4 if share else 0.0)
