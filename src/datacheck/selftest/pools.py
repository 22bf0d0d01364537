"""Where the self-test draws clean data from."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import pyarrow as pa

from ..config import Config
from ..dataset import find
from ..engines.assemble import profile_dataset
from ..errors import ConfigError, InputError
from ..testing.faults import Splits

MOST = 5000  # training rows of the user's data unless more are asked for: what the shift models read
_TASKS = ("classification", "regression")


class Pool(ABC):
    """A population: any number of data sets can be drawn from it."""

    name: str
    tasks: tuple[str | None, ...]

    @abstractmethod
    def draw(self, rows: int, task: str | None, rng: np.random.Generator) -> Splits:
        """Splits of which the training split has so many rows."""

    @abstractmethod
    def sizes(self, wanted: tuple[int, ...]) -> tuple[int, ...]:
        """The training rows to draw; raises ConfigError where the pool has too few."""


@dataclass(frozen=True)
class Bundled(Pool):
    """Drawn tables of eight features of mixed kinds and sizes, with a label that depends on three of them.

    Half of the data sets have three classes, half a target. All features have spreads within a factor of 4
    and sizes between 0.5 and 5, no tails, no copies, no missing values; a quarter of the variance of the label's
    score is noise.
    """

    name: str = "bundled"
    tasks: tuple[str | None, ...] = _TASKS

    def sizes(self, wanted: tuple[int, ...]) -> tuple[int, ...]:
        return wanted or (1000,)

    def draw(self, rows: int, task: str | None, rng: np.random.Generator) -> Splits:
        scale, offset = rng.uniform(0.7, 2.8, 5), rng.uniform(-3, 3, 5)
        tables = {
            name: _table(count, task, scale, offset, rng)
            for name, count in (("train", rows), ("test", max(rows // 2, 1)))
        }
        return Splits(tables=tables, label="label", task=task)


@dataclass(frozen=True)
class OwnRows(Pool):
    """Rows of the user's, all splits together, permuted and cut into splits of the same proportions.

    Whatever was true of the splits or of the order is gone then; what is true of columns and rows stays.
    """

    name: str
    table: pa.Table
    shares: dict[str, float]
    label: str | None
    task: str | None

    @classmethod
    def of(cls, data: Any, config: Config) -> Self:
        """A sample of at most 65,536 rows of each split; raises InputError where the splits do not agree."""
        found = profile_dataset(
            find(data, split_column=config.split_column),
            label=config.label,
            task=config.task,
            seed=config.seed,
        )
        columns = list(found.train.columns)
        alike = {name: p for name, p in found.splits.items() if not set(columns) - set(p.columns)}
        tables = [profile.sample.table for profile in alike.values() if profile.sample.table is not None]
        shares = {name: profile.rows / found.train.rows for name, profile in alike.items()}
        if len(shares) == 1:
            shares = {"train": 1.0, "test": 0.5}
        return cls(str(data), _together(tables, columns), shares, found.schema.label, found.schema.task)

    @property
    def tasks(self) -> tuple[str | None, ...]:  # type: ignore[override]
        return (self.task,)

    def sizes(self, wanted: tuple[int, ...]) -> tuple[int, ...]:
        most = int(len(self.table) / sum(self.shares.values()))
        if wanted and max(wanted) > most:
            raise ConfigError(
                f"{max(wanted):,} training rows were asked for, but the data give {most:,} beside their other "
                f"splits; expected --rows {most} or less"
            )
        return wanted or (min(most, MOST),)

    def draw(self, rows: int, task: str | None, rng: np.random.Generator) -> Splits:
        order, start, tables = rng.permutation(len(self.table)), 0, {}
        for name, share in self.shares.items():
            count = max(round(share * rows), 1)
            tables[name] = self.table.take(pa.array(order[start : start + count]))
            start += count
        return Splits(tables=tables, label=self.label, task=self.task)


def _together(tables: list[pa.Table], columns: list[str]) -> pa.Table:
    try:
        chosen = [table.select(columns) for table in tables]
        return pa.concat_tables(chosen, promote_options="permissive").combine_chunks()
    except pa.ArrowException as error:
        raise InputError(
            f"the splits cannot be put together: {str(error).splitlines()[0]}; expected the same types in all"
        ) from error


def _table(
    rows: int, task: str | None, scale: np.ndarray, offset: np.ndarray, rng: np.random.Generator
) -> pa.Table:
    z = rng.standard_normal((rows, 5))
    score = z[:, 0] + z[:, 1] + 0.5 * z[:, 2] * (z[:, 0] > 0) + 0.8 * rng.standard_normal(rows)
    columns = {f"x{i}": offset[i] + scale[i] * z[:, i] for i in range(5)}
    columns["share"] = rng.random(rows)
    columns["count"] = rng.poisson(3, rows)
    columns["flag"] = (rng.random(rows) < 0.3).astype(np.int64)
    columns["kind"] = np.array(["ash", "beech", "elm", "oak"])[rng.integers(0, 4, rows)]
    classes = np.digitize(score, [-0.8, 0.8])
    return pa.table({**columns, "label": classes if task == "classification" else score / 1.8})
