"""The contract on numpy arrays, pandas, and Arrow, with one arithmetic for all."""

import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from .._precision import limits
from ..errors import ContractError
from .arithmetic import Matrix
from .feature import Feature
from .frames import Numbers, check, codes, columns_of, fill_code
from .images import image_feature, transform_images

if TYPE_CHECKING:
    from .contract import Normalization

STORED = {"float64": "float64", "float32": "float32", "float16": "float16", "bfloat16": "float32"}
"""numpy's type for the results in a precision."""


def transform(
    contract: "Normalization", x: Any, *, ignore: Sequence[str], reorder: bool, dtype: str | None
) -> Any:
    """Normalised `x`, of the sort that was given."""
    precision = limits(dtype or contract.precision).name
    if isinstance(x, np.ndarray):
        return matrix(contract, x, precision)

    def normalised(batch: pa.RecordBatch) -> pa.RecordBatch:
        check(contract, batch.schema, ignore, reorder)
        return _batch(contract, batch, precision)

    def as_matrix(frame: Any) -> NDArray[Any] | None:
        """The fast way, for a dataframe of one float type in which every column becomes one column."""
        if contract.outputs != contract.names or not set(map(str, frame.dtypes)) <= {"float32", "float64"}:
            return None
        if tuple(frame.columns) != contract.names:
            return None
        return matrix(contract, frame.to_numpy(), precision)

    return _like(x, normalised, as_matrix)


def _like(x: Any, change: Any, quick: Any = None) -> Any:
    """A batchwise change of a table, in the form that the table came in."""
    if isinstance(x, pa.RecordBatch):
        return change(x)
    if isinstance(x, pa.RecordBatchReader):
        empty = change(_empty(x.schema))
        return pa.RecordBatchReader.from_batches(empty.schema, (change(batch) for batch in x))
    if isinstance(x, pa.Table):
        return _table(x, change)
    module = type(x).__module__.partition(".")[0]
    if module == "pandas":
        return _pandas(x, change, quick)
    if hasattr(x, "__arrow_c_stream__"):
        result = _table(pa.table(x), change)
        return sys.modules["polars"].from_arrow(result) if module == "polars" else result
    raise ContractError(
        f"{type(x).__name__} given; expected a numpy array (rows, features), a pandas dataframe, a pyarrow "
        "Table, RecordBatch or RecordBatchReader, or a dataframe with the Arrow C stream; tensors "
        "go through `to_torch()`"
    )


def _empty(schema: pa.Schema) -> pa.RecordBatch:
    return pa.RecordBatch.from_arrays([pa.array([], field.type) for field in schema], schema=schema)


def _table(x: pa.Table, change: Any) -> pa.Table:
    changed = [change(batch) for batch in x.to_batches()]
    return pa.Table.from_batches(changed or [change(_empty(x.schema))])


def _pandas(x: Any, change: Any, quick: Any) -> Any:
    array = None if quick is None else quick(x)
    if array is not None:
        return type(x)(array, index=x.index, columns=x.columns, copy=False)
    plain = x.set_axis([str(name) for name in x.columns], axis=1)
    try:
        table = pa.Table.from_pandas(plain, preserve_index=False)
    except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
        raise ContractError(f"the dataframe has a column of mixed types: {error}") from error
    return _table(table.replace_schema_metadata(), change).to_pandas().set_axis(x.index, axis=0)


def _batch(contract: "Normalization", batch: pa.RecordBatch, precision: str) -> pa.RecordBatch:
    columns = columns_of(batch)
    result: dict[str, pa.Array] = {}
    # one block for all: numpy puts large ones on huge pages
    block = np.empty((sum(len(f.outputs) for f in contract), batch.num_rows), STORED[precision])
    place = 0
    for feature in contract:
        end = place + len(feature.outputs)
        result.update(_outputs(feature, columns[feature.name], precision, block[place:end].T))
        place = end
    if contract.label is not None and contract.label.name in columns:
        result[contract.label.name] = columns[contract.label.name]
    return pa.RecordBatch.from_arrays(list(result.values()), names=list(result))


def _outputs(
    feature: Feature, array: pa.Array, precision: str, block: NDArray[Any]
) -> Iterator[tuple[str, pa.Array]]:
    if not feature.in_matrix and feature.action == "none":
        return iter([(feature.name, array)])
    if feature.action == "one_hot":
        _one_hot(feature, codes(feature, array), _missing(array), block)
    elif not feature.numeric:
        block[...] = 0
    else:
        _numbers(feature, Numbers.of(array), precision, block)
    return ((name, pa.array(block[:, i])) for i, name in enumerate(feature.outputs))


def _missing(array: pa.Array) -> NDArray[np.bool_]:
    return np.asarray(array.is_null(nan_is_null=True))


def _numbers(feature: Feature, given: Numbers, precision: str, out: NDArray[Any]) -> None:
    """Writes the one normalised column of a feature with numbers, and its indicator."""
    column = out[:, :1] if out[:, :1].flags.c_contiguous else np.empty((len(out), 1), out.dtype)
    Matrix.of([feature], precision).forward(given.column, column)
    out[:, :1] = column
    if feature.missing_indicator:
        out[:, 1] = given.missing


def _one_hot(
    feature: Feature, code: NDArray[np.int64], missing: NDArray[np.bool_], out: NDArray[Any]
) -> None:
    out[...] = 0
    rows = np.flatnonzero(code >= 0)
    out[rows, code[rows]] = 1
    if feature.missing_indicator:
        out[:, -1] = missing


def inputs(contract: "Normalization") -> tuple[Feature, ...]:
    """Features that are columns of a matrix of numbers."""
    return tuple(feature for feature in contract if feature.in_matrix)


def matrix(contract: "Normalization", x: NDArray[Any], precision: str) -> NDArray[Any]:
    """Normalised array of shape (rows, outputs)."""
    if x.ndim > 2 and any(feature.channels for feature in contract):
        images = np.empty(x.shape, STORED[precision])
        transform_images(image_feature(contract, None), x, images)
        return images
    if x.dtype.kind in "OUS":
        return to_matrix(contract, _from_objects(contract, x), precision)
    features = inputs(contract)
    x = checked(x, len(features))
    columnwise = x.flags.f_contiguous and not x.flags.c_contiguous
    out = np.empty((len(x), len(contract.outputs)), STORED[precision], order="F" if columnwise else "C")
    if len(features) == len(contract.outputs) and all(feature.numeric for feature in features):
        Matrix.of(features, precision).forward(x, out)
        return out
    place = 0
    for j, feature in enumerate(features):
        width = len(feature.outputs)
        given = Numbers(x[:, j])
        if feature.action == "one_hot":
            _one_hot(feature, _numbered(feature, given), given.missing, out[:, place : place + width])
        else:
            _numbers(feature, given, precision, out[:, place : place + width])
        place += width
    return out


def checked(x: NDArray[Any], width: int) -> NDArray[Any]:
    """A matrix of numbers of this width, or ContractError."""
    if x.dtype.kind not in "biuf":
        raise ContractError(f"an array of {x.dtype} given, numbers expected")
    if x.ndim != 2 or x.shape[1] != width:
        raise ContractError(
            f"an array of shape {x.shape} given, (rows, {width}) expected: the features of the contract"
        )
    return x


def _numbered(feature: Feature, given: Numbers) -> NDArray[np.int64]:
    """Category numbers of a column of numbers: of the categories themselves, or, for texts, their numbers."""
    if feature.numeric:
        return codes(feature, pa.array(given.values))
    last = len(feature.categories)
    known = (given.values >= 0) & (given.values < last) & (given.values == np.floor(given.values))
    code = np.where(known, np.where(known, given.values, 0), last).astype(np.int64)
    return np.where(given.missing, fill_code(feature), code)


def _from_objects(contract: "Normalization", x: NDArray[Any]) -> pa.Table:
    if x.ndim != 2 or x.shape[1] != len(contract):
        raise ContractError(f"an array of shape {x.shape} given, (rows, {len(contract)}) expected")
    try:
        return pa.table(
            {f.name: pa.array(x[:, j].tolist(), from_pandas=True) for j, f in enumerate(contract)}
        )
    except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
        raise ContractError(f"the array has a column of mixed types: {error}") from error


def to_matrix(contract: "Normalization", x: Any, precision: str) -> NDArray[Any]:
    """Normalised matrix (rows, outputs) of an array or a table."""
    if isinstance(x, np.ndarray):
        return matrix(contract, x, precision)
    result = transform(contract, x, ignore=(), reorder=False, dtype=precision)
    out = np.empty((len(result), len(contract.outputs)), STORED[precision])
    for j, name in enumerate(contract.outputs):
        out[:, j] = np.asarray(result[name])
    return out


def inverse(contract: "Normalization", y: Any) -> Any:
    """Values in the units of the features, of the sort that was given."""
    if isinstance(y, np.ndarray):
        return _inverse_matrix(contract, checked(y, len(contract.outputs)))
    return _like(y, lambda batch: _inverse_batch(contract, batch))


def _inverse_matrix(contract: "Normalization", y: NDArray[Any]) -> NDArray[np.float64]:
    """Texts come back as category numbers, NaN where the category was unknown."""
    out = np.empty((len(y), len(inputs(contract))))
    place = 0
    for j, feature in enumerate(inputs(contract)):
        width = len(feature.outputs)
        out[:, j] = _inverse_block(feature, y[:, place : place + width])
        place += width
    return out


def _inverse_block(feature: Feature, block: NDArray[Any]) -> NDArray[np.float64]:
    block = block.astype(np.float64)
    if feature.action == "one_hot":
        number = (
            block[:, : len(feature.categories)].argmax(axis=1) if feature.categories else np.zeros(len(block))
        )
        categories = (
            np.asarray(feature.categories, float) if feature.numeric else np.arange(len(feature.categories))
        )
        some = block[:, : len(feature.categories)].max(axis=1, initial=0) > 0
        return np.where(some, categories[number], np.nan)
    values = Matrix.of([feature], "float64").inverse(block[:, :1])[:, 0]
    return np.where(block[:, 1] > 0, np.nan, values) if feature.missing_indicator else values


def _inverse_batch(contract: "Normalization", batch: pa.RecordBatch) -> pa.RecordBatch:
    columns = dict(zip(batch.schema.names, batch.columns, strict=True))
    missing = [name for f in contract for name in f.outputs if name not in columns]
    if missing:
        raise ContractError(
            f"the normalised column {missing[0]!r} is missing; expected {', '.join(contract.outputs)}"
        )
    result = {feature.name: _inverse_column(feature, columns) for feature in contract}
    if contract.label is not None and contract.label.name in columns:
        result[contract.label.name] = columns[contract.label.name]
    return pa.RecordBatch.from_arrays(list(result.values()), names=list(result))


def _inverse_column(feature: Feature, columns: dict[str, pa.Array]) -> pa.Array:
    if not feature.in_matrix:
        return columns[feature.name]
    block = np.column_stack([Numbers.of(columns[name]).values for name in feature.outputs])
    values = _inverse_block(feature, block)
    if feature.numeric:
        return pa.array(values, from_pandas=True)
    return pa.array([None if np.isnan(v) else feature.categories[int(v)] for v in values], pa.string())
