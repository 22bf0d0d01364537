"""What Arrow's JSON parser must not be given: it ends the process over it, or passes it on unseen."""

import re
from collections.abc import Iterator

import numpy as np

from ..errors import InputError

_DEEPEST = 500  # objects and lists in one another; the parser recurses, and dies of 100,000 of them
_STRING = re.compile(rb'"(?:[^"\\]|\\.)*"')
_NULL = re.compile(rb"(?:^|[}\]])[ \t\r]*null")  # where no value of an object can stand


def check(block: bytes, first: int, name: str) -> None:
    """Raises InputError for a block of lines, of which `first` is the number of the first, that is not safe."""
    for line, why in _unsafe(block, first):
        raise InputError(f"{name} cannot be read as JSON Lines: line {line} {why}")


def _unsafe(block: bytes, first: int) -> Iterator[tuple[int, str]]:
    try:
        str(block, "utf-8")
    except UnicodeDecodeError as error:
        before = block.count(b"\n", 0, error.start)
        yield first + before, "is not UTF-8. Convert the file, for example with iconv -t UTF-8."
    nulls = b"null" in block
    for number, line in enumerate(block.split(b"\n"), first):
        if nulls and b"null" in line and _NULL.search(line) and _NULL.search(_STRING.sub(b"", line)):
            yield number, "holds a null where an object is expected."
        if (
            len(line) > _DEEPEST
            and line.count(b"{") + line.count(b"[") > _DEEPEST
            and _depth(line) > _DEEPEST
        ):
            yield number, f"is nested more than {_DEEPEST} deep. Store such values as text."


def _depth(line: bytes) -> int:
    """How many objects and lists are open at once, at the most."""
    text = np.frombuffer(_STRING.sub(b"", line), np.uint8)
    opens = (text == ord("{")) | (text == ord("["))
    closes = (text == ord("}")) | (text == ord("]"))
    return int(np.cumsum(opens.astype(np.int32) - closes).max(initial=0))
