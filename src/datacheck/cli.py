"""The command line: a loop over the API. Every command parses, calls, writes, and exits with 0, 1 or 2."""

import sys
import traceback
from pathlib import Path
from typing import Annotated, Any

import typer

from . import __version__
from .cli_options import (
    Baseline,
    BatchSize,
    Data,
    Engine,
    FailOn,
    Formats,
    Group,
    Ignore,
    KnownContract,
    Label,
    Master,
    NoValues,
    OnBadFile,
    Out,
    Precision,
    Quiet,
    Reference,
    Seed,
    Select,
    Shuffled,
    SplitColumn,
    Suspects,
    Task,
    Threads,
    Thumbnails,
    Time,
    UseCache,
    Weights,
)
from .commands.contract import normalize, verify
from .commands.export import export
from .commands.selftest import selftest
from .errors import DatacheckError

app = typer.Typer(
    name="datacheck",
    help="Will this data break my training, and where?",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    epilog="Exit codes: 0 nothing at or above --fail-on, 1 findings, 2 datacheck or its input failed.",
)


@app.callback(invoke_without_command=True)
def _root(version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False) -> None:
    if version:
        typer.echo(f"datacheck {__version__}")
        raise typer.Exit


@app.command()
def profile(
    data: Data,
    label: Label = None,
    task: Task = None,
    split_column: SplitColumn = None,
    group: Group = None,
    time: Time = None,
    batch_size: BatchSize = None,
    precision: Precision = None,
    shuffled: Shuffled = None,
    seed: Seed = None,
    select: Select = None,
    ignore: Ignore = None,
    fail_on: FailOn = None,
    on_bad_file: OnBadFile = None,
    cache: UseCache = None,
    out: Out = None,
    formats: Formats = None,
    quiet: Quiet = False,
    threads: Threads = None,
    engine: Engine = "local",
    master: Master = None,
    no_values: NoValues = False,
    baseline: Baseline = None,
    suspects: Suspects = None,
    weights: Weights = None,
    thumbnails: Thumbnails = None,
) -> None:
    """Profile a dataset, check it, and write the report, the profiles and the normalization contract."""
    from . import output, progress_bars, run

    options = _options(locals())
    with progress_bars.progress(quiet) as progress:
        report = run.profile(
            data, threads=threads, progress=progress, engine=engine, master=master, **options
        )
    report = output.without_known(report, baseline)
    output.write_folder(report, values=not no_values)
    output.write_suspects(report, suspects)
    output.write_weights(report, weights)
    _finish(report, formats, quiet)


@app.command()
def check(
    data: Data,
    reference: Reference,
    contract: KnownContract = None,
    label: Label = None,
    task: Task = None,
    precision: Precision = None,
    select: Select = None,
    ignore: Ignore = None,
    fail_on: FailOn = None,
    on_bad_file: OnBadFile = None,
    cache: UseCache = None,
    formats: Formats = None,
    quiet: Quiet = False,
) -> None:
    """Check new data against the saved profile of the training data; needs no training data."""
    from . import progress_bars, run

    options = _options(locals())
    with progress_bars.progress(quiet) as progress:
        report = run.compare(reference, data, contract=contract, progress=progress, **options)
    _finish(report, formats, quiet)


@app.command()
def compare(
    reference: Annotated[
        str, typer.Argument(metavar="REF", help="Data or a saved profile.", show_default=False)
    ],
    new: Annotated[str, typer.Argument(metavar="NEW", help="Data or a saved profile.", show_default=False)],
    label: Label = None,
    task: Task = None,
    group: Group = None,
    time: Time = None,
    seed: Seed = None,
    select: Select = None,
    ignore: Ignore = None,
    fail_on: FailOn = None,
    on_bad_file: OnBadFile = None,
    cache: UseCache = None,
    formats: Formats = None,
    quiet: Quiet = False,
) -> None:
    """Compare two data sets: data or saved profiles on either side."""
    from . import progress_bars, run

    options = _options(locals())
    with progress_bars.progress(quiet) as progress:
        report = run.compare(reference, new, progress=progress, **options)
    _finish(report, formats, quiet)


@app.command()
def merge(
    profiles: Annotated[
        list[Path], typer.Argument(help="Profiles that datacheck saved.", show_default=False)
    ],
    out: Annotated[Path, typer.Option("--out", "-o", help="The file to write.", show_default=False)],
) -> None:
    """Add saved profiles of disjoint rows into one."""
    from . import output, run

    merged, schema = run.merge_saved(profiles)
    output.write_profile(merged, schema, out)
    typer.echo(f"{merged.rows:,} rows of {len(profiles)} profiles -> {out}", err=True)


@app.command()
def loader(
    factory: Annotated[
        str,
        typer.Argument(metavar="MODULE:FUNCTION", help="What returns the DataLoader.", show_default=False),
    ],
    epochs: Annotated[int, typer.Option(help="Epochs to look at.")] = 2,
    max_batches: Annotated[
        int | None, typer.Option(help="Batches to look at in an epoch. [default: all]")
    ] = None,
    label: Annotated[
        str | None, typer.Option(help="The label's place in a batch, such as 1 or target.")
    ] = None,
    formats: Formats = None,
    quiet: Quiet = False,
) -> None:
    """Audit a torch DataLoader in its own order, without changing it."""
    from . import output
    from .loader import audit_loader, make_loaders

    output.check_formats(formats or [])
    train, val = make_loaders(factory)
    found = audit_loader(train, epochs=epochs, max_batches=max_batches, label=label, val_loader=val)
    _finish(found, formats, quiet)


@app.command()
def report(
    saved: Annotated[
        Path, typer.Argument(metavar="REPORT.JSON", help="A report that datacheck wrote.", show_default=False)
    ],
    formats: Formats = None,
) -> None:
    """Render a saved report again, without the data."""
    from . import output

    output.check_formats(formats or [])
    _finish(output.load_report(saved), formats, False)


@app.command()
def diff(
    before: Annotated[Path, typer.Argument(help="A report.json, or its folder.", show_default=False)],
    after: Annotated[Path, typer.Argument(help="The later one.", show_default=False)],
    form: Annotated[str, typer.Option("--format", help="text, markdown or json.")] = "text",
    fail_on: FailOn = None,
) -> None:
    """Tell what changed between two reports: new, fixed, worse, better."""
    from . import output

    changes = output.changes(before, after)
    typer.echo(changes.render(form), nl=False)
    raise typer.Exit(changes.exit_code(fail_on or "error"))


for command in (verify, normalize, selftest):
    app.command()(command)
app.add_typer(export)


@app.command()
def explain(checker: Annotated[str, typer.Argument(help="Name of a checker.", show_default=False)]) -> None:
    """Print what a checker finds, how it decides, when it is wrong and what to do."""
    from . import output

    typer.echo(output.explain(checker))


@app.command("list")
def list_() -> None:
    """List the checkers."""
    from . import output

    typer.echo(output.checker_list())


@app.command()
def init() -> None:
    """Add a [tool.datacheck] table with every setting, commented out, to pyproject.toml."""
    from . import output

    typer.echo(f"wrote [tool.datacheck] to {output.init(Path('pyproject.toml'))}", err=True)


_SETTINGS = (
    "label", "task", "split_column", "group", "time", "batch_size", "precision", "shuffled", "seed", "select",
    "ignore", "fail_on", "on_bad_file", "cache", "out", "thumbnails",
)  # fmt: skip


def _options(values: dict[str, Any]) -> dict[str, Any]:
    """The settings that the caller gave, of a command's parameters; formats are checked first."""
    from . import output

    output.check_formats(values.get("formats") or [])
    return {name: value for name, value in values.items() if name in _SETTINGS and value is not None}


def _finish(report: Any, formats: list[str] | None, quiet: bool) -> None:
    from . import output

    output.show(report, formats or ["terminal"], quiet=quiet)
    raise typer.Exit(report.exit_code)


def main(arguments: list[str] | None = None) -> None:
    """Entry point: an error that datacheck foresees becomes one line on stderr and exit code 2."""
    try:
        app(args=arguments)
    except DatacheckError as error:
        from .reporters.visible import visible

        typer.echo(f"datacheck: {visible(' '.join(str(error).split()), 2000)}", err=True)
        sys.exit(2)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(2)
    except MemoryError:
        typer.echo("datacheck: out of memory; profile fewer columns or files at a time", err=True)
        sys.exit(2)
    except Exception:  # Python would exit with 1, which means findings
        traceback.print_exc()
        typer.echo("datacheck: this is a fault of datacheck; please report it with the lines above", err=True)
        sys.exit(2)
