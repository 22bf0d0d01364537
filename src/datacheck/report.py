"""The report: what the checkers said, and everything that a reader needs to trust it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from . import __version__
from ._format import plain
from .dataset_profile import DatasetProfile
from .errors import ConfigError, NotApplicable
from .finding import Finding, Severity
from .normalization import Normalization
from .records.thumbnail import Thumbnail

if TYPE_CHECKING:
    import pandas as pd

# format 1: first
FORMAT = 1
FAIL_ON = ("error", "warning", "info", "never")


@dataclass(frozen=True, kw_only=True)
class NotChecked:
    """A checker's question that has no meaning for a split, and why."""

    checker: str
    split: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class Passed:
    """A checker that found nothing in a split, and how small an effect it would have seen."""

    checker: str
    split: str
    detectable: str | None = None


@dataclass(frozen=True, kw_only=True)
class Crashed:
    """A checker that failed; the others ran all the same."""

    checker: str
    split: str
    traceback: str


@dataclass(frozen=True, kw_only=True)
class Waived:
    """A finding that the configuration accepts, and why."""

    finding: Finding
    reason: str


@dataclass(frozen=True, kw_only=True)
class Report:
    """Profiles, findings, and what was skipped, waived or crashed; every output is a function of it.

    `exit_code` is 0 when nothing reaches `fail_on`, 1 when something does, 2 when a checker crashed.
    """

    profile: DatasetProfile
    findings: tuple[Finding, ...] = ()
    passed: tuple[Passed, ...] = ()
    not_checked: tuple[NotChecked, ...] = ()
    crashed: tuple[Crashed, ...] = ()
    waived: tuple[Waived, ...] = ()
    fail_on: str = "error"
    normalization: Normalization | None = None
    ignored: tuple[str, ...] = ()
    thumbnails: Mapping[str, tuple[Thumbnail, ...]] = field(default_factory=dict)
    config: Mapping[str, Any] = field(default_factory=dict)

    @property
    def worst(self) -> Severity | None:
        """The highest severity among the findings; None without any."""
        return max((f.severity for f in self.findings), key=lambda s: s.rank, default=None)

    @property
    def exit_code(self) -> int:
        """0 passed, 1 findings at or above `fail_on`, 2 a checker crashed."""
        if self.crashed:
            return 2
        if self.fail_on not in FAIL_ON:
            raise ConfigError(f"fail-on {self.fail_on!r} is unknown; expected one of: {', '.join(FAIL_ON)}")
        if self.worst is None or self.fail_on == "never":
            return 0
        return int(self.worst.rank >= Severity(self.fail_on).rank)

    def of(self, severity: Severity) -> tuple[Finding, ...]:
        """The findings of one severity."""
        return tuple(f for f in self.findings if f.severity is severity)

    @property
    def alignment(self) -> dict[str, Any]:
        """By split: whether the labels belong to the samples (`records.alignment.Alignment`)."""
        return self._records("alignment")

    @property
    def shift(self) -> dict[str, Any]:
        """By split: how it differs from the reference, and the kind of shift (`records.shift.Shift`)."""
        return self._records("shift")

    def suspicion(self, split: str) -> pa.Table:
        """How likely each row's label is wrong: columns `row` (in the split), `score` (0 to 1), `suggested`.

        Worst first, for the rows that the label-noise probe read. Raises NotApplicable where it did not run:
        without labels or rows, or where labels bear no relation to the features.
        """
        noise = self.profile.record("alignment", split).label_noise
        if noise is None:
            raise NotApplicable("labels are scored only where they belong to their rows: see the alignment")
        order = np.lexsort((noise.rows, -noise.scores))
        suggested = pa.array(noise.suggested[order].tolist())
        return pa.table({"row": noise.rows[order], "score": noise.scores[order], "suggested": suggested})

    def weights(self, split: str) -> Any:
        """What makes training rows stand for a split (`records.shift.Weights`): classes, rows, or a refusal."""
        return self.profile.record("shift", split).weights

    def weight_table(self, split: str) -> pa.Table:
        """Weight of each sampled training row: columns `row` (in the split), `file`, `file_row`, `weight`.

        Row weights as they are; class weights by the label of the row. Raises NotApplicable with the reason
        where there are none: nothing to correct, another concept, or too few effective rows.
        """
        weights, train = self.weights(split), self.profile.train
        if weights.values is not None:
            rows, values = weights.rows, weights.values
        elif weights.classes and train.sample.table is not None:
            labels = train.sample.table[self.profile.schema.label].to_pylist()
            rows, values = np.arange(len(labels)), np.array([weights.classes.get(y, 0.0) for y in labels])
        else:
            raise NotApplicable(weights.refused or "the profile was saved without rows")
        at = train.sample_positions[rows]
        starts = sorted((start, name) for name, start in train.offsets.items())
        first = np.array([start for start, _ in starts])
        part = np.searchsorted(first, at, side="right") - 1
        files = pa.array([name for _, name in starts]).take(pa.array(part))
        return pa.table({"row": at, "file": files, "file_row": at - first[part], "weight": values})

    def to_pandas(self) -> "pd.DataFrame":
        """The findings as a frame, one row each, errors first."""
        import pandas as pd

        return pd.DataFrame([finding_json(finding) for finding in self.findings])

    def _repr_html_(self) -> str:
        """The report as notebooks show it."""
        notebook = import_module(f"{__package__}.reporters.notebook")
        return str(notebook.report_html(self))

    def _records(self, probe: str) -> dict[str, Any]:
        found = self.profile.records.get(probe, {})
        return {split: record for split, record in found.items() if hasattr(record, "to_json")}

    def to_json(self) -> dict[str, Any]:
        """The content of report.json."""
        schema = self.profile.schema
        content = {
            "format": FORMAT,
            "version": __version__,
            "seed": self.profile.seed,
            "label": schema.label,
            "label_source": schema.label_source,
            "task": schema.task,
            "task_source": schema.task_source,
            "reference": self.profile.reference,
            "training": {
                "batch_size": self.profile.training.batch_size,
                "precision": self.profile.training.precision,
                "shuffled": self.profile.training.shuffled,
            },
            "splits": {name: _split(self.profile, name) for name in self.profile.splits},
            "ignored_files": self.ignored,
            "findings": [finding_json(f) for f in self.findings],
            "not_checked": [vars(outcome) for outcome in self.not_checked],
            "passed": [vars(outcome) for outcome in self.passed],
            "crashed": [vars(outcome) for outcome in self.crashed],
            "waived": [{**finding_json(w.finding), "reason": w.reason} for w in self.waived],
            "config": self.config,
            "fail_on": self.fail_on,
            "exit_code": self.exit_code,
        }
        if self.thumbnails:
            content["thumbnails"] = {s: [one.to_json() for one in few] for s, few in self.thumbnails.items()}
        for probe in self.profile.records:
            content[probe] = {split: record.to_json() for split, record in self._records(probe).items()}
        return {key: plain(value) for key, value in content.items()}


def finding_json(finding: Finding) -> dict[str, Any]:
    """One finding as JSON."""
    rows = None if finding.rows is None else asdict(finding.rows)
    if rows is not None and not rows["names"]:
        del rows["names"]
    return {
        "checker": finding.checker,
        "severity": finding.severity.value,
        "split": finding.split,
        "columns": list(finding.columns),
        "rows": rows,
        "message": finding.message,
        "evidence": finding.evidence,
        "advice": finding.advice,
        "fix": finding.fix,
    }


def _split(data: DatasetProfile, name: str) -> dict[str, Any]:
    profile = data.splits[name]
    return {
        "rows": profile.rows,
        "columns": list(profile.columns),
        "fingerprint": profile.fingerprint,
        "files": sorted({part.name for part in profile.parts}),
    }
