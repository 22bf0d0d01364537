"""Where rows with certain labels stand."""

from collections.abc import Container, Iterator
from typing import Any

from ..profiles import Profile

_SHOWN = 5


def rows_with(profile: Profile, labels: Container[Any]) -> tuple[int, ...]:
    """Positions in the split of the first few rows with one of these labels (None: missing).

    Of a part whose label changes more than 16,384 times, only the first rows are known.
    """
    found: list[tuple[str, int]] = []
    for part, row, length in _runs(profile, labels):
        found += [(part, row + i) for i in range(min(length, _SHOWN - len(found)))]
        if len(found) == _SHOWN:
            break
    return profile.positions(found)


def _runs(profile: Profile, labels: Container[Any]) -> Iterator[tuple[str, int, int]]:
    for stretch in profile.label_order.stretches:
        row = stretch.start
        for value, length in zip(stretch.values, stretch.lengths, strict=True):
            if value in labels:
                yield stretch.part, row, length
            row += length
