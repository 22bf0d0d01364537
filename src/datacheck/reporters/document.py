"""What reporters see: the content of report.json, and the profiles where they are at hand."""

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Self

from .. import __version__, saved
from .._format import plural
from ..errors import DatacheckError, FormatError
from ..finding import Finding, Rows, Severity
from ..normalization import Normalization
from ..profiles import ColumnProfile, Profile
from ..report import FORMAT, Report
from .fits import misfit

_OUTCOMES = ("splits", "findings", "not_checked", "passed", "crashed", "waived", "exit_code")


@dataclass(frozen=True, kw_only=True, eq=False)
class Document:
    """A report ready to be shown, fresh or loaded again.

    `content` is report.json; `profiles` are those of the splits and `contract` is the normalisation, both
    missing where a saved report stands alone: `lacking` then says so in words. Findings of the severity
    `fail_on` and above fail the run.
    """

    content: Mapping[str, Any]
    profiles: Mapping[str, Profile] = field(default_factory=dict)
    contract: Normalization | None = None
    lacking: tuple[str, ...] = ()
    fail_on: str = "error"

    @classmethod
    def of(cls, report: Report) -> Self:
        """The document of a report in memory."""
        return cls(
            content=report.to_json(),
            profiles=report.profile.splits,
            contract=report.normalization,
            fail_on=report.fail_on,
        )

    @classmethod
    def load(cls, path: Path) -> Self:
        """The document of a saved report.json, or of the folder that holds it, with the profiles beside it.

        Raises FormatError for what is no report, damaged or too new.
        """
        file = path / "report.json" if path.is_dir() else path
        content = _read(file)
        profiles, lacking = _profiles(file.parent / "profile", content)
        contract = _contract(file.parent / "normalization.json")
        fail_on = content.get("fail_on", "error")
        return cls(content=content, profiles=profiles, contract=contract, lacking=lacking, fail_on=fail_on)

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """The findings, worst first."""
        return tuple(finding(item) for item in self.content["findings"])

    @cached_property
    def waived(self) -> tuple[Finding, ...]:
        """The findings that the configuration or a baseline accepts."""
        return tuple(finding(item) for item in self.content["waived"])

    def of_severity(self, severity: str) -> tuple[Finding, ...]:
        """The findings of one severity."""
        return tuple(f for f in self.findings if f.severity == severity)

    @property
    def splits(self) -> Mapping[str, Mapping[str, Any]]:
        """Rows, columns, fingerprint and files of every split."""
        splits: Mapping[str, Mapping[str, Any]] = self.content["splits"]
        return splits

    @property
    def label(self) -> str | None:
        """Name of the label column."""
        label: str | None = self.content["label"]
        return label

    @property
    def exit_code(self) -> int:
        """0 passed, 1 findings at or above `fail_on`, 2 a checker crashed."""
        return int(self.content["exit_code"])

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns of all splits, in the order of the first split that has them."""
        return tuple(dict.fromkeys(name for split in self.splits.values() for name in split["columns"]))

    def column(self, name: str) -> dict[str, ColumnProfile]:
        """The profiles of one column by split."""
        return {split: profile[name] for split, profile in self.profiles.items() if name in profile}

    @property
    def counts(self) -> dict[str, int]:
        """How many findings of each severity, worst first."""
        return {s.value: len(self.of_severity(s)) for s in reversed(Severity)}

    @property
    def verdict(self) -> str:
        """The report in one sentence."""
        return _verdict(self)


def finding(item: Mapping[str, Any]) -> Finding:
    """A finding from its JSON."""
    rows = item.get("rows")
    return Finding(
        checker=item["checker"],
        severity=Severity(item["severity"]),
        split=item["split"],
        message=item["message"],
        columns=tuple(item["columns"]),
        rows=None if rows is None else _rows(rows),
        evidence=item["evidence"],
        advice=item["advice"],
        fix=item["fix"],
    )


def _rows(content: Mapping[str, Any]) -> Rows:
    names = content.get("names")
    return Rows(
        count=content["count"],
        examples=tuple(content["examples"]),
        names=tuple(map(str, names)) if isinstance(names, list) else (),
    )


def _verdict(document: Document) -> str:
    counts = document.counts
    found = " and ".join(plural(counts[s], s) for s in ("error", "warning") if counts[s])
    if document.content["crashed"]:
        crashed = plural(len(document.content["crashed"]), "check")
        return f"Incomplete: {crashed} crashed" + (f"; besides, {found}." if found else ".")
    if counts["error"]:
        return f"{found}: training on this data will break, or its result will be wrong."
    if counts["warning"]:
        return f"{found}, no error: training will run, but is likely to lose accuracy or time."
    if not document.content["passed"]:
        return "Nothing was found, but no check applied to these data."
    return f"Nothing to fix: {plural(len(document.content['passed']), 'check')} passed."


def _read(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise FormatError(f"{path} cannot be read as a report: {error}; expected a report.json") from error
    if not isinstance(content, dict) or any(key not in content for key in _OUTCOMES):
        raise FormatError(
            f"{path} is no report that datacheck wrote; expected the report.json of its --out folder"
        )
    if content.get("format") != FORMAT:
        raise FormatError(
            f"{path} has format {content.get('format')!r}, written by datacheck {content.get('version')}; "
            f"this is {__version__}, which reads format {FORMAT}: check the data again"
        )
    if (wrong := misfit(content)) is not None:
        raise FormatError(f"{path} is damaged ({wrong}); check the data again")
    return content


def _profiles(folder: Path, content: Mapping[str, Any]) -> tuple[dict[str, Profile], tuple[str, ...]]:
    """The saved profiles that belong to the report, by fingerprint, and what is missing."""
    near = {profile.fingerprint: profile for profile in _near(folder)}
    wanted = {split: about["fingerprint"] for split, about in content["splits"].items()}
    found = {split: near[fingerprint] for split, fingerprint in wanted.items() if fingerprint in near}
    lacking = tuple(
        f"no profile of {split!r} beside the report, or one of other data: its statistics are left out"
        for split in wanted
        if split not in found
    )
    return found, lacking


def _near(folder: Path) -> Iterator[Profile]:
    """The profiles in a folder; what is no profile is passed over."""
    for path in sorted(folder.glob("*.json")):
        with suppress(DatacheckError):
            yield saved.load(path)[0]


def _contract(path: Path) -> Normalization | None:
    try:
        return Normalization.load(path)
    except DatacheckError:
        return None
