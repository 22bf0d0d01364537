"""What a failed validation says in our words: findings with checker, severity and columns."""

from collections.abc import Iterable, Iterator
from typing import Any

from ...finding import Finding
from .checks import ASKING, reply
from .frames import shared_profiles


def findings(errors: Any) -> list[Finding]:
    """The findings behind a `pandera.errors.SchemaErrors`: those of each failed question, at any severity.

    Bounds of single columns are no findings; pandera's own `failure_cases` tell which of them failed.
    """
    return _said((error.check for error in errors.schema_errors), errors.data)


def answers(schema: Any, frame: Any) -> list[Finding]:
    """The findings of all questions that a schema asks, whether they would fail it or not."""
    return _said(schema.checks, frame)


def _said(checks: Iterable[Any], frame: Any) -> list[Finding]:
    with shared_profiles():
        return list(_findings(checks, frame))


def _findings(checks: Iterable[Any], frame: Any) -> Iterator[Finding]:
    for check in checks:
        question = ASKING.get(getattr(check, "name", None) or "")
        if question is not None:
            told = {key: value for key, value in check.statistics.items() if key != "fail_on"}
            yield from reply(question, frame, **told).findings
