"""Whether JSON that a stranger may have edited has the form that its reader relies on."""

import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any

TEXT = (str,)
MAYBE_TEXT = (str, type(None))
_FURTHEST = 2**64  # no whole number that we write lies beyond: the widest type is uint64


class Exactly(dict[str, Any]):
    """A mapping of keys beside which no other may stand."""


def number(value: Any) -> bool:
    """Whether it is a finite number; an integer must fit 64 bits.

    >>> number(1e300), number(2**65), number(float("nan")), number(True)
    (True, False, False, False)
    """
    if type(value) is int:
        return -_FURTHEST <= value <= _FURTHEST
    return type(value) is float and math.isfinite(value)


def count(value: Any) -> bool:
    """Whether it is a whole number from 0 to the largest that int64 holds."""
    return type(value) is int and 0 <= value < 2**63


def maybe(fits: Callable[[Any], bool]) -> Callable[[Any], bool]:
    """The same question, to which null is an answer too."""
    return lambda value: value is None or fits(value)


def misfits(value: Any, spec: Any, path: str) -> Iterator[str]:
    """Every place where `value` does not fit, in words.

    A spec is a mapping of keys, a list of one spec, a set of values, a tuple of types, a function that tells
    whether a value fits, (None, spec) for what may be null, or ("each", spec) for a mapping with free keys.
    """
    if isinstance(spec, dict):
        yield from _fields(value, spec, path)
    elif isinstance(spec, list):
        yield from _items(value, spec[0], path)
    elif isinstance(spec, tuple) and spec[0] == "each":
        yield from _fields(value, dict.fromkeys(value, spec[1]) if isinstance(value, dict) else {}, path)
    elif isinstance(spec, tuple) and spec[0] is None:
        yield from () if value is None else misfits(value, spec[1], path)
    elif not _plain_fits(value, spec):
        yield f"{path.lstrip('.')} is {brief(value)}"


def brief(value: Any) -> str:
    """The value as an error message shows it; one of a million digits is not written out.

    >>> brief("x" * 100)
    "'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx..."
    """
    if type(value) is int and value.bit_length() > _FURTHEST.bit_length():
        return "an integer beyond 64 bits"
    text = repr(value)
    return text if len(text) <= 40 else text[:37] + "..."


def _fields(value: Any, spec: Mapping[str, Any], path: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{path.lstrip('.') or 'the content'} is {brief(value)}"
    else:
        for key, wanted in spec.items():
            if key not in value:
                yield f"{path.lstrip('.')}.{key} is missing".lstrip(".")
            else:
                yield from misfits(value[key], wanted, f"{path}.{key}")
        if isinstance(spec, Exactly):
            yield from (f"{path.lstrip('.')}.{key:.40} is no field" for key in value if key not in spec)


def _items(value: Any, spec: Any, path: str) -> Iterator[str]:
    if not isinstance(value, list):
        yield f"{path.lstrip('.')} is {brief(value)}"
    elif not (_plain(spec) and all(_plain_fits(item, spec) for item in value)):  # a million numbers, quickly
        for place, item in enumerate(value):
            yield from misfits(item, spec, f"{path}[{place}]")


def _plain(spec: Any) -> bool:
    """Whether a spec is one of values without parts."""
    return callable(spec) or isinstance(spec, set) or (isinstance(spec, tuple) and isinstance(spec[0], type))


def _plain_fits(value: Any, spec: Any) -> bool:
    if callable(spec):
        return bool(spec(value))
    if isinstance(value, (list, dict)) and spec != (dict,):
        return False
    if isinstance(spec, set):
        return value in spec
    return isinstance(value, spec) and (bool in spec or not isinstance(value, bool))
