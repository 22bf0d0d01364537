"""Small edits of a JSON document, chosen by the fuzzer's bytes: byte flips alone rarely survive the parser."""

import copy
import json
from typing import Any, Protocol

SCALARS: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 7, 2**31, 2**53 + 1, 2**63, 2**64, -(2**64), 10**400, 0.5, -0.0, 1e-320, 1e308,
    float("nan"), float("inf"), "", "x", "numeric", "text", "\ud800", "\0", "1e999", "A" * 300, [], {}, [[]],
    [0, 1], [None], ["a", "b"], [[0, 1]], {"": None}, {"uint64": ""}, {"uint64": "AAAA"}, {"uint64": "!"},
)  # fmt: skip
_MOST = 4  # edits of one document


class Choices(Protocol):
    """What `atheris.FuzzedDataProvider` offers of which this module makes use."""

    def ConsumeIntInRange(self, low: int, high: int, /) -> int: ...
    def ConsumeUnicodeNoSurrogates(self, count: int, /) -> str: ...
    def ConsumeInt(self, count: int, /) -> int: ...
    def ConsumeFloat(self) -> float: ...


def edited(text: bytes, choices: Choices) -> bytes:
    """A JSON document after one to four edits."""
    document = json.loads(text)
    for _ in range(choices.ConsumeIntInRange(1, _MOST)):
        document = _edit(document, choices)
    return json.dumps(document).encode()


def _edit(node: Any, choices: Choices) -> Any:
    """The node with one place below it changed: the walk goes down while there is a way and luck."""
    if not (isinstance(node, (dict, list)) and node) or choices.ConsumeIntInRange(0, 15) == 0:
        return _value(node, choices)
    keys = list(node) if isinstance(node, dict) else list(range(len(node)))
    key = keys[choices.ConsumeIntInRange(0, len(keys) - 1)]
    what = choices.ConsumeIntInRange(0, 15)
    if what == 0:
        del node[key]
    elif what == 1 and isinstance(node, list):
        node.insert(key, copy.deepcopy(node[key]))
    elif what == 2 and isinstance(node, dict):
        node[choices.ConsumeUnicodeNoSurrogates(8)] = node.pop(key)
    else:
        node[key] = _edit(node[key], choices)
    return node


def _value(old: Any, choices: Choices) -> Any:
    """Something to stand where `old` stood."""
    what = choices.ConsumeIntInRange(0, 7)
    if what == 0:
        return choices.ConsumeFloat()
    if what == 1:
        return choices.ConsumeInt(9)
    if what == 2:
        return choices.ConsumeUnicodeNoSurrogates(12)
    if what == 3 and isinstance(old, (int, float)) and not isinstance(old, bool):
        return old + choices.ConsumeIntInRange(-2, 2)
    if what == 4:
        return [old]
    return copy.deepcopy(SCALARS[choices.ConsumeIntInRange(0, len(SCALARS) - 1)])
