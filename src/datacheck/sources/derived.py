"""Sources made of another one: constant columns from its path, or the rows with one value of a column."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Self

import pyarrow as pa
import pyarrow.compute as pc

from ..errors import InputError
from .base import Piece, Source
from .locations import Location


@dataclass(frozen=True, eq=False)
class Derived(Source):
    """A source whose rows come from `base`."""

    base: Source

    @classmethod
    def open(cls, path: Location, name: str) -> Self:
        raise InputError(f"{name}: this source is made from another one, not opened")

    @property
    def name(self) -> str:  # type: ignore[override]
        return self.base.name

    @property
    def rows(self) -> int | None:
        return self.base.rows

    @property
    def fingerprint(self) -> str:
        return self.base.fingerprint

    @property
    def local_files(self) -> tuple[Path, ...]:
        return self.base.local_files


@dataclass(frozen=True, eq=False)
class WithConstants(Derived):
    """The rows of `base` and a constant column for each `key=value` folder of a Hive-partitioned path."""

    constants: dict[str, Any]

    @property
    def given(self) -> str:
        return repr(sorted(self.constants.items()))

    @property
    def schema(self) -> pa.Schema:
        schema = self.base.schema
        for name, value in self.constants.items():
            schema = schema.append(pa.field(name, pa.scalar(value).type))
        return schema

    def pieces(self) -> list[Piece]:
        return [Piece(start=piece.start, read=partial(self._read, piece)) for piece in self.base.pieces()]

    def _read(self, piece: Piece, rows: int) -> Iterator[pa.RecordBatch]:
        for batch in piece.read(rows):
            for name, value in self.constants.items():
                batch = batch.append_column(name, pa.repeat(value, batch.num_rows))
            yield batch


@dataclass(frozen=True, eq=False)
class Selected(Derived):
    """The rows of `base` whose `column` holds `value`, without that column; rows count anew."""

    column: str
    value: Any

    @property
    def given(self) -> str:
        return f"{self.base.given} {self.column}"

    @property
    def schema(self) -> pa.Schema:
        return self.base.schema.remove(self.base.schema.get_field_index(self.column))

    @property
    def rows(self) -> None:
        return None

    @property
    def fingerprint(self) -> str:
        return f"{self.base.fingerprint}:{self.value}"

    def pieces(self) -> list[Piece]:
        return [Piece(start=0, read=self._read)]

    def _read(self, rows: int) -> Iterator[pa.RecordBatch]:
        for piece in self.base.pieces():
            for batch in piece.read(rows):
                chosen = batch.filter(pc.equal(batch.column(self.column), pa.scalar(self.value)))
                yield chosen.drop_columns([self.column])
