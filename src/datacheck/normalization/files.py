"""Whole files through the contract: one Parquet file per source, complete or not there at all."""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from ..errors import ContractError, InputError
from ..sources.base import Source, Widen
from . import document

if TYPE_CHECKING:
    from .contract import Normalization

ROWS = 1 << 16
"""Rows in memory at a time."""
_KEY = b"datacheck.normalization"


def normalize_files(
    sources: Iterable[Source],
    contract: "Normalization",
    out: Path,
    *,
    ignore: Sequence[str] = (),
    progress: Callable[[int], None] | None = None,
) -> list[Path]:
    """Writes every source normalised to a Parquet file of its name below `out`; returns the paths.

    A file that this contract made of this very source before is kept, so an interrupted run goes on where it
    stopped. `progress` is called with the number of rows done. Raises ContractError, with the source named,
    where columns do not fit, and InputError where two sources would have one name.
    """
    if any(feature.channels for feature in contract):
        raise ContractError(
            "images are normalised while they are loaded, not as files: put contract.to_torchvision() into the "
            "transforms of the data set"
        )
    targets: dict[Path, Source] = {}
    for source in sources:
        path = _target(out, source.name)
        if path in targets:
            raise InputError(
                f"{source.name} and {targets[path].name} would both become {path}; rename one of them"
            )
        targets[path] = source
    digest = hashlib.blake2b(document.dump(contract.to_json()).encode(), digest_size=8).hexdigest()
    for path, source in targets.items():
        mark = json.dumps({"contract": digest, "source": source.fingerprint}).encode()
        if _mark(path) != mark:
            _write(path, source, contract, mark, ignore, progress or (lambda rows: None))
    return list(targets)


def _target(out: Path, name: str) -> Path:
    parts = [part for part in PurePosixPath(name).parts if part not in ("/", "..")]
    return out.joinpath(*parts or ["data"]).with_suffix(".parquet")


def _mark(path: Path) -> bytes | None:
    """What an existing file was made of; None for no file, or one of another origin."""
    try:
        return (pq.read_schema(path).metadata or {}).get(_KEY)
    except (OSError, pa.ArrowInvalid):
        return None


def _write(
    path: Path,
    source: Source,
    contract: "Normalization",
    mark: bytes,
    ignore: Sequence[str],
    progress: Callable[[int], None],
) -> None:
    while True:
        try:
            with document.atomic(path) as file:
                _fill(pa.PythonFile(file), _normalised(source, contract, ignore), mark, progress)
            return
        except Widen:  # a later value showed a wider type: the file is read again from its start
            continue


def _normalised(source: Source, contract: "Normalization", ignore: Sequence[str]) -> Iterator[pa.RecordBatch]:
    empty = pa.RecordBatch.from_pylist([], schema=source.schema)
    batches = (batch for piece in source.pieces() for batch in piece.read(ROWS))
    for batch in chain([empty], batches):
        try:
            yield contract.transform(batch, ignore=ignore)
        except ContractError as error:
            raise ContractError(f"{source.name}: {error}") from error


def _fill(
    file: pa.NativeFile, batches: Iterator[pa.RecordBatch], mark: bytes, progress: Callable[[int], None]
) -> None:
    first = next(batches)
    schema = first.schema.with_metadata({_KEY: mark})
    with pq.ParquetWriter(file, schema) as writer:
        for batch in batches:
            writer.write_batch(batch.replace_schema_metadata({_KEY: mark}))
            progress(batch.num_rows)
