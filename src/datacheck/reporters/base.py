"""What every reporter is, and how its text gets into a file."""

import sys
from abc import ABC, abstractmethod
from functools import cache
from pathlib import Path
from typing import ClassVar

from .._discover import classes
from .._files import atomic
from ..errors import ConfigError, nearest
from ..report import Report
from .document import Document


class Reporter(ABC):
    """Report in, text out: a reporter computes no statistic and touches no file.

    Its name is its file's name, `suffix` that of the files it writes. It sees a `Document`, which a saved
    report makes as well as a fresh one.
    """

    name: ClassVar[str]
    suffix: ClassVar[str]

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        cls.name = cls.__module__.rpartition(".")[2]

    def render(self, report: Report | Document, *, color: bool = False, width: int | None = None) -> str:
        """The report as text; `color` and `width` (in characters) matter to the terminal alone."""
        return self.text(report if isinstance(report, Document) else Document.of(report))

    @abstractmethod
    def text(self, document: Document) -> str:
        """The document as text."""


@cache
def reporters() -> dict[str, Reporter]:
    """Every reporter by name.

    >>> sorted(reporters())[:2]
    ['github', 'html']
    """
    from datacheck import reporters as package  # its modules import this one

    return {cls.name: cls() for cls in classes(package, Reporter)}


def reporter(name: str) -> Reporter:
    """The reporter of this name; ConfigError names the nearest one."""
    if name not in reporters():
        raise ConfigError(f"there is no format {name!r}; {nearest(name, reporters())}")
    return reporters()[name]


def write(report: Report | Document, name: str, path: str) -> None:
    """Renders with the reporter called `name` into a file, or to standard output for `-`."""
    text = reporter(name).render(report)
    if path != "-":
        write_text(Path(path), text)
        return
    print_text(text)


def print_text(text: str) -> None:
    """Writes to standard output; a character that its encoding lacks becomes a question mark."""
    encoding = sys.stdout.encoding or "utf-8"
    sys.stdout.write(text.encode(encoding, "replace").decode(encoding))
    sys.stdout.flush()


def write_text(path: Path, text: str) -> None:
    """Writes a file that appears complete or not at all; InputError names the path and the cause.

    Lone surrogates, which no UTF-8 file can hold, are written as escapes.
    """
    with atomic(path) as file:
        file.write(text.encode("utf-8", "backslashreplace"))
