"""From the arguments of an expectation, which hold paths and digests, to what the checkers need."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from great_expectations.data_context.data_context.context_factory import project_manager
from great_expectations.exceptions.exceptions import DataContextRequiredError

from ...errors import InputError
from ..known import known
from ..questions import Known


def known_from(kwargs: Mapping[str, Any]) -> Known:
    """What an expectation's arguments say of training, profile and contract.

    Raises InputError for a file that is missing or is not the one that the suite was written for.
    """
    return known(kwargs, _located)


def _located(path: str) -> Path:
    """A relative path is one inside the project, beside great_expectations.yml, else in the working folder."""
    places = [Path(path)]
    try:
        store: Any = project_manager.get_expectations_store().store_backend
        places.insert(0, Path(store.full_base_directory).parent / path)
    except (DataContextRequiredError, AttributeError):  # no project, or one in memory
        pass
    found = next((place for place in places if place.is_file()), None)
    if found is None:
        tried = " and ".join(str(place.absolute()) for place in places)
        raise InputError(f"{path} does not exist; looked at {tried}: export the suite again")
    return found.absolute()
