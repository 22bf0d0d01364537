"""The arrays of a batch, whatever its structure, and which of them is the label."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn.utils.rnn import PackedSequence

from .._hash import key
from ..errors import InputError, nearest

LABELS = ("label", "labels", "target", "targets", "y", "class", "classes", "category")
DEEPEST = 8


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Leaf:
    """One array of a batch. `path` joins the keys and positions that lead to it; "" is the batch itself.

    `value` is a tensor whose axis 0 is samples, or a tuple of tensors of unequal shapes, one a sample; for
    texts their 64-bit keys, with the texts in `texts`.
    """

    path: str
    value: Tensor | tuple[Tensor, ...]
    texts: tuple[str, ...] = ()

    @property
    def samples(self) -> int:
        """Length of axis 0."""
        return len(self.value)

    @property
    def dtype(self) -> str:
        """Type of the elements, as torch names it."""
        if self.texts:
            return "text"
        first = self.value if isinstance(self.value, Tensor) else self.value[0]
        return str(first.dtype).removeprefix("torch.")

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of one sample; () where samples are unequal."""
        return tuple(self.value.shape[1:]) if isinstance(self.value, Tensor) else ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Leaves:
    """The arrays of one batch in order, and the paths of what is no array (objects, single numbers)."""

    arrays: tuple[Leaf, ...]
    opaque: tuple[str, ...] = ()

    def __getitem__(self, path: str) -> Leaf:
        return next(leaf for leaf in self.arrays if leaf.path == path)

    def __contains__(self, path: str) -> bool:
        return any(leaf.path == path for leaf in self.arrays)

    @property
    def structure(self) -> tuple[tuple[str, str, int], ...]:
        """What must not change from batch to batch: path, type and number of axes of every array."""
        return tuple((leaf.path, leaf.dtype, len(leaf.shape)) for leaf in self.arrays)


def leaves(batch: Any, drawn: int | None = None, single: bool = False) -> Leaves:
    """The arrays of a batch; `drawn` is the number of samples drawn for it, if known.

    `single` means that the batch is one sample, as with `batch_size=None` in torch; its arrays get an axis 0.

    >>> [leaf.path for leaf in leaves({"image": torch.zeros(2, 3), "meta": {"label": torch.zeros(2)}}).arrays]
    ['image', 'meta.label']
    """
    arrays: list[Leaf] = []
    opaque: list[str] = []
    for path, value in _walk(batch, "", drawn, 0):
        leaf = _leaf(path, value, single)
        if leaf is None:
            opaque.append(f"{path or 'batch'} ({type(value).__name__})")
        else:
            arrays.append(leaf)
    return Leaves(arrays=tuple(arrays), opaque=tuple(opaque))


def is_sample(item: Any, drawn: int | None) -> bool:
    """Whether an item of a loader that makes no batches is one sample rather than a batch.

    It is a batch where several samples were drawn for it, or where it has several arrays of one length and no
    single numbers.
    """
    found = leaves(item, drawn)
    lengths = [leaf.samples for leaf in found.arrays]
    return not ((drawn or 1) > 1 or (len(lengths) > 1 and len(set(lengths)) == 1 and not found.opaque))


def _walk(value: Any, path: str, drawn: int | None, depth: int) -> Iterator[tuple[str, Any]]:
    children = None if depth > DEEPEST else _children(value, drawn)
    if children is None:
        yield path, value
        return
    for name, child in children:
        yield from _walk(child, f"{path}.{name}" if path else str(name), drawn, depth + 1)


def _children(value: Any, drawn: int | None) -> list[tuple[Any, Any]] | None:
    """The named parts of a container; None for an array, a text, an object, or a list of samples."""
    if isinstance(value, PackedSequence):
        return None
    if isinstance(value, Mapping):
        return list(value.items())
    if is_dataclass(value) and not isinstance(value, type):
        return [(field.name, getattr(value, field.name)) for field in fields(value)]
    if not isinstance(value, (list, tuple)) or not value or _scalars(value):
        return None
    if drawn is not None and drawn > 1 and len(value) == drawn and _alike(value):
        return _transposed(value)
    return list(zip(getattr(value, "_fields", range(len(value))), value, strict=True))


def _scalars(value: Sequence[Any]) -> bool:
    return all(isinstance(item, (str, bytes, int, float, bool, np.generic)) for item in value)


def _alike(value: Sequence[Any]) -> bool:
    """Whether the items can be samples of one kind: arrays of one type, or containers of equal length."""
    first = value[0]
    if not all(type(item) is type(first) for item in value):
        return False
    if isinstance(first, (Tensor, np.ndarray)):
        return all(item.dtype == first.dtype and item.ndim == first.ndim for item in value) and len(value) > 2
    return isinstance(first, (list, tuple, Mapping)) and all(len(item) == len(first) for item in value)


def _transposed(value: Sequence[Any]) -> list[tuple[Any, Any]] | None:
    """Columns of a list of samples; None for a list of arrays, which is one column already."""
    first = value[0]
    if isinstance(first, (Tensor, np.ndarray)):
        return None
    if isinstance(first, Mapping):
        return [(name, [item.get(name) for item in value]) for name in first]
    return [(i, [item[i] for item in value]) for i in range(len(first))]


def _leaf(path: str, value: Any, single: bool) -> Leaf | None:
    if isinstance(value, np.ndarray) and value.dtype.kind in "biuf":
        value = torch.from_numpy(np.array(value) if not value.flags.writeable else value)
    if isinstance(value, Tensor):
        return _tensor(path, value, single)
    if single and isinstance(value, (str, int, float, np.generic)):
        value = [value]
    if not isinstance(value, (list, tuple)) or not value:
        return None
    if all(isinstance(item, (str, bytes)) for item in value):
        return _texts(path, value)
    if _scalars(value):
        return Leaf(path=path, value=torch.as_tensor(np.asarray(value)))
    return _ragged(path, value)


def _tensor(path: str, value: Tensor, single: bool) -> Leaf | None:
    value = value.detach()
    if value.is_sparse or value.is_quantized or value.layout is not torch.strided:
        return None
    if value.is_complex():
        value = torch.view_as_real(value)
    if single:
        value = value.unsqueeze(0)
    return Leaf(path=path, value=value) if value.ndim else None


def _texts(path: str, value: Sequence[str | bytes]) -> Leaf:
    texts = tuple(item if isinstance(item, str) else item.decode("latin-1") for item in value)
    keys = np.array([key(text) for text in texts], np.uint64).view(np.int64)
    return Leaf(path=path, value=torch.from_numpy(keys), texts=texts)


def _ragged(path: str, value: Sequence[Any]) -> Leaf | None:
    if not all(isinstance(item, (Tensor, np.ndarray)) for item in value):
        return None
    parts = tuple(torch.as_tensor(item).detach() for item in value)
    if any(part.layout is not torch.strided or part.is_complex() for part in parts):
        return None
    if len({part.shape for part in parts}) == 1:
        return Leaf(path=path, value=torch.stack(parts))
    return Leaf(path=path, value=parts)


def label_path(found: Leaves, label: str | int | None) -> str | None:
    """The path of the label: as given, else by name, else the last of several arrays; None without one.

    Raises InputError for a path that does not exist.
    """
    paths = [leaf.path for leaf in found.arrays]
    if label is not None:
        if str(label) not in paths:
            raise InputError(f"the batches have no array {label!r}; {nearest(str(label), paths)}")
        return str(label)
    named = [path for path in paths if path.rpartition(".")[2].lower() in LABELS]
    if named:
        return named[0]
    positional = len(paths) > 1 and all(path.partition(".")[0].isdigit() for path in paths)
    return paths[-1] if positional else None


def main_path(found: Leaves, label: str | None) -> str | None:
    """The path of the input whose axis 0 counts the samples: the array with most elements a sample."""
    inputs = [leaf for leaf in found.arrays if leaf.path != label]
    size = {leaf.path: int(np.prod(leaf.shape)) + isinstance(leaf.value, tuple) * 2**40 for leaf in inputs}
    return max(size, key=lambda path: size[path]) if size else None
