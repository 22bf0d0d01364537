"""JSON Lines: one object per line, plain or compressed."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import ClassVar, Self

import pyarrow as pa
import pyarrow.json as json

from ..errors import InputError
from .base import Stream, Widen, check_columns
from .json_lines_safety import check
from .locations import Location, open_stream, size

_BLOCK = 1 << 22  # bytes parsed at a time, and the head from which the types are guessed
_LONGEST = 1 << 28  # bytes of a line: those that are longer are no row, or would need gigabytes to parse


@dataclass(frozen=True, eq=False)
class JsonLines(Stream):
    """A file of JSON objects. Types come from the first 4 MiB, or from all of it where that does not fit."""

    suffixes: ClassVar[tuple[str, ...]] = tuple(
        f".{kind}{packed}" for kind in ("jsonl", "ndjson") for packed in ("", ".gz", ".zst", ".bz2")
    )
    path: Location
    name: str
    types: dict[str, pa.DataType] = field(default_factory=dict)

    @classmethod
    def open(cls, path: Location, name: str) -> Self:
        source = cls(path, name)
        head = next(source._blocks(), None) if size(path) else None
        if head is None or not head[1].strip():
            raise InputError(f"{name} is empty; expected one JSON object per line")
        source._learn(source._parse(*head).schema)
        check_columns(source.schema, name)
        return source

    @property
    def schema(self) -> pa.Schema:
        return pa.schema(list(self.types.items()))

    def _read(self, rows: int) -> Iterator[pa.RecordBatch]:
        for line, block in self._blocks():
            if block.strip():
                yield from self._fitting(line, block).to_batches(max_chunksize=rows)

    def _fitting(self, line: int, block: bytes) -> pa.Table:
        try:
            return json.read_json(
                pa.BufferReader(block),
                json.ReadOptions(block_size=len(block) + 1, use_threads=False),
                json.ParseOptions(explicit_schema=self.schema, unexpected_field_behavior="error"),
            )
        except pa.ArrowException as error:
            before = dict(self.types)
            for at, other in self._blocks():
                self._learn(self._parse(at, other).schema if other.strip() else pa.schema([]))
            if self.types == before:
                raise self._bad(line, error) from error
            raise Widen(self.name) from error

    def _parse(self, line: int, block: bytes) -> pa.Table:
        options = json.ReadOptions(block_size=len(block) + 1, use_threads=False)
        try:
            return json.read_json(pa.BufferReader(block), options)
        except pa.ArrowException as error:
            raise self._bad(line, error) from error

    def _learn(self, schema: pa.Schema) -> None:
        try:
            known = pa.unify_schemas([self.schema, schema], promote_options="permissive")
        except pa.ArrowException as error:
            raise InputError(f"{self.name}: {error}; write the field with one type in every line") from error
        self.types.update(zip(known.names, known.types, strict=True))

    def _bad(self, line: int, error: Exception) -> InputError:
        return InputError(
            f"{self.name} cannot be read as JSON Lines, at or after line {line}: "
            f"{str(error).splitlines()[0]}. "
            "Every line needs to be one JSON object, with one type per field; the file may be truncated."
        )

    def _blocks(self) -> Iterator[tuple[int, bytes]]:
        """Whole lines, about 4 MiB at a time, each with the number of its first line."""
        for line, block in self._lines():
            check(block, line, self.name)
            yield line, block

    def _lines(self) -> Iterator[tuple[int, bytes]]:
        line, rest = 1, b""
        try:
            with open_stream(self.path) as file:
                while block := file.read(_BLOCK):
                    whole, newline, rest = (rest + block).rpartition(b"\n")
                    if len(rest) > _LONGEST:
                        raise InputError(
                            f"{self.name}: a line after line {line} is longer than {_LONGEST >> 20} MiB; "
                            "expected one object per line"
                        )
                    if newline:
                        yield line, whole + newline
                        line += whole.count(b"\n") + 1
            if rest:
                yield line, rest
        except (pa.ArrowException, OSError) as error:
            raise self._bad(line, error) from error
