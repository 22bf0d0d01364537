"""What the tests of another tool are written from: a report's training split, its schema and its settings."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

from ..errors import InputError
from ..kinds import Kind
from ..normalization.document import dump
from ..profiles import ColumnProfile, Profile
from ..reporters.document import Document
from ..saved import to_json
from ..schema import Schema, Training

MOST_LEVELS = 100
"""Categories that are spelled out: beyond, a list is no longer read by anybody, and the distribution is held
against the profile all the same."""
_KINDS = (Kind.NUMERIC, Kind.TEXT, Kind.TIMESTAMP)
_ELEMENT = re.compile(
    r"\[(\d+|grey|red|green|blue)\]$"
)  # how a profile names what lies inside a list or image


@dataclass(frozen=True, kw_only=True)
class Basis:
    """The training split, and how many rows the batches have at least.

    `profile` and `contract` are files beside what is written: their names, and digests of their content.
    """

    train: Profile
    schema: Schema
    training: Training
    batch_rows: int
    profile: tuple[str, str]
    contract: tuple[str, str] | None
    thresholds: Mapping[str, Mapping[str, Any]]

    @classmethod
    def of(cls, found: Document, profile: tuple[str, str], contract: tuple[str, str] | None) -> Self:
        """From a report's document."""
        content = found.content
        return cls(
            train=found.profiles[content["reference"]],
            schema=_schema(found),
            training=Training(**content["training"]),
            batch_rows=min(split["rows"] for split in content["splits"].values()),
            profile=profile,
            contract=contract,
            thresholds=content.get("config", {}).get("checkers") or {},
        )

    @cached_property
    def columns(self) -> list[ColumnProfile]:
        """The columns that a data frame has under the same name."""
        return [c for c in self.train if c.kind in _KINDS and not _ELEMENT.search(c.name)]

    @property
    def complete(self) -> bool:
        """Whether these are all columns, so that another one is an error."""
        return len(self.columns) == len(self.train.columns)

    @cached_property
    def bands(self) -> int:
        """Bands of means and standard deviations that share the chance of a false alarm."""
        return 2 * sum(column.numeric for column in self.columns)

    @property
    def asked(self) -> dict[str, Any]:
        """What every question of ours is told, as far as it is known."""
        given = {"label": self.schema.label, "thresholds": dict(self.thresholds) or None}
        return {key: value for key, value in given.items() if value is not None}


def files_beside(found: Document, name: str) -> Iterator[tuple[str, bytes]]:
    """The files that the tests need, by their names; InputError for a report, called `name`, without profiles."""
    reference = found.content["reference"]
    if reference not in found.profiles:
        raise InputError(
            f"{name} has no profile of the split {reference!r}; expected the folder that `datacheck profile` "
            f"writes, with profile/{reference}.json"
        )
    saved = to_json(found.profiles[reference], _schema(found))
    yield "profile.json", (json.dumps(saved, allow_nan=False) + "\n").encode()
    if found.contract is not None:
        yield "normalization.json", dump(found.contract.to_json()).encode()


def _schema(found: Document) -> Schema:
    """The label and the task, and who said so."""
    return Schema(**{key: found.content[key] for key in ("label", "label_source", "task", "task_source")})
