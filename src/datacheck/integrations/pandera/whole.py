"""Schemas that validate the data whatever sort of frame they come in."""

from collections.abc import Mapping, Sequence
from functools import cache
from importlib import import_module
from typing import Any

from pandera.config import ValidationDepth, config_context

from .frames import shared_profiles

BACKENDS: Mapping[str, str] = {"pandas": "dataframe", "polars": "polars_dataframe"}
"""The modules of pandera that a schema may be for, and the `schema_type` that they write."""


def whole(schema: Any) -> Any:
    """The same schema, which checks the values of a polars LazyFrame as well.

    By itself pandera looks at the names and types of a LazyFrame alone, and passes it; and of a polars frame
    that lacks a column and fails a check, too, it can make no report. A frame is profiled once for all
    questions.
    """
    api = type(schema).__module__.split(".")[2]  # pandera.api.polars.container
    result: Any = object.__new__(_class(api))
    vars(result).update(vars(schema))
    return result


@cache
def _class(api: str) -> type:
    base: Any = import_module(f"pandera.{api}").DataFrameSchema

    class DataFrameSchema(base):  # type: ignore[misc]
        """pandera's own, which passes over nothing."""

        def validate(self, check_obj: Any, *args: Any, **kwargs: Any) -> Any:
            with config_context(validation_depth=ValidationDepth.SCHEMA_AND_DATA), shared_profiles():
                return super().validate(check_obj, *args, **kwargs)

        @classmethod
        def get_backend(cls, check_obj: Any = None, check_type: Any = None) -> Any:
            backend = base.get_backend(check_obj, check_type)
            if api == "polars":
                told = backend.failure_cases_metadata
                backend.failure_cases_metadata = lambda name, errors: told(name, _texts(errors))
            return backend

    DataFrameSchema.__module__ = base.__module__
    return DataFrameSchema


def _texts(errors: Sequence[Any]) -> Sequence[Any]:
    """The errors with their failure cases of one type: pandera 0.35 cannot join `False` and a column's name."""
    for error in errors:
        if isinstance(error.failure_cases, bool):
            error.failure_cases = str(error.failure_cases)
    return errors
