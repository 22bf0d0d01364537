"""One pass over floats on the device where they lie; sums, counts and a few hashes come to the host.

The same numbers as from `_column.scan`, which see: all of them equal to the last bit but the moments, which a device
adds in another order. Methods of tensors alone, so that torch is not imported.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ._column import EVERY, FAR, STEP, Scan, central, scan
from ._hash import HALF, MULTIPLIERS, NAN, STRETCH, Hashes, stretches
from ._known import ALL, Known
from .errors import InputError

_LOW_HALF = 2**32 - 1
_SIGN = np.uint64(2**63)
_FIRST = 5  # rows that are not finite and are named
_SUMS = ("n", "nan", "positive_inf", "negative", "zero", "low", "high", "mean", "c", "s2", "s3", "s4")


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class OnDevice:
    """Lists of floats that stay on their device, in place of an Arrow array: a matrix of shape (rows, columns).

    `host` gives what an index of the matrix selects as an array of NumPy; `name` is for messages.
    """

    name: str
    matrix: Any
    type: pa.DataType
    host: Callable[[Any], NDArray[Any]]

    def rows(self, at: pa.Array | slice) -> pa.Array:
        """Some rows, on the host."""
        found = self.host(at if isinstance(at, slice) else np.array(at))
        return pa.FixedSizeListArray.from_arrays(pa.array(found.reshape(-1)), self.type.list_size)

    def scans(
        self, names: tuple[str, ...], factors: list[np.uint64], known: Known, rows: Hashes, levels: int
    ) -> list[Scan]:
        """What a pass over each column finds; columns of few levels, or not known to have many, come to the host.

        Raises InputError where the device fails, mostly for want of memory.
        """
        bounds = [known.bound(name) if name in known.many else ALL for name in names]
        try:
            found = scan_matrix(self.matrix, factors, bounds, rows)
        except (RuntimeError, TypeError) as error:
            raise InputError(
                f"{self.name} cannot be profiled on the device {self.matrix.device}: {str(error).splitlines()[0]}; "
                f"expected room for ten times {min(STRETCH, len(self.matrix)):,} rows in float64: pass x.cpu()"
            ) from error
        apart = [i for i, bound in enumerate(bounds) if bound == ALL]
        values = self.host((slice(None), apart)) if apart else np.empty((0, 0))
        rest: dict[str, Any] = {"factor": np.uint64(0), "rows": np.zeros(len(rows), np.uint64)}
        for i, column in zip(apart, np.ascontiguousarray(values.T), strict=True):
            most = 0 if names[i] in known.many else levels
            here = scan(column, None, bound=known.bound(names[i]), levels=most, **rest)
            here.moments, found[i] = found[i].moments, here
        return found


def scan_matrix(matrix: Any, factors: list[np.uint64], bounds: list[np.uint64], rows: Hashes) -> list[Scan]:
    """Passes over a matrix of floats, (rows, columns), on any device; adds to `rows` as `_column.scan` does.

    Hashes above a column's bound are dropped, and all of a column that has none (`ALL`). The moments of a stretch
    depend on nothing but its rows and the number of columns.
    """
    found = [Scan() for _ in bounds]
    below, odd = _numbers(matrix, (bound ^ _SIGN for bound in bounds)), _numbers(matrix, factors)
    some = _numbers(matrix, (bound < ALL for bound in bounds)).bool()
    for part in stretches(len(matrix)):
        x = matrix[part].double()
        finite = x.isfinite()
        hashes = _hashes(x)
        rows[part] += (hashes * odd).sum(1).cpu().numpy().view(np.uint64)
        _keep(found, hashes, finite & some & ((hashes ^ _signed(_SIGN)) <= below))
        sums = _sums(x, finite)
        _note(found, sums, len(x))
        if sums["n"].min() < len(x):
            _name(found, finite, part.start)
    return found


def _hashes(x: Any) -> Any:
    """The bits of `hash_numbers`, as signed numbers: a device has no others."""
    z = (x + 0.0).view(_whole(x))  # -0.0 + 0.0 is 0.0
    for multiplier in MULTIPLIERS:
        z = (z ^ ((z >> int(HALF)) & _LOW_HALF)) * _signed(multiplier)
    return z.masked_fill(x.isnan(), _signed(NAN))


def _keep(found: list[Scan], hashes: Any, keep: Any) -> None:
    column = keep.nonzero()[:, 1].cpu().numpy()
    some = hashes[keep].cpu().numpy().view(np.uint64)
    order = np.argsort(column, kind="stable")
    ends = np.searchsorted(column[order], np.arange(len(found) + 1))
    for one, start, stop in zip(found, ends, ends[1:], strict=False):
        if stop > start:
            one.take(some[order[start:stop]])


def _sums(x: Any, finite: Any) -> dict[str, NDArray[np.float64]]:
    """Counts, extrema and sums of powers of deviations of each column, shape (columns,)."""
    y = x
    if not bool(finite.all()):
        y = x.where(finite, x.gather(0, finite.byte().argmax(0, keepdim=True)))  # the first that is there
    low, high, n = y.amin(0), y.amax(0), finite.sum(0).double()
    exponent = _exponents(low.cpu().numpy(), high.cpu().numpy())
    if np.any(exponent):
        half = x.new_tensor(np.exp2(-exponent / 2))  # twice, since 2**1024 is none of float64
        y = y * half * half
    mean = y[::EVERY].mean(0)
    d, c, square = _deviations(y, finite, mean, n)
    far = FAR * n * c * c > square.sum(0)
    if bool(far.any()):
        mean = (mean + c).where(far, mean)
        d, c, square = _deviations(y, finite, mean, n)
    inf = float("inf")
    counts = (n, x.isnan().sum(0), (x == inf).sum(0), (x < 0).sum(0), (x == 0).sum(0))
    sums = (low, high, mean, c, square.sum(0), (square * d).sum(0), (square * square).sum(0))
    table = x.new_zeros((len(_SUMS), x.shape[1]))
    for row, values in zip(table, (*counts, *sums), strict=True):
        row.copy_(values)
    return dict(zip(_SUMS, table.cpu().numpy(), strict=True)) | {"exponent": exponent}


def _deviations(y: Any, finite: Any, mean: Any, n: Any) -> tuple[Any, Any, Any]:
    """Deviations, 0 for what is not finite; their mean; their squares."""
    d = (y - mean).masked_fill(~finite, 0.0)
    return d, d.sum(0) / n, d * d


def _exponents(low: NDArray[np.float64], high: NDArray[np.float64]) -> NDArray[np.float64]:
    """Exponents of two of the scales on which fourth powers of columns are numbers, 0 for ordinary ones."""
    largest = np.maximum(high, -low)
    scaled = np.isfinite(largest) & (largest > 0)
    return np.asarray(np.trunc(np.frexp(np.where(scaled, largest, 1.0))[1] / STEP) * STEP)


def _note(found: list[Scan], sums: dict[str, NDArray[np.float64]], rows: int) -> None:
    """Takes up what was found in a stretch."""
    for into, values in zip(found, zip(*(part.tolist() for part in sums.values()), strict=True), strict=True):
        one = dict(zip(sums, values, strict=True))
        n = int(one["n"])
        into.nan += int(one["nan"])
        into.positive_inf += int(one["positive_inf"])
        into.negative_inf += rows - n - int(one["nan"]) - int(one["positive_inf"])
        into.negative += int(one["negative"])
        into.zero += int(one["zero"])
        into.moments.append(_moments(n, one) if n else (0, 0.0, 0.0, 0.0, 0.0, 0.0, 0))
        if n:
            into.extend(one["low"], one["high"])


def _moments(n: int, one: dict[str, float]) -> tuple[float, ...]:
    exponent = int(one["exponent"])
    if one["low"] == one["high"]:
        return (n, float(np.ldexp(one["low"], -exponent)), 0.0, 0.0, 0.0, 0.0, exponent)
    return central(n, one["mean"], one["c"], (one["s2"], one["s3"], one["s4"]), exponent)


def _name(found: list[Scan], finite: Any, start: int) -> None:
    """Notes the first rows of each column that are not finite."""
    for i in (~finite.all(0)).nonzero()[:, 0].tolist():
        if len(found[i].odd) < _FIRST:
            at = (~finite[:, i]).nonzero()[:_FIRST, 0]
            found[i].odd += (at.cpu().numpy() + start).tolist()


def _numbers(matrix: Any, bits: Iterable[Any]) -> Any:
    return matrix.new_tensor([_signed(some) for some in bits], dtype=_whole(matrix))


def _signed(bits: Any) -> int:
    """A number of 64 bits as a device has them."""
    number = int(bits)
    return number - 2**64 if number >= 2**63 else number


def _whole(tensor: Any) -> Any:
    """The type of 64-bit whole numbers of the tensor's library."""
    return tensor.new_zeros(0).long().dtype
