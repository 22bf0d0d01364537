"""The columns at hand, from rows or from a profile."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ..errors import ContractError
from ..profiles import Profile
from .frames import Numbers, check, columns_of
from .readings import Observed, Reference

if TYPE_CHECKING:
    from .contract import Normalization


@dataclass(frozen=True, slots=True)
class Given:
    """The numeric columns, the different labels or the target if there are any, and whose rows they are."""

    columns: tuple[Observed, ...]
    labels: tuple[Any, ...] | None = None
    target: Observed | None = None
    same_data: bool | None = None

    @property
    def rows(self) -> int:
        """Finite values of the column that has most."""
        return max((o.n for o in self.columns), default=0)


def observe(contract: "Normalization", x: Any, reference: Reference, ignore: Sequence[str]) -> Given:
    """The columns of the reference in `x`; ContractError where they are not there."""
    if isinstance(x, Profile):
        return _of_profile(contract, x, reference)
    if isinstance(x, np.ndarray):
        return Given(tuple(_of_array(contract, x, reference)))
    table = x if isinstance(x, (pa.Table, pa.RecordBatch)) else _arrow(x)
    check(contract, table.schema, ignore, reorder=True)
    columns = columns_of(table)
    seen = tuple(Observed.of(Numbers.of(columns[name]).values) for name in reference.names)
    label = contract.label
    if label is None or label.name not in columns:
        return Given(seen)
    if label.task == "regression":
        return Given(seen, target=Observed.of(Numbers.of(columns[label.name]).values))
    return Given(seen, labels=tuple(columns[label.name].unique().to_pylist()))


def _arrow(x: Any) -> pa.Table:
    if type(x).__module__.partition(".")[0] == "pandas":
        return pa.Table.from_pandas(x.set_axis([str(c) for c in x.columns], axis=1), preserve_index=False)
    if not hasattr(x, "__arrow_c_stream__"):
        raise ContractError(f"{type(x).__name__} given; expected an array, a table or a Profile of the rows")
    return pa.table(x)


def _of_profile(contract: "Normalization", profile: Profile, reference: Reference) -> Given:
    missing = [name for name in reference.names if name not in profile]
    if missing:
        raise ContractError(f"the profile has no column {missing[0]!r}, which the contract was fitted on")
    seen = tuple(Observed.of_column(profile[name]) for name in reference.names)
    same, label = contract.fitted_on(profile), contract.label
    if label is None or label.name not in profile:
        return Given(seen, same_data=same)
    column = profile[label.name]
    if label.task == "regression":
        return Given(seen, target=Observed.of_column(column), same_data=same)
    levels = column.levels.counts if column.levels is not None else None
    return Given(seen, labels=None if levels is None else tuple(levels), same_data=same)


def _of_array(contract: "Normalization", x: NDArray[Any], reference: Reference) -> Iterator[Observed]:
    image = next((f for f in contract if f.channels), None)
    if image is not None and x.ndim > 2:
        return (Observed.of(plane) for plane in _planes(x, len(image.channels)))
    names = [f.name for f in contract if f.in_matrix]
    if x.ndim != 2 or x.shape[1] != len(names):
        raise ContractError(f"an array of shape {x.shape} given, (rows, {len(names)}) expected")
    return (Observed.of(x[:, names.index(name)]) for name in reference.names)


def _planes(x: NDArray[Any], channels: int) -> Iterator[NDArray[Any]]:
    """Channels of (…, height, width, channels) or (…, channels, height, width)."""
    if channels not in (x.shape[-1], x.shape[-3]):
        raise ContractError(
            f"images of shape {x.shape} given, {channels} channels expected, last or third from last"
        )
    axis = -1 if x.shape[-1] == channels else -3
    return (x.take(i, axis=axis) for i in range(channels))
