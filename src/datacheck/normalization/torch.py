"""The contract as torch modules: buffers move with `.to(device)` and are saved in `state_dict`."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import torch
from torch import Tensor, nn

from .._precision import limits
from ..errors import ContractError
from .apply import inputs
from .arithmetic import Affine, Column, Matrix
from .feature import Feature
from .frames import fill_code
from .images import channel_columns, image_feature

if TYPE_CHECKING:
    from .contract import Normalization

_DTYPES = {name: getattr(torch, name) for name in ("float64", "float32", "float16", "bfloat16")}
_LARGE = 1 << 19
"""Numbers from which threads and blocks pay: below, 2 MB as float32, all fits the cache anyway."""


class _Exact(nn.Module):
    """Keeps its buffers' dtype: `.half()` and `.to(dtype)` move it, but do not round its statistics."""

    def _apply(self, fn: Callable[[Tensor], Tensor], recurse: bool = True) -> "_Exact":
        def kept(tensor: Tensor) -> Tensor:
            moved = fn(tensor)
            return moved if moved.dtype == tensor.dtype else tensor.to(moved.device)

        return cast("_Exact", cast(Any, super())._apply(kept, recurse))

    def _keep(self, **arrays: Any) -> None:
        for name, array in arrays.items():
            self.register_buffer(name, torch.tensor(np.asarray(array)))


class _Affine(_Exact):
    """(…, columns) to (…, columns) by `Affine`: the same numbers in the same order as on numpy."""

    fill: Tensor
    low: Tensor
    high: Tensor

    def __init__(self, affine: Affine, columns: Sequence[Column]) -> None:
        super().__init__()
        most = limits(affine.dtype.name).max
        self.names = [f"{ufunc.__name__}{i}" for i, (ufunc, _) in enumerate(affine.operations)]
        self.dtype = _DTYPES[affine.dtype.name]
        self.clips = affine.bounds is not None
        self.most = affine.most
        self._keep(
            fill=affine.fill, **dict(zip(self.names, (row for _, row in affine.operations), strict=True))
        )
        low, high = affine.bounds or ([-most] * len(columns), [most] * len(columns))
        self._keep(low=np.asarray(low, affine.dtype), high=np.asarray(high, affine.dtype))

    def forward(self, x: Tensor) -> Tensor:
        """By numpy in the cache, on as many threads, where nothing has to be differentiated or compiled."""
        plain = not (torch.compiler.is_compiling() or x.requires_grad) and x.device.type == "cpu"
        quick = plain and x.dim() == 2 and x.numel() >= _LARGE
        return self._in_cache(x.to(self.dtype)) if quick else self._whole(x.to(self.dtype))

    def _rows(self) -> list[tuple[str, Tensor]]:
        return [(name[:-1], getattr(self, name)) for name in self.names]

    def _whole(self, y: Tensor) -> Tensor:
        for name, row in self._rows():
            y = getattr(torch, name)(y, row)
        y = torch.minimum(torch.maximum(y, self.low), self.high)
        return torch.where(torch.isnan(y), self.fill, y)

    def _in_cache(self, x: Tensor) -> Tensor:
        # memory of numpy, which asks for huge pages: half the time of this is page faults
        out = torch.from_numpy(np.empty(x.shape, str(self.dtype).removeprefix("torch.")))
        affine = Affine(
            operations=tuple((getattr(np, name), row.numpy()) for name, row in self._rows()),
            dtype=out.numpy().dtype,
            bounds=(self.low.numpy(), self.high.numpy()) if self.clips else None,
            fill=self.fill.numpy(),
            most=self.most,
        )
        parts = [np.array_split(tensor.numpy(), torch.get_num_threads()) for tensor in (x, out)]
        with ThreadPoolExecutor(torch.get_num_threads()) as pool:
            list(pool.map(affine.forward, *parts))
        return out


class _Knots(_Exact):
    """Values to normal scores, linear between knots; shape (…, columns) both."""

    places: Tensor
    scores: Tensor
    last: Tensor
    low: Tensor
    high: Tensor
    fill: Tensor
    shrink: Tensor
    center: Tensor
    scale: Tensor

    def __init__(self, columns: Sequence[Column]) -> None:
        super().__init__()
        knots = [column.knots for column in columns if column.knots is not None]
        longest = max(len(places) for places, _ in knots)
        padded = [(_pad(p, longest, np.inf), _pad(s, longest, s[-1])) for p, s in knots]
        self._keep(places=np.stack([p for p, _ in padded]), scores=np.stack([s for _, s in padded]))
        self._keep(last=np.array([len(p) - 2 for p, _ in knots]))
        self._keep(low=np.array([c.low for c in columns]), high=np.array([c.high for c in columns]))
        for name in ("fill", "shrink", "center", "scale"):
            self._keep(**{name: np.array([getattr(c, name) for c in columns])})

    def forward(self, x: Tensor) -> Tensor:
        """NaN becomes the fill."""
        u = torch.clamp((x * self.shrink - self.center) / self.scale, 0.0, 1.0)
        at = torch.minimum((u.unsqueeze(-1) >= self.places).sum(-1) - 1, self.last).clamp(min=0).unsqueeze(-1)
        x0, x1 = _take(self.places, at), _take(self.places, at + 1)
        y0, y1 = _take(self.scores, at), _take(self.scores, at + 1)
        y = torch.minimum(torch.maximum(y0 + (u - x0) / (x1 - x0) * (y1 - y0), self.low), self.high)
        return torch.where(torch.isnan(x), self.fill, y)


def _pad(values: Any, length: int, value: float) -> Any:
    return np.pad(values, (0, length - len(values)), constant_values=value)


def _take(table: Tensor, at: Tensor) -> Tensor:
    return torch.gather(table.expand(*at.shape[:-1], -1), -1, at).squeeze(-1)


class ContractModule(_Exact):
    """(…, features) to (…, outputs) in the training precision, or in `dtype`.

    The features are those that hold numbers, in the order of the contract; a `one_hot` text is given as the
    number of its category. Raises ContractError for another width.
    """

    log: Tensor

    def __init__(self, contract: "Normalization", *, dtype: str | None = None) -> None:
        super().__init__()
        self.features = inputs(contract)
        self.precision = limits(dtype or contract.precision).name
        matrix = Matrix.of(self.features, self.precision)
        columns = matrix.columns
        self.single = all(column.safe32 for column in columns)
        self.affine64 = _Affine(Affine.in_float64(columns, matrix.most, logs=True), columns)
        self.affine32 = _Affine(Affine.in_float32(columns, matrix.most), columns) if self.single else None
        self.logs = any(column.log for column in columns)
        self._keep(log=np.array([column.log for column in columns], bool))
        self.curved = [j for j, column in enumerate(columns) if column.knots is not None]
        self.knots = _Knots([columns[j] for j in self.curved]) if self.curved else None
        self.plain = all(feature.numeric and len(feature.outputs) == 1 for feature in self.features)
        self.encoders = nn.ModuleDict(
            {str(j): _OneHot(f) for j, f in enumerate(self.features) if f.action == "one_hot"}
        )

    def forward(self, x: Tensor) -> Tensor:
        """Normalised features; no finite value gives NaN or infinity, NaN becomes the fill."""
        if x.shape[-1] != len(self.features):
            raise ContractError(
                f"a tensor of shape {tuple(x.shape)} given, (…, {len(self.features)}) expected"
            )
        y = self._numbers(x).to(_DTYPES[self.precision])
        return y if self.plain else torch.cat(self._pieces(x, y), dim=-1)

    def _numbers(self, x: Tensor) -> Tensor:
        if self.affine32 is not None and x.dtype in _SMALL and self.precision != "float64":
            return cast(Tensor, self.affine32(x))
        x = x.to(torch.float64)
        if self.logs:
            x = torch.where(self.log, torch.sign(x) * torch.log1p(torch.abs(x)), x)
        y = cast(Tensor, self.affine64(x))
        if self.knots is None:
            return y
        return self._with_knots(x, y)

    def _with_knots(self, x: Tensor, y: Tensor) -> Tensor:
        pieces = list(torch.unbind(y, -1))
        given = torch.stack([x[..., j] for j in self.curved], -1)
        for j, score in zip(self.curved, torch.unbind(cast(nn.Module, self.knots)(given), -1), strict=True):
            pieces[j] = score
        return torch.stack(pieces, -1)

    def _pieces(self, x: Tensor, y: Tensor) -> list[Tensor]:
        pieces = []
        for j, feature in enumerate(self.features):
            given = x[..., j : j + 1]
            encoded = self.encoders[str(j)](given) if feature.action == "one_hot" else y[..., j : j + 1]
            pieces.append(encoded.to(y.dtype))
            if feature.missing_indicator:
                pieces.append(torch.isnan(given).to(y.dtype))
        return pieces


_SMALL = (torch.float32, torch.float16, torch.bfloat16, torch.uint8, torch.int8, torch.int16, torch.bool)


class _OneHot(_Exact):
    """(…, 1) to (…, categories + 1)."""

    known: Tensor
    missing: Tensor

    def __init__(self, feature: Feature) -> None:
        super().__init__()
        size = len(feature.categories)
        known = [float(c) for c in feature.categories] if feature.numeric else list(range(size))
        self._keep(known=np.array(known, float), missing=np.eye(size + 2)[fill_code(feature)][: size + 1])

    def forward(self, x: Tensor) -> Tensor:
        """1 for the category, in the last place for an unknown one; the fill for NaN."""
        equal = torch.eq(x.to(torch.float64), self.known)
        one = torch.cat([equal, ~equal.any(-1, keepdim=True)], -1).to(torch.float64)
        return torch.where(torch.isnan(x), self.missing, one)


class ImageModule(_Exact):
    """Images of shape (…, channels, height, width), or a PIL image, to floats of the training precision.

    Only integers are taken: floats were scaled before, and would be divided twice.
    """

    center: Tensor
    factor: Tensor

    def __init__(self, contract: "Normalization", feature: str | None = None) -> None:
        super().__init__()
        self.feature = image_feature(contract, feature)
        self.dtype = _DTYPES[contract.precision]
        columns = channel_columns(self.feature)
        self._keep(center=np.array([[[c.center]] for c in columns], np.float32))
        self._keep(factor=np.array([[[1 / c.scale]] for c in columns], np.float32))

    def forward(self, x: Any) -> Tensor:
        """Normalised images; ContractError for floats and for another number of channels."""
        pixels = _pixels(x)
        if pixels.is_floating_point():
            raise ContractError(
                f"an image of {pixels.dtype} given, integers of 0 to {self.feature.constant:g} expected: "
                "put this transform in the place of ToTensor or ToDtype(scale=True), not after it"
            )
        if pixels.shape[-3] != len(self.feature.channels):
            names = ", ".join(c.name for c in self.feature.channels)
            raise ContractError(
                f"an image of shape {tuple(pixels.shape)} given, (…, {names}; height, width) expected"
            )
        return ((pixels.to(torch.float32) - self.center) * self.factor).to(self.dtype)


def _pixels(x: Any) -> Tensor:
    if isinstance(x, Tensor):
        return x
    array = np.array(x)
    return torch.from_numpy(array[None] if array.ndim == 2 else np.moveaxis(array, -1, -3).copy())
