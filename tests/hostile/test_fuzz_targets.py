"""What the fuzzer found stays fixed, and a few hundred edits of its sort are tried in every run."""

import json
import random
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "fuzz"))
import targets
from edits import edited

FOUND = [
    ("contract", ("label", "counts"), None),
    ("contract", ("label", "counts"), [10**400, 1, 1]),
    ("contract", ("features", 0, "min"), -(10**400)),
    ("contract", ("features",), []),
    ("contract", ("label", "weights", "effective_number", "beta"), 10**400),
    ("profile", ("columns",), [["amount"], "word", "label"]),
    ("profile", ("blocks", 0, "names"), []),
    ("profile", ("blocks", 0, "first_rows"), [{"places": []}]),
    ("check", ("blocks", 1, "extrema", "min"), [None]),
    ("report", ("findings", 0, "evidence"), {"share": 10**400}),
    *(
        ("report", ("findings", 0, "columns"), ["\ud800" + "x" * i]) for i in range(4)
    ),  # one for each reporter
]


class Chance:
    """The part of atheris' data provider that `edits` uses, from a seed."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def ConsumeIntInRange(self, low: int, high: int, /) -> int:
        return self.random.randint(low, high)

    def ConsumeUnicodeNoSurrogates(self, count: int, /) -> str:
        return "".join(self.random.choices("ab\0\u202e<&", k=self.random.randint(0, count)))

    def ConsumeInt(self, count: int, /) -> int:
        return self.random.randint(-(2 ** (8 * count - 1)), 2 ** (8 * count - 1) - 1)

    def ConsumeFloat(self) -> float:
        return self.random.choice(
            [0.0, -1.5, 1e308, 5e-324, float("nan"), float("inf"), self.random.gauss(0, 1e3)]
        )


@pytest.mark.parametrize(("target", "path", "value"), FOUND)
def test_what_was_found_is_refused_or_used(target: str, path: tuple[str | int, ...], value: object) -> None:
    document = targets.seed(target)
    node = document
    for key in path[:-1]:
        node = node[key]
    if value is None:
        del node[path[-1]]
    else:
        node[path[-1]] = value
    targets.attempt(target, json.dumps(document).encode())


@pytest.mark.parametrize("target", targets.TARGETS)
def test_edits_of_a_document_are_refused_or_used(target: str) -> None:
    document = json.dumps(targets.seed(target)).encode()
    for seed in range(200):
        targets.attempt(target, edited(document, Chance(seed)))
