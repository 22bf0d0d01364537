"""`datacheck verify` and `datacheck normalize`: what was done to data by a contract, and doing it."""

from pathlib import Path
from typing import Annotated

import typer

from ..cli_options import Contract, Data


def verify(
    contract: Annotated[
        Path, typer.Argument(metavar="NORMALIZATION.JSON", help="The contract.", show_default=False)
    ],
    data: Data,
) -> None:
    """Tell whether data are raw, normalised with the contract, or normalised wrongly."""
    from .. import progress_bars, run

    with progress_bars.progress(False) as progress:
        verdicts = run.verify(contract, data, progress=progress)
    typer.echo("\n".join(f"{split}: {verdict}" for split, verdict in verdicts.items()))
    raise typer.Exit(int(any(verdict.correct is False for verdict in verdicts.values())))


def normalize(
    data: Data,
    contract: Contract,
    out: Annotated[Path, typer.Option(help="Folder to write Parquet files to.", show_default=False)],
) -> None:
    """Write the data normalised with the contract, file by file; a run that was interrupted goes on."""
    from .. import progress_bars, run

    with progress_bars.progress(False) as progress:
        written = run.normalize(data, contract, out, progress=progress)
    typer.echo(f"{len(written)} files in {out}", err=True)
