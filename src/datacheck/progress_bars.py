"""Progress on a terminal: a bar for every stage, and below that of a split one for each file being read."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from .checking import PROBES
from .engines.assemble import IN_FILE

Report = Callable[[str, int | None, int], None]

MOST_FILES = 8
"""Files shown at once: as many as there are threads at most."""


@contextmanager
def progress(quiet: bool, console: Console | None = None) -> Iterator[Report | None]:
    """What draws progress on stderr, if that is a terminal; else nothing."""
    console = console or Console(stderr=True)
    if quiet or not console.is_terminal:
        yield None
        return
    columns: tuple[Any, ...] = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TextColumn("{task.fields[done]}", markup=False),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True) as shown:
        yield _Bars(shown).advance


class _Bars:
    def __init__(self, shown: Progress) -> None:
        self.shown = shown
        self.tasks: dict[str, TaskID] = {}
        self.lock = Lock()

    def advance(self, stage: str, total: int | None, done: int) -> None:
        """`done` more of `total` in a stage; that of a file is named `split › file`. From any thread."""
        with self.lock:
            if stage not in self.tasks:
                self._make_room()
                self.tasks[stage] = self.shown.add_task(_title(stage), total=total, done="")
            self.shown.advance(self.tasks[stage], done)
            task = next(task for task in self.shown.tasks if task.id == self.tasks[stage])
            speed = f" {task.speed:,.0f}/s" if task.speed else ""
            unit = "measurements" if stage == PROBES else "rows"
            self.shown.update(task.id, done=f"{task.completed:,.0f} {unit}{speed}")
            if task.finished:
                self._close(stage)

    def _close(self, stage: str) -> None:
        """A file that was read goes; so do those of a split, whose ends are unknown, with the split."""
        over = [name for name in self.tasks if name.startswith(stage + IN_FILE)]
        for name in [*over, stage] if IN_FILE in stage else over:
            self.shown.remove_task(self.tasks.pop(name))

    def _make_room(self) -> None:
        files = [name for name in self.tasks if IN_FILE in name]
        for name in files[: len(files) - MOST_FILES + 1]:
            self.shown.remove_task(self.tasks.pop(name))


def _title(stage: str) -> str:
    split, in_file, file = stage.partition(IN_FILE)
    if in_file:
        return f"  {file[-40:]}"
    return "probing" if stage == PROBES else f"reading {split}"
