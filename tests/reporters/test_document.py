import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from datacheck import saved
from datacheck.errors import FormatError
from datacheck.report import Report
from datacheck.reporters.base import reporters, write_text
from datacheck.reporters.document import Document


@pytest.fixture
def folder(report: Report, tmp_path: Path) -> Path:
    write_text(tmp_path / "report.json", reporters()["json"].render(report))
    for name, profile in report.profile.splits.items():
        text = json.dumps(saved.to_json(profile, report.profile.schema))
        write_text(tmp_path / "profile" / f"{name}.json", text)
    assert report.normalization is not None
    report.normalization.save(tmp_path / "normalization.json")
    return tmp_path


@pytest.mark.parametrize("name", sorted(reporters()))
def test_renders_again_without_the_data(name: str, report: Report, folder: Path) -> None:
    assert reporters()[name].render(Document.load(folder)) == reporters()[name].render(report)


@pytest.mark.parametrize("name", sorted(reporters()))
def test_alone_it_says_what_is_missing(name: str, folder: Path) -> None:
    for path in (folder / "profile").iterdir():
        path.unlink()
    document = Document.load(folder / "report.json")
    text = reporters()[name].render(document)
    assert len(document.lacking) == 2
    if name in ("terminal", "html"):
        assert "beside the report" in text


def test_a_profile_of_other_data_is_left_out(clean: Report, folder: Path) -> None:
    other = json.dumps(saved.to_json(clean.profile.train))
    write_text(folder / "profile" / "train.json", other)
    assert list(Document.load(folder).profiles) == ["test"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "cannot be read as a report"),
        ("[]", "is no report that datacheck wrote"),
        ('{"format": 1}', "is no report that datacheck wrote"),
        ("[" * 10_000, "cannot be read as a report"),
    ],
)
def test_what_is_no_report(content: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    path.write_text(content)
    with pytest.raises(FormatError, match=said):
        Document.load(path)


def test_keeps_the_exit_code(report: Report, folder: Path) -> None:
    assert Document.load(folder).exit_code == report.exit_code == 1


def test_another_format_names_the_version(folder: Path) -> None:
    path = folder / "report.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "format": 99, "version": "9.9"}))
    with pytest.raises(FormatError, match=r"has format 99, written by datacheck 9\.9"):
        Document.load(path)


def test_damaged_findings(folder: Path) -> None:
    path = folder / "report.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "findings": [{"checker": "x"}]}))
    with pytest.raises(FormatError, match="is damaged"):
        Document.load(path)


def _mutations(content: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    if len(path) < 5 and isinstance(content, dict):
        for key, value in content.items():
            if "evidence" not in path and "config" not in path:
                yield from _mutations(value, (*path, key))
    elif len(path) < 5 and isinstance(content, list) and content:
        yield from _mutations(content[0], (*path, 0))


def test_whatever_is_damaged_is_refused_or_shown(report: Report, tmp_path: Path) -> None:
    content = report.to_json()
    file = tmp_path / "report.json"
    for path in _mutations(content):
        for value in (None, 3, "x", [], {}, [None], {"a": None}, True):
            changed = json.loads(json.dumps(content))
            target = changed
            for step in path[:-1]:
                target = target[step]
            if path:
                target[path[-1]] = value
            file.write_text(json.dumps(changed if path else value))
            try:
                document = Document.load(file)
            except FormatError:
                continue
            for name in ("junit", "terminal", "github"):
                reporters()[name].render(document)
