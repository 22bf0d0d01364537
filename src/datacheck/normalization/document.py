"""JSON that a stranger may have edited: read with a size cap, and refusals name the path of the field."""

import json
import math
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from .._files import atomic as atomic
from .._form import count
from ..errors import ContractError, nearest

MOST_BYTES = 64 << 20
"""Largest contract that is read or written, bytes: 100,000 features of short names take 58 MiB.

Parsed JSON takes at the worst (empty objects) some 25 times its size in memory, so this bounds it to 1.7 GB."""

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Node:
    """One value of the document and where it stands, such as `features[3].std`."""

    value: Any
    path: str

    def refuse(self, expected: str) -> ContractError:
        """The error for a value that is not what was expected."""
        given = repr(self.value)
        shown = given if len(given) <= 80 else given[:77] + "..."
        return ContractError(f"normalization contract, {self.path}: {shown} given, {expected} expected")

    def fields(self, required: Iterable[str], optional: Iterable[str] = ()) -> dict[str, "Node"]:
        """The members of an object; a missing or an unknown one is refused."""
        if not isinstance(self.value, dict):
            raise self.refuse("an object")
        required = set(required)
        known = required | set(optional)
        for key in self.value:
            if key not in known:
                raise ContractError(
                    f"normalization contract, {self.path}: {key!r} is no field; {nearest(key, known)}"
                )
        for key in sorted(required - set(self.value)):
            raise ContractError(f"normalization contract, {self.path}: the field {key!r} is missing")
        return {key: Node(value, f"{self.path}.{key}") for key, value in self.value.items()}

    def items(self) -> list["Node"]:
        """The members of a list."""
        if not isinstance(self.value, list):
            raise self.refuse("a list")
        return [Node(value, f"{self.path}[{i}]") for i, value in enumerate(self.value)]

    def pairs(self) -> list[tuple[str, "Node"]]:
        """The members of an object with free keys."""
        if not isinstance(self.value, dict):
            raise self.refuse("an object")
        return [(key, Node(value, f"{self.path}[{key!r}]")) for key, value in self.value.items()]

    def number(self) -> float | int:
        """A finite number within float64; integers stay integers."""
        if isinstance(self.value, bool) or not isinstance(self.value, (int, float)):
            raise self.refuse("a number")
        try:
            finite = math.isfinite(self.value)
        except OverflowError:
            raise self.refuse("a number within float64") from None
        if not finite:
            raise self.refuse("a finite number")
        return self.value

    def real(self) -> float:
        """A finite float64."""
        return float(self.number())

    def at_least(self, low: float) -> float:
        """A finite number not below `low`."""
        if self.real() < low:
            raise self.refuse(f"a number of at least {low:g}")
        return self.real()

    def count(self) -> int:
        """An integer of at least 0 that int64 holds."""
        if not count(self.value):
            raise self.refuse("an integer of at least 0")
        return int(self.value)

    def text(self) -> str:
        """A string."""
        if not isinstance(self.value, str):
            raise self.refuse("a text")
        if any("\ud800" <= letter <= "\udfff" for letter in self.value):
            raise self.refuse("a text of whole Unicode characters")
        return self.value

    def flag(self) -> bool:
        """True or false."""
        if not isinstance(self.value, bool):
            raise self.refuse("true or false")
        return self.value

    def scalar(self) -> Any:
        """A text, a boolean or a finite number: what a category may be."""
        if isinstance(self.value, str):
            return self.text()
        return self.value if isinstance(self.value, bool) else self.number()

    def one_of(self, options: Iterable[str]) -> str:
        """One of the given texts."""
        if self.value not in (known := list(options)):
            raise self.refuse(nearest(str(self.value), known))
        return self.text()

    def optional(self, read: Callable[["Node"], _T]) -> _T | None:
        """None for null, else what `read` makes of it."""
        return None if self.value is None else read(self)


def read(path: str | os.PathLike[str]) -> Node:
    """The document at `path`; ContractError when it is no file, too large, or no plain JSON."""
    try:
        with Path(path).open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise ContractError(f"{path}: the normalization contract cannot be read: {error.strerror}") from error
    if len(data) > MOST_BYTES:
        raise ContractError(f"{path}: larger than {MOST_BYTES >> 20} MiB, which no normalization contract is")
    return Node(parse(data, str(path)), "contract")


def parse(data: bytes, name: str) -> Any:
    """Plain JSON: no NaN or Infinity, no key twice in one object."""
    try:
        return json.loads(data.decode(), object_pairs_hook=_unique, parse_constant=_no_constant)
    except RecursionError:
        raise ContractError(f"{name}: nested far deeper than a normalization contract is") from None
    except ValueError as error:
        raise ContractError(f"{name}: not the JSON of a normalization contract: {error}") from error


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) < len(pairs):
        keys = [key for key, _ in pairs]
        raise ValueError(f"the key {next(k for k in keys if keys.count(k) > 1)!r} stands twice in one object")
    return result


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no number that a contract may hold")


def dump(data: Mapping[str, Any]) -> str:
    """Two levels of the document are indented, one field a line; deeper values stay on their line."""
    return _block(data, 0) + "\n"


def _block(value: Any, depth: int) -> str:
    if not value or depth > 2 or not isinstance(value, (dict, list)):
        return json.dumps(value, ensure_ascii=False, allow_nan=False)
    if isinstance(value, list) and not isinstance(value[0], dict):
        return json.dumps(value, ensure_ascii=False, allow_nan=False)
    left, right = "{}" if isinstance(value, dict) else "[]"
    pad = "  " * (depth + 1)
    lines = [f"{pad}{key}{_block(item, depth + 1)}" for key, item in _members(value)]
    return f"{left}\n" + ",\n".join(lines) + f"\n{pad[2:]}{right}"


def _members(value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, list):
        return (("", item) for item in value)
    return ((f"{json.dumps(key, ensure_ascii=False)}: ", item) for key, item in value.items())
