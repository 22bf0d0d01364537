"""The report for people at a terminal."""

import io
import os
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import TextIO

from rich.console import Console, ConsoleRenderable, Group
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from .._format import plural
from ..finding import Finding, Severity
from ..report import Report
from .base import Reporter
from .document import Document
from .facts import about, actions, facts, grouped, last_line, rows_text
from .pictures.base import text_lines
from .visible import paragraph, visible

WIDTH = 100
"""Columns where nobody says how wide the paper is: what fits a pull-request comment without wrapping."""

MOST_ALIKE = 3
"""Findings of one checker and split that are told in full; the others are one line each."""

_STYLE = {"error": "bold red", "warning": "bold yellow", "info": "bold blue"}


class TerminalReporter(Reporter):
    """Findings by severity with pictures of characters; plain text unless colour is asked for."""

    suffix = ".txt"

    def render(self, report: Report | Document, *, color: bool = False, width: int | None = None) -> str:
        """The report as text `width` columns wide, with ANSI styles if `color`."""
        document = report if isinstance(report, Document) else Document.of(report)
        return self.text(document, color=color, width=width)

    def text(self, document: Document, *, color: bool = False, width: int | None = None) -> str:
        """Plain text, 100 columns wide, if nothing else is asked for."""
        return _print(document, color, max(width or WIDTH, 40))


def wants_color(stream: TextIO) -> bool:
    """Whether styles are welcome: the stream is a terminal and NO_COLOR (no-color.org) is not set."""
    return stream.isatty() and not os.environ.get("NO_COLOR")


def _print(document: Document, color: bool, width: int) -> str:
    console = Console(
        file=io.StringIO(),
        force_terminal=color,
        color_system="standard" if color else None,
        no_color=not color,
        width=width,
        highlight=False,
        markup=False,
        emoji=False,
        legacy_windows=False,
        _environ={},
    )
    with console.capture() as captured:
        for block in _blocks(document, width):
            console.print(block)
    return "\n".join(line.rstrip() for line in captured.get().splitlines()) + "\n"


def _blocks(document: Document, width: int) -> Iterable[ConsoleRenderable]:
    worst = next((s for s, count in document.counts.items() if count), "")
    yield Text(document.verdict, style=_STYLE.get(worst, "bold green"))
    yield Text()
    yield _splits(document)
    for finding, alike in _folded(document.findings):
        yield Text()
        yield _finding(finding, document, width)
        if alike:
            yield Padding(Text(_more(alike), style="dim"), (0, 0, 0, 2))
    yield from _outcomes(document)
    yield Text()
    yield _pairs([*about(document), *_files(document)])


def _splits(document: Document) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("split")
    table.add_column("rows", justify="right")
    table.add_column("columns", justify="right")
    table.add_column("files", overflow="fold")
    for name, split in document.splits.items():
        rows, columns = f"{split['rows']:,}", f"{len(split['columns']):,}"
        table.add_row(_cell(name), rows, columns, _cell(_some(split["files"])))
    return table


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - 3:,} more" if len(names) > 3 else ""
    return ", ".join(visible(name, 60) for name in names[:3] if name) + more


def _cell(text: object) -> Text:
    return Text(visible(text, 80))


def _folded(findings: Sequence[Finding]) -> Iterable[tuple[Finding, list[Finding]]]:
    """Each finding told in full, with those like it that are only named after the last of its kind."""
    for _, group in groupby(findings, key=lambda f: (f.checker, f.severity, f.split)):
        alike = list(group)
        for finding in alike[: MOST_ALIKE - 1]:
            yield finding, []
        if len(alike) >= MOST_ALIKE:
            yield alike[MOST_ALIKE - 1], alike[MOST_ALIKE:]


def _more(alike: Sequence[Finding]) -> str:
    names = [visible(name, 40) for finding in alike for name in finding.columns][:20]
    which = f": {', '.join(names)}" + (", …" if len(alike) > 20 else "") if names else ""
    return f"and {plural(len(alike), 'finding')} more like this{which}"


def _finding(finding: Finding, document: Document, width: int) -> Group:
    style = _STYLE[finding.severity]
    head = Text.assemble(
        (finding.severity.upper(), style), f"  {finding.checker}  ", (visible(finding.split, 60), "dim")
    )
    body: list[Text] = [Text(visible(finding.message, 800))]
    drawn = text_lines(finding, document, width - 4) if finding.severity is not Severity.INFO else []
    body += [Text(line, style="cyan", no_wrap=True, overflow="crop") for line in drawn]
    numbers = [f"{name} {value}" for name, value in facts(finding.evidence)]
    numbers += [rows_text(finding.rows)] if finding.rows else []
    body += [Text(" · ".join(numbers), style="dim")] if numbers else []
    body += [Text(f"→ {visible(finding.advice, 1000)}")] if finding.advice else []
    body += [Text(f"  {line}", style="green") for line in paragraph(finding.fix).splitlines()]
    return Group(head, *(Padding(text, (0, 0, 0, 2)) for text in body))


def _outcomes(document: Document) -> Iterable[ConsoleRenderable]:
    content = document.content
    for crash in content["crashed"]:
        what = f"{crash['checker']}  {visible(crash['split'])}: {last_line(crash['traceback'])}"
        yield Text()
        yield Text(f"CRASHED  {what}", style="bold red")
    waived, passed = content["waived"], content["passed"]
    accepted = [(w["checker"], f"{w['message']} — {w['reason']}", (w["split"],)) for w in waived]
    yield from _section(f"Waived: {plural(len(waived), 'finding')}", accepted)
    yield from _section("Not checked", grouped(content["not_checked"], "reason"))
    yield from _section(f"Passed: {plural(len(passed), 'check')}", grouped(passed, "detectable"))


def _section(title: str, lines: Sequence[tuple[str, str, tuple[str, ...]]]) -> Iterable[ConsoleRenderable]:
    if not lines:
        return
    table = Table(box=None, padding=(0, 2, 0, 0), show_header=False)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold", max_width=24)
    table.add_column(overflow="fold", style="dim")
    for checker, said, splits in lines:
        table.add_row(checker, _cell(", ".join(splits)), Text(visible(said, 400)))
    yield Text()
    yield Text(title, style="bold")
    yield Padding(table, (0, 0, 0, 2))


def _files(document: Document) -> list[tuple[str, str]]:
    extra = [("Normalisation", actions(document))] if document.contract is not None else []
    extra += [("Ignored files", _some(ignored))] if (ignored := document.content.get("ignored_files")) else []
    return extra + [("Note", visible(note, 400)) for note in document.lacking]


def _pairs(pairs: Sequence[tuple[str, str]]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), show_header=False)
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in pairs:
        table.add_row(name, Text(value))
    return table
