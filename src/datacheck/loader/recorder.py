"""Builds the record of a loader, batch by batch, in bounded memory."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from .._hash import mix
from .bottom import Bottom
from .digest import combined, digest
from .leaf_sums import LeafSums, Reduction, channels_of, thinned, widened
from .leaves import Leaf, Leaves, is_sample, label_path, leaves, main_path
from .seen import Epoch, Facts, Failure, Ints, Label

LABELS_KEPT = 1 << 20
_LATER = (
    32  # batches whose sums wait on an accelerator before they are fetched, so that it is rarely waited for
)
# while a training runs values are looked at in the first batches and every fourth, to cost an epoch below 5 %
_FIRST, _EVERY = 16, 4


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class _Reduced:
    """A batch reduced on its device: hashes and labels, shape (samples,) or None, and sums of its arrays."""

    number: int
    samples: int
    width: int
    hashes: Tensor | None
    labels: Tensor | None
    sums: tuple[Reduction, ...]
    indices: tuple[int, ...] | None


class Recorder:
    """Takes the batches of a loader and gives an `Epoch` for each pass.

    What belongs to the loader stays from pass to pass: the structure of the first batch, the label's path,
    the names of text labels and the failures.
    """

    def __init__(self, facts: Facts, label: str | int | None = None, split: str = "train") -> None:
        self.facts, self.wanted, self.split = facts, label, split
        self.single = False
        self.label: Label | None = None
        self.first: Leaves | None = None
        self.failures: list[Failure] = []
        self.opaque: tuple[str, ...] = ()
        self._names: dict[str, int] = {}
        self._widths: dict[Any, int] = {}
        self._path: str | None = None
        self._main: str | None = None
        self.begin(0)

    def begin(self, epoch: int) -> None:
        """Starts a pass."""
        self.epoch, self._number = epoch, 0
        self._sizes: list[int] = []
        self._codes: list[int] = []
        self._labels: list[NDArray[np.float64]] = []
        self._labelled = 0
        self._bottom = Bottom()
        self._sums: dict[str, LeafSums] = {}
        self._waiting: list[_Reduced] = []

    def fail(self, kind: str, text: str = "", indices: Sequence[int] = ()) -> None:
        """Notes a failure at the current batch; the first of each kind counts."""
        if all(failure.kind != kind for failure in self.failures):
            about: dict[str, Any] = {
                "kind": kind,
                "text": text,
                "indices": tuple(indices),
                "split": self.split,
            }
            self.failures.append(Failure(**about, epoch=self.epoch, batch=self._number))

    @property
    def batches(self) -> int:
        """Batches taken in this pass."""
        return self._number

    def take(self, batch: Any, indices: tuple[int, ...] | None = None) -> None:
        """Reduces one batch where it lies, and adds it."""
        drawn = None if indices is None else len(indices)
        if self.first is None:
            self.single = self.facts.unbatched and is_sample(batch, drawn)
            self._meet(leaves(batch, drawn, self.single))
        found = leaves(batch, drawn, self.single)
        reduced = self._reduced(found, indices)
        if reduced is not None:
            self._waiting.append(reduced)
            if len(self._waiting) >= _LATER or not _on_accelerator(reduced):
                self._flush()
        self._number += 1

    def finish(self, *, complete: bool, seconds: float = 0.0, waited: float = 0.0) -> Epoch:
        """Ends the pass."""
        self._flush()
        return Epoch(
            sizes=np.array(self._sizes, np.int64),
            widths=np.array(self._codes, np.int64),
            labels=np.concatenate(self._labels) if self._labels else None,
            kept=self._bottom.kept(),
            leaves=self._sums,
            complete=complete,
            seconds=seconds,
            waited=waited,
        )

    def _meet(self, found: Leaves) -> None:
        """Settles structure and label by the first batch."""
        self.first, self.opaque = found, found.opaque
        self._path = label_path(found, self.wanted)
        self._main = main_path(found, self._path)
        if self._path is not None:
            leaf = found[self._path]
            about: dict[str, Any] = {"path": leaf.path, "dtype": leaf.dtype, "shape": leaf.shape}
            self.label = Label(**about, one_hot=_one_hot(leaf))

    def _reduced(self, found: Leaves, indices: tuple[int, ...] | None) -> _Reduced | None:
        if self.first is None or self._broken(found):
            return None
        main = found[self._main] if self._main is not None else None
        samples = main.samples if main else len(indices or (0,))
        inputs = [leaf for leaf in found.arrays if leaf.path != self._path and leaf.samples == samples]
        if indices is not None and len(indices) != samples:
            self.fail("filtered", f"{samples} of {len(indices)} samples drawn", indices)
            indices = None
        numeric = [leaf for leaf in inputs if not leaf.texts] if self._reads_values() else []
        sums = tuple(Reduction.of(leaf.path, _numbers(leaf)) for leaf in numeric)
        known = {part.path: part.hashes for part in sums}
        return _Reduced(
            number=self._number,
            samples=samples,
            width=self._widths.setdefault(tuple(leaf.shape for leaf in inputs), len(self._widths)),
            hashes=combined([_hashes(leaf, known) for leaf in inputs]) if inputs else None,
            labels=None if self._path is None else self._values(found[self._path]),
            sums=sums,
            indices=indices,
        )

    def _reads_values(self) -> bool:
        return not self.facts.watched or self._number < _FIRST or self._number % _EVERY == 0

    def _broken(self, found: Leaves) -> bool:
        """Whether the batch cannot be read as the first one was; notes it."""
        assert self.first is not None
        if found.structure != self.first.structure:
            self.fail("structure", _difference(self.first, found))
        if any(path is not None and path not in found for path in (self._path, self._main)):
            return True
        if self._path is None or self._main is None:
            return False
        label, main = found[self._path], found[self._main]
        if label.samples != main.samples:
            self.fail(
                "ragged",
                f"{main.samples} samples in {self._main!r}, {label.samples} labels in {self._path!r}",
            )
        return label.samples != main.samples

    def _values(self, leaf: Leaf) -> Tensor | None:
        """One number a sample, shape (samples,); None for labels of more axes."""
        if leaf.texts:
            codes = [self._names.setdefault(text, len(self._names)) for text in leaf.texts]
            return torch.tensor(codes, dtype=torch.float64)
        if not isinstance(leaf.value, Tensor) or self.label is None:
            return None
        if self.label.one_hot and leaf.value.ndim == 2:
            return widened(leaf.value.argmax(dim=1))
        return widened(leaf.value.reshape(-1)) if leaf.value[0].numel() == 1 else None

    def _flush(self) -> None:
        for reduced in self._waiting:
            self._add(reduced)
        self._waiting.clear()

    def _add(self, reduced: _Reduced) -> None:
        self._sizes.append(reduced.samples)
        self._codes.append(reduced.width)
        self._bottom.add(*_identity(reduced))
        if reduced.labels is not None and self._labelled < LABELS_KEPT:
            self._labels.append(reduced.labels.cpu().numpy().astype(np.float64))
            self._labelled += reduced.samples
        for part in reduced.sums:
            sums = LeafSums.of(part, reduced.number)
            self._sums[part.path] = self._sums[part.path] + sums if part.path in self._sums else sums

    def share_names(self, other: "Recorder") -> None:
        """Gives text labels the codes that another recorder gave them."""
        self._names = other._names

    @property
    def names(self) -> tuple[str, ...]:
        """Text labels in the order of their codes."""
        return tuple(self._names)


def _identity(reduced: _Reduced) -> tuple[NDArray[np.uint64] | None, Ints]:
    hashes = None if reduced.hashes is None else mix(reduced.hashes.cpu().numpy().view(np.uint64))
    indices = [-1] * reduced.samples if reduced.indices is None else reduced.indices
    return hashes, np.array(indices, np.int64)


def _on_accelerator(reduced: _Reduced) -> bool:
    return reduced.hashes is not None and reduced.hashes.device.type != "cpu"


def _hashes(leaf: Leaf, reduced: dict[str, Tensor]) -> Tensor:
    """Content hashes of the samples of an array, shape (samples,)."""
    if leaf.path in reduced and isinstance(leaf.value, Tensor):
        return reduced[leaf.path]
    parts = [leaf.value] if isinstance(leaf.value, Tensor) else [part.unsqueeze(0) for part in leaf.value]
    return torch.cat([digest(thinned(part, channels_of(part)).flatten(1)) for part in parts])


def _numbers(leaf: Leaf) -> Tensor:
    """The array itself; for samples of unequal shapes the mean of each, shape (samples,)."""
    if isinstance(leaf.value, Tensor):
        return leaf.value
    return torch.stack([widened(part).mean() for part in leaf.value])


def _one_hot(leaf: Leaf) -> bool:
    value = leaf.value
    if not isinstance(value, Tensor) or value.ndim != 2 or value.shape[1] < 2 or leaf.texts:
        return False
    return bool(((value == 0) | (value == 1)).all() and (value.sum(dim=1) == 1).all())


def _difference(first: Leaves, found: Leaves) -> str:
    before, now = set(first.structure), set(found.structure)
    gone = ", ".join(
        f"{path or 'batch'}: {dtype} with {axes + 1} axes" for path, dtype, axes in sorted(before - now)
    )
    come = ", ".join(
        f"{path or 'batch'}: {dtype} with {axes + 1} axes" for path, dtype, axes in sorted(now - before)
    )
    return f"before: {gone or 'nothing'}; now: {come or 'nothing'}"
