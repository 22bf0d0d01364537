"""What pandera hands to a check, from pandas and polars alike, as Arrow and as a profile."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ..._batch import numbers
from ...dataset import find
from ...dataset_profile import DatasetProfile
from ...engines.assemble import profile_dataset
from ...kinds import Kind, kind_of

Floats = NDArray[np.float64]

_SHARED: ContextVar[dict[tuple[int, str | None], tuple[Any, DatasetProfile]] | None] = ContextVar(
    "datacheck_profiles", default=None
)


@contextmanager
def shared_profiles() -> Iterator[None]:
    """Within it a frame is profiled once for all its checks; beyond it the frame may have changed."""
    token = _SHARED.set({})
    try:
        yield
    finally:
        _SHARED.reset(token)


def profile_of(data: Any, label: str | None) -> DatasetProfile:
    """The profile of a whole frame; the label may be missing, as in rows that are yet to be labelled."""
    frame = getattr(data, "lazyframe", data)
    shared = _SHARED.get()
    key = (id(frame), label)
    if shared is not None and key in shared:
        return shared[key][1]
    dataset = find(_collected(frame))
    names = [name for split in dataset.splits.values() for name in split.schema.names]
    profile = profile_dataset(dataset, label=label if label in names else None)
    if shared is not None:
        shared[key] = (frame, profile)  # the frame is kept, so that its id is not given to another
    return profile


def rows_of(data: Any) -> int:
    """Rows of a whole frame."""
    return len(_collected(getattr(data, "lazyframe", data)))


def column_of(data: Any) -> pa.Array:
    """The column that a check is about; NaN in pandas is null, as pandas means it."""
    if hasattr(data, "lazyframe"):
        series = data.lazyframe.select(data.key).collect().to_series()
        array = series.to_arrow()
        return array.cast(pa.large_string()) if pa.types.is_string_view(array.type) else array
    return pa.Array.from_pandas(data)


def values_of(data: Any) -> Floats | None:
    """The finite values of a numeric column, shape (values,); None where it holds no numbers."""
    array = column_of(data)
    if pa.types.is_null(array.type):
        return np.empty(0)
    if kind_of(pa.field("", array.type)) is not Kind.NUMERIC:
        return None
    values, valid = numbers(array)
    found: Floats = (values if valid is None else values[valid]).astype(np.float64)
    return found[np.isfinite(found)]


def _collected(frame: Any) -> Any:
    return frame.collect() if hasattr(frame, "collect") else frame
