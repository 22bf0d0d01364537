"""Labels that are coded in another way than in training."""

from collections.abc import Callable
from typing import Any

from .labels import Labels


def label_mistake(labels: Labels | None, seen: tuple[Any, ...] | None) -> str | None:
    """How the different labels at hand are coded otherwise, or None; a new class alone is no other coding.

    >>> label_mistake(Labels(name="y", task="classification", rows=3, classes=(0, 1), counts=(2, 1)), (1, 2))
    "'y' counts from 1 where the contract counts from 0"
    """
    if labels is None or seen is None or labels.task != "classification" or not labels.classes:
        return None
    values = [v for v in seen if v is not None and v == v]
    if not values or all(v in labels.classes for v in values):
        return None
    for detail, read in _CODES.items():
        if all(_known(read, v, labels.classes) for v in values):
            return f"{labels.name!r} {detail}"
    if not any(v in labels.classes for v in values):
        return f"{labels.name!r} has none of the contract's classes: {values[0]!r}, not {labels.classes[0]!r}"
    return None


def _known(read: Callable[[Any, tuple[Any, ...]], Any], value: Any, classes: tuple[Any, ...]) -> bool:
    try:
        return read(value, classes) in classes
    except (TypeError, ValueError, IndexError):
        return False


def _by_number(value: Any, classes: tuple[Any, ...]) -> Any:
    """The class at this place."""
    return classes[value] if isinstance(value, int) and value >= 0 else None


def _as_number(value: Any, classes: tuple[Any, ...]) -> Any:
    return float(value)


def _as_text(value: Any, classes: tuple[Any, ...]) -> Any:
    return next((c for c in classes if str(c) == str(value)), None)


def _folded(value: Any, classes: tuple[Any, ...]) -> Any:
    return next((c for c in classes if str(c).strip().casefold() == str(value).strip().casefold()), None)


_CODES: dict[str, Callable[[Any, tuple[Any, ...]], Any]] = {
    "counts from 1 where the contract counts from 0": lambda value, classes: value - 1,
    "counts from 0 where the contract counts from 1": lambda value, classes: value + 1,
    "holds class numbers where the contract has the classes": _by_number,
    "holds texts where the contract has numbers": _as_number,
    "holds numbers where the contract has texts": _as_text,
    "differs from the classes of the contract in capitals or spaces": _folded,
}
