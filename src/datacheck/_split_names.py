"""What splits are called: in words, in paths, and in which order they are shown."""

import re
from collections.abc import Mapping
from typing import TypeVar

T = TypeVar("T")
SPLIT_NAMES = {
    "train": ("train", "training"),
    "val": ("val", "valid", "validation", "dev"),
    "test": ("test", "testing", "holdout"),
}
_CANONICAL = {word: name for name, words in SPLIT_NAMES.items() for word in words}
_WORD = re.compile(r"[^a-z0-9]+")


def canonical(name: str) -> str:
    """The name under which a split is reported.

    >>> canonical("Validation"), canonical("2024")
    ('val', '2024')
    """
    return _CANONICAL.get(name.lower(), name)


def split_of(name: str) -> str | None:
    """The split that a path's folders or file stem name, the outermost folder first."""
    *folders, file = name.split("/")
    for folder in folders:
        if folder.lower() in _CANONICAL:
            return _CANONICAL[folder.lower()]
    words = _WORD.split(file.lower().split(".")[0]) if "." in file else _WORD.split(file.lower())
    words += _WORD.split(file.lower())[:-1]
    return next((_CANONICAL[word] for word in words if word in _CANONICAL), None)


def in_order(splits: Mapping[str, T]) -> dict[str, T]:
    """Training, validation and test first, then the others by name."""
    order = list(SPLIT_NAMES)
    return dict(
        sorted(splits.items(), key=lambda item: (order.index(item[0]) if item[0] in order else 99, item[0]))
    )
