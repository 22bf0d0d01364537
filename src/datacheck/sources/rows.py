"""Rows given as Python objects: from dictionaries of values to Arrow batches of one schema."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ..errors import InputError
from .arrays import column
from .images import image_columns, image_schema, is_grey, read_picture

Row = Mapping[str, Any]
CHUNK = 256  # rows turned into one batch


@dataclass(frozen=True, kw_only=True, slots=True)
class Encoded:
    """The bytes of an image file, and its name."""

    data: bytes
    name: str


def learn(rows: list[Row], name: str) -> pa.Schema:
    """The schema of rows; raises InputError where they differ in their fields or shapes."""
    return to_batch(rows, None, name).schema


def to_batch(rows: list[Row], schema: pa.Schema | None, name: str) -> pa.RecordBatch:
    """The rows as a batch of the schema, or of their own."""
    fields, arrays = [], []
    for key in rows[0]:
        values = [_field(row, key, name) for row in rows]
        made, columns = _images(key, values, schema) if _is_image(values[0]) else _plain(key, values, name)
        fields += list(made)
        arrays += columns
    own = pa.schema(fields)
    batch = pa.RecordBatch.from_arrays(arrays, schema=own)
    return batch if schema is None else _as(batch, schema, name)


def batches(rows: Iterable[Row], schema: pa.Schema, name: str) -> Iterator[pa.RecordBatch]:
    """All rows in batches of the schema."""
    held: list[Row] = []
    for row in rows:
        held.append(row)
        if len(held) == CHUNK:
            yield to_batch(held, schema, name)
            held = []
    if held:
        yield to_batch(held, schema, name)


def _field(row: Row, key: str, name: str) -> Any:
    if key not in row:
        raise InputError(
            f"{name}: a row has no {key!r}, but the first row has; every row needs the same fields"
        )
    return row[key]


def _as(batch: pa.RecordBatch, schema: pa.Schema, name: str) -> pa.RecordBatch:
    try:
        return batch if batch.schema == schema else batch.cast(schema)
    except (pa.ArrowException, ValueError) as error:
        raise InputError(f"{name}: rows differ in type or shape: {str(error).splitlines()[0]}") from error


def _is_image(value: Any) -> bool:
    return isinstance(value, Encoded) or type(value).__module__.partition(".")[0] == "PIL"


def _images(key: str, values: list[Any], schema: pa.Schema | None) -> tuple[pa.Schema, list[pa.Array]]:
    data = [value.data if isinstance(value, Encoded) else value for value in values]
    if schema is None:
        grey = all(is_grey(item) for item in data)
    else:
        grey = schema.field(key).type == image_schema(key, grey=True).field(0).type
    names = [value.name if isinstance(value, Encoded) else key for value in values]
    pictures = [read_picture(item, grey=grey, about=about) for item, about in zip(data, names, strict=True)]
    return image_schema(key, grey=grey), image_columns(key, pictures, grey=grey)


def _plain(key: str, values: list[Any], name: str) -> tuple[pa.Schema, list[pa.Array]]:
    array = _stacked(key, values, name) if _is_tensor(values[0]) else _scalars(key, values, name)
    return pa.schema([(key, array.type)]), [array]


def _is_tensor(value: Any) -> bool:
    return hasattr(value, "__array__") and getattr(value, "ndim", 0) > 0


def _stacked(key: str, values: list[Any], name: str) -> pa.Array:
    shapes = {tuple(value.shape) for value in values}
    if len(shapes) > 1:
        raise InputError(f"{name}: {key!r} has shapes {sorted(shapes)[:3]}; every row needs the same shape")
    return column(np.stack([_array(value) for value in values]), f"{name}: {key!r}")


def _array(value: Any) -> NDArray[Any]:
    return np.asarray(value.detach().cpu() if hasattr(value, "detach") else value)


def _scalars(key: str, values: list[Any], name: str) -> pa.Array:
    try:
        return pa.array([value.item() if hasattr(value, "item") else value for value in values])
    except (pa.ArrowException, ValueError) as error:
        raise InputError(f"{name}: {key!r} cannot become a column: {str(error).splitlines()[0]}") from error
