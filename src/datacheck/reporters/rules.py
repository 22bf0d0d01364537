"""What a checker's docstring says, for outputs that explain a finding where it stands."""

import inspect
import re
from functools import cache

from ..config import checker_classes

_SECTION = re.compile(r"^([A-Z][^\n:]*):\s*$")


@cache
def summary(checker: str) -> str:
    """The first sentence of the checker's manual; empty for a checker that is not installed."""
    return _sections(checker).get("", "")


@cache
def section(checker: str, title: str) -> str:
    """One section of the checker's manual as a paragraph; empty where there is none.

    >>> section("constant-feature", "What to do").split(",")[0]
    'Drop the feature'
    """
    return _sections(checker).get(title, "")


def titles(checker: str) -> list[str]:
    """Names of the sections, in their order."""
    return [title for title in _sections(checker) if title]


@cache
def _sections(checker: str) -> dict[str, str]:
    cls = checker_classes().get(checker)
    found: dict[str, list[str]] = {"": []}
    title = ""
    for line in inspect.cleandoc(cls.__doc__ or "").splitlines() if cls is not None else ():
        match = _SECTION.match(line)
        title = match[1] if match else title
        found.setdefault(title, [])
        if not match:
            found[title].append(line.strip())
    return {title: " ".join(" ".join(lines).split()) for title, lines in found.items()}
