"""What is fuzzed: each target reads bytes as one of our own formats, and uses what it got.

Only a DatacheckError is an answer; any other exception is a fault. `SEEDS` are the documents that are edited.
"""

import json
import tempfile
import warnings
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

import datacheck as dc
from datacheck import run, saved
from datacheck.errors import DatacheckError
from datacheck.reporters.base import reporter
from datacheck.reporters.changes import Changes, without_known
from datacheck.reporters.document import Document

_PLACE = Path(
    tempfile.mkdtemp(prefix="datacheck-fuzz-", dir="/dev/shm" if Path("/dev/shm").is_dir() else None)
)
_ROWS = 6  # small documents are read thousands of times a second
_TABLE = pa.table(
    {
        "amount": [1e4 * i * i for i in range(_ROWS)],
        "word": [("ham", "eggs", None)[i % 3] for i in range(_ROWS)],
        "label": [i % 3 for i in range(_ROWS)],
    }
)
_LONG = ("findings", "not_checked", "passed", "waived")


@cache
def _report() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return dc.profile({"train": _TABLE, "test": _TABLE.slice(3)}, label="label")


@cache
def _document() -> Document:
    return Document.of(_report())


def seed(target: str) -> Any:
    """The document that `edits` changes."""
    report = _report()
    if target == "contract":
        return report.normalization.to_json()
    if target in ("profile", "check"):
        return json.loads(json.dumps(saved.to_json(report.profile.splits["train"], report.profile.schema)))
    content = json.loads(json.dumps(report.to_json()))
    kept = {key: content[key][:1] for key in _LONG}
    return {key: value for key, value in content.items() if key not in ("alignment", "shift")} | kept


def contract(data: bytes) -> None:
    """A contract that loads transforms, and is written as it was read."""
    loaded = dc.Normalization.load(_file(data))
    assert dc.Normalization.load(_file(json.dumps(loaded.to_json()).encode())).to_json() == loaded.to_json()
    with suppress(DatacheckError):
        loaded.transform(_TABLE.slice(0, 2))
    with suppress(DatacheckError):
        loaded.transform(np.zeros((2, len(loaded.features))))


def profile(data: bytes) -> None:
    """A profile that loads can be asked, added and written."""
    loaded, schema = saved.load(_file(data))
    for column in loaded:
        _ask(column)
    json.dumps(saved.to_json(loaded, schema))
    with suppress(DatacheckError):
        loaded + _report().profile.splits["train"]
    with suppress(DatacheckError):
        loaded + _report().profile.splits["test"]


def check(data: bytes) -> None:
    """No checker crashes on a profile that loads."""
    found = run.compare(_file(data), _TABLE, label=None)
    assert not found.crashed, found.crashed[0].traceback
    json.dumps(found.to_json(), allow_nan=False)


def report(data: bytes) -> None:
    """A report that loads is rendered by one of the quick reporters, and compared."""
    loaded = Document.load(_file(data))
    names = ("github", "junit", "markdown", "sarif")
    reporter(names[len(data) % len(names)]).render(loaded)
    fresh = _document()
    Changes.of(loaded, fresh).render("text")
    Changes.of(fresh, loaded).render("json")


def baseline(data: bytes) -> None:
    """A report that loads waives what it names."""
    loaded = Document.load(_file(data))
    _ = without_known(_report(), loaded).exit_code


TARGETS: dict[str, Callable[[bytes], None]] = {
    "contract": contract, "profile": profile, "check": check, "report": report, "baseline": baseline,
}  # fmt: skip


def attempt(target: str, data: bytes) -> None:
    """Runs a target; returns also where datacheck refuses the data."""
    with warnings.catch_warnings(), np.errstate(all="ignore"), suppress(DatacheckError):
        warnings.simplefilter("ignore")
        TARGETS[target](data)


def _ask(column: Any) -> None:
    _ = column.binary, column.counts.missing_rate
    if column.moments is not None:
        _ = column.moments.std, column.moments.skewness
    if column.quantiles is not None:
        column.quantiles.at(0.5)
    if column.distinct is not None:
        _ = column.distinct.estimate
    if column.levels is not None:
        _ = column.levels.total


def _file(data: bytes) -> Path:
    path = _PLACE / "document.json"
    path.write_bytes(data)
    return path
