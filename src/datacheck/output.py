"""What the command line shows and writes: folders, progress, manuals."""

import inspect
import json
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

from ._files import atomic, together
from .config import Config, checker_classes
from .errors import ConfigError, InputError, NotApplicable, nearest
from .profiles import Profile
from .report import Report
from .reporters.base import print_text, reporter, write, write_text
from .reporters.changes import Changes
from .reporters.changes import without_known as changes_from
from .reporters.document import Document
from .saved import to_json
from .schema import Schema

Progress = Callable[[str, int | None, int], None]
_UNSAFE = re.compile(r"[^\w.-]+")


def write_folder(report: Report, *, values: bool = True) -> Path:
    """Writes report, profiles and contract into the configured folder: all of them or none."""
    out = Path(str(report.config.get("out", "datacheck-report")))
    schema = report.profile.schema
    with together(out) as place:
        for name, file in _profile_files(report.profile.splits).items():
            write_profile(report.profile.splits[name], schema, place / "profile" / file, values=values)
        if report.normalization is not None:
            report.normalization.save(place / "normalization.json")
        for name in ("json", "html"):
            write(report, name, str(place / f"report.{name}"))
    return out


def write_suspects(report: Report, path: Path | None) -> None:
    """Writes every row that was scored, the most suspicious first, of all splits."""
    if path is None:
        return
    import pyarrow as pa
    import pyarrow.parquet as pq

    tables = [
        table.append_column("split", pa.array([name] * len(table)))
        for name in report.alignment
        if report.alignment[name].label_noise is not None
        for table in [report.suspicion(name)]
    ]
    if not tables:
        raise InputError(f"no row can be written to {path}: no split has labels that fit its features")
    ordered = pa.concat_tables(tables, promote_options="permissive").sort_by([("score", "descending")])
    with atomic(path) as file:
        pq.write_table(ordered, file)


def write_weights(report: Report, path: Path | None) -> None:
    """Writes the weights of training rows for every split that has some, of all splits."""
    if path is None:
        return
    import pyarrow as pa
    import pyarrow.parquet as pq

    tables, refused = [], []
    for name in report.shift:
        try:
            table = report.weight_table(name)
        except NotApplicable as reason:
            refused.append(f"{name}: {reason}")
        else:
            tables.append(table.append_column("split", pa.array([name] * len(table))))
    if not tables:
        raise InputError(
            f"no weights can be written to {path}: " + ("; ".join(refused) or "there is one split")
        )
    with atomic(path) as file:
        pq.write_table(pa.concat_tables(tables), file)


def write_profile(profile: Profile, schema: Schema, path: Path, *, values: bool = True) -> None:
    """Writes one profile as JSON."""
    write_text(path, json.dumps(to_json(profile, schema, values=values), allow_nan=False) + "\n")


def show(report: Report | Document, formats: Sequence[str], *, quiet: bool) -> None:
    """Prints the report in each format, or writes it where FORMAT=FILE asks for that."""
    for wanted in formats:
        name, _, path = wanted.partition("=")
        if path:
            write(report, name, path)
        elif not quiet:
            _print(name, report)


def without_known(report: Report, baseline: Path | None) -> Report:
    """The report with what an earlier one names already waived, unless it became worse."""
    return report if baseline is None else changes_from(report, load_report(baseline), str(baseline))


def load_report(path: Path) -> Document:
    """A saved report, from its file or its folder."""
    return Document.load(path / "report.json" if path.is_dir() else path)


def changes(before: Path, after: Path) -> Changes:
    """What changed from one saved report to another."""
    return Changes.of(load_report(before), load_report(after))


def check_formats(formats: Sequence[str]) -> None:
    """Raises ConfigError for a format that does not exist: before the work, not after it."""
    for wanted in formats:
        reporter(wanted.partition("=")[0])


def explain(name: str) -> str:
    """A checker's manual: its docstring, and its thresholds with their defaults and sources."""
    if name not in checker_classes():
        raise ConfigError(f"there is no checker {name!r}; {nearest(name, checker_classes())}")
    cls = checker_classes()[name]
    return "\n".join([name, "", inspect.getdoc(cls) or "", "", *_thresholds(cls)]).rstrip()


def checker_list() -> str:
    """Every checker with the first line of its manual."""
    width = max(map(len, checker_classes()))
    return "\n".join(f"{name:<{width}}  {_first_line(cls)}" for name, cls in checker_classes().items())


def init(path: Path) -> Path:
    """Adds a commented [tool.datacheck] table to a pyproject.toml; raises ConfigError if it has one."""
    old = path.read_text(encoding="utf-8") if path.exists() else ""
    if "[tool.datacheck]" in old:
        raise ConfigError(f"{path} has a [tool.datacheck] table already; edit that")
    settings = [f for f in fields(Config) if isinstance(f.default, (str, int, bool, type(None)))]
    lines = [
        f"# {f.name.replace('_', '-')} = {json.dumps(f.default)}" for f in settings if f.default is not None
    ]
    lines += [f"# {f.name.replace('_', '-')} = " for f in settings if f.default is None]
    write_text(path, old + ("\n" if old else "") + "\n".join(["[tool.datacheck]", *lines]) + "\n")
    return path


def _print(name: str, report: Report | Document) -> None:
    from rich.console import Console

    console = Console()
    if name == "terminal" and console.is_terminal:
        from .reporters.terminal import TerminalReporter, wants_color

        print_text(TerminalReporter().render(report, color=wants_color(sys.stdout), width=console.width))
    else:
        write(report, name, "-")


def _profile_files(splits: Mapping[str, Any]) -> dict[str, str]:
    """A file name for each split that no file system minds, all different."""
    files: dict[str, str] = {}
    for name in splits:
        stem = _UNSAFE.sub("_", name)[:80].strip(".") or "split"
        while f"{stem}.json" in files.values():
            stem += "_"
        files[name] = f"{stem}.json"
    return files


def _first_line(cls: type) -> str:
    return (inspect.getdoc(cls) or "").split("\n", 1)[0]


def _thresholds(cls: type) -> Iterator[str]:
    from ._docs import attribute_docs

    documented = attribute_docs(cls)
    for number, field in enumerate(fields(cls)):
        if not number:
            yield "Thresholds ([tool.datacheck.checkers.NAME]):"
        yield f"    {field.name.replace('_', '-')} = {field.default!r}"
        yield from (f"        {line.strip()}" for line in documented.get(field.name, "").splitlines())
