"""Content hashes of samples, computed where the tensors are; 8 bytes a sample come back."""

import math
from functools import lru_cache

import torch
from torch import Tensor

READ = 512  # elements read of each sample: enough to tell images apart, and cheap

# constants of splitmix64 (Steele, Lea & Flood 2014) as signed 64-bit integers
_GOLDEN = 0x9E3779B97F4A7C15 - 2**64
_FIRST = 0xBF58476D1CE4E5B9 - 2**64
_SECOND = 0x94D049BB133111EB - 2**64
_WORDS = {1: torch.uint8, 2: torch.int16, 4: torch.int32, 8: torch.int64}


def stride(elements: int, width: int, read: int) -> int:
    """Distance between the elements read, at least elements / read and coprime to the width.

    >>> stride(50_176, 224, 342), stride(100, 10, 1024)
    (149, 1)
    """
    step = max(1, -(-elements // read))
    while step > 1 and math.gcd(step, width) > 1:
        step += 1
    return step


def digest(values: Tensor) -> Tensor:
    """A 64-bit hash of each row of a contiguous (samples, elements) tensor, shape (samples,), int64.

    Elements are mixed, weighted by pseudo-random odd numbers of their place and added modulo 2^64: a linear
    sum of mixed words, so equal rows are equal on every device and in every batch.

    >>> h = digest(torch.tensor([[1.0, 2.0], [2.0, 1.0], [1.0, 2.0]]))
    >>> bool(h[0] == h[2]), bool(h[0] == h[1])
    (True, False)
    """
    if values.dtype == torch.bool:
        values = values.to(torch.uint8)
    words = values.view(_WORDS[values.element_size()]).to(torch.int64, copy=True)
    # one multiplication and shift: the low bits of a float are mostly zero, and alone would cancel in the sum
    words = words.add_(1).mul_(_FIRST)
    words ^= words >> 32
    return mixed(words.mul_(_places(words.shape[1], words.device)).sum(dim=1) + words.shape[1])


@lru_cache(maxsize=64)
def _places(count: int, device: torch.device) -> Tensor:
    """A pseudo-random odd number for each place of a sample."""
    return mixed(torch.arange(count, device=device)) | 1


def mixed(words: Tensor) -> Tensor:
    """The finaliser of splitmix64 with arithmetic shifts; a new tensor of the same shape, int64."""
    z = words + _GOLDEN
    z = (z ^ (z >> 30)) * _FIRST
    z = (z ^ (z >> 27)) * _SECOND
    return z ^ (z >> 31)


def combined(hashes: list[Tensor]) -> Tensor:
    """One hash of several arrays of the same samples, dependent on their order."""
    total = hashes[0]
    for other in hashes[1:]:
        total = mixed(total) + other
    return total
