"""Spark dataframes, recognised without importing pyspark; their rows stay where they are."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, NoReturn, Self

import pyarrow as pa

from ..errors import InputError
from .base import Source, check_columns
from .locations import Location


@dataclass(frozen=True, eq=False)
class SparkFrame(Source):
    """A Spark dataframe: the Spark engine profiles it where its partitions are, nothing else reads it."""

    frame: Any
    name: str

    @classmethod
    def open(cls, path: Location, name: str) -> Self:
        raise InputError(f"{path} is a path; a Spark dataframe was expected")

    @cached_property
    def schema(self) -> pa.Schema:
        return check_columns(self.frame.limit(0).toArrow().schema.remove_metadata(), self.name)

    @property
    def rows(self) -> None:
        return None

    @property
    def fingerprint(self) -> str:
        """None of the whole: every partition has its own."""
        return ""

    def pieces(self) -> NoReturn:
        raise InputError(
            f"{self.name} is a Spark dataframe, which can be profiled and compared but not read row by row; "
            "write it as Parquet and give the path"
        )


def is_spark(value: object) -> bool:
    """Whether a value is a Spark dataframe, classic or Connect."""
    return type(value).__module__.startswith("pyspark.sql.") and type(value).__name__ == "DataFrame"
