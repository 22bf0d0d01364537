"""Workflow annotations for GitHub Actions."""

from collections.abc import Iterable

from .._format import plural
from ..finding import Finding
from .base import Reporter
from .document import Document
from .facts import facts, last_line, rows_text
from .visible import visible

MOST = 10
"""Annotations of one level that GitHub shows for a step (its documented limit); the last counts the rest."""

_LEVELS = {"error": "error", "warning": "warning", "info": "notice"}


class GithubReporter(Reporter):
    """One workflow command a line, on standard output of a step."""

    suffix = ".txt"

    def text(self, document: Document) -> str:
        """The findings, worst first, then what was not checked."""
        return "".join(f"{line}\n" for line in _lines(document))


def _lines(document: Document) -> Iterable[str]:
    for crash in document.content["crashed"]:
        yield _command("error", f"{crash['checker']} crashed", last_line(crash["traceback"]))
    for severity, level in _LEVELS.items():
        found = document.of_severity(severity)
        shown = found if len(found) <= MOST else found[: MOST - 1]
        for finding in shown:
            yield _command(level, f"{finding.checker} ({visible(finding.split, 60)})", _body(finding))
        if len(shown) < len(found):
            yield _command(
                level, "datacheck", f"and {plural(len(found) - len(shown), severity)} more in the report"
            )
    yield _command("notice", "datacheck", f"{document.verdict} {_counts(document)}")


def _body(finding: Finding) -> str:
    numbers = [f"{name} {value}" for name, value in facts(finding.evidence)]
    numbers += [rows_text(finding.rows)] if finding.rows else []
    parts = [visible(finding.message, 800), " · ".join(numbers), visible(finding.advice, 800)]
    return "\n".join(part for part in parts if part)


def _counts(document: Document) -> str:
    names = {"passed": "passed", "not_checked": "not checked", "waived": "waived", "crashed": "crashed"}
    return ", ".join(f"{len(document.content[key])} {name}" for key, name in names.items())


def _command(level: str, title: str, message: str) -> str:
    return f"::{level} title={_property(title)}::{_data(message)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
