"""A report in MLflow: `datacheck.integrations.mlflow.log(report)` in a run that trains on the data.

References: https://mlflow.org/docs/latest/ml/tracking/tracking-api
"""

import os
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from ..finding import Severity
from ..output import write_folder
from ..report import Report
from . import need

FOLDER = "datacheck"
"""Of the artifacts, unless another is named; metrics and tags begin with it."""
_UNSAFE = re.compile(r"[^\w\-./ ]+")  # what MLflow refuses in the name of a metric or a tag


def log(report: Report, *, run_id: str | None = None, folder: str = FOLDER, values: bool = True) -> str:
    """Logs a report into the active run, a new one, or that of `run_id`; returns the run's id.

    Artifacts, below `folder`: report.html, report.json, the profile of every split and normalization.json,
    the contract that test and serving share. Metrics: findings by severity, `not_checked`, `waived`,
    `crashed`, `exit_code`, and the rows of every split. Tags: what was found worst, and a fingerprint of
    every split, which is equal for equal data. `values=False` leaves category names out of the profiles.

    Raises DatacheckError where MLflow is missing or too old.
    """
    # MLflow 3 counts the calls of its functions; nothing here reports to anybody
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    mlflow = need("mlflow", "mlflow")
    run = run_id or (mlflow.active_run() or mlflow.start_run()).info.run_id
    with TemporaryDirectory() as written:
        write_folder(_into(report, Path(written)), values=values)
        mlflow.log_artifacts(written, folder, run_id=run)
    mlflow.log_metrics(dict(_metrics(report)), run_id=run)
    client = mlflow.MlflowClient()
    for key, value in _tags(report):
        client.set_tag(run, key, value)
    return str(run)


def _into(report: Report, folder: Path) -> Report:
    return replace(report, config={**report.config, "out": str(folder)})


def _metrics(report: Report) -> Iterator[tuple[str, float]]:
    for severity in Severity:
        yield f"{FOLDER}.findings.{severity}", len(report.of(severity))
    for name in ("not_checked", "waived", "crashed"):
        yield f"{FOLDER}.{name}", len(getattr(report, name))
    yield f"{FOLDER}.exit_code", report.exit_code
    for split, profile in report.profile.splits.items():
        yield f"{FOLDER}.rows.{_UNSAFE.sub('_', split)}", profile.rows


def _tags(report: Report) -> Iterator[tuple[str, Any]]:
    yield f"{FOLDER}.worst", str(report.worst or "nothing")
    for split, profile in report.profile.splits.items():
        yield f"{FOLDER}.fingerprint.{_UNSAFE.sub('_', split)}", profile.fingerprint
