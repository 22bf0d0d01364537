"""What a fair shuffle would do: the laws that the order and the batches of a loader are held against."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special, stats

Codes = NDArray[np.int64]
PERMUTATIONS = 199
"""Shuffles behind a tail; their standard deviation is known to 5 %, a factor of 2 at a tail of 1e-4."""
ROWS = 1 << 16
"""Labels tested, the first ones of an epoch; more would cost seconds and add no power that matters."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Clumping:
    """Pairs of equal labels within windows, against all orders of the same labels.

    `excess` is 0 for a fair shuffle, 1 when every pair within a window is equal, and negative for labels that
    are spread more evenly than chance. `lift` is the same as a share of the expected pairs: with many classes
    even many times as many pairs as expected are a small excess. `p_more` and `p_less` are the tails of the
    permutation null.
    """

    pairs: int
    observed: float
    expected: float
    excess: float
    lift: float
    p_more: float
    p_less: float


Worth = Callable[[float, float], bool]


def neighbours(
    codes: Codes, strata: Codes | None = None, *, seed: int = 0, worth: Worth | None = None
) -> Clumping | None:
    """Equal labels next to each other (length of the sequence minus its number of runs); None below 3 labels.

    `worth` is asked whether an excess and a lift are worth a test; None where they are not.

    The statistic of Barton & David 1957 for runs of any number of classes. Wald & Wolfowitz 1940 count the
    runs of two classes only.

    >>> round(neighbours(np.repeat([0, 1, 2], 20)).excess, 2), neighbours(np.tile([0, 1, 2], 20)).observed
    (0.95, 0.0)
    """
    return _clumping(codes[:ROWS], None, strata, seed, worth) if len(codes) > 2 else None


def within(
    codes: Codes, sizes: Codes, strata: Codes | None = None, *, seed: int = 0, worth: Worth | None = None
) -> Clumping | None:
    """Equal labels in the same batch, for batches of the given sizes; None without a pair.

    The number of pairs is the sum over batches and classes of k(k-1)/2: up to constants Pearson's statistic
    of the table batch x class, whose rows are hypergeometric under a fair shuffle.

    >>> within(np.repeat([0, 1], 50), np.full(10, 10)).excess
    1.0
    """
    window = np.repeat(np.arange(len(sizes)), sizes)[: len(codes)][:ROWS]
    return _clumping(codes[: len(window)], window, strata, seed, worth) if sizes.max(initial=0) > 1 else None


def _clumping(
    codes: Codes, window: Codes | None, strata: Codes | None, seed: int, worth: Worth | None
) -> Clumping | None:
    """`strata`: samples are exchanged within equal strata only (batches of one length bucket)."""
    _, codes = np.unique(codes, return_inverse=True)
    observed = _pairs(codes, window)
    pairs = len(codes) - 1 if window is None else int(_choose_two(np.bincount(window)).sum())
    if (
        worth is not None
        and strata is None
        and not worth(*_beyond(observed, pairs * equal_chance(codes), pairs))
    ):
        return None
    rng = np.random.default_rng(seed)
    order = None if strata is None else np.argsort(strata[: len(codes)], kind="stable")
    draws = np.array([_pairs(_shuffled(codes, strata, order, rng), window) for _ in range(PERMUTATIONS)])
    expected = float(draws.mean())
    more, less = tails(observed, draws)
    excess, lift = _beyond(observed, expected, pairs)
    return Clumping(
        pairs=pairs, observed=observed, expected=expected, excess=excess, lift=lift, p_more=more, p_less=less
    )


def equal_chance(codes: Codes) -> float:
    """Chance that two different samples have equal labels: the mean of pairs under all orders, per pair.

    >>> equal_chance(np.array([0, 0, 1, 1]))
    0.3333333333333333
    """
    n = len(codes)
    return float(2 * _choose_two(np.bincount(codes)).sum() / (n * (n - 1))) if n > 1 else 0.0


def _beyond(observed: float, expected: float, pairs: int) -> tuple[float, float]:
    """Excess and lift."""
    excess = (observed - expected) / (pairs - expected) if pairs > expected else 0.0
    return excess, observed / expected - 1 if expected else 0.0


def _shuffled(codes: Codes, strata: Codes | None, order: Codes | None, rng: np.random.Generator) -> Codes:
    if strata is None or order is None:
        return rng.permutation(codes)
    result = np.empty_like(codes)
    # sorted by stratum and then at random: a shuffle within each stratum
    mixed = np.lexsort((rng.random(len(codes)), strata[: len(codes)]))
    result[order] = codes[mixed]
    return result


def _pairs(codes: Codes, window: Codes | None) -> float:
    if window is None:
        return float(np.count_nonzero(codes[1:] == codes[:-1]))
    keys = np.sort(window * (codes.max(initial=0) + 1) + codes)
    ends = np.flatnonzero(np.append(keys[1:] != keys[:-1], True))
    return float(_choose_two(np.diff(ends, prepend=-1)).sum())


def _choose_two(counts: Codes) -> NDArray[np.float64]:
    return counts * (counts - 1) / 2.0


def tails(observed: float, draws: NDArray[np.float64]) -> tuple[float, float]:
    """Upper and lower tail of a null known by draws, shape (draws,): a Pearson III law with their moments.

    A fitted law because counted draws cannot give a p-value below 1 / (draws + 1); never below that where
    the null has no spread.

    >>> upper, lower = tails(5.0, np.random.default_rng(0).normal(size=199))
    >>> upper < 1e-4, lower > 0.99
    (True, True)
    """
    spread = float(draws.std(ddof=1))
    if spread == 0:
        extreme = 1 / (len(draws) + 1)
        return (extreme if observed > draws[0] else 1.0), (extreme if observed < draws[0] else 1.0)
    law = stats.pearson3(float(stats.skew(draws)), float(draws.mean()), spread)
    return float(law.sf(observed)), float(law.cdf(observed))


def log10_same_order(codes: Codes) -> float:
    """Decimal logarithm of the chance that two fair shuffles give one label sequence: product of n_c! over
    n!.

    >>> round(log10_same_order(np.array([0, 1] * 10)), 2)
    -5.27
    """
    counts = np.bincount(np.unique(codes, return_inverse=True)[1])
    return float(special.gammaln(counts + 1).sum() - special.gammaln(len(codes) + 1)) / math.log(10)


def one_class_chance(counts: Codes, size: int) -> float:
    """Chance that a batch drawn without replacement holds one class only.

    >>> round(one_class_chance(np.array([50, 50]), 4), 3)
    0.117
    """
    return float(np.exp(_log_choose(counts, size) - _log_choose(counts.sum(), size)).sum())


def missing_chance(counts: Codes, size: int) -> NDArray[np.float64]:
    """For every class the chance that a batch drawn without replacement lacks it, shape (classes,).

    >>> missing_chance(np.array([90, 10]), 10).round(3).tolist()
    [0.0, 0.33]
    """
    total = counts.sum()
    return np.asarray(np.exp(_log_choose(total - counts, size) - _log_choose(total, size)))


def batch_size_for_all(counts: Codes, chance: float = 0.01) -> int:
    """Smallest batch that lacks any class with at most that chance (union bound over the classes).

    >>> batch_size_for_all(np.array([900, 100]))
    43
    """
    low, high = 1, int(counts.sum())
    while low < high:
        middle = (low + high) // 2
        enough = missing_chance(counts, middle).sum() <= chance
        low, high = (low, middle) if enough else (middle + 1, high)
    return low


def _log_choose(n: NDArray[np.int64] | np.int64, k: int) -> NDArray[np.float64]:
    n = np.asarray(n, np.float64)
    value = special.gammaln(n + 1) - special.gammaln(k + 1) - special.gammaln(np.maximum(n - k, 0) + 1)
    return np.asarray(np.where(n >= k, value, -np.inf))


def rank_correlation(a: NDArray[np.int64], b: NDArray[np.int64]) -> float | None:
    """Spearman's correlation of two orders of the same samples; a fair shuffle gives 0 +- 1/sqrt(n).

    None below 20 samples or where one order has no spread.

    >>> rank_correlation(np.arange(50), np.arange(50)[::-1])
    -1.0
    """
    if len(a) < 20 or np.ptp(a) == 0 or np.ptp(b) == 0:
        return None
    return round(float(stats.spearmanr(a, b).statistic), 12)
