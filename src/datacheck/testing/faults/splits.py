"""The tables that a fault is planted into."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from ...dataset import Split, find, find_label
from ...errors import NotApplicable
from ...kinds import Kind, kind_of
from ...sources.base import settled
from ..examples import make_profile

Numbers = NDArray[np.float64]
Rows = NDArray[np.intp]
FEWEST_VALUES = 10  # different values above which a numeric feature is a measurement, not a code


@dataclass(frozen=True, kw_only=True)
class Splits:
    """Tables by split, the training split first, with the label and the task; every change is a copy."""

    tables: Mapping[str, pa.Table]
    label: str | None = None
    task: str | None = None

    @classmethod
    def of(cls, data: Any, *, label: str | None = None, task: str | None = None) -> Self:
        """Reads every row of a table, a path, or a mapping of split names to those, into memory."""
        found = find(data).splits
        tables = {name: _read(split) for name, split in found.items()}
        return cls.known(tables, find_label(next(iter(tables.values())).column_names, label), task)

    @classmethod
    def known(cls, tables: Mapping[str, pa.Table], label: str | None, task: str | None = None) -> Self:
        """Tables whose label is known; the task is inferred unless it is given."""
        schema = make_profile(tables, label=label, task=task).schema
        return cls(tables=tables, label=label, task=schema.task)

    @property
    def first(self) -> str:
        """Name of the training split."""
        return "train" if "train" in self.tables else next(iter(self.tables))

    @property
    def last(self) -> str:
        """Name of the split that is held against training."""
        return list(self.tables)[-1]

    @property
    def train(self) -> pa.Table:
        """The training rows."""
        return self.tables[self.first]

    @property
    def features(self) -> tuple[str, ...]:
        """Every column of the training split but the label."""
        return tuple(name for name in self.train.column_names if name != self.label)

    @cached_property
    def numbers(self) -> tuple[str, ...]:
        """Numeric features with many different values, in every split; NotApplicable where there is none."""
        common = [n for n in self.features if all(n in table.column_names for table in self.tables.values())]
        found = tuple(name for name in common if _measures(self.train, name))
        if not found:
            raise NotApplicable(f"no numeric feature has more than {FEWEST_VALUES} different values")
        return found

    def pick(self, rng: np.random.Generator) -> str:
        """A numeric feature at random."""
        return str(rng.choice(self.numbers))

    def of_task(self, task: str) -> str:
        """The label, if the task is this one; raises NotApplicable otherwise."""
        if self.label is None:
            raise NotApplicable("no label column is known; name it with --label")
        if self.task != task:
            raise NotApplicable(f"the task is {self.task}; the fault is one of {task}")
        return self.label

    def labelled(self) -> str:
        """The label; raises NotApplicable where there is none."""
        if self.label is None or any(self.label not in table.column_names for table in self.tables.values()):
            raise NotApplicable("not every split has a known label; name it with --label")
        return self.label

    def values(self, split: str, name: str) -> Numbers:
        """A numeric column as floats, NaN where it is null, shape (rows,)."""
        column = self.tables[split].column(name)
        return np.asarray(column.cast(pa.float64(), safe=False).to_numpy(), np.float64).copy()

    def spread(self, name: str) -> float:
        """Standard deviation of a feature over the finite training values."""
        values = self.values(self.first, name)
        return float(np.std(values[np.isfinite(values)]))

    def classes(self, split: str) -> NDArray[Any]:
        """The labels of a split as Python objects, None where one is missing, shape (rows,)."""
        return np.array([*self.tables[split].column(self.labelled()).to_pylist(), None], object)[:-1]

    def with_column(self, split: str, name: str, values: Any) -> Self:
        """The same with a column put in the place of the old one, or appended."""
        table, array = self.tables[split], values
        if not isinstance(values, (pa.Array, pa.ChunkedArray)):
            array = pa.array(values, from_pandas=False)
        if name in table.column_names:
            return self.with_table(split, table.set_column(table.column_names.index(name), name, array))
        return self.with_table(split, table.append_column(name, array))

    def with_numbers(self, split: str, name: str, values: Numbers) -> Self:
        """The same with other numbers in a column: its nulls stay, and whole numbers where they fit."""
        old = self.tables[split].column(name)
        missing = np.asarray(old.is_null().to_numpy(), bool)
        array = pa.array(values, mask=missing)
        whole = pa.types.is_integer(old.type) and np.array_equal(values[~missing], np.rint(values[~missing]))
        return self.with_column(split, name, array.cast(pa.int64()) if whole else array)

    def with_labels(self, split: str, labels: NDArray[Any]) -> Self:
        """The same with other labels, of the type of the old ones."""
        name = self.labelled()
        array = pa.array(labels.tolist(), self.tables[split].schema.field(name).type)
        return self.with_column(split, name, array)

    def with_table(self, split: str, table: pa.Table) -> Self:
        """The same with another table for a split."""
        return replace(self, tables={**self.tables, split: table})

    def taking(self, split: str, rows: Rows) -> Self:
        """The same with these rows of a split, in this order."""
        return self.with_table(split, self.tables[split].take(pa.array(rows)))

    def at_least(self, count: int, rng: np.random.Generator) -> Self:
        """The same with at least so many splits: the last one is halved, a single one is cut 2 : 1."""
        tables = dict(self.tables)
        while len(tables) < count:
            name, last = list(tables.items())[-1]
            rows = rng.permutation(len(last))
            cut = 2 * len(last) // 3 if len(tables) == 1 else len(last) // 2
            names = ("train", "test") if len(tables) == 1 else ("val", "test")
            del tables[name]
            tables |= {names[0]: last.take(pa.array(rows[:cut])), names[1]: last.take(pa.array(rows[cut:]))}
        return replace(self, tables=tables)


def share_of(rows: int, share: float, rng: np.random.Generator) -> Rows:
    """Row numbers: this share of the rows, at random, at least one."""
    return rng.permutation(rows)[: max(1, round(share * rows))]


def _read(split: Split) -> pa.Table:
    batches = [b for source in split.sources for piece in source.pieces() for b in settled(piece)]
    tables = [pa.table(batch) for batch in batches]
    if not tables:
        return split.schema.empty_table()
    return pa.concat_tables(tables, promote_options="permissive").combine_chunks()


def _measures(table: pa.Table, name: str) -> bool:
    field = table.schema.field(name)
    if kind_of(field) is not Kind.NUMERIC or pa.types.is_boolean(field.type):
        return False
    finite = pc.is_finite(table.column(name).cast(pa.float64(), safe=False))
    return len(pc.unique(table.column(name).filter(finite))) > FEWEST_VALUES
