"""WebDataset shards: tar files whose members with one stem are one sample."""

import io
import json
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from threading import Lock
from typing import Any, ClassVar, Self

import numpy as np
import pyarrow as pa

from ..errors import InputError
from ..records.thumbnail import Thumbnail
from .base import Stream, check_columns
from .images import SUFFIXES, thumbnail
from .locations import Location, binary
from .rows import Encoded, Row, batches, learn

_HEAD = 16  # samples from which the fields are learnt
_HEADERS = Lock()  # numpy parses them as Python: CPython 3.11 raises SystemError where two threads do
_IMAGES = tuple(suffix.lstrip(".") for suffix in SUFFIXES)
_WHOLE = ("cls", "cls2", "index", "inx", "id")


@dataclass(frozen=True, eq=False)
class WebDataset(Stream):
    """A tar shard: images, `.cls` whole numbers, `.txt` texts, `.npy` arrays, plain values of `.json`.

    The image is the column `image`, a `.cls` the column `label`; members of other types are passed over.
    """

    suffixes: ClassVar[tuple[str, ...]] = (".tar", ".tar.gz", ".tgz")
    path: Location
    name: str
    schema: pa.Schema

    @classmethod
    def open(cls, path: Location, name: str) -> Self:
        source = cls(path, name, pa.schema([]))
        head = list(islice(source._samples(), _HEAD))
        if not head:
            raise InputError(f"{name} holds no samples; expected members such as 000.jpg and 000.cls")
        return cls(path, name, check_columns(learn(head, name), name))

    def _read(self, rows: int) -> Iterator[pa.RecordBatch]:
        yield from batches(self._samples(), self.schema, self.name)

    def thumbnails(self, count: int) -> Iterator[Thumbnail]:
        encoded = (value for row in self._samples() for value in row.values() if isinstance(value, Encoded))
        found = (thumbnail(one.data, one.name) for one in encoded)
        return islice((one for one in found if one is not None), count)

    def _samples(self) -> Iterator[Row]:
        held: dict[str, Any] = {}
        stem = None
        for member, data in self._members():
            folder, slash, file = member.rpartition("/")
            start, _, suffix = file.partition(".")
            if held and folder + slash + start != stem:
                yield held
                held = {}
            stem = folder + slash + start
            held |= self._values(member, suffix.lower(), data)
        if held:
            yield held

    def _members(self) -> Iterator[tuple[str, bytes]]:
        try:
            with binary(self.path) as file, tarfile.open(fileobj=file, mode="r|*") as archive:
                for member in archive:
                    content = archive.extractfile(member) if member.isfile() else None
                    if content is not None and not member.name.rpartition("/")[2].startswith("."):
                        yield member.name, content.read()
        except (tarfile.TarError, EOFError, OSError, pa.ArrowException) as error:
            raise InputError(
                f"{self.name} is not a readable tar file ({error}); it may be truncated"
            ) from error

    def _values(self, member: str, suffix: str, data: bytes) -> dict[str, Any]:
        kind = suffix.rpartition(".")[2]
        prefix = suffix.rpartition(".")[0]
        try:
            if kind in _IMAGES:
                return {prefix or "image": Encoded(data=data, name=f"{self.name}/{member}")}
            if kind in _WHOLE:
                return {"label" if suffix == "cls" else suffix: int(data)}
            if kind in ("txt", "text"):
                return {suffix: data.decode()}
            if kind == "npy":
                with _HEADERS:
                    return {prefix or "x": np.load(io.BytesIO(data), allow_pickle=False)}
            return _plain(json.loads(data)) if kind == "json" else {}
        except ValueError as error:
            raise InputError(f"{self.name}: {member} is no valid .{kind} file ({error})") from error


def _plain(value: Any) -> dict[str, Any]:
    """The numbers and texts of a JSON object."""
    items = value.items() if isinstance(value, dict) else ()
    return {key: item for key, item in items if item is None or isinstance(item, (bool, int, float, str))}
