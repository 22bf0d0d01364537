"""What the user points at: finds the splits, the files of each, and the label."""

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from itertools import chain, islice
from pathlib import Path
from typing import Any

import pyarrow as pa

from . import sources
from ._discover import classes
from ._format import listing
from ._split_names import canonical, in_order, split_of
from .errors import InputError, nearest
from .finding import Rows
from .records.thumbnail import Thumbnail
from .sources.arrays_in_memory import ArraysInMemory, is_arrays, is_one_set
from .sources.arrow_stream import ArrowStream
from .sources.base import Found, Source, settled
from .sources.dataframe import Dataframe, is_dataframe, is_stream
from .sources.derived import Selected, WithConstants
from .sources.locations import Location, exists, files_below, locate
from .sources.opening import SKIP, Opened, open_all
from .sources.spark import SparkFrame, is_spark
from .sources.torch_dataset import TorchDataset, is_torch_dataset

LABEL_NAMES = ("label", "labels", "target", "targets", "y", "class", "classes", "outcome", "ground_truth")
MOST_NAMES = 10  # rows of a finding whose files are named
WHOLE = "data"  # name of the only split of a dataset that has none
_PARTITION = re.compile(r"([^=/]+)=([^=/]*)")


@dataclass(frozen=True, kw_only=True)
class Split:
    """The sources of one split, in order, and the schema that all of them are read as."""

    sources: tuple[Source, ...]

    @property
    def schema(self) -> pa.Schema:
        """One type per column; raises InputError where the files do not agree."""
        schemas = [source.schema for source in self.sources]
        if all(schema.equals(schemas[0]) for schema in schemas[1:]):  # thousands of files, mostly
            return pa.schema([field.with_type(_known_type(field.type)) for field in schemas[0]])
        names = {*schemas[0].names}
        for source, schema in zip(self.sources[1:], schemas[1:], strict=True):
            missing = sorted(names ^ {*schema.names})
            if missing:
                first = self.sources[0]
                has, lacks = (first, source) if missing[0] in names else (source, first)
                raise InputError(
                    f"{lacks.name} has no column {missing[0]!r}, but {has.name} has; "
                    "the files of one split need the same columns"
                )
        by_name = [dict(zip(schema.names, schema.types, strict=True)) for schema in schemas]
        return pa.schema([field.with_type(self._type(field.name, by_name)) for field in schemas[0]])

    def _type(self, name: str, by_name: list[dict[str, pa.DataType]]) -> pa.DataType:
        pairs = zip(by_name, self.sources, strict=True)
        types = {_known_type(types[name]): source.name for types, source in pairs}
        if len(types) == 1:
            return next(iter(types))
        plain = {t.value_type if pa.types.is_dictionary(t) else t: where for t, where in types.items()}
        try:
            fields = [pa.schema([(name, type_)]) for type_ in plain]
            return pa.unify_schemas(fields, promote_options="permissive").field(name).type
        except pa.ArrowException as error:
            (a, where_a), (b, where_b) = list(plain.items())[:2]
            raise InputError(
                f"column {name!r} is {a} in {where_a} but {b} in {where_b}; "
                "write it with one type in every file"
            ) from error


def _known_type(type_: pa.DataType) -> pa.DataType:
    """The type, or the one with the same values that every function of Arrow takes."""
    views = {pa.string_view(): pa.large_string(), pa.binary_view(): pa.large_binary()}
    return views.get(type_, type_)


@dataclass(frozen=True, kw_only=True)
class Dataset:
    """Named splits; `ignored` are files that lie beside the data and were left out.

    `unreadable` holds, by split, the files that are data and cannot be read, with the reason.
    """

    splits: Mapping[str, Split]
    ignored: tuple[str, ...] = ()
    unreadable: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def thumbnails(self, count: int) -> dict[str, tuple[Thumbnail, ...]]:
        """Small copies of up to `count` images of each split that has any."""
        if not count:
            return {}
        every = {
            name: chain.from_iterable(source.thumbnails(count) for source in split.sources)
            for name, split in self.splits.items()
        }
        found = {name: tuple(islice(few, count)) for name, few in every.items()}
        return {name: few for name, few in found.items() if few}


def named(split: Split, rows: Rows, total: int) -> Rows:
    """The rows with the names of the first of them, where each of the `total` rows is a file of its own."""
    every = [*chain.from_iterable(source.row_files for source in split.sources)]
    if len(every) != total:  # rows of other data, or files that were left out
        return rows
    return replace(rows, names=tuple(every[row] for row in rows.examples[:MOST_NAMES]))


def find(data: Any, *, split_column: str | None = None, on_bad_file: str = "error") -> Dataset:
    """The dataset in a folder or file, a dataframe or arrays, or a mapping of split names to any of these.

    Raises InputError for a path that does not exist, holds no data that can be read, or a dataframe that
    cannot become Arrow. A bad file is an InputError too; with `on_bad_file="skip"` only where no other is
    left in its split.

    >>> find({"train": pa.table({"x": [1]}), "test": pa.table({"x": [2]})}).splits.keys()
    dict_keys(['train', 'test'])
    """
    skip = on_bad_file == SKIP
    if isinstance(data, Mapping) and not (is_dataframe(data) or is_one_set(data)):
        if not data:
            raise InputError(
                "the mapping of splits is empty; expected for example {'train': ..., 'test': ...}"
            )
        opened = {name: _one(part, given, skip) for name, (given, part) in _named(data).items()}
        dataset = _dataset(opened)
    elif (source := _in_memory(data, WHOLE)) is not None:
        dataset = Dataset(splits={WHOLE: Split(sources=(source,))})
    else:
        dataset = _in_path(_path(data, "the data"), skip)
    return replace(dataset, splits=in_order(_by_column(dataset, split_column)))


def _dataset(opened: Mapping[str, Opened], ignored: tuple[str, ...] = ()) -> Dataset:
    return Dataset(
        splits={name: Split(sources=one.sources) for name, one in opened.items()},
        ignored=ignored,
        unreadable={name: one.unreadable for name, one in opened.items() if one.unreadable},
    )


def find_label(names: Iterable[str], given: str | None) -> str | None:
    """The label's column: the given one, which must exist, else the first with a usual name, else None."""
    names = list(names)
    if given is not None:
        if given not in names:
            raise InputError(f"there is no column {given!r} for the label; {nearest(given, names)}")
        return given
    lower = {name.lower(): name for name in reversed(names)}
    return next((lower[name] for name in LABEL_NAMES if name in lower), None)


def _named(data: Mapping[Any, Any]) -> dict[str, tuple[str, Any]]:
    """Canonical name to the given name and the data."""
    named: dict[str, tuple[str, Any]] = {}
    for given, part in data.items():
        name = canonical(str(given))
        if name in named:
            raise InputError(
                f"{named[name][0]!r} and {str(given)!r} both name the split {name!r}; rename one of them"
            )
        named[name] = str(given), part
    return named


def _path(data: Any, what: str) -> Location:
    if isinstance(data, str) and data:
        return locate(data)
    if isinstance(data, os.PathLike):
        return Path(data)
    raise InputError(
        f"{what} is {data!r:.60} ({type(data).__name__}); expected a path, a dataframe with an Arrow C "
        "stream (pandas, polars, DuckDB, pyarrow), arrays (X or (X, y)), or a mapping of split names to those"
    )


def _one(part: Any, name: str, skip: bool) -> Opened:
    source = _in_memory(part, name)
    if source is not None:
        return Opened(sources=(source,))
    found = _in_path(_path(part, f"split {name!r}"), skip, whole=True)
    return Opened(sources=found.splits[WHOLE].sources, unreadable=found.unreadable.get(WHOLE, {}))


def _in_memory(part: Any, name: str) -> Source | None:
    """The source of a Python object, None for what is no data in memory."""
    if is_spark(part):
        return SparkFrame(part, name)
    if is_stream(part):
        return ArrowStream.of(part, name)
    if is_dataframe(part):
        return Dataframe.of(part, name)
    if is_arrays(part):
        return ArraysInMemory.from_value(part, name)
    return TorchDataset.of(part, name) if is_torch_dataset(part) else None


def _in_path(root: Location, skip: bool, *, whole: bool = False) -> Dataset:
    if not exists(root):
        raise InputError(f"{root} does not exist; expected a file or a folder of data")
    formats = classes(sources, Source)
    files = {root.name: root} if root.is_file() else files_below(root)
    found = sorted((f for cls in formats for f in _recognised(cls, files)), key=lambda f: f.name)
    if not found:
        raise InputError(_nothing(root, files, formats))
    by_split: dict[str | None, list[Found]] = {}
    for one in found:
        by_split.setdefault(None if whole else split_of(one.name), []).append(one)
    unsplit = by_split.pop(None, [])
    if not by_split:
        by_split, unsplit = {WHOLE: unsplit}, []
    constants = _partitions([one.name for chosen in by_split.values() for one in chosen])
    opened = {
        split: open_all(chosen, split, lambda name, source: _with(source, constants[name]), skip=skip)
        for split, chosen in by_split.items()
        if split
    }
    return _dataset(opened, ignored=tuple(one.name for one in unsplit))


def _recognised(cls: type[Source], files: Mapping[str, Location]) -> Iterable[Found]:
    mine = {name: path for name, path in files.items() if name.lower().endswith(cls.suffixes)}
    return cls.discover(mine) if mine and cls.suffixes else ()


def _nothing(root: Location, files: Mapping[str, Location], formats: Iterable[type[Source]]) -> str:
    """What to say of a path in which no format recognised anything."""
    expected = "expected " + ", ".join(sorted(suffix for cls in formats for suffix in cls.suffixes))
    if root.is_file():
        return f"{root} has a format that datacheck does not read; {expected}"
    suffixes = sorted({path.suffix or path.name for path in files.values()})
    contents = f"it holds {listing(suffixes)} files" if suffixes else "it is empty"
    return f"{root} holds no data that datacheck reads; {contents}; {expected}"


def _partitions(names: list[str]) -> dict[str, dict[str, int | str]]:
    """The `key=value` folders of every path; values are numbers where all values of the key are."""
    found = {name: dict(_PARTITION.findall(name.rpartition("/")[0])) for name in names}
    texts = {key for keys in found.values() for key, value in keys.items() if not _is_number(value)}
    return {
        name: {key: value if key in texts else int(value) for key, value in keys.items()}
        for name, keys in found.items()
    }


def _is_number(value: str) -> bool:
    return re.fullmatch(r"-?\d{1,18}", value) is not None and str(int(value)) == value


def _with(source: Source, constants: Mapping[str, int | str]) -> Source:
    fresh = {key: value for key, value in constants.items() if key not in source.schema.names}
    return WithConstants(source, fresh) if fresh else source


def _by_column(dataset: Dataset, column: str | None) -> Mapping[str, Split]:
    if column is None:
        return dataset.splits
    everything = [source for split in dataset.splits.values() for source in split.sources]
    values = sorted({value for source in everything for value in _values(source, column)}, key=str)
    if not values:
        raise InputError(
            f"the split column {column!r} holds no values; expected names such as train and test"
        )
    return {
        canonical(str(value)): Split(sources=tuple(Selected(source, column, value) for source in everything))
        for value in values
    }


def _values(source: Source, column: str) -> set[Any]:
    if column not in source.schema.names:
        raise InputError(
            f"{source.name} has no split column {column!r}; {nearest(column, source.schema.names)}"
        )
    found: set[Any] = set()
    for piece in source.pieces():
        for batch in settled(piece):
            found.update(batch.column(column).unique().drop_null().to_pylist())
            if len(found) > 20:
                raise InputError(
                    f"the split column {column!r} has more than 20 different values in {source.name}; "
                    "expected a few, such as train and test"
                )
    return found
