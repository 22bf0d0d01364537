"""What every planted fault is."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa

from ..._discover import kebab
from ...finding import Severity
from ...schema import Training
from .splits import Splits


@dataclass(frozen=True, kw_only=True)
class Planted:
    """Data with a fault, and where it stands.

    `split` holds the fault; `columns` are the features it was put into, none where it is in the labels, in
    the order or in whole rows; `rows` are the row numbers of that split (0-based), none where it is in all.
    `training` is how the network must be trained for the fault to be one, None where that does not matter.
    """

    splits: Mapping[str, pa.Table]
    split: str
    columns: tuple[str, ...] = ()
    rows: tuple[int, ...] = ()
    label: str | None = None
    task: str | None = None
    training: Training | None = None


class Fault(ABC):
    """One fault that can be put into data, in grades; a call plants it and says where.

    The class's name is that of the checker that looks for it. `unit` says what a strength is, `strengths`
    are the grades of the self-test, the weakest first. A finding of `severity` and above counts as found.
    `resplit` says whether rows of any table, drawn into splits at random, are free of the fault.
    """

    name: ClassVar[str]
    unit: ClassVar[str]
    strengths: ClassVar[tuple[float, ...]]
    severity: ClassVar[Severity] = Severity.WARNING
    resplit: ClassVar[bool] = False
    task: ClassVar[str | None] = None
    needs: ClassVar[int] = 1

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        cls.name = kebab(cls.__name__)

    def __call__(
        self, data: Any, strength: float, *, label: str | None = None, task: str | None = None, seed: int = 0
    ) -> Planted:
        """Plants the fault into data: a table, a path, or a mapping of split names to those.

        A single table is cut at random where the fault lies between splits. Raises NotApplicable where the
        data cannot have the fault, InputError for data that cannot be read.
        """
        rng = np.random.default_rng(seed)
        return self.plant(Splits.of(data, label=label, task=task), strength, rng)

    def plant(self, data: Splits, strength: float, rng: np.random.Generator) -> Planted:
        """The same for splits in memory, which must not be changed."""
        return self._plant(data.at_least(self.needs, rng), strength, rng)

    @abstractmethod
    def _plant(self, data: Splits, strength: float, rng: np.random.Generator) -> Planted:
        """Plants the fault into data of as many splits as it `needs`."""


def planted(
    data: Splits,
    split: str,
    *,
    columns: tuple[str, ...] = (),
    rows: Any = (),
    training: Training | None = None,
) -> Planted:
    """What a fault returns, from the splits that it changed."""
    return Planted(
        splits=data.tables,
        split=split,
        columns=columns,
        rows=tuple(sorted(int(row) for row in rows)),
        label=data.label,
        task=data.task,
        training=training,
    )
