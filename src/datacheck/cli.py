"""The command line: a loop over the API. Every command parses, calls, writes, and exits with 0, 1 or 2."""

import sys
from pathlib import Path
from typing import Annotated, Any, Optional

import typer

from . import __version__
from .errors import DatacheckError

app = typer.Typer(
    name="datacheck",
    help="Will this data break my training, and where?",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    epilog="Exit codes: 0 nothing at or above --fail-on, 1 findings, 2 datacheck or its input failed.",
)

Data = Annotated[str, typer.Argument(metavar="DATA", help="A folder or a file of data.", show_default=False)]
Label = Annotated[Optional[str], typer.Option(help="The label's column; without it, the usual names are tried.")]
Task = Annotated[Optional[str], typer.Option(help="classification or regression; without it, inferred.")]
SplitColumn = Annotated[Optional[str], typer.Option(help="The column that names the split of every row.")]
BatchSize = Annotated[Optional[int], typer.Option(help="Rows in a training batch. [default: 32]")]
Precision = Annotated[
    Optional[str], typer.Option(help="Training precision: float32, float16, bfloat16 or float64. [default: float32]")
]
Shuffled = Annotated[
    Optional[bool], typer.Option("--shuffled/--not-shuffled", help="Whether the training loader shuffles.")
]
Seed = Annotated[Optional[int], typer.Option(help="Seed of the row sample and of every probe. [default: 0]")]
Select = Annotated[Optional[list[str]], typer.Option(metavar="CHECKER", help="Run only this checker; repeat for more.")]
Ignore = Annotated[Optional[list[str]], typer.Option(metavar="CHECKER", help="Leave this checker out; repeat for more.")]
FailOn = Annotated[
    Optional[str], typer.Option(help="Severity that gives exit code 1: error, warning, info or never. [default: error]")
]
Out = Annotated[Optional[str], typer.Option(help="Folder of the report. [default: datacheck-report]")]
Formats = Annotated[
    Optional[list[str]],
    typer.Option("--format", help="What to print, or FORMAT=FILE to write it as well; repeat for more. [terminal]"),
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing but errors.")]
Threads = Annotated[Optional[int], typer.Option(help="Threads that read. [default: the number of cores, up to 8]")]
NoValues = Annotated[bool, typer.Option("--no-values", help="Keep category names and labels out of profile files.")]
Reference = Annotated[
    Path, typer.Option(help="A profile that datacheck saved: report/profile/train.json.", show_default=False)
]
Contract = Annotated[
    Path, typer.Option(help="A contract that datacheck wrote: report/normalization.json.", show_default=False)
]


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
    batch_size: BatchSize = None,
    precision: Precision = None,
    shuffled: Shuffled = None,
    seed: Seed = None,
    select: Select = None,
    ignore: Ignore = None,
    fail_on: FailOn = None,
    out: Out = None,
    formats: Formats = None,
    quiet: Quiet = False,
    threads: Threads = None,
    no_values: NoValues = False,
) -> None:
    """Profile a dataset, check it, and write the report, the profiles and the normalization contract."""
    from . import output, run

    options = _options(locals())
    with output.progress(quiet) as progress:
        report = run.profile(data, threads=threads, progress=progress, **options)
    output.write_folder(report, values=not no_values)
    _finish(report, formats, quiet)


@app.command()
def check(
    data: Data,
    reference: Reference,
    label: Label = None,
    task: Task = None,
    precision: Precision = None,
    select: Select = None,
    ignore: Ignore = None,
    fail_on: FailOn = None,
    formats: Formats = None,
    quiet: Quiet = False,
) -> None:
    """Check new data against the saved profile of the training data; needs no training data."""
    from . import output, run

    options = _options(locals())
    with output.progress(quiet) as progress:
        report = run.compare(reference, data, progress=progress, **options)
    _finish(report, formats, quiet)


@app.command()
def compare(
    reference: Annotated[str, typer.Argument(metavar="REF", help="Data or a saved profile.", show_default=False)],
    new: Annotated[str, typer.Argument(metavar="NEW", help="Data or a saved profile.", show_default=False)],
    label: Label = None,
    task: Task = None,
    seed: Seed = None,
    select: Select = None,
    ignore: Ignore = None,
    fail_on: FailOn = None,
    formats: Formats = None,
    quiet: Quiet = False,
) -> None:
    """Compare two data sets: data or saved profiles on either side."""
    from . import output, run

    options = _options(locals())
    with output.progress(quiet) as progress:
        report = run.compare(reference, new, progress=progress, **options)
    _finish(report, formats, quiet)


@app.command()
def merge(
    profiles: Annotated[list[Path], typer.Argument(help="Profiles that datacheck saved.", show_default=False)],
    out: Annotated[Path, typer.Option("--out", "-o", help="The file to write.", show_default=False)],
) -> None:
    """Add saved profiles of disjoint rows into one."""
    from . import output, run

    merged, schema = run.merge_saved(profiles)
    output.write_profile(merged, schema, out)
    typer.echo(f"{merged.rows:,} rows of {len(profiles)} profiles -> {out}", err=True)


@app.command()
def verify(contract: Annotated[Path, typer.Argument(metavar="NORMALIZATION.JSON")], data: Data) -> None:
    """Tell whether data are raw, normalised with the contract, or normalised wrongly."""
    from . import output, run

    with output.progress(False) as progress:
        verdicts = run.verify(contract, data, progress=progress)
    typer.echo("\n".join(f"{split}: {verdict}" for split, verdict in verdicts.items()))
    raise typer.Exit(int(any(verdict.correct is False for verdict in verdicts.values())))


@app.command()
def normalize(
    data: Data, contract: Contract, out: Annotated[Path, typer.Option(help="Folder to write Parquet files to.")]
) -> None:
    """Write the data normalised with the contract, file by file; a run that was interrupted goes on."""
    from . import output, run

    with output.progress(False) as progress:
        written = run.normalize(data, contract, out, progress=progress)
    typer.echo(f"{len(written)} files in {out}", err=True)


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
    "label", "task", "split_column", "batch_size", "precision", "shuffled", "seed", "select", "ignore", "fail_on", "out"
)  # fmt: skip


def _options(values: dict[str, Any]) -> dict[str, Any]:
    """What the caller set, of a command's parameters, that the configuration knows; formats are checked first."""
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
        typer.echo(f"datacheck: {error}", err=True)
        sys.exit(2)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(2)
    except MemoryError:
        typer.echo("datacheck: out of memory; profile fewer columns or files at a time", err=True)
        sys.exit(2)
