"""What a host's check is told in its arguments: paths with digests, and how training goes."""

import hashlib
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from ..errors import InputError
from ..normalization import Normalization
from ..profiles import Profile
from ..saved import load
from ..schema import Schema, Training
from .questions import Known

_TRAINING = ("batch_size", "precision", "shuffled")


def known(kwargs: Mapping[str, Any], locate: Callable[[str], Path]) -> Known:
    """What the arguments say of training, profile and contract; `locate` makes a path absolute.

    Raises InputError for a file that is missing or is not the one that the suite of checks was written for.
    """
    given = {key: value for key, value in kwargs.items() if value is not None}
    return Known(
        training=Training(**{key: given[key] for key in _TRAINING if key in given}),
        thresholds=given.get("thresholds", {}),
        reference=_profile(given, locate) if "profile" in given else None,
        contract=_contract(given, locate) if "contract" in given else None,
    )


def digest(content: bytes) -> str:
    """What is said of a file's content: 16 hexadecimal digits of its SHA-256.

    >>> digest(b"")
    'e3b0c44298fc1c14'
    """
    return hashlib.sha256(content).hexdigest()[:16]


def _profile(given: Mapping[str, Any], locate: Callable[[str], Path]) -> tuple[Profile, Schema]:
    path = locate(given["profile"])
    return _loaded(path, _checked(path, given.get("profile_digest")))


def _contract(given: Mapping[str, Any], locate: Callable[[str], Path]) -> Normalization:
    path = locate(given["contract"])
    _checked(path, given.get("contract_digest"))
    return Normalization.load(path)


@lru_cache(maxsize=8)
def _loaded(path: Path, content: str) -> tuple[Profile, Schema]:
    """A profile; the digest of its content tells a changed file from the one that was read before."""
    return load(path)


def _checked(path: Path, expected: str | None) -> str:
    found = digest(path.read_bytes())
    if expected is not None and found != expected:
        raise InputError(
            f"{path} has the digest {found}, but the suite was written for {expected}; "
            "export it again, so that both are of one profile"
        )
    return found
