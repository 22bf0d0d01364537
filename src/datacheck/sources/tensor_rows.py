"""A tensor of PyTorch as an array whose rows come to the host block by block."""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from .._device import OnDevice
from ..errors import InputError


@dataclass(frozen=True, eq=False, slots=True)
class TensorRows:
    """What a reader of arrays asks of them, of a tensor on any device; torch is not imported for it.

    Only the rows asked for are copied, on the host none: 10 GB on another device take a few blocks here. Matrices
    of floats on CUDA devices are passed over there. Floats of 16 and 8 bits that NumPy does not have become float32.
    """

    tensor: Any
    what: str

    @classmethod
    def of(cls, tensor: Any, what: str) -> Self:
        """The rows of a tensor; raises InputError for one that holds no real numbers in rows of one shape."""
        reason = _unfit(tensor)
        if reason:
            raise InputError(f"{what} {reason}")
        return cls(tensor.detach(), what)

    @property
    def shape(self) -> tuple[int, ...]:
        """Length of each axis."""
        return tuple(self.tensor.shape)

    @property
    def ndim(self) -> int:
        """Number of axes."""
        return len(self.shape)

    @property
    def dtype(self) -> np.dtype[Any]:
        """Type of the rows on the host."""
        return self[:0].dtype

    def __len__(self) -> int:
        return self.shape[0]

    @property
    def elsewhere(self) -> bool:
        """Whether these are rows of several floats, of 16 bits or more, on a device that can pass over them."""
        tensor = self.tensor
        return (
            bool(tensor.is_cuda)
            and self.ndim > 1
            and tensor.is_floating_point()
            and tensor.element_size() > 1
        )

    def on_device(self, rows: slice, type_: pa.DataType) -> OnDevice:
        """The rows as a column of lists that stay where they are."""
        part = TensorRows(self.tensor[rows].flatten(1), self.what)
        return OnDevice(name=self.what, matrix=part.tensor, type=type_, host=part.__getitem__)

    def __getitem__(self, rows: Any) -> NDArray[Any]:
        try:
            part = self.tensor[rows]
            if str(part.dtype).startswith(("torch.bfloat16", "torch.float8")):
                part = part.float()
            return np.asarray(part.numpy(force=True))
        except (TypeError, ValueError, RuntimeError) as error:
            raise InputError(
                f"{self.what} on the device {self.tensor.device} cannot be copied to the host: "
                f"{str(error).splitlines()[0]}; expected a tensor of numbers: pass x.float().cpu()"
            ) from error


def _unfit(tensor: Any) -> str:
    """What is wrong with a tensor, what was expected and what to pass instead; empty for one that is fit."""
    if not tensor.is_nested and not tensor.ndim:
        return "is a single value (0-d); expected a tensor whose first axis is rows: pass x.reshape(1)"
    if tensor.is_nested:
        return "is a nested tensor; expected rows of one shape: pass x.to_padded_tensor(float('nan'))"
    if str(tensor.layout) != "torch.strided":
        return f"has the layout {tensor.layout}; expected a dense tensor: pass x.to_dense()"
    if tensor.is_complex():
        return f"is of type {tensor.dtype}; expected real numbers: pass torch.view_as_real(x)"
    if tensor.is_quantized:
        return (
            f"is quantised ({tensor.dtype}); expected plain numbers: pass x.dequantize(), or x.int_repr() for "
            "the whole numbers that are stored"
        )
    if tensor.is_meta:
        return "is on the device 'meta', which holds no values; expected data: pass the tensor they are in"
    return ""
