"""A suite as a file of a great_expectations project, written by ourselves: stable ids, and a diff to read."""

import uuid
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from ..._files import atomic
from ...errors import InputError
from ...normalization.document import dump
from ...report import Report
from ...reporters.document import Document
from ..basis import Basis, files_beside
from ..known import digest
from .suite import Expected, expectations

_IDS = uuid.uuid5(uuid.NAMESPACE_URL, "datacheck-ml/great_expectations")
_WRITTEN_FOR = "1.13.0"  # the oldest version that reads the suite: that of the writer would change with it
_SETTINGS = "great_expectations.yml"
_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.")


def export(report: Path | str | Report, project: Path | str, suite: str) -> Path:
    """Writes a suite from a report, or its folder, into a great_expectations project; returns its path.

    The profile of the training split and the contract are copied into the project's `gx/datacheck/`: arguments
    of expectations come back in every error text, so ours name files and hold no data. A project that is not
    there is made. The bounds are for batches of at least as many rows as the smallest split of the report. The
    same report gives the same bytes.

    Raises InputError for a report without its profiles, FormatError for a damaged one.
    """
    if not suite or not _LETTERS.issuperset(suite) or suite.startswith("."):
        raise InputError(f"the suite is to be named {suite!r}; expected letters, digits, '_', '-' and '.'")
    found = Document.of(report) if isinstance(report, Report) else Document.load(Path(report))
    files = dict(files_beside(found, "the report"))
    root = _made(Path(project))
    for name, content in files.items():
        with atomic(root / "datacheck" / suite / name) as file:
            file.write(content)
    written = {name: (f"datacheck/{suite}/{name}", digest(content)) for name, content in files.items()}
    basis = Basis.of(found, written["profile.json"], written.get("normalization.json"))
    path = root / "expectations" / f"{suite}.json"
    with atomic(path) as file:
        file.write(_written(suite, basis).encode())
    return path


def gx_folder(project: Path) -> Path:
    """The folder with great_expectations.yml: `project` or its `gx`; InputError where there is none."""
    for folder in (project / "gx", project):
        if (folder / _SETTINGS).is_file():
            return folder
    raise InputError(
        f"{project} is no great_expectations project: there is no gx/{_SETTINGS} in it; "
        f"make one with: datacheck export gx REPORT --project {project} --suite NAME"
    )


def _made(project: Path) -> Path:
    """The same; a project that is not there is made."""
    if not (project / "gx" / _SETTINGS).is_file() and not (project / _SETTINGS).is_file():
        with atomic(project / "gx" / _SETTINGS) as file:
            file.write(Path(__file__).with_name("project.yml").read_bytes())
        with atomic(project / "gx" / ".gitignore") as file:
            file.write(b"uncommitted/\n")
    return gx_folder(project)


def _written(suite: str, basis: Basis) -> str:
    rows, batch_rows = basis.train.rows, basis.batch_rows
    content = {
        "name": suite,
        "id": _id(suite),
        "notes": f"Written by datacheck from the profile of {rows:,} training rows, for batches of "
        f"{batch_rows:,} rows and more.",
        "meta": {
            "great_expectations_version": _WRITTEN_FOR,
            "datacheck": {
                "rows": rows,
                "batch_rows": batch_rows,
                "left_out": sorted({*basis.train.columns} - {column.name for column in basis.columns}),
            },
        },
        "expectations": list(_documents(suite, expectations(basis))),
    }
    return dump(content)


def _documents(suite: str, expected: Iterable[Expected]) -> Iterator[dict[str, Any]]:
    for one in expected:
        yield {
            "type": one.type,
            "kwargs": one.kwargs,
            "notes": f"Bound: {one.why}.",
            "severity": one.severity,
            "id": _id(suite, one.type, str(one.kwargs.get("column", ""))),
            "meta": {},
        }


def _id(*parts: str) -> str:
    """An id that is the same in every export: great_expectations wants one and would draw it at random."""
    return str(uuid.uuid5(_IDS, "\n".join(parts)))
