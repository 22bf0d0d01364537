"""From an Arrow record batch to arrays, one block for all columns of a type; and where a batch stands."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from itertools import chain, islice, repeat
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import pyarrow as pa
import pyarrow.types as t
from numpy.typing import NDArray

from ._bits import unpacked
from ._device import OnDevice
from ._hash import Hashes
from .kinds import IMAGE_METADATA, Kind, kind_of

if TYPE_CHECKING:
    from ._streamed import Passing, Rows

_KEY = b"datacheck"
IMAGE_LEVELS = 256
_CHANNELS = {1: ("grey",), 3: ("red", "green", "blue")}


@dataclass(frozen=True, kw_only=True, slots=True)
class Origin:
    """Where a batch's rows stand and what their label is; travels in the metadata of the batch's schema.

    `sample_below` bounds the row hashes worth sampling, for a reader that knows the number of rows. Where the
    `window_rows` bounds the row numbers worth keeping for their neighbours. Where the
    rows are not `ordered`, their order is an accident of storage and the order of the labels is not kept.
    """

    part: str = ""
    fingerprint: str = ""
    row: int = 0
    label: str | None = None
    seed: int = 0
    sample_below: int = 2**64 - 1
    window_rows: int = 2**63 - 1
    ordered: bool = True

    def stamp(self, batch: "Rows") -> "Rows":
        """The batch with this origin."""
        return batch.replace_schema_metadata({_KEY: json.dumps(asdict(self))})

    @classmethod
    def of(cls, batch: "Rows") -> Self:
        """The origin of a batch; one that carries none counts as its own part."""
        metadata = batch.schema.metadata or {}
        return cls(**json.loads(metadata[_KEY])) if _KEY in metadata else cls()


@dataclass(frozen=True, kw_only=True, slots=True)
class Group:
    """Columns of one type in one array.

    `columns` gives of each column of numbers its values, shape (rows,), and where they are not null, or None
    when they are so nowhere; once, since the columns may be read while they are asked for. What is no number
    has `values` and `valid`: texts the Arrow array of the one column, pixels counts of shape (rows, channels,
    256). `digests`, shape (rows,), stand for the content of images. Columns on another `device` stay there.
    """

    names: tuple[str, ...]
    dtype: str
    kind: Kind
    values: Any = None
    valid: NDArray[np.bool_] | None = None
    columns: Iterable[tuple[NDArray[Any], NDArray[np.bool_] | None]] = ()
    digests: Hashes | None = None
    device: OnDevice | None = None

    @property
    def text(self) -> bool:
        """Whether the values are texts."""
        return isinstance(self.values, pa.Array) and self.kind is not Kind.OTHER

    @property
    def pixels(self) -> bool:
        """Whether the values are counts of pixels per level."""
        return self.digests is not None


def column_names(schema: pa.Schema) -> tuple[str, ...]:
    """Names of the columns of a profile: a fixed-size list of numbers is one column per element.

    >>> column_names(pa.schema([("x", pa.list_(pa.float32(), 2)), ("y", pa.int64())]))
    ('x[0]', 'x[1]', 'y')
    """
    if not any(map(t.is_nested, schema.types)):
        return tuple(schema.names)
    return tuple(name for field in schema for name in _elements(field))


def width(schema: pa.Schema) -> int:
    """Number of values in a row of a schema.

    >>> width(pa.schema([("x", pa.list_(pa.float32(), 2)), ("y", pa.int64())]))
    3
    """
    return sum(len(_elements(field)) * (IMAGE_LEVELS if is_pixels(field) else 1) for field in schema)


def image_field(name: str, type_: pa.DataType) -> pa.Field:
    """A field that describes images."""
    return pa.field(name, type_, metadata=IMAGE_METADATA)


def is_pixels(field: pa.Field) -> bool:
    """Whether a field holds images: counts of pixels per channel and level, a digest of the content, and the
    image in small."""
    return kind_of(field) is Kind.IMAGE and t.is_struct(field.type)


def layouts(pixels: pa.Array) -> pa.Array:
    """The images of a column of pixels in small, a list of numbers each; null where there is none."""
    return pixels.flatten()[pixels.type.get_field_index("layout")]


def _elements(field: pa.Field) -> tuple[str, ...]:
    if is_pixels(field):
        return tuple(f"{field.name}[{name}]" for name in _CHANNELS[_channels(field)])
    if kind_of(field) is not Kind.TENSOR:
        return (field.name,)
    return tuple(f"{field.name}[{i}]" for i in range(field.type.list_size))


def _channels(field: pa.Field) -> int:
    return int(field.type.field("histogram").type.list_size) // IMAGE_LEVELS


def groups(batch: "Passing") -> Iterator[Group]:
    """The columns of a batch, numbers of one type together, in an order that the schema alone decides.

    The next group is to be asked for when the columns of one have been used up.
    """
    numeric: dict[tuple[str, Kind], list[int]] = {}
    others: list[int] = []
    for i, field in enumerate(batch.schema):
        kind = kind_of(field)
        if kind in (Kind.NUMERIC, Kind.TIMESTAMP) or (kind is Kind.IMAGE and t.is_primitive(field.type)):
            numeric.setdefault((_plain_type(field.type), kind), []).append(i)
        else:
            others.append(i)
    arrays = batch.arrays([*others, *chain(*numeric.values())])
    for i in others:
        yield _other(next(arrays), batch.schema.field(i))
    names = batch.schema.names  # made anew whenever it is asked for
    for (dtype, kind), columns in numeric.items():
        yield Group(
            names=tuple(names[i] for i in columns),
            dtype=dtype,
            kind=kind,
            columns=map(numbers, islice(arrays, len(columns))),
        )


def _other(array: pa.Array, field: pa.Field) -> Group:
    kind = kind_of(field)
    if is_pixels(field):
        return _pixels(array, field)
    return _tensor(array, field) if kind is Kind.TENSOR else _single(array, field, kind)


def _plain_type(type_: pa.DataType) -> str:
    return str(type_.value_type if t.is_dictionary(type_) else type_)


def numbers(array: pa.Array) -> tuple[NDArray[Any], NDArray[np.bool_] | None]:
    """Values of a numeric, boolean, decimal or temporal Arrow array, and where they are valid.

    Temporal values are their integers in the column's own unit; what stands under a null is unspecified.
    """
    if t.is_dictionary(array.type):
        array = array.cast(array.type.value_type)
    if t.is_decimal(array.type):
        array = array.cast(pa.float64())
    return _values(array), valid_rows(array)


def at_rows(rows: NDArray[np.integer[Any]]) -> pa.Array:
    """Row numbers for Arrow's `take`; `pa.array` of a NumPy array would import pandas first."""
    numbers_ = np.ascontiguousarray(rows, np.int64)
    return pa.Array.from_buffers(pa.int64(), len(numbers_), [None, pa.py_buffer(numbers_)])


def valid_rows(array: pa.Array) -> NDArray[np.bool_] | None:
    """Where an Arrow array is not null, shape (rows,); None when it is so everywhere."""
    if not array.null_count:
        return None
    if array.buffers()[0] is None:
        return np.asarray(array.is_valid())
    return unpacked(array.buffers()[0], array).view(np.bool_)


def _values(array: pa.Array) -> NDArray[Any]:
    """The value buffer as it lies in memory, temporal values as int64."""
    type_, buffer = array.type, array.buffers()[1]
    if t.is_boolean(type_):
        return unpacked(buffer, array) if len(array) else np.empty(0, np.uint8)
    kind = "f" if t.is_floating(type_) else "u" if t.is_unsigned_integer(type_) else "i"
    dtype = np.dtype(f"{kind}{type_.bit_width // 8}")
    if not len(array):
        return np.empty(0, np.int64 if t.is_temporal(type_) else dtype)
    values = np.frombuffer(buffer, dtype, len(array), array.offset * dtype.itemsize)
    return values.astype(np.int64, copy=False) if t.is_temporal(type_) else values


def _tensor(array: pa.Array | OnDevice, field: pa.Field) -> Group:
    """A fixed-size list as one feature per element, named `name[i]`."""
    about: dict[str, Any] = {"dtype": str(field.type.value_type), "kind": Kind.NUMERIC}
    if isinstance(array, OnDevice):
        return Group(names=_elements(field), device=array, **about)
    size = field.type.list_size
    flat, valid = numbers(array.values[array.offset * size : (array.offset + len(array)) * size])
    lists = valid_rows(array)
    if lists is not None:
        whole = np.repeat(lists, size)
        valid = whole if valid is None else whole & valid
    return Group(
        names=_elements(field),
        columns=zip(
            _transposed(flat.reshape(len(array), size)),
            repeat(None) if valid is None else _transposed(valid.reshape(len(array), size)),
            strict=False,
        ),
        **about,
    )


def _transposed(matrix: NDArray[Any]) -> list[NDArray[Any]]:
    """The columns of a matrix, each in one piece of memory; copied in tiles that fit the cache."""
    rows, columns = matrix.shape
    result = np.empty((columns, rows), matrix.dtype)
    for start in range(0, rows, 512):
        result[:, start : start + 512] = matrix[start : start + 512].T
    return list(result)


def _pixels(array: pa.Array, field: pa.Field) -> Group:
    histogram, content = array.field("histogram"), array.field("content")
    counts, _ = numbers(histogram.values[histogram.offset * field.type.field("histogram").type.list_size :])
    valid = valid_rows(array)
    return Group(
        names=_elements(field),
        dtype="uint8",
        kind=Kind.IMAGE,
        values=counts[: len(array) * IMAGE_LEVELS * _channels(field)].reshape(len(array), -1, IMAGE_LEVELS),
        valid=valid,
        digests=numbers(content)[0],
    )


def _single(array: pa.Array, field: pa.Field, kind: Kind) -> Group:
    if t.is_dictionary(array.type) and array.dictionary.null_count:
        # a null among the levels is a null like any other
        array = array.cast(array.type.value_type)
    return Group(
        names=(field.name,), dtype=_plain_type(field.type), kind=kind, values=array, valid=valid_rows(array)
    )
