import io
import os
import sys
from pathlib import Path

import pytest

from datacheck.errors import ConfigError, InputError
from datacheck.report import Report
from datacheck.reporters import base
from datacheck.reporters.base import print_text, reporter, reporters, write, write_text


def test_writes_and_replaces(tmp_path: Path) -> None:
    path = tmp_path / "new" / "report.txt"
    write_text(path, "one")
    write_text(path, "two \ud800")
    assert path.read_text() == "two \\ud800"
    assert [p.name for p in path.parent.iterdir()] == ["report.txt"]


def test_folder_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("")
    with pytest.raises(InputError, match=r"cannot write .*report\.json: .*; nothing was left half-written"):
        write_text(tmp_path / "out" / "report.json", "{}")


def test_full_disk_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "report.json"
    path.write_text("old")

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(InputError, match="No space left on device"):
        write_text(path, "new")
    assert path.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["report.json"]


def test_to_a_file_or_to_standard_output(
    report: Report, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(report, "github", str(tmp_path / "a.txt"))
    write(report, "github", "-")
    assert capsys.readouterr().out == (tmp_path / "a.txt").read_text()


def test_a_terminal_without_unicode_gets_question_marks(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="ascii"))
    print_text("▕█▏ 3 errors\n")
    assert raw.getvalue() == b"??? 3 errors\n"


def test_unknown_format_names_the_nearest() -> None:
    with pytest.raises(ConfigError, match=r"there is no format 'jsn'; did you mean 'json'\?"):
        reporter("jsn")


def test_names_are_file_names() -> None:
    folder = Path(base.__file__).parent
    assert {"terminal", "html", "json", "markdown", "junit", "sarif", "github"} == set(reporters())
    assert all((folder / f"{name}.py").is_file() for name in reporters())
    assert all(r.__doc__ and r.suffix.startswith(".") for r in reporters().values())
