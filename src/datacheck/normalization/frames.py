"""Whether a table fits the contract, and its columns as arrays."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.types as t
from numpy.typing import NDArray

from .._batch import numbers
from ..errors import ContractError, nearest
from ..kinds import Kind, kind_of
from .feature import Feature

if TYPE_CHECKING:
    from .contract import Normalization


def names_of(schema: pa.Schema) -> Iterator[tuple[str, pa.Field]]:
    """Column names with their fields; a tensor gives one name per element, as profiles have it."""
    for field in schema:
        if kind_of(field) is Kind.TENSOR:
            yield from ((f"{field.name}[{i}]", field) for i in range(field.type.list_size))
        else:
            yield field.name, field


def check(contract: "Normalization", schema: pa.Schema, ignore: Collection[str], reorder: bool) -> None:
    """ContractError that names missing, unknown, misplaced or mistyped columns."""
    label = contract.label.name if contract.label is not None else None
    given = [
        (name, field) for name, field in names_of(schema) if field.name not in ignore and name not in ignore
    ]
    names = [name for name, _ in given if name != label]
    _check_names(contract.names, names)
    if not reorder and tuple(names) != contract.names:
        _refuse_order(contract.names, names)
    for name, field in given:
        if name != label:
            _check_type(contract[name], field)


def _check_names(expected: tuple[str, ...], given: list[str]) -> None:
    missing, unknown = sorted({*expected} - {*given}), sorted({*given} - {*expected})
    twice = sorted({name for name in given if given.count(name) > 1}) if len({*given}) < len(given) else []
    if twice:
        raise ContractError(f"columns {_some(twice)} stand in the table more than once; rename or drop them")
    if missing:
        raise ContractError(
            f"columns {_some(missing)} of the contract are missing; {_hint(missing[0], unknown)}"
        )
    if unknown:
        raise ContractError(
            f"columns {_some(unknown)} are not in the contract; {nearest(unknown[0], expected)} "
            "Name those that it shall pass over in ignore=(...)"
        )


def _hint(missing: str, unknown: list[str]) -> str:
    return (
        nearest(missing, unknown).replace("expected one of", "not in the contract") if unknown else "add them"
    )


def _some(names: list[str]) -> str:
    return ", ".join(map(repr, names[:5])) + (f" and {len(names) - 5} more" if len(names) > 5 else "")


def _refuse_order(expected: tuple[str, ...], given: list[str]) -> None:
    place = next(i for i, (a, b) in enumerate(zip(expected, given, strict=True)) if a != b)
    raise ContractError(
        f"the columns have another order than the contract: at position {place} {given[place]!r} given, "
        f"{expected[place]!r} expected; select them in the order of contract.names, or say reorder=True"
    )


def _check_type(feature: Feature, field: pa.Field) -> None:
    type_ = field.type.value_type if t.is_fixed_size_list(field.type) else field.type
    numeric = kind_of(pa.field("", type_)) is Kind.NUMERIC
    if not t.is_null(type_) and numeric != feature.numeric:
        raise ContractError(
            f"the column {feature.name!r} is {type_}, the contract was fitted on {feature.dtype}"
        )


@dataclass(frozen=True, slots=True)
class Numbers:
    """A column of numbers, missing ones (null or NaN) as NaN."""

    values: NDArray[Any]

    @classmethod
    def of(cls, array: pa.Array) -> "Numbers":
        """From an Arrow column of numbers, or of nothing but nulls."""
        if t.is_null(array.type):
            return cls(np.full(len(array), np.nan))
        values, valid = numbers(array)
        if valid is None:
            return cls(values)
        wide = np.float32 if values.dtype in (np.float32, np.float16) else np.float64
        return cls(np.where(valid, values, np.nan).astype(wide))

    @property
    def missing(self) -> NDArray[np.bool_]:
        """Where there is no number."""
        if self.values.dtype.kind != "f":
            return np.zeros(len(self.values), bool)
        nan: NDArray[np.bool_] = np.isnan(self.values)
        return nan

    @property
    def column(self) -> NDArray[Any]:
        """The values as a matrix of one column."""
        return np.ascontiguousarray(self.values).reshape(-1, 1)


def columns_of(batch: pa.RecordBatch | pa.Table) -> dict[str, pa.Array]:
    """Arrow columns by name, tensors element by element."""
    result: dict[str, pa.Array] = {}
    for field, column in zip(batch.schema, batch.columns, strict=True):
        array = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
        if kind_of(field) is Kind.TENSOR:
            result.update(_elements(field.name, array))
        else:
            result[field.name] = array
    return result


def _elements(name: str, array: pa.Array) -> Iterator[tuple[str, pa.Array]]:
    for i in range(array.type.list_size):
        yield f"{name}[{i}]", pc.list_element(array, i)


def codes(feature: Feature, array: pa.Array) -> NDArray[np.int64]:
    """Category number per row, `len(categories)` where it is unknown and -1 where nothing is set."""
    if t.is_dictionary(array.type):
        array = array.cast(array.type.value_type)
    values = array.cast(pa.string()) if not feature.numeric else array.cast(pa.float64())
    known = pa.array([_category(c, feature.numeric) for c in feature.categories], values.type)
    found = pc.fill_null(pc.index_in(values, value_set=known), len(feature.categories))
    missing = np.asarray(values.is_null(nan_is_null=True))
    return np.where(missing, fill_code(feature), np.asarray(found).astype(np.int64))


def _category(value: Any, numeric: bool) -> Any:
    return float(value) if numeric else str(value)


def fill_code(feature: Feature) -> int:
    """Category number of the stated fill; -1 for none."""
    if feature.fill is None:
        return -1
    known = feature.categories
    return known.index(feature.fill) if feature.fill in known else len(known)
