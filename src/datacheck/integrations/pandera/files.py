"""Schemas as files: written from a report, and loaded with every check that they hold, or not at all."""

from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import pandera
import yaml

from ..._files import atomic
from ...errors import ConfigError, FormatError, nearest
from ...report import Report
from ...reporters.base import write_text
from ...reporters.document import Document
from ..basis import Basis, files_beside
from ..known import digest
from .module import module as python_module
from .schema import columns, questions
from .whole import BACKENDS, whole

_PATHS = ("profile", "contract")
# what a column of a schema's file holds beside its checks, of pandera 0.31 to 0.35: all else must be a check
_NO_CHECKS = {
    "title", "description", "dtype", "nullable", "checks", "name", "unique", "coerce", "required", "regex",
    "default", "report_duplicates", "drop_invalid_rows", "metadata",
}  # fmt: skip


def export(
    report: Path | str | Report, out: Path | str, *, module: Path | str | None = None, backend: str = "pandas"
) -> list[Path]:
    """Writes a schema from a report, or its folder, as YAML, and as a Python module where one is named.

    The profile of the training split and the contract are copied beside each; the checks name those copies.
    Bounds are for frames of at least as many rows as the smallest split of the report. Returns what was
    written. Raises InputError for a report without its profiles, FormatError where pandera would not read
    back every check, ConfigError for a backend other than pandas and polars.
    """
    if backend not in BACKENDS:
        raise ConfigError(f"there is no backend {backend!r}; {nearest(backend, BACKENDS)}")
    found = Document.of(report) if isinstance(report, Report) else Document.load(Path(report))
    stem = Path(out).stem
    copies = {f"{stem}.{name}": data for name, data in files_beside(found, str(report))}
    basis = Basis.of(found, *_named(copies))
    texts = {Path(out): _yaml(basis, backend)}
    if module is not None:
        texts[Path(module)] = python_module(basis, backend, _title(basis))
    for path, text in texts.items():
        for name, content in copies.items():
            with atomic(path.with_name(name)) as file:
                file.write(content)
        write_text(path, text)
    load(Path(out))
    return list(dict.fromkeys([*texts, *(path.with_name(name) for path in texts for name in copies)]))


def load(path: Path | str) -> Any:
    """A schema of pandera from a file; relative paths in it start at the file's folder.

    Raises FormatError where the file is no schema, or pandera would drop one of its checks.
    """
    path = Path(path)
    document = _read(path)
    for check in _listed(document.get("checks"), path):
        for key in _PATHS:
            if isinstance(check.get(key), str):
                check[key] = str((path.parent / check[key]).absolute())
    try:
        schema = _class(document, path).from_yaml(yaml.safe_dump(document, sort_keys=False))
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise FormatError(
            f"pandera {pandera.__version__} cannot read {path} ({type(error).__name__}: {error}); "
            "is every check registered that it names? If so, export it again"
        ) from error
    _check_whole(document, schema, path)
    return whole(schema)


def _check_whole(document: Mapping[str, Any], schema: Any, path: Path) -> None:
    """Raises FormatError unless every check of the file is in the schema, the ones of nulls with nulls."""
    held = sorted(_held(document, path))
    loaded = sorted(
        [("", check.name) for check in schema.checks]
        + [(name, check.name) for name, column in schema.columns.items() for check in column.checks]
    )
    lost = [
        f"{name} of {column!r}" if column else name for column, name in held if (column, name) not in loaded
    ]
    if held != loaded:
        raise FormatError(
            f"{path} holds {len(held)} checks, pandera {pandera.__version__} loaded {len(loaded)}"
            f"{'; lost: ' + ', '.join(lost[:5]) if lost else ''}; register the checks before loading, "
            "or export the schema again"
        )
    blind = [c for column in schema.columns.values() for c in column.checks if c.name == "datacheck_missing"]
    if any(check.ignore_na for check in blind):
        raise FormatError(f"{path}: datacheck_missing needs ignore_na: false, or it never sees a null")


def _held(document: Mapping[str, Any], path: Path) -> Iterator[tuple[str, str]]:
    """Column and name of every check in the file; the column is empty for those of the whole frame."""
    for check in _listed(document.get("checks"), path):
        yield "", str(check.get("options", {}).get("check_name"))
    for name, column in (document.get("columns") or {}).items():
        for check in _listed(column.get("checks"), path):
            yield name, str(check.get("options", {}).get("check_name"))
        yield from ((name, key) for key in column if key not in _NO_CHECKS)


def _listed(checks: Any, path: Path) -> list[dict[str, Any]]:
    if checks is not None and not (isinstance(checks, list) and all(isinstance(c, dict) for c in checks)):
        raise FormatError(f"{path}: checks are no list of mappings; export the schema again")
    return checks or []


def _read(path: Path) -> dict[str, Any]:
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError, yaml.YAMLError) as error:
        raise FormatError(f"{path} cannot be read as a schema: {error}") from error
    columns_ = document.get("columns") if isinstance(document, dict) else None
    if not isinstance(columns_, dict) or not all(isinstance(c, dict) for c in columns_.values()):
        raise FormatError(f"{path} is no schema of pandera; expected YAML with columns, by name")
    return dict(document)


def _class(document: Mapping[str, Any], path: Path) -> Any:
    kinds = {kind: name for name, kind in BACKENDS.items()}
    kind = document.get("schema_type", "dataframe")
    if kind not in kinds:
        raise FormatError(f"{path}: schema_type {kind!r} is unknown; {nearest(str(kind), kinds)}")
    return import_module(f"pandera.{kinds[kind]}").DataFrameSchema


def _yaml(basis: Basis, backend: str) -> str:
    listed = [{**told, "options": {"check_name": name}} for name, told in questions(basis).items()]
    document = {
        "schema_type": BACKENDS[backend],
        "api": backend,
        "description": _title(basis),
        "strict": basis.complete,
        "coerce": False,
        "checks": listed,
        "columns": {
            name: {"nullable": True, "description": column.why, **column.checks}
            for name, column in columns(basis).items()
        },
    }
    return str(yaml.dump(document, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110))


class _Dumper(yaml.SafeDumper):  # type: ignore[misc]
    """Writes what stands in two places twice: an alias is read by nobody."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _title(basis: Basis) -> str:
    return (
        f"Written by datacheck from the profile of {basis.train.rows:,} training rows, for frames of "
        f"{basis.batch_rows:,} rows and more."
    )


def _named(copies: Mapping[str, bytes]) -> tuple[tuple[str, str], tuple[str, str] | None]:
    """Profile and contract with their digests; None for a contract that is not there."""
    named = [(name, digest(data)) for name, data in copies.items()]
    return named[0], named[1] if len(named) > 1 else None
