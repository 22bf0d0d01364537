"""Folders of images, a class per folder."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, partial
from itertools import chain
from pathlib import Path, PurePosixPath
from typing import ClassVar, Self

import pyarrow as pa

from .._split_names import split_of
from ..errors import InputError
from ..records.thumbnail import Thumbnail
from .arrays import column_of
from .base import Found, Piece, Source, Widen, all_local
from .images import SUFFIXES, Picture, image_columns, image_schema, is_grey, read_picture, thumbnail
from .locations import Location, binary, size

_PIECE = 256  # images that one thread decodes before it reports
_HEAD = 16  # images looked at to learn whether they are grey


@dataclass(frozen=True, eq=False)
class ImageFolder(Source):
    """The images below one folder, in the order of their names; the label is the folder that holds the image.

    An image that cannot be read is a null with its reason in `image.unreadable`.
    """

    suffixes: ClassVar[tuple[str, ...]] = SUFFIXES
    ordered: ClassVar[bool] = False  # sorted by class because folders are
    files: dict[str, Location]
    name: str
    labelled: bool
    grey: list[bool] = field(default_factory=list)  # one answer, widened when a coloured image comes late

    @classmethod
    def discover(cls, files: Mapping[str, Location]) -> Iterator[Found]:
        """One source for each folder of class folders, or of images; `train/` and `test/` are no classes."""
        classes: dict[str, dict[str, Location]] = {}
        for name, path in files.items():
            classes.setdefault(name.rpartition("/")[0] or ".", {})[name] = path
        folders: dict[str, list[str]] = {}
        for folder in classes:
            folders.setdefault(str(PurePosixPath(folder).parent), []).append(folder)
        for parent, held in folders.items():
            if len(held) > 1 and not all(split_of(f"{PurePosixPath(c).name}/") for c in held):
                inside = sorted(chain.from_iterable(classes[c].items() for c in held))
                yield Found(name=f"{parent}/", open=partial(cls._of, dict(inside), parent, True))
                continue
            for alone in held:
                yield Found(name=f"{alone}/", open=partial(cls._of, classes[alone], alone, False))

    @classmethod
    def open(cls, path: Location, name: str) -> Self:
        return cls._of({name: path}, str(path), False)

    @classmethod
    def _of(cls, files: dict[str, Location], name: str, labelled: bool) -> Self:
        source = cls(files, name, labelled)
        source.grey.append(all(is_grey(_bytes(path)) for path in list(files.values())[:_HEAD]))
        return source

    @property
    def schema(self) -> pa.Schema:
        schema = image_schema("image", grey=self.grey[-1])
        return schema.append(pa.field("label", pa.string())) if self.labelled else schema

    @property
    def rows(self) -> int:
        return len(self.files)

    @cached_property
    def fingerprint(self) -> str:
        """Digest of the names and sizes of the files."""
        named = "".join(f"{name} {size(path)}\n" for name, path in self.files.items())
        return hashlib.blake2b(named.encode(), digest_size=8).hexdigest()

    @property
    def local_files(self) -> tuple[Path, ...]:
        return all_local(self.files.values())

    def pieces(self) -> list[Piece]:
        names = list(self.files)
        starts = range(0, len(names), _PIECE)
        return [Piece(start=at, read=partial(self._read, names[at : at + _PIECE])) for at in starts]

    def thumbnails(self, count: int) -> Iterator[Thumbnail]:
        names = list(self.files)
        chosen = names[:: max(len(names) // count, 1)][:count]
        return (found for name in chosen if (found := thumbnail(_bytes(self.files[name]), name)) is not None)

    @property
    def row_files(self) -> tuple[str, ...]:
        return tuple(self.files)

    def _read(self, names: list[str], rows: int) -> Iterator[pa.RecordBatch]:
        grey = self.grey[-1]
        pictures = [self._picture(name, grey) for name in names]
        if grey and any(p.mode is not None and not _one_channel(p.mode) for p in pictures):
            self.grey.append(False)
            raise Widen(self.name)
        arrays = image_columns("image", pictures, grey=grey)
        if self.labelled:
            labels = [name.rpartition("/")[0].rpartition("/")[2] for name in names]
            arrays.append(column_of(labels, pa.string()))
        yield pa.RecordBatch.from_arrays(arrays, schema=self.schema)

    def _picture(self, name: str, grey: bool) -> Picture:
        try:
            data = _bytes(self.files[name])
        except OSError as error:
            raise InputError(
                f"{name} cannot be read: {error.strerror or error}; is it still there?"
            ) from error
        return read_picture(data, grey=grey, about=name)


def _one_channel(mode: str) -> bool:
    return mode.partition(",")[0] in ("1", "L", "LA", "I", "I;16", "I;16B", "I;16L")


def _bytes(path: Location) -> bytes:
    with binary(path) as file:
        return file.read()
