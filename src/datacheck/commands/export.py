"""`datacheck export`: what other tools of data tests read, written from a report."""

from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer

export = typer.Typer(name="export", help="Write what other tools read, from a report.", no_args_is_help=True)

Report = Annotated[
    Path,
    typer.Argument(metavar="REPORT", help="The folder that `datacheck profile` wrote.", show_default=False),
]


@export.command()
def gx(
    report: Report,
    project: Annotated[
        Path,
        typer.Option(help="Folder of the great_expectations project; made if missing.", show_default=False),
    ],
    suite: Annotated[str, typer.Option(help="Name of the suite.", show_default=False)],
) -> None:
    """A suite for great_expectations."""
    _tell([_integration("gx").export(report, project, suite)])


@export.command()
def pandera(
    report: Report,
    out: Annotated[Path, typer.Option("--out", "-o", help="The YAML file to write.", show_default=False)],
    module: Annotated[
        Path | None, typer.Option(help="A Python module to write as well.", show_default=False)
    ] = None,
    backend: Annotated[str, typer.Option(help="What the schema is for: pandas or polars.")] = "pandas",
) -> None:
    """A schema for pandera."""
    _tell(_integration("pandera").export(report, out, module=module, backend=backend))


def _integration(name: str) -> Any:
    return import_module(f"datacheck.integrations.{name}")


def _tell(written: list[Path]) -> None:
    typer.echo("\n".join(f"wrote {path}" for path in written), err=True)
