"""A shallow copy of a torch DataLoader that notes the indices it draws; the user's loader is not touched."""

import copy
from collections.abc import Iterable, Iterator
from typing import Any

from torch.utils.data import DataLoader, IterableDataset


class Noting:
    """A sampler that yields what another yields, and notes it.

    `drawn` holds, oldest first, the indices of the batches that were drawn and not yet taken; None for one
    that is no list of whole numbers.
    """

    def __init__(self, inner: Iterable[Any]) -> None:
        self.inner = inner
        self.drawn: list[tuple[int, ...] | None] = []

    def __iter__(self) -> Iterator[Any]:
        # the inner iterator is made now: it may draw its seed, and must do so when it would without us
        self.drawn.clear()
        return self._noted(iter(self.inner))

    def _noted(self, items: Iterator[Any]) -> Iterator[Any]:
        for item in items:
            kept = list(item) if isinstance(item, Iterator) else item
            self.drawn.append(_whole_numbers(kept))
            yield kept

    def __len__(self) -> int:
        return len(self.inner)  # type: ignore[arg-type]

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)


def _whole_numbers(item: Any) -> tuple[int, ...] | None:
    items = item if isinstance(item, (list, tuple)) else [item]
    try:
        return tuple(int(index) for index in items)
    except (TypeError, ValueError):
        return None


def spied(loader: Any) -> tuple[Any, Noting | None]:
    """A copy of the loader to iterate, and the notes of its indices; None where they cannot be had.

    Indices cannot be had of iterable datasets and of workers that may answer out of order. A loader that is
    no torch DataLoader, or iterates in its own way, is given back as it is.
    """
    if not can_copy(loader):
        return loader, None
    if isinstance(loader.dataset, IterableDataset) or not getattr(loader, "in_order", True):
        return replaced(loader), None
    place = "sampler" if loader.batch_sampler is None else "batch_sampler"
    noting = Noting(getattr(loader, place))
    return replaced(loader, **{place: noting}), noting


def can_copy(loader: Any) -> bool:
    """Whether a shallow copy yields what the loader yields: a torch DataLoader with torch's own iteration."""
    return isinstance(loader, DataLoader) and type(loader).__iter__ is DataLoader.__iter__


def replaced(loader: Any, **attributes: Any) -> Any:
    """A shallow copy of a DataLoader with other attributes and no workers yet; the rest is shared."""
    clone = copy.copy(loader)
    # DataLoader refuses to have samplers set on it; the copy is ours
    vars(clone).update(attributes, _iterator=None)
    return clone
