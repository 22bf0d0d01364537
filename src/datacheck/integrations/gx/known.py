"""From the arguments of an expectation, which hold paths and digests, to what the checkers need."""

import hashlib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from great_expectations.data_context.data_context.context_factory import project_manager
from great_expectations.exceptions.exceptions import DataContextRequiredError

from ...errors import InputError
from ...normalization import Normalization
from ...profiles import Profile
from ...saved import load
from ...schema import Schema, Training
from ..questions import Known

_TRAINING = ("batch_size", "precision", "shuffled")


def known_from(kwargs: Mapping[str, Any]) -> Known:
    """What an expectation's arguments say of training, profile and contract.

    Raises InputError for a file that is missing or is not the one that the suite was written for.
    """
    given = {key: value for key, value in kwargs.items() if value is not None}
    return Known(
        training=Training(**{key: given[key] for key in _TRAINING if key in given}),
        thresholds=given.get("thresholds", {}),
        reference=_profile(given) if "profile" in given else None,
        contract=_contract(given) if "contract" in given else None,
    )


def digest(content: bytes) -> str:
    """What an expectation says of a file's content: 16 hexadecimal digits of its SHA-256.

    >>> digest(b"")
    'e3b0c44298fc1c14'
    """
    return hashlib.sha256(content).hexdigest()[:16]


def _profile(given: Mapping[str, Any]) -> tuple[Profile, Schema]:
    path = _located(given["profile"])
    return _loaded(path, _checked(path, given.get("profile_digest")))


def _contract(given: Mapping[str, Any]) -> Normalization:
    path = _located(given["contract"])
    _checked(path, given.get("contract_digest"))
    return Normalization.load(path)


@lru_cache(maxsize=8)
def _loaded(path: Path, content: str) -> tuple[Profile, Schema]:
    """A profile; the digest of its content tells a changed file from the one that was read before."""
    return load(path)


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


def _checked(path: Path, expected: str | None) -> str:
    found = digest(path.read_bytes())
    if expected is not None and found != expected:
        raise InputError(
            f"{path} has the digest {found}, but the suite was written for {expected}; "
            "export the suite again, so that both are of one profile"
        )
    return found
