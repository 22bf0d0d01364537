"""The samples with the smallest keys, in the order in which they came."""

import numpy as np
from numpy.typing import NDArray

from .._hash import mix
from .seen import Ints, Kept

KEEP = 1 << 20  # samples: 24 MB an epoch at the most
_Hashes = NDArray[np.uint64]


class Bottom:
    """Keeps all samples up to 2^20, then those with the smallest keys (bottom-k; Thorup 2013).

    The key of a sample is its mixed dataset index, or its content hash where no index is known.
    """

    def __init__(self, keep: int = KEEP) -> None:
        self.keep, self.seen, self._held = keep, 0, 0
        self._bound = np.uint64(2**64 - 1)
        self._parts: list[tuple[_Hashes, Ints, _Hashes, Ints]] = []
        self._hashed = True

    def add(self, content: _Hashes | None, index: Ints) -> None:
        """Samples with their content hashes, None if they have none, and dataset indices, -1 if unknown."""
        position = np.arange(self.seen, self.seen + len(index))
        self._hashed &= content is not None
        hashes = mix(position) if content is None else content
        keys = np.where(index >= 0, mix(index), hashes)
        self.seen += len(index)
        part = _chosen((keys, position, hashes, index), keys <= self._bound)
        self._parts.append(part)
        self._held += len(part[0])
        if self._held > 2 * self.keep:
            self._prune()

    def _prune(self) -> None:
        joined = self._joined()
        self._bound = np.partition(joined[0], self.keep)[self.keep]
        self._parts = [_chosen(joined, joined[0] < self._bound)]
        self._held = len(self._parts[0][0])

    def _joined(self) -> tuple[_Hashes, Ints, _Hashes, Ints]:
        if not self._parts:
            return (
                np.empty(0, np.uint64),
                np.empty(0, np.int64),
                np.empty(0, np.uint64),
                np.empty(0, np.int64),
            )
        keys, position, content, index = (np.concatenate(column) for column in zip(*self._parts, strict=True))
        return keys, position, content, index

    def kept(self) -> Kept:
        """The samples kept so far."""
        if self._held > self.keep:
            self._prune()
        keys, position, content, index = self._joined()
        return Kept(
            key=keys,
            position=position,
            content=content,
            index=index,
            share=len(position) / self.seen if self.seen else 1.0,
            hashed=self._hashed,
        )


def _chosen(
    part: tuple[_Hashes, Ints, _Hashes, Ints], chosen: NDArray[np.bool_]
) -> tuple[_Hashes, Ints, _Hashes, Ints]:
    keys, position, content, index = part
    return keys[chosen], position[chosen], content[chosen], index[chosen]
