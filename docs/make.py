"""Writes docs/checkers.md from the checkers' docstrings.

python docs/make.py [--check]: with --check, writes nothing and exits with 1 if the page is stale.
"""

import sys
from pathlib import Path

from datacheck.config import checker_classes
from datacheck.output import explain

PAGE = Path(__file__).parent / "checkers.md"


def page() -> str:
    """The page: every checker's manual, in alphabetical order."""
    parts = [
        "# Checkers",
        "",
        "Generated from the docstrings by `make docs`. `datacheck explain NAME` prints one.",
        "",
    ]
    parts += [f"- [{name}](#{name})" for name in checker_classes()]
    for name in checker_classes():
        title, _, body = explain(name).partition("\n")
        parts += ["", f"## {title}", "", "```text", body.strip(), "```"]
    return "\n".join(parts) + "\n"


if __name__ == "__main__":
    if "--check" in sys.argv:
        sys.exit(PAGE.read_text(encoding="utf-8") != page())
    PAGE.write_text(page(), encoding="utf-8")
