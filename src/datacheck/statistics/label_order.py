"""The labels in the order of the files."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from .._batch import at_rows, numbers
from .._hash import NULL, hash_numbers, hash_strings
from ..kinds import Kind, kind_of
from .base import Statistic

MOST = 1 << 16  # runs kept in all
_ONE = 1 << 14  # runs kept of one stretch of rows


@dataclass(frozen=True, kw_only=True)
class Stretch:
    """Consecutive rows of one part: `rows` of them from `start`; the first runs of equal labels are kept.

    `values` and `lengths` describe the runs; they cover all the rows unless there were too many runs.
    `changes` counts the places where the label changes, over all the rows.
    """

    part: str
    start: int
    rows: int
    changes: int
    last: Any
    values: tuple[Any, ...]
    lengths: tuple[int, ...]

    @property
    def stop(self) -> int:
        """Row after the last."""
        return self.start + self.rows

    @property
    def covered(self) -> int:
        """Rows that the kept runs describe."""
        return sum(self.lengths)

    def cut(self, runs: int) -> "Stretch":
        """The same rows, described by fewer runs."""
        if len(self.values) <= runs:
            return self
        return Stretch(**{**self.__dict__, "values": self.values[:runs], "lengths": self.lengths[:runs]})

    def join(self, after: "Stretch") -> "Stretch":
        """One stretch of two that touch."""
        same = self.last == after.values[0]
        values, lengths = self.values, self.lengths
        if self.covered == self.rows and same:
            values += after.values[1:]
            lengths = (*lengths[:-1], lengths[-1] + after.lengths[0], *after.lengths[1:])
        elif self.covered == self.rows:
            values, lengths = values + after.values, lengths + after.lengths
        return Stretch(
            part=self.part,
            start=self.start,
            rows=self.rows + after.rows,
            changes=self.changes + after.changes + (not same),
            last=after.last,
            values=values,
            lengths=lengths,
        ).cut(_ONE)


@dataclass(frozen=True, kw_only=True, eq=False)
class LabelOrder(Statistic):
    """Run-length coded labels of every part in file order, at most 65,536 runs in all.

    Keyed by part and first row, so that the order in which pieces arrive does not matter; where the runs
    are too many, every part keeps an equal number of its first ones.

    >>> order = LabelOrder.of(np.array([0, 0, 0, 1, 1]))
    >>> [(r.values, r.lengths) for r in order.stretches]
    [((0, 1), (3, 2))]
    """

    stretches: tuple[Stretch, ...] = field(default_factory=tuple)

    @classmethod
    def of(
        cls,
        values: NDArray[Any] | pa.Array,
        *,
        part: str = "",
        first_row: int = 0,
        hashes: NDArray[np.uint64] | None = None,
    ) -> Self:
        """Labels of shape (rows,), which stand from `first_row` on in `part`; a null label is None.

        `hashes` are the `label_hashes`, where they are known already.
        """
        array = pa.array(values) if isinstance(values, np.ndarray) else values
        if not len(array):
            return cls()
        hashes = label_hashes(array) if hashes is None else hashes
        starts = np.flatnonzero(np.concatenate([[True], hashes[1:] != hashes[:-1]]))
        lengths = np.diff(np.append(starts, len(hashes))[: _ONE + 1])
        stretch = Stretch(
            part=part,
            start=first_row,
            rows=len(array),
            changes=len(starts) - 1,
            last=_known(array[-1].as_py()),
            values=_values(array.take(at_rows(starts[:_ONE]))),
            lengths=tuple(lengths.tolist()),
        )
        return cls(stretches=(stretch,))

    def __add__(self, other: Self) -> Self:
        if not (self.stretches and other.stretches):
            return self if self.stretches else other
        ordered = sorted(self.stretches + other.stretches, key=lambda s: (s.part, s.start))
        return type(self)(stretches=tuple(_bounded(list(_joined(ordered)))))

    def to_json(self) -> dict[str, Any]:
        # `asdict` copies every value, which takes longer than all else that is saved
        return {"stretches": [dict(vars(stretch)) for stretch in self.stretches]}

    @classmethod
    def from_json(cls, data: Any) -> Self:
        stretches = (
            {**s, "values": tuple(s["values"]), "lengths": tuple(s["lengths"])} for s in data["stretches"]
        )
        return cls(stretches=tuple(Stretch(**s) for s in stretches))

    @property
    def rows(self) -> int:
        """Rows seen."""
        return sum(s.rows for s in self.stretches)

    @property
    def complete(self) -> bool:
        """Whether the runs describe every row."""
        return all(s.covered == s.rows for s in self.stretches)

    def sequence(self) -> tuple[list[Any], NDArray[np.int64], NDArray[np.int64]]:
        """Values, their run lengths, and for each run the number of the stretch that it belongs to."""
        values = [value for s in self.stretches for value in s.values]
        lengths = np.array([length for s in self.stretches for length in s.lengths], np.int64)
        owner = np.repeat(np.arange(len(self.stretches)), [len(s.values) for s in self.stretches])
        return values, lengths, owner


def label_hashes(array: pa.Array) -> NDArray[np.uint64]:
    """A hash for each label, shape (rows,); nulls and NaN share one."""
    if pa.types.is_dictionary(array.type):
        array = array.cast(array.type.value_type)
    if pa.types.is_string(array.type) or pa.types.is_large_string(array.type):
        return hash_strings(array)
    if kind_of(pa.field("label", array.type)) is Kind.OTHER:
        return np.zeros(len(array), np.uint64)
    values, valid = numbers(array)
    hashes = hash_numbers(values)
    missing = np.isnan(values) if values.dtype.kind == "f" else np.zeros(len(values), bool)
    hashes[missing if valid is None else missing | ~valid] = NULL
    return hashes


def _values(array: pa.Array) -> tuple[Any, ...]:
    values = array.to_pylist()
    return tuple(map(_known, values) if pa.types.is_floating(array.type) else values)


def _known(value: Any) -> Any:
    return None if value != value else value


def _joined(ordered: list[Stretch]) -> Iterator[Stretch]:
    current = ordered[0]
    for stretch in ordered[1:]:
        if stretch.part == current.part and stretch.start == current.stop:
            current = current.join(stretch)
        else:
            yield current
            current = stretch
    yield current


def _bounded(stretches: list[Stretch]) -> list[Stretch]:
    """Cuts every stretch to the largest common number of runs that fits the quota."""
    sizes = np.sort([len(s.values) for s in stretches])
    if sizes.sum() <= MOST:
        return stretches
    below = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    room = (MOST - below) // np.arange(len(sizes), 0, -1)
    runs = int(room[np.argmax(sizes > room)])
    return [s.cut(max(runs, 1)) for s in stretches]
