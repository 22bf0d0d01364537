"""A profile as a file: mergeable, and without rows."""

import json
from collections.abc import Mapping
from dataclasses import asdict, fields, replace
from pathlib import Path
from typing import Any

import numpy as np

from . import __version__
from ._profile_form import misfit
from .block import Block
from .errors import FormatError
from .kinds import Kind
from .part import Part
from .profiles import Profile
from .schema import Schema
from .statistics.counts import Counts
from .statistics.distinct import Distinct
from .statistics.extrema import Extrema
from .statistics.first_rows import FirstRows
from .statistics.label_order import LabelOrder
from .statistics.levels import Levels
from .statistics.moments import Moments
from .statistics.quantiles import Quantiles
from .statistics.row_hashes import RowHashes

# format 1: first
FORMAT = 1
_VECTORS: dict[str, Any] = {"counts": Counts, "extrema": Extrema, "moments": Moments}
_SINGLES: dict[str, Any] = {"distinct": Distinct, "levels": Levels, "first_rows": FirstRows}


def to_json(profile: Profile, schema: Schema | None = None, *, values: bool = True) -> dict[str, Any]:
    """The content of a profile file; `values=False` leaves out category names and the label sequence."""
    quantiles = {column.name: column.quantiles for column in profile if column.quantiles is not None}
    order = profile.label_order if values else LabelOrder()
    return {
        "format": FORMAT,
        "version": __version__,
        "kind": "profile",
        "schema": asdict(schema or Schema()),
        "rows": profile.rows,
        "parts": [asdict(part) for part in profile.parts],
        "columns": list(profile.columns),
        "blocks": [_block_to_json(block, values) for block in profile.blocks],
        "quantiles": {name: knots.to_json() for name, knots in quantiles.items()},
        "row_hashes": profile.row_hashes.smallest().to_json(),
        "label_order": order.to_json(),
    }


def from_json(data: Mapping[str, Any], where: str = "the profile") -> tuple[Profile, Schema]:
    """The inverse of `to_json`; raises FormatError for what is no profile, damaged or too new."""
    if not isinstance(data, Mapping) or data.get("kind") != "profile":
        raise FormatError(
            f"{where} is not a profile that datacheck wrote; expected a file of its profile/ folder"
        )
    if data.get("format") != FORMAT:
        raise FormatError(
            f"{where} has format {data.get('format')!r}, written by datacheck {data.get('version')}; "
            f"this is {__version__}, which reads format {FORMAT}: profile the data again"
        )
    if (wrong := misfit(data)) is not None:
        raise FormatError(f"{where} is damaged ({wrong}); profile the data again")
    return _profile(data), Schema(**data["schema"])


def load(path: Path) -> tuple[Profile, Schema]:
    """The profile in a file, and the schema it was made with."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise FormatError(f"{path} cannot be read as a profile: {error}") from error
    return from_json(data, str(path))


def _profile(data: Mapping[str, Any]) -> Profile:
    return Profile(
        parts=tuple(Part(**part) for part in data["parts"]),
        blocks=tuple(_block(block) for block in data["blocks"]),
        order=tuple(data["columns"]),
        row_hashes=RowHashes.from_json(data["row_hashes"]),
        label_order=LabelOrder.from_json(data["label_order"]),
        saved_quantiles={name: Quantiles.from_json(knots) for name, knots in data["quantiles"].items()},
    )


def _block_to_json(block: Block, values: bool) -> dict[str, Any]:
    if not values:
        block = replace(block, levels=tuple(Levels(counts=None) for _ in block.levels))
    vectors = {name: getattr(block, name) and getattr(block, name).to_json() for name in _VECTORS}
    singles = {name: [item.to_json() for item in getattr(block, name)] for name in _SINGLES}
    return {"names": list(block.names), "dtype": block.dtype, "kind": block.kind.value, **vectors, **singles}


def _block(data: Mapping[str, Any]) -> Block:
    vectors: dict[str, Any] = {
        name: data[name] and _vector(cls, data[name]) for name, cls in _VECTORS.items()
    }
    singles: dict[str, Any] = {
        name: tuple(cls.from_json(item) for item in data[name]) for name, cls in _SINGLES.items()
    }
    return Block(
        names=tuple(data["names"]), dtype=data["dtype"], kind=Kind(data["kind"]), **vectors, **singles
    )


def _vector(cls: Any, data: Mapping[str, Any]) -> Any:
    """A statistic of a whole block: its lists become arrays again; extrema hold Python numbers and None."""
    whole = ("n", "exponent") if cls is Moments else tuple(data)
    types = {name: object if cls is Extrema else np.int64 if name in whole else np.float64 for name in data}
    return cls(**{f.name: np.array(data[f.name], types[f.name]) for f in fields(cls)})
