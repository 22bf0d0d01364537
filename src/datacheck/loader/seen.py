"""The record of what a loader is and what it yielded: all that the questions see."""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from .leaf_sums import LeafSums

Ints = NDArray[np.int64]
FEW = 20  # different whole numbers that are taken for classes in a float label, as `engines.assemble` does
MOST_CLASSES = 1000
BINS = 10  # of a label that is a number: ten equally large groups stand for classes


@dataclass(frozen=True, kw_only=True, slots=True)
class Facts:
    """What a loader says of itself. `order` is the sampler's kind:

    sequential, random, replacement, weighted, subset, distributed, custom; iterable without a sampler;
    unknown for an object that is not a torch DataLoader.
    """

    loader: str
    dataset: str = ""
    order: str = "unknown"
    sampler: str = ""
    custom_batches: bool = False
    batches: int | None = None
    rows: int | None = None
    batch_size: int | None = None
    drop_last: bool = False
    workers: int = 0
    persistent: bool = False
    replicas: int = 1
    subset: int | None = None
    base: int = 0
    watched: bool = False

    @property
    def unbatched(self) -> bool:
        """Whether torch makes no batches (batch_size=None): samples come, or the dataset's own batches."""
        return self.batch_size is None and bool(self.dataset) and not self.custom_batches

    @property
    def repeats(self) -> bool:
        """Whether the sampler draws with replacement on purpose."""
        return self.order in ("replacement", "weighted")


@dataclass(frozen=True, kw_only=True, slots=True)
class Failure:
    """Something that went wrong while iterating; `kind` is raised, empty, endless, ragged, structure, short,
    longer or exhausted. `indices` are the dataset indices of the batch, as far as they are known."""

    kind: str
    epoch: int
    batch: int
    text: str = ""
    indices: tuple[int, ...] = ()
    split: str = "train"


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class Kept:
    """Samples of an epoch, all of them or those with the smallest keys (bottom-k; Thorup 2013).

    Arrays of shape (kept,), in the order of the epoch: key, place in the epoch, content hash, dataset index
    (-1 where unknown). `share` of the samples was kept; the same samples are kept in every epoch, because the
    key is the sample's own. `hashed` is False where the samples held nothing that can be hashed.
    """

    key: NDArray[np.uint64]
    position: Ints
    content: NDArray[np.uint64]
    index: Ints
    share: float = 1.0
    hashed: bool = True

    @property
    def indexed(self) -> bool:
        """Whether the dataset index of every sample is known."""
        return bool(len(self.index)) and bool((self.index >= 0).all())


@dataclass(frozen=True, kw_only=True, eq=False)
class Epoch:
    """One pass: batch sizes, shape (batches,), a code of each batch's width, labels of the first 2^20
    samples, the samples kept, per-leaf sums, seconds in all and seconds waited for the loader."""

    sizes: Ints
    widths: Ints
    labels: NDArray[np.float64] | None
    kept: Kept
    leaves: dict[str, LeafSums] = field(default_factory=dict)
    complete: bool = True
    seconds: float = 0.0
    waited: float = 0.0

    @property
    def samples(self) -> int:
        """Number of samples."""
        return int(self.sizes.sum())

    @cached_property
    def bucketed(self) -> bool:
        """Whether batches differ in width: padded sequences, whose samples are not exchangeable."""
        return len(np.unique(self.widths)) > 1

    @cached_property
    def strata(self) -> Ints | None:
        """The width of each sample's batch where widths differ, else None."""
        return np.repeat(self.widths, self.sizes) if self.bucketed else None


@dataclass(frozen=True, kw_only=True, slots=True)
class Label:
    """The label leaf of the first batch: its path, type, trailing shape, and names of its values if texts."""

    path: str
    dtype: str
    shape: tuple[int, ...]
    one_hot: bool = False
    names: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class WorkerDraws:
    """The same samples drawn several times in every worker, in two epochs: counts of pairs that are
    identical.

    `again`: one worker, one epoch, drawn twice; `across`: two workers; `epochs`: one worker, two epochs. Each
    is (identical, pairs).
    """

    workers: int
    samples: int
    again: tuple[int, int]
    across: tuple[int, int]
    epochs: tuple[int, int]


@dataclass(frozen=True, kw_only=True, eq=False)
class Seen:
    """Everything known of a loader. `validation` is one epoch of the validation loader, if one was given."""

    facts: Facts
    epochs: tuple[Epoch, ...] = ()
    label: Label | None = None
    failures: tuple[Failure, ...] = ()
    validation: Epoch | None = None
    validation_facts: Facts | None = None
    shared_indices: int | None = None
    draws: WorkerDraws | None = None
    opaque: tuple[str, ...] = ()
    seed: int = 0

    @property
    def first(self) -> Epoch | None:
        """The first epoch that yielded a batch."""
        return self.epochs[0] if self.epochs and self.epochs[0].samples else None

    @cached_property
    def codes(self) -> Ints | None:
        """Class of each sample of the first epoch, shape (samples,); deciles for a label that is a number."""
        if self.first is None or self.first.labels is None or not len(self.first.labels):
            return None
        return self._deciles if not self.classes else np.searchsorted(self.classes, self.first.labels)

    @cached_property
    def classes(self) -> tuple[float, ...]:
        """The classes in order; empty where the label is a number to predict or there are more than 1,000."""
        if self.first is None or self.first.labels is None or self.label is None:
            return ()
        values = np.unique(self.first.labels)
        whole = bool(np.isfinite(values).all() and (values == np.round(values)).all())
        most = FEW if self.label.dtype.startswith("float") else MOST_CLASSES
        return tuple(values.tolist()) if whole and len(values) <= most else ()

    @cached_property
    def _deciles(self) -> Ints:
        assert self.first is not None and self.first.labels is not None
        labels = np.nan_to_num(self.first.labels)
        edges = np.quantile(labels, np.linspace(0, 1, BINS + 1)[1:-1])
        return np.searchsorted(edges, labels, side="right")

    @cached_property
    def counts(self) -> Ints:
        """Samples of each class (or decile) in the first epoch, shape (classes,)."""
        return np.empty(0, np.int64) if self.codes is None else np.unique(self.codes, return_counts=True)[1]

    def class_name(self, code: int) -> str:
        """A class as the user knows it."""
        if self.label is not None and self.label.names:
            return repr(self.label.names[int(self.classes[code])])
        return f"{self.classes[code]:g}" if self.classes else f"decile {code + 1}"
