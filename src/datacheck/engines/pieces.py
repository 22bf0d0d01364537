"""The pieces of a split's files as numbered tasks that any process can do."""

import json
from dataclasses import dataclass, replace
from typing import Any, Self

import pyarrow as pa

from .._known import Known
from ..dataset import Split
from ..errors import DatacheckError
from ..profiles import Profile, merge
from ..sources.arrays_in_memory import ArraysInMemory, is_arrays
from ..sources.base import Piece, Source, Widen, settled
from ..sources.dataframe import Dataframe, is_dataframe
from ..sources.derived import Derived
from .local import PieceReader


class Widened(DatacheckError):
    """A value did not fit the type that the head of a file suggested: JSON of the source and its wider types."""

    def apply(self, split: Split) -> None:
        """Widens the types of the source here as they were widened there."""
        found = json.loads(str(self))
        types = _types(split.sources[found["source"]])
        types |= {
            name: pa.type_for_alias(type_)
            for name, type_ in found["types"].items()
            if str(types[name]) != type_
        }


@dataclass(frozen=True, kw_only=True)
class Pieces:
    """The sources of a split, and a task for each of their pieces: (number of the source, of its piece)."""

    sources: tuple[Source, ...]
    tasks: tuple[tuple[int, int], ...]
    reader: PieceReader

    @classmethod
    def of(cls, split: Split, label: str | None, seed: int) -> Self:
        """The tasks of a split, in the order in which their profiles are added."""
        return cls(
            sources=split.sources,
            tasks=tuple((i, j) for i, s in enumerate(split.sources) for j in range(len(s.pieces()))),
            reader=PieceReader.of(split, label, seed),
        )

    def __len__(self) -> int:
        return len(self.tasks)

    def profile(self, number: int) -> Profile:
        """The profile of one piece; raises Widened where the types of its source were too narrow."""
        at, index = self.tasks[number]
        source = self.sources[at]
        piece = source.pieces()[index]
        try:
            return self.reader.read(source, piece, Known(), lambda source, rows: None)
        except Widen as error:
            raise _widened(at, source, piece) from error


def partial_profile(frame: Any, part: str, *, label: str | None = None, seed: int = 0) -> Profile:
    """The profile of a dataframe, array or tensor that is one part of a larger one, which `part` tells apart.

    For engines that hand out partitions: profiles of parts of different names add up (`profiles.merge`).

    >>> days = [pa.table({"x": [1.0, 2.0]}), pa.table({"x": [6.0]})]
    >>> merge(partial_profile(day, f"day {i}") for i, day in enumerate(days)).rows
    3
    """
    arrays = is_arrays(frame) and not is_dataframe(frame)
    source: Source = ArraysInMemory.from_value(frame, part) if arrays else Dataframe.of(frame, part)
    # how many rows the other parts have is not known here, so that none of these can be left out of the sample
    reader = replace(PieceReader.of(Split(sources=(source,)), label, seed), sample_below=2**64 - 1)
    known = Known()
    return merge(
        (reader.read(source, piece, known, lambda source, rows: None) for piece in source.pieces()), known
    )


def _widened(at: int, source: Source, piece: Piece) -> Widened:
    """What to tell: the types with which the whole piece can be read."""
    for _ in settled(piece):
        pass
    return Widened(json.dumps({"source": at, "types": {n: str(t) for n, t in _types(source).items()}}))


def _types(source: Source) -> Any:
    """The types that a text file was guessed to have, by column."""
    while isinstance(source, Derived):
        source = source.base
    return getattr(source, "types", {})
