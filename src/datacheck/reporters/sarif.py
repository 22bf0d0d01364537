"""SARIF 2.1.0, which code-scanning services read."""

import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from .._hash import key
from ..finding import Finding, Severity
from . import rules
from .base import Reporter
from .document import Document, finding
from .facts import facts, rows_text
from .visible import paragraph, visible

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}


class SarifReporter(Reporter):
    """One run: a rule per checker with its manual, a result per finding, a note per question unasked."""

    suffix = ".sarif"

    def text(self, document: Document) -> str:
        """The log as JSON."""
        log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [_run(document)]}
        return json.dumps(log, indent=2, ensure_ascii=True, allow_nan=False) + "\n"


def _run(document: Document) -> dict[str, Any]:
    content = document.content
    waived = [(finding(item), item["reason"]) for item in content["waived"]]
    named = [*document.findings, *(f for f, _ in waived)]
    names = sorted({f.checker for f in named} | {o["checker"] for o in _others(content)})
    results = [_result(f, document, names) for f in document.findings]
    results += [_result(f, document, names) | _accepted(reason) for f, reason in waived]
    return {
        "tool": {"driver": _driver(content, names)},
        "invocations": [_invocation(document)],
        "results": results,
        "columnKind": "unicodeCodePoints",
        "properties": {
            "verdict": document.verdict,
            "passed": [_visible_strings(item) for item in content["passed"]],
        },
    }


def _others(content: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [*content["passed"], *content["not_checked"], *content["crashed"]]


def _driver(content: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    return {"name": "datacheck", "version": content["version"], "rules": [_rule(name) for name in names]}


def _rule(name: str) -> dict[str, Any]:
    text = "\n\n".join(f"{title}: {rules.section(name, title)}" for title in rules.titles(name))
    markdown = "\n\n".join(f"**{title}.** {rules.section(name, title)}" for title in rules.titles(name))
    described = {
        "shortDescription": {"text": rules.summary(name)},
        "fullDescription": {"text": rules.section(name, "What it finds") or rules.summary(name)},
        "help": {"text": text, "markdown": markdown},
    }
    return {"id": name, "name": _pascal(name), **(described if text else {})}


def _pascal(name: str) -> str:
    return "".join(word.capitalize() for word in name.split("-"))


def _result(found: Finding, document: Document, names: Sequence[str]) -> dict[str, Any]:
    return {
        "ruleId": found.checker,
        "ruleIndex": names.index(found.checker),
        "level": _LEVELS[found.severity],
        "message": {"text": _message(found)},
        "locations": [_location(found, document)],
        "partialFingerprints": {"datacheck/v1": _fingerprint(found)},
        "properties": {"split": visible(found.split), "evidence": dict(facts(found.evidence))},
    }


def _message(found: Finding) -> str:
    rows = f"\n{rows_text(found.rows)}" if found.rows else ""
    advice = f"\n{visible(found.advice, 1000)}" if found.advice else ""
    fix = f"\n\n{paragraph(found.fix)}" if found.fix else ""
    return (visible(found.message, 2000) + rows + advice + fix) or found.checker


def _location(found: Finding, document: Document) -> dict[str, Any]:
    files = document.splits.get(found.split, {}).get("files") or []
    place = next((name for name in files if name), found.split)
    columns = [
        {"name": visible(name), "fullyQualifiedName": visible(f"{found.split}/{name}"), "kind": "member"}
        for name in found.columns[:100]
    ]
    uri = quote(visible(place, 1000).replace("\\", "/"))
    location: dict[str, Any] = {"physicalLocation": {"artifactLocation": {"uri": uri}}}
    return location | ({"logicalLocations": columns} if columns else {})


def _fingerprint(found: Finding) -> str:
    """The same for the same complaint in two runs, so that a service tells old from new."""
    return f"{int(key('|'.join((found.checker, found.split, *found.columns)))):016x}"


def _accepted(reason: str) -> dict[str, Any]:
    return {"suppressions": [{"kind": "external", "justification": visible(reason, 1000)}]}


def _invocation(document: Document) -> dict[str, Any]:
    content = document.content
    skipped = [_note(o, f"not checked: {o['reason']}", "note") for o in content["not_checked"]]
    crashed = [_note(o, o["traceback"], "error") for o in content["crashed"]]
    return {
        "executionSuccessful": not content["crashed"],
        "exitCode": content["exit_code"],
        "toolExecutionNotifications": skipped + crashed,
    }


def _note(outcome: Mapping[str, Any], text: str, level: str) -> dict[str, Any]:
    said = f"{outcome['checker']} on {visible(outcome['split'])}: {paragraph(text)}"
    return {"message": {"text": said}, "level": level, "associatedRule": {"id": outcome["checker"]}}


def _visible_strings(item: Mapping[str, Any]) -> dict[str, Any]:
    return {name: visible(value, 400) for name, value in item.items() if value is not None}
