"""What changed between two reports, finding by finding and column by column."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Self

from .._format import plural
from ..errors import ConfigError, nearest
from ..finding import Finding, Severity
from ..report import Report, Waived
from .document import Document
from .markdown import escape
from .visible import visible

FORMAT = 1
"""Of the JSON of a comparison. 1: the first."""


class Status(StrEnum):
    """What became of a complaint."""

    NEW = "new"
    WORSE = "worse"
    BETTER = "better"
    FIXED = "fixed"
    SAME = "same"


@dataclass(frozen=True, kw_only=True)
class Change:
    """One complaint (checker, split, column) in two reports; `before` or `after` is None where it is not."""

    status: Status
    checker: str
    split: str
    column: str | None
    before: Finding | None
    after: Finding | None

    @property
    def severity(self) -> Severity:
        """That of the later finding, if there still is one."""
        finding = self.after or self.before
        assert finding is not None
        return finding.severity


_Subject = tuple[str, str, str | None]


@dataclass(frozen=True, kw_only=True)
class Changes:
    """All complaints of two reports, matched.

    A complaint is worse if its severity rose, or if that is the same and it is about more rows.
    """

    changes: tuple[Change, ...]

    @classmethod
    def of(cls, before: Document, after: Document) -> Self:
        """What changed from `before` to `after`."""
        old, new = subjects(before.findings), subjects(after.findings)
        found = [_change(key, old.get(key), new.get(key)) for key in dict.fromkeys((*new, *old))]
        order = list(Status)
        return cls(changes=tuple(sorted(found, key=lambda c: (order.index(c.status), -c.severity.rank))))

    def of_status(self, status: Status) -> tuple[Change, ...]:
        """The changes of one status."""
        return tuple(change for change in self.changes if change.status is status)

    def exit_code(self, fail_on: str = "error") -> int:
        """1 if something at or above `fail_on` is new or worse, else 0."""
        if fail_on == "never":
            return 0
        bad = (*self.of_status(Status.NEW), *self.of_status(Status.WORSE))
        return int(any(change.severity.rank >= Severity(fail_on).rank for change in bad))

    @property
    def verdict(self) -> str:
        """The comparison in one sentence."""
        counts = Counter(change.status for change in self.changes)
        parts = [f"{counts[status]} {status.value}" for status in Status if counts[status]]
        return ", ".join(parts) if parts else "no findings in either report"

    def to_json(self) -> dict[str, Any]:
        """The comparison as plain values."""
        return {"format": FORMAT, "verdict": self.verdict, "changes": [_plain(c) for c in self.changes]}

    def to_text(self) -> str:
        """For people: one line a change, those that stayed the same only counted."""
        lines = [self.verdict]
        for c, columns in self._grouped():
            where = " ".join(part for part in (c.checker, visible(c.split, 40), columns) if part)
            lines.append(f"{c.status.upper():<7}{c.severity:<8} {where}  {_message(c)}")
        return "\n".join(lines) + "\n"

    def to_markdown(self) -> str:
        """For a pull request."""
        lines = [f"## datacheck: {self.verdict}", ""]
        shown = self._grouped()
        if shown:
            lines += ["| | severity | check | split | columns | |", "| --- | --- | --- | --- | --- | --- |"]
        for c, columns in shown:
            cells = (c.status, c.severity, c.checker, c.split, columns, _message(c))
            lines.append("| " + " | ".join(escape(cell, 300) for cell in cells) + " |")
        return "\n".join(lines) + "\n"

    def _grouped(self) -> list[tuple[Change, str]]:
        """What did not stay the same, the columns of one finding together."""
        together: dict[tuple[str, ...], list[Change]] = {}
        for c in self.changes:
            if c.status is not Status.SAME:
                together.setdefault((c.status, c.severity, c.checker, c.split, _message(c)), []).append(c)
        return [(group[0], _names(group)) for group in together.values()]

    def render(self, name: str) -> str:
        """As `text`, `markdown` or `json`; ConfigError for any other name."""
        known = {"text": self.to_text, "markdown": self.to_markdown, "json": self._dump}
        if name not in known:
            raise ConfigError(f"a comparison has no format {name!r}; {nearest(name, known)}")
        return known[name]()

    def _dump(self) -> str:
        return json.dumps(self.to_json(), indent=2, ensure_ascii=False) + "\n"


def without_known(report: Report, baseline: Document, name: str = "the baseline") -> Report:
    """The report with the findings of the baseline waived, unless they became worse."""
    known = subjects((*baseline.findings, *baseline.waived))
    old = [f for f in report.findings if _known(f, known)]
    reason = f"known: it stands in {name}"
    return replace(
        report,
        findings=tuple(f for f in report.findings if f not in old),
        waived=(*report.waived, *(Waived(finding=f, reason=reason) for f in old)),
    )


def subjects(findings: Sequence[Finding]) -> dict[_Subject, Finding]:
    """Each (checker, split, column) that is complained of, with the worst finding about it."""
    found: dict[_Subject, Finding] = {}
    for finding in findings:
        for column in finding.columns or (None,):
            key = (finding.checker, finding.split, column)
            if key not in found or _badness(finding) > _badness(found[key]):
                found[key] = finding
    return found


def _known(finding: Finding, known: Mapping[_Subject, Finding]) -> bool:
    mine = subjects([finding])
    return all(key in known and _badness(finding) <= _badness(known[key]) for key in mine)


def _badness(finding: Finding) -> tuple[int, int]:
    return finding.severity.rank, finding.rows.count if finding.rows is not None else 0


def _change(key: _Subject, before: Finding | None, after: Finding | None) -> Change:
    checker, split, column = key
    status = _status(before, after)
    return Change(status=status, checker=checker, split=split, column=column, before=before, after=after)


def _status(before: Finding | None, after: Finding | None) -> Status:
    if before is None or after is None:
        return Status.NEW if before is None else Status.FIXED
    was, now = _badness(before), _badness(after)
    return Status.SAME if was == now else Status.WORSE if now > was else Status.BETTER


def _names(group: Sequence[Change]) -> str:
    names = [visible(c.column, 40) for c in group if c.column is not None]
    return ", ".join(names[:8]) + (f" and {len(names) - 8} more" if len(names) > 8 else "")


def _message(change: Change) -> str:
    finding = change.after or change.before
    text = visible(finding.message, 200) if finding is not None else ""
    if change.status in (Status.WORSE, Status.BETTER) and change.before is not None:
        rows = change.before.rows
        how_many = f", {plural(rows.count, 'row')}" if rows is not None else ""
        return f"{text} (was: {change.before.severity}{how_many})"
    return text


def _plain(change: Change) -> dict[str, Any]:
    return {
        "status": change.status.value,
        "checker": change.checker,
        "split": change.split,
        "column": change.column,
        "severity": change.severity.value,
        "before": change.before.message if change.before else None,
        "after": change.after.message if change.after else None,
    }
