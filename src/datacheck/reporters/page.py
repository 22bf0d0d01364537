"""The document as the HTML page shows it: words and pictures, every number already written."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Self

from .._format import listing, plural
from ..finding import Finding
from . import rules
from .document import Document
from .facts import about, actions, facts, grouped, last_line, rows_text, tables
from .feature_rows import Group, groups
from .pictures.base import figure
from .pictures.channels import channels, thumbnails
from .pictures.class_balance import ClassBalance
from .pictures.marks import Figure
from .shapes import balance
from .visible import paragraph, visible

MOST_ALIKE = 4
"""Findings of one checker, severity and split that are told in full; the others are rows of a table."""

MOST_PICTURES = 60
"""Findings that get a picture: at 5 kB each, 300 kB of the page."""

_WHY = "Why it matters for training"
_MANUAL = ("How it decides", "When it is wrong", "References")


@dataclass(frozen=True, kw_only=True)
class Item:
    """One finding as a card; `alike` are rows for those like it that have no card of their own."""

    id: str
    severity: str
    checker: str
    split: str
    message: str
    figure: Figure | None
    facts: list[tuple[str, str]]
    tables: list[tuple[str, list[str], list[list[str]]]]
    harm: str
    advice: str
    fix: str
    manual: list[tuple[str, str]]
    more: str = ""
    alike: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """A list of checks that came to the same end."""

    id: str
    title: str
    head: str
    count: str
    rows: list[tuple[str, str, str]]


@dataclass(frozen=True, kw_only=True)
class Page:
    """Everything that report.html shows, in its order."""

    title: str
    verdict: str
    tone: str
    summary: str
    tally: list[tuple[str, str, str, str]]
    findings: list[Item]
    crashed: list[dict[str, str]]
    splits: list[dict[str, Any]]
    balance: Figure | None
    channels: Figure | None
    thumbnails: list[Figure]
    columns: str
    notes: tuple[str, ...]
    groups: list[Group]
    outcomes: list[Outcome]
    about: list[tuple[str, str]]
    config: str
    version: str

    @classmethod
    def of(cls, document: Document) -> Self:
        """The page of a document."""
        items = list(_items(document))
        return cls(
            title=_title(document),
            verdict=document.verdict,
            tone=_tone(document),
            summary=_summary(document),
            tally=_tally(document, items),
            findings=items,
            crashed=[_crash(crash) for crash in document.content["crashed"]],
            splits=[_split(i, name, split) for i, (name, split) in enumerate(document.splits.items())],
            balance=_balance(document),
            channels=channels(document),
            thumbnails=thumbnails(document),
            columns=f"{len(document.columns):,}",
            notes=document.lacking,
            groups=groups(document, _places(document, items)) if document.profiles else [],
            outcomes=_outcomes(document),
            about=_about(document),
            config=_config(document),
            version=str(document.content["version"]),
        )


def _title(document: Document) -> str:
    counts = document.counts
    found = ", ".join(plural(counts[s], s) for s in ("error", "warning") if counts[s])
    return found or "nothing to fix"


def _tone(document: Document) -> str:
    if document.content["crashed"]:
        return "error"
    return next((s for s, count in document.counts.items() if count and s != "info"), "good")


def _summary(document: Document) -> str:
    rows = sum(split["rows"] for split in document.splits.values())
    label = f"label {visible(document.label)}" if document.label is not None else "no label"
    task = f" ({document.content['task']})" if document.content["task"] else ""
    names = ", ".join(visible(name, 40) for name in document.splits)
    return f"{plural(rows, 'row')} in {names} · {plural(len(document.columns), 'column')} · {label}{task}"


def _tally(document: Document, items: Sequence[Item]) -> list[tuple[str, str, str, str]]:
    found = []
    for severity, count in document.counts.items():
        first = next((item.id for item in items if item.severity == severity), "findings")
        if count:
            noun = "note" if severity == "info" else severity
            found.append((severity, f"{count:,}", plural(count, noun).split(" ", 1)[1], first))
    content = document.content
    others = [("passed", "passed"), ("not_checked", "not checked"), ("waived", "waived")]
    return found + [("", f"{len(content[key]):,}", name, key) for key, name in others]


def _items(document: Document) -> Iterable[Item]:
    kinds = groupby(document.findings, key=lambda f: (f.checker, f.severity, f.split))
    place, told = 0, set[str]()
    for (checker, _, _), group in kinds:
        alike = list(group)
        shown, rest = alike[:MOST_ALIKE], alike[MOST_ALIKE:]
        for finding in shown:
            place += 1
            yield _item(finding, document, place, checker not in told, rest if finding is shown[-1] else [])
            told.add(checker)


def _item(finding: Finding, document: Document, place: int, first: bool, rest: Sequence[Finding]) -> Item:
    listed = tables(finding.evidence)
    shown = {name for name, _, _ in listed}
    numbers = [pair for pair in facts(finding.evidence) if pair[0] not in shown] + (
        [("which rows", rows_text(finding.rows))] if finding.rows else []
    )
    manual = [(title, rules.section(finding.checker, title)) for title in _MANUAL] if first else []
    return Item(
        id=f"f{place}",
        severity=finding.severity.value,
        checker=finding.checker,
        split=visible(finding.split, 80),
        message=visible(finding.message, 1000),
        figure=figure(finding, document) if place <= MOST_PICTURES else None,
        facts=numbers,
        tables=listed,
        harm=rules.section(finding.checker, _WHY) if first else "",
        advice=visible(finding.advice, 1000),
        fix=paragraph(finding.fix),
        manual=[(title, text) for title, text in manual if text],
        more=f"and {plural(len(rest), 'finding')} more of {finding.checker}" if rest else "",
        alike=tuple((visible(f.message, 400), _short(f)) for f in rest),
    )


def _short(finding: Finding) -> str:
    return " · ".join(f"{name} {value}" for name, value in facts(finding.evidence))


def _places(document: Document, items: Sequence[Item]) -> dict[str, list[tuple[str, str, str]]]:
    """For each column, the cards that name it; a finding that has no card leads to that of its kind."""
    first: dict[tuple[str, str, str], str] = {}
    for item in items:
        first.setdefault((item.checker, item.severity, item.split), item.id)
    cards = {(item.checker, item.split, item.message): item.id for item in items}
    found: dict[str, list[tuple[str, str, str]]] = {}
    for f in document.findings:
        key = (f.checker, visible(f.split, 80), visible(f.message, 1000))
        card = cards.get(key) or first[(f.checker, f.severity.value, visible(f.split, 80))]
        for name in f.columns:
            link = (card, f.checker, f.severity.value)
            known = found.setdefault(name, [])
            if all(link[1:] != other[1:] for other in known):
                known.append(link)
    return found


def _crash(crash: Any) -> dict[str, str]:
    return {
        "checker": crash["checker"],
        "split": visible(crash["split"], 80),
        "cause": last_line(crash["traceback"]),
        "traceback": paragraph(crash["traceback"]),
    }


def _split(index: int, name: str, split: Any) -> dict[str, Any]:
    return {
        "index": index % 6,
        "name": visible(name, 80),
        "rows": f"{split['rows']:,}",
        "columns": f"{len(split['columns']):,}",
        "files": visible(listing([visible(file, 80) for file in split["files"] if file], most=6), 600),
        "fingerprint": split["fingerprint"],
    }


def _balance(document: Document) -> Figure | None:
    if document.content["task"] != "classification" or document.label is None:
        return None
    shape = balance(document.column(document.label))
    return ClassBalance.figure(shape, document) if shape is not None else None


def _outcomes(document: Document) -> list[Outcome]:
    content = document.content
    waived = [(w["checker"], f"{w['message']} — {w['reason']}", (w["split"],)) for w in content["waived"]]
    return [
        _outcome("not_checked", "Not checked", "why", content, grouped(content["not_checked"], "reason")),
        _outcome("passed", "Passed", "would have found", content, grouped(content["passed"], "detectable")),
        _outcome("waived", "Waived", "finding and reason", content, waived),
    ]


def _outcome(key: str, title: str, head: str, content: Any, lines: Sequence[Any]) -> Outcome:
    rows = [
        (c, ", ".join(visible(s, 60) for s in splits), visible(said, 600) or "–") for c, said, splits in lines
    ]
    return Outcome(id=key, title=title, head=head, count=f"{len(content[key]):,}", rows=rows)


def _about(document: Document) -> list[tuple[str, str]]:
    extra = [("Normalisation", actions(document))] if document.contract is not None else []
    ignored = [visible(name, 80) for name in document.content.get("ignored_files", ())]
    extra += [("Ignored files", listing(ignored))] if ignored else []
    return [*about(document), *extra]


def _config(document: Document) -> str:
    config = {key: value for key, value in document.content.get("config", {}).items() if value}
    return paragraph(json.dumps(config, indent=2, ensure_ascii=False, sort_keys=True)) if config else ""
