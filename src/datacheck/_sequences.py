"""Labels in an order: how often they change and what batches they make, against a fair shuffle.

A sequence is given by its runs (stretches of equal labels), never by its rows, so a billion sorted rows cost
as much as ten.
"""

import math

import numpy as np
import numpy.typing as npt
from scipy import special

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]
EXACT = 2000  # rows up to which the exact law of the runs of two classes is summed


def changes_by_chance(counts: npt.ArrayLike) -> tuple[float, float]:
    """Mean and variance of the number of label changes in a random order, for classes of these sizes (k,).

    Changes are runs less one; the moments of the number of runs are those of Barton & David 1957.

    >>> changes_by_chance([2, 2])
    (2.0, 0.6666666666666666)
    """
    sizes = np.asarray(counts, np.float64)
    n, squares, cubes = (float((sizes**power).sum()) for power in (1, 2, 3))
    if n < 2:
        return 0.0, 0.0
    variance = (squares * (squares + n * (n + 1)) - 2 * n * cubes - n**3) / (n**2 * (n - 1))
    return n - squares / n, max(variance, 0.0)


def changes_p(changes: int, counts: npt.ArrayLike) -> float:
    """Chance of so few label changes in a random order: exact for two classes, else normal.

    Wald & Wolfowitz 1940 for two classes; for more, the normal limit with a continuity correction.

    >>> round(changes_p(1, [5, 5]), 5)
    0.00794
    """
    sizes = np.asarray(counts, np.float64)
    if len(sizes) == 2 and sizes.sum() <= EXACT:
        return float(min(1.0, _runs_of_two(sizes, changes + 1).sum()))
    mean, variance = changes_by_chance(sizes)
    return float(special.ndtr((changes + 0.5 - mean) / math.sqrt(variance))) if variance else 1.0


def _runs_of_two(sizes: FloatArray, most: int) -> FloatArray:
    """Chances of 2, 3, ..., `most` runs of two classes."""
    runs = np.arange(2, most + 1)
    low, high = runs // 2, (runs + 1) // 2
    a, b = sizes
    one = _log_choose(a - 1, low - 1) + _log_choose(b - 1, high - 1)
    other = _log_choose(a - 1, high - 1) + _log_choose(b - 1, low - 1)
    return np.asarray(np.exp(np.logaddexp(one, other) - _log_choose(a + b, a)))


def _log_choose(n: npt.ArrayLike, k: npt.ArrayLike) -> FloatArray:
    """log of n over k; minus infinity where k > n."""
    n, k = np.broadcast_arrays(np.asarray(n, np.float64), np.asarray(k, np.float64))
    inside = (k >= 0) & (k <= n)
    n, k = np.where(inside, n, 0), np.where(inside, k, 0)
    value = special.gammaln(n + 1) - special.gammaln(k + 1) - special.gammaln(n - k + 1)
    return np.where(inside, value, -np.inf)


def one_class_batches(lengths: IntArray, batch: int) -> int:
    """Full batches that lie inside one run, for runs of these lengths (runs,) in order.

    >>> one_class_batches(np.array([5, 3, 4]), 2)
    5
    """
    starts, stops = _spans(lengths, batch)
    return int(np.maximum(stops // batch - -(-starts // batch), 0).sum())


def _spans(lengths: IntArray, batch: int) -> tuple[IntArray, IntArray]:
    """First row and row after the last of each run, cut off where the full batches end."""
    stops = np.cumsum(lengths)
    full = stops[-1] // batch * batch if len(stops) else 0
    return np.minimum(np.append(0, stops[:-1]), full), np.minimum(stops, full)


def batches_with(codes: IntArray, lengths: IntArray, classes: int, batch: int) -> IntArray:
    """Number of full batches that hold each class, shape (classes,), for runs of class `codes` (runs,).

    >>> batches_with(np.array([0, 1, 0]), np.array([3, 1, 4]), 2, 2)
    array([4, 1])
    """
    starts, stops = _spans(lengths, batch)
    inside = stops > starts
    order = np.flatnonzero(inside)[np.argsort(codes[inside], kind="stable")]
    first, last, code = starts[order] // batch, (stops[order] - 1) // batch, codes[order]
    again = np.append(False, (code[1:] == code[:-1]) & (first[1:] == last[:-1]))
    return np.bincount(code, weights=last - first + 1 - again, minlength=classes).astype(np.int64)


def miss_chances(counts: npt.ArrayLike, batch: int) -> FloatArray:
    """Chance that a batch of a fair shuffle holds no row of a class, for classes of these sizes (k,).

    Hypergeometric: the batch is drawn without replacement.

    >>> miss_chances([50, 50], 2).round(4).tolist()
    [0.2475, 0.2475]
    """
    sizes = np.asarray(counts, np.float64)
    n = sizes.sum()
    return np.asarray(np.exp(_log_choose(n - sizes, batch) - _log_choose(n, min(batch, n))))


def one_class_chance(counts: npt.ArrayLike, batch: int) -> float:
    """Chance that all rows of a batch of a fair shuffle are of one class.

    >>> round(one_class_chance([50, 50], 2), 4)
    0.4949
    """
    sizes = np.asarray(counts, np.float64)
    n = sizes.sum()
    return float(min(1.0, np.exp(_log_choose(sizes, batch) - _log_choose(n, min(batch, n))).sum()))


def batch_for_all(counts: npt.ArrayLike, chance: float = 0.01) -> int:
    """Smallest batch size at which a batch of a fair shuffle misses some class with less than this chance.

    Bounds the chance by the sum over the classes.

    >>> batch_for_all([50, 50]), batch_for_all([990, 10])
    (8, 368)
    """
    low, high = 1, int(np.sum(counts))
    while low < high:
        middle = (low + high) // 2
        if miss_chances(counts, middle).sum() < chance:
            high = middle
        else:
            low = middle + 1
    return low


def lag_correlation(ranks: FloatArray) -> tuple[float, float]:
    """Correlation of neighbouring ranks (rows,), and the chance of one so large in a random order.

    The rank form of von Neumann's ratio (Bartels 1982): ratio = 2 (1 - correlation) but for the two ends.
    In a random order its mean is -1/n and its variance near 1/n.

    >>> lag_correlation(np.arange(100.0))[0] > 0.95
    True
    """
    n = len(ranks)
    centred = ranks - ranks.mean()
    power = float(centred @ centred)
    if not power:
        return 0.0, 1.0
    correlation = float(centred[1:] @ centred[:-1]) / power
    return correlation, float(special.ndtr(-(correlation + 1 / n) * math.sqrt(n)))
