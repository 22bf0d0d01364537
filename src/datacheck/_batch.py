"""From an Arrow record batch to arrays, one block for all columns of a type; and where the batch came from."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any, Self

import numpy as np
import pyarrow as pa
import pyarrow.types as t
from numpy.typing import NDArray

from .kinds import Kind, kind_of

_KEY = b"datacheck"


@dataclass(frozen=True, kw_only=True, slots=True)
class Origin:
    """Where a batch's rows stand and what their label is; travels in the metadata of the batch's schema.

    `sample_below` bounds the row hashes worth sampling, for a reader that knows the number of rows.
    """

    part: str = ""
    fingerprint: str = ""
    row: int = 0
    label: str | None = None
    seed: int = 0
    sample_below: int = 2**64 - 1

    def stamp(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """The batch with this origin."""
        return batch.replace_schema_metadata({_KEY: json.dumps(asdict(self))})

    @classmethod
    def of(cls, batch: pa.RecordBatch) -> Self:
        """The origin of a batch; one that carries none counts as its own part."""
        metadata = batch.schema.metadata or {}
        return cls(**json.loads(metadata[_KEY])) if _KEY in metadata else cls()


@dataclass(frozen=True, kw_only=True, slots=True)
class Group:
    """Columns of one type in one array.

    `values` has shape (rows, columns) and lies column by column in memory; for text it is an Arrow array and
    there is one column. `valid` is False where a value is null, or None when there is no null.
    """

    names: tuple[str, ...]
    dtype: str
    kind: Kind
    values: Any
    valid: NDArray[np.bool_] | None = None


def groups(batch: pa.RecordBatch) -> Iterator[Group]:
    """The columns of a batch, numbers of one type together, in an order that the schema alone decides."""
    numeric: dict[tuple[str, Kind], list[int]] = {}
    for i, field in enumerate(batch.schema):
        kind = kind_of(field)
        if kind in (Kind.NUMERIC, Kind.TIMESTAMP):
            numeric.setdefault((str(field.type), kind), []).append(i)
        elif kind is Kind.TENSOR:
            yield _tensor(batch.column(i), field)
        else:
            yield _single(batch.column(i), field, kind)
    for (dtype, kind), columns in numeric.items():
        arrays = [numbers(batch.column(i)) for i in columns]
        yield Group(
            names=tuple(batch.schema.names[i] for i in columns),
            dtype=dtype,
            kind=kind,
            values=_stack([values for values, _ in arrays]),
            valid=_stack_valid([valid for _, valid in arrays], batch.num_rows),
        )


def numbers(array: pa.Array) -> tuple[NDArray[Any], NDArray[np.bool_] | None]:
    """Values of a numeric, boolean, decimal or temporal Arrow array, and where they are valid.

    Temporal values are their integers in the column's own unit; what stands under a null is unspecified.
    """
    if t.is_dictionary(array.type):
        array = array.cast(array.type.value_type)
    valid = ~np.asarray(array.is_null()) if array.null_count else None
    return np.asarray(_bits(array.fill_null(_zero(array.type)) if array.null_count else array)), valid


def _zero(type_: pa.DataType) -> pa.Scalar:
    return pa.scalar(False if t.is_boolean(type_) else 0, pa.int64() if t.is_temporal(type_) else None).cast(type_)


def _bits(array: pa.Array) -> pa.Array:
    type_ = array.type
    if t.is_boolean(type_):
        return array.cast(pa.uint8())
    if t.is_decimal(type_):
        return array.cast(pa.float64())
    if t.is_temporal(type_):
        return array.cast(pa.int32() if type_.bit_width == 32 else pa.int64()).cast(pa.int64())
    return array


def _stack(arrays: list[NDArray[Any]]) -> NDArray[Any]:
    if len(arrays) == 1:
        return arrays[0].reshape(-1, 1)
    block = np.empty((len(arrays), len(arrays[0])), arrays[0].dtype)
    for row, values in zip(block, arrays, strict=True):
        row[:] = values
    return block.T


def _stack_valid(masks: list[NDArray[np.bool_] | None], rows: int) -> NDArray[np.bool_] | None:
    if all(mask is None for mask in masks):
        return None
    return _stack([np.ones(rows, bool) if mask is None else mask for mask in masks])


def _tensor(array: pa.Array, field: pa.Field) -> Group:
    """A fixed-size list as one feature per element, named `name[i]`."""
    size = field.type.list_size
    flat, valid = numbers(array.values[array.offset * size : (array.offset + len(array)) * size])
    whole = np.repeat(~np.asarray(array.is_null()), size)
    valid = whole & valid if valid is not None else whole if array.null_count else None
    return Group(
        names=tuple(f"{field.name}[{i}]" for i in range(size)),
        dtype=str(field.type.value_type),
        kind=Kind.NUMERIC,
        values=flat.reshape(len(array), size),
        valid=None if valid is None else valid.reshape(len(array), size),
    )


def _single(array: pa.Array, field: pa.Field, kind: Kind) -> Group:
    mask = np.asarray(array.is_null()).reshape(-1, 1)
    return Group(names=(field.name,), dtype=str(field.type), kind=kind, values=array, valid=~mask)
