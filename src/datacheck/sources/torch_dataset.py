"""Datasets of PyTorch, read in their own order; torch itself is never imported here."""

import hashlib
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Any, Self

import pyarrow as pa

from ..errors import InputError
from .base import Piece, Source, check_columns
from .locations import Location
from .rows import Row, batches, learn

_PIECE = 1 << 12  # samples that one thread reads
_HEAD = 16  # samples from which the columns are learnt


@dataclass(frozen=True, eq=False)
class TorchDataset(Source):
    """A map-style or iterable dataset: (x, y) pairs, dictionaries, or single tensors.

    The first of a pair is the column `x`, the second `y`; a tensor gives one column per element. A map-style
    dataset must give the same sample for the same index: where it augments at random, profile it without.
    """

    dataset: Any
    name: str
    schema: pa.Schema
    length: int | None

    @classmethod
    def open(cls, path: Location, name: str) -> Self:
        raise InputError(f"{path} is a path; a torch dataset was expected")

    @classmethod
    def of(cls, dataset: Any, name: str) -> Self:
        """The source of a dataset; raises InputError for samples that cannot become columns."""
        length = len(dataset) if hasattr(dataset, "__getitem__") and hasattr(dataset, "__len__") else None
        source = cls(dataset, name, pa.schema([]), length)
        head = list(islice(source._samples(range(length or 0)), _HEAD))
        if not head:
            raise InputError(f"{name} has no rows; expected a dataset with at least one sample")
        return cls(dataset, name, check_columns(learn(head, name), name), length)

    @property
    def rows(self) -> int | None:
        return self.length

    @property
    def fingerprint(self) -> str:
        """Digest of the class, the length and the schema."""
        about = f"{type(self.dataset).__qualname__} {self.length} {self.schema}"
        return hashlib.blake2b(about.encode(), digest_size=8).hexdigest()

    def pieces(self) -> list[Piece]:
        starts = [0] if self.length is None else range(0, self.length, _PIECE)
        return [Piece(start=start, read=partial(self._read, start)) for start in starts]

    def _read(self, start: int, rows: int) -> Iterator[pa.RecordBatch]:
        wanted = range(start, min(start + _PIECE, self.length or 0))
        yield from batches(self._samples(wanted), self.schema, self.name)

    def _samples(self, wanted: range) -> Iterator[Row]:
        samples: Iterable[Any] = (
            self.dataset if self.length is None else map(self.dataset.__getitem__, wanted)
        )
        return map(_row, samples)


def is_torch_dataset(value: object) -> bool:
    """Whether a value is a dataset of PyTorch; while torch is not imported it cannot be one."""
    torch = sys.modules.get("torch.utils.data")
    return torch is not None and isinstance(value, torch.Dataset)


def _row(sample: Any) -> Row:
    if isinstance(sample, Mapping):
        return sample
    if not isinstance(sample, (tuple, list)):
        return {"x": sample}
    names = ("x", "y") if len(sample) == 2 else tuple(f"x{i}" for i in range(len(sample)))
    return dict(zip(names, sample, strict=True))
