"""The options of the command line, each defined once."""

from pathlib import Path
from typing import Annotated

import typer

Data = Annotated[str, typer.Argument(metavar="DATA", help="A folder or a file of data.", show_default=False)]
Label = Annotated[str | None, typer.Option(help="The label's column; without it, the usual names are tried.")]
Task = Annotated[str | None, typer.Option(help="classification or regression; without it, inferred.")]
SplitColumn = Annotated[str | None, typer.Option(help="The column that names the split of every row.")]
Group = Annotated[
    str | None, typer.Option(help="The column that names each row's group (patient, session, device).")
]
Time = Annotated[str | None, typer.Option(help="The column that orders rows that depend on those before.")]
BatchSize = Annotated[int | None, typer.Option(help="Rows in a training batch. [default: 32]")]
Precision = Annotated[
    str | None,
    typer.Option(help="Training precision: float32, float16, bfloat16 or float64. [default: float32]"),
]
Shuffled = Annotated[
    bool | None, typer.Option("--shuffled/--not-shuffled", help="Whether the training loader shuffles.")
]
Seed = Annotated[int | None, typer.Option(help="Seed of the row sample and of every probe. [default: 0]")]
Select = Annotated[
    list[str] | None, typer.Option(metavar="CHECKER", help="Run only this checker; repeat for more.")
]
Ignore = Annotated[
    list[str] | None, typer.Option(metavar="CHECKER", help="Leave this checker out; repeat for more.")
]
FailOn = Annotated[
    str | None,
    typer.Option(help="Severity that gives exit code 1: error, warning, info or never. [default: error]"),
]
OnBadFile = Annotated[
    str | None,
    typer.Option(
        help="error: stop at a file that cannot be read; skip: report it and go on. [default: error]"
    ),
]
Thumbnails = Annotated[
    int | None,
    typer.Option(
        help="Images of each split to show small in the report; they are copied into it. [default: 0]"
    ),
]
UseCache = Annotated[
    bool | None,
    typer.Option(
        "--cache/--no-cache", help="Keep what large files held, so that only changed ones are read again."
    ),
]
Out = Annotated[str | None, typer.Option(help="Folder of the report. [default: datacheck-report]")]
Formats = Annotated[
    list[str] | None,
    typer.Option(
        "--format", help="What to print, or FORMAT=FILE to write it as well; repeat for more. [terminal]"
    ),
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing but errors.")]
Threads = Annotated[
    int | None, typer.Option(help="Threads that read. [default: the number of cores, up to 8]")
]
Engine = Annotated[str, typer.Option(help="What profiles the data: local or spark.")]
Master = Annotated[
    str | None,
    typer.Option(
        help="Spark's master, such as spark://host:7077 or local[4]. [default: as Spark is configured]",
        show_default=False,
    ),
]
NoValues = Annotated[
    bool, typer.Option("--no-values", help="Keep category names and labels out of profile files.")
]
Reference = Annotated[
    Path, typer.Option(help="A profile that datacheck saved: report/profile/train.json.", show_default=False)
]
Contract = Annotated[
    Path, typer.Option(help="A contract that datacheck wrote: report/normalization.json.", show_default=False)
]
KnownContract = Annotated[
    Path | None,
    typer.Option("--contract", help="Also tell whether the data fit this contract.", show_default=False),
]
Baseline = Annotated[
    Path | None,
    typer.Option(help="An earlier report.json: what it names already is waived.", show_default=False),
]
Weights = Annotated[
    Path | None,
    typer.Option(
        help="Parquet file for the weights that make training rows stand for another split.",
        show_default=False,
    ),
]
Suspects = Annotated[
    Path | None,
    typer.Option(help="Parquet file for the rows by the chance of a wrong label.", show_default=False),
]
