"""Markdown, for the step summary of a workflow and for pull requests."""

import html
import re
from collections.abc import Iterable, Sequence

from .._format import plural
from ..finding import Finding
from .base import Reporter
from .document import Document
from .facts import about, actions, facts, grouped, last_line, rows_text
from .pictures.base import text_lines
from .visible import paragraph, visible

MOST = 40
"""Findings of one severity told in full: some 2 kB each, far below the 1 MiB of a step summary."""

_MARKS = {"error": "🔴", "warning": "🟠", "info": "🔵"}
_SPECIAL = re.compile(r"([\\`*_\[\]|~@]|(?<=:)/|(?<=www)\.|^[#+>=-]|(?<=^\d)[.)])")


class MarkdownReporter(Reporter):
    """GitHub's Markdown; every name is escaped, so no name makes a link, a mention or a tag."""

    suffix = ".md"

    def text(self, document: Document) -> str:
        """Verdict, splits, findings by severity, then what was not checked and what passed."""
        return "\n".join(line for block in _blocks(document) for line in (*block, "")).rstrip() + "\n"


def escape(text: object, longest: int = 200) -> str:
    """Text that Markdown shows as it is.

    >>> escape("<b>*a*|[x](y)")
    '&lt;b&gt;\\\\*a\\\\*\\\\|\\\\[x\\\\](y)'
    """
    return _SPECIAL.sub(r"\\\1", html.escape(visible(text, longest), quote=False))


def _blocks(document: Document) -> Iterable[Sequence[str]]:
    content = document.content
    yield [f"## datacheck: {document.verdict}"]
    yield _splits(document)
    for severity, mark in _MARKS.items():
        found = document.of_severity(severity)
        for finding in found[:MOST]:
            yield from _finding(finding, mark, document)
        if len(found) > MOST:
            yield [f"{mark} and {plural(len(found) - MOST, severity)} more in the report"]
    for crash in content["crashed"]:
        cause = escape(last_line(crash["traceback"]))
        yield [f"💥 **{crash['checker']}** crashed on {escape(crash['split'])}: {cause}"]
    accepted = [(w["checker"], f"{w['message']} — {w['reason']}", (w["split"],)) for w in content["waived"]]
    yield _table(f"Waived: {len(accepted)}", accepted)
    yield _table(f"Not checked: {len(content['not_checked'])}", grouped(content["not_checked"], "reason"))
    yield _table(f"Passed: {len(content['passed'])}", grouped(content["passed"], "detectable"))
    facts_ = [*about(document), ("Normalisation", actions(document) or "not at hand")]
    yield [f"- {name}: {escape(value, 400)}" for name, value in facts_]


def _splits(document: Document) -> list[str]:
    lines = ["| split | rows | columns |", "| --- | ---: | ---: |"]
    for name, split in document.splits.items():
        lines.append(f"| {escape(name)} | {split['rows']:,} | {len(split['columns']):,} |")
    return lines


def _finding(finding: Finding, mark: str, document: Document) -> Iterable[Sequence[str]]:
    yield [f"### {mark} {finding.checker} · {escape(finding.split)}", "", escape(finding.message, 1000)]
    drawn = text_lines(finding, document, 90)
    if drawn:
        yield _fenced("\n".join(drawn), "text")
    numbers = [f"{escape(name)} **{escape(value)}**" for name, value in facts(finding.evidence)]
    numbers += [escape(rows_text(finding.rows), 400)] if finding.rows else []
    if numbers:
        yield [" · ".join(numbers)]
    if finding.advice:
        yield [f"→ {escape(finding.advice, 1000)}"]
    if finding.fix:
        yield _fenced(paragraph(finding.fix), "python")


def _fenced(text: str, language: str) -> list[str]:
    """A code block whose fence is longer than any in the text."""
    fence = "`" * max([3, *(len(run) + 1 for run in re.findall("`+", text))])
    return [fence + language, *text.splitlines(), fence]


def _table(title: str, lines: Sequence[tuple[str, str, tuple[str, ...]]]) -> list[str]:
    if not lines:
        return []
    rows = [
        f"| {checker} | {', '.join(escape(split, 60) for split in splits)} | {escape(said, 400)} |"
        for checker, said, splits in lines
    ]
    head = ["| check | splits | |", "| --- | --- | --- |"]
    return [f"<details><summary>{title}</summary>", "", *head, *rows, "", "</details>"]
