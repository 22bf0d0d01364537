import io
import re
import unicodedata

import pytest
from rich.cells import cell_len

from datacheck.report import Report
from datacheck.reporters.base import reporters
from datacheck.reporters.terminal import wants_color

terminal = reporters()["terminal"]


class Tty(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_plain_without_colour(report: Report) -> None:
    assert "\x1b" not in terminal.render(report)


def test_styled_with_colour(report: Report) -> None:
    styled = terminal.render(report, color=True)
    assert "\x1b[1;31m" in styled
    bare = re.sub(r"\x1b\[[\d;]*m", "", styled)
    assert [line.rstrip() for line in bare.splitlines()] == terminal.render(report).splitlines()


@pytest.mark.parametrize("name", ["report", "clean", "crashed", "hostile"])
@pytest.mark.parametrize("width", [40, 80, 100, 200])
def test_no_line_is_wider_than_the_terminal(name: str, width: int, request: pytest.FixtureRequest) -> None:
    text = terminal.render(request.getfixturevalue(name), width=width)
    assert max(map(cell_len, text.splitlines())) <= width


def test_hostile_names_cannot_steer_the_terminal(hostile: Report) -> None:
    for styled in (
        terminal.render(hostile),
        re.sub(r"\x1b\[[\d;]*m", "", terminal.render(hostile, color=True)),
    ):
        odd = {c for c in styled if unicodedata.category(c) in ("Cc", "Cf", "Cs") and c != "\n"}
        assert odd == set()


def test_markup_in_names_is_text(hostile: Report) -> None:
    assert "[bold]x[/bold]" in terminal.render(hostile, width=200)


def test_says_all_outcomes(report: Report) -> None:
    text = terminal.render(report)
    for said in (
        "4 errors and 2 warnings",
        "Not checked",
        "the label is a class",
        "Passed: 3 checks",
        "one empty cell",
        "Waived: 1 finding",
        "incomes are like that",
        "Label            target\n",
        "normalization.json, fitted on the train split",
        "seed 0",
    ):
        assert said in text


def test_pictures(report: Report) -> None:
    text = terminal.render(report)
    assert "rate   ·····●" in text
    assert "batch 1 ▕█████████▓▓▓▓▓▓▓▓▓▓▒▒▒▒▒▒▒▒▒▏ batch 28" in text
    assert re.search("first row ▕█+▓+▒+▏ last row", text)


def test_a_crash_makes_it_incomplete(crashed: Report) -> None:
    text = terminal.render(crashed)
    assert text.startswith("Incomplete: 1 check crashed; besides, 1 error.")
    assert "CRASHED  heavy-tail  test: ZeroDivisionError: oh <b>no</b>" in text


def test_nothing_found(clean: Report) -> None:
    assert terminal.render(clean).startswith("Nothing to fix: 1 check passed.")


def test_many_alike_are_folded(wide) -> None:
    text = terminal.render(wide(100))
    assert text.count("WARNING  made-up") == 3
    assert "and 7 findings more like this: feature_0030, " in text


def test_colour_is_for_terminals_without_no_color(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert wants_color(Tty()) and not wants_color(io.StringIO())
    monkeypatch.setenv("NO_COLOR", "1")
    assert not wants_color(Tty())
