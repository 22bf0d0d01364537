import importlib.util
from pathlib import Path

import pytest
from typer.main import get_command

from datacheck.cli import app

ROOT = Path(__file__).parent.parent
COMMANDS = get_command(app).commands  # type: ignore[attr-defined]


def test_the_page_of_checkers_is_not_stale() -> None:
    spec = importlib.util.spec_from_file_location("make_docs", ROOT / "docs" / "make.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)

    assert (ROOT / "docs" / "checkers.md").read_text(encoding="utf-8") == module.page(), "run `make docs`"


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_and_stands_in_the_readme(name: str) -> None:
    command = COMMANDS[name]

    assert command.help
    assert all(getattr(parameter, "help", "") for parameter in command.params)
    assert f"datacheck {name}" in (ROOT / "README.md").read_text(encoding="utf-8")
