"""The kind of a column, decided once, from its Arrow field alone."""

from enum import StrEnum
from functools import lru_cache

import pyarrow as pa
import pyarrow.types as t


class Kind(StrEnum):
    """What a column's values are; every statistic says which kinds it serves.

    An IMAGE column describes images (pixels per channel, width, mode) and is no feature by itself.
    """

    NUMERIC = "numeric"
    TEXT = "text"
    TIMESTAMP = "timestamp"
    TENSOR = "tensor"
    IMAGE = "image"
    OTHER = "other"


IMAGE_METADATA = {b"datacheck.kind": b"image"}  # of a field that describes images


def kind_of(field: pa.Field) -> Kind:
    """The kind of an Arrow field. Dictionaries count as text: few levels or many is a matter of the data.

    >>> kind_of(pa.field("x", pa.float32())), kind_of(pa.field("city", pa.string()))
    (<Kind.NUMERIC: 'numeric'>, <Kind.TEXT: 'text'>)
    """
    if (field.metadata or {}).items() >= IMAGE_METADATA.items():
        return Kind.IMAGE
    return _kind(field.type)


@lru_cache
def _kind(type_: pa.DataType) -> Kind:
    if t.is_dictionary(type_):
        return _kind(type_.value_type)
    if t.is_boolean(type_) or t.is_integer(type_) or t.is_floating(type_) or t.is_decimal(type_):
        return Kind.NUMERIC
    if t.is_string(type_) or t.is_large_string(type_) or t.is_string_view(type_):
        return Kind.TEXT
    if t.is_temporal(type_) and not t.is_interval(type_):
        return Kind.TIMESTAMP
    if t.is_fixed_size_list(type_) and _kind(type_.value_type) is Kind.NUMERIC:
        return Kind.TENSOR
    return Kind.OTHER
