"""Which rows a profile has counted."""

from dataclasses import dataclass
from typing import Self

from ._batch import Origin
from ._streamed import Rows
from .errors import MergeError


@dataclass(frozen=True, kw_only=True, order=True)
class Part:
    """Consecutive rows of one file or dataframe: its path in the dataset and a digest of its content."""

    name: str
    fingerprint: str
    start: int
    rows: int

    @classmethod
    def of(cls, batch: Rows, origin: Origin) -> Self:
        """The part that a batch is."""
        return cls(name=origin.part, fingerprint=origin.fingerprint, start=origin.row, rows=batch.num_rows)

    @property
    def stop(self) -> int:
        """Row after the last."""
        return self.start + self.rows


def join(parts: tuple[Part, ...]) -> tuple[Part, ...]:
    """The parts in order, neighbours made one; raises MergeError where two share rows."""
    joined: list[Part] = []
    for part in sorted(parts):
        last = joined[-1] if joined else None
        if last is None or (last.name, last.fingerprint) != (part.name, part.fingerprint):
            joined.append(part)
        elif part.start < last.stop and part.rows:
            raise MergeError(
                f"rows {part.start:,} to {min(part.stop, last.stop):,} of {part.name or 'the same data'} "
                "are in both profiles; each part may be counted once: leave one of the two out"
            )
        elif part.start <= last.stop:
            joined[-1] = Part(
                name=last.name, fingerprint=last.fingerprint, start=last.start, rows=last.rows + part.rows
            )
        else:
            joined.append(part)
    return tuple(joined)
