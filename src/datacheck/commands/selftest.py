"""`datacheck selftest`: the checkers' own error rates."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from ..cli_options import Ignore, Label, Quiet, Select, SplitColumn, Task

MOST_JOBS = 8


def selftest(
    data: Annotated[
        str | None,
        typer.Argument(metavar="[DATA]", help="Your data; without it, bundled data.", show_default=False),
    ] = None,
    label: Label = None,
    task: Task = None,
    split_column: SplitColumn = None,
    select: Select = None,
    ignore: Ignore = None,
    draws: Annotated[
        int, typer.Option(help="Draws of each case; a quarter of it for checkers that need a probe.")
    ] = 40,
    rows: Annotated[
        list[int] | None,
        typer.Option(help="Training rows of a draw; repeat for more. [default: 1000, or yours up to 5000]"),
    ] = None,
    seed: Annotated[int, typer.Option(help="Seed of every draw.")] = 0,
    jobs: Annotated[
        int | None, typer.Option(help="Processes. [default: the number of cores, up to 8]")
    ] = None,
    form: Annotated[str, typer.Option("--format", help="terminal, json or markdown.")] = "terminal",
    quiet: Quiet = False,
) -> None:
    """Measure false alarms and finds of planted faults, by checker, on bundled data or on yours."""
    from ..config import Config
    from ..selftest import Plan, check_format, render, run

    check_format(form)
    options = {"label": label, "task": task, "split_column": split_column}
    chosen = {"select": tuple(select or ()) or None, "ignore": tuple(ignore or ()) or None}
    config = (Config.load(Path.cwd()) if data else Config()).with_options(**options, **chosen)
    cores = jobs or min(os.cpu_count() or 1, MOST_JOBS)
    plan = Plan(draws=draws, rows=tuple(rows or ()), seed=seed, jobs=cores, config=config)
    with _progress(quiet) as progress:
        result = run(plan, data, progress)
    typer.echo(render(result, form), nl=False)


@contextmanager
def _progress(quiet: bool) -> Iterator[Callable[[int, int], None] | None]:
    """A progress bar on stderr, if that is a terminal; else nothing."""
    from rich import progress as bars
    from rich.console import Console

    console = Console(stderr=True)
    if quiet or not console.is_terminal:
        yield None
        return
    columns = (bars.TextColumn("measuring"), bars.BarColumn(), bars.MofNCompleteColumn())
    with bars.Progress(*columns, bars.TimeRemainingColumn(), console=console, transient=True) as shown:
        task = shown.add_task("measuring", total=None)
        yield lambda done, total: shown.update(task, completed=done, total=total)
