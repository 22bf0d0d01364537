"""The state of everything random around a loader, put back after the audit."""

import random
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch

_DEEPEST, _MOST = 4, 64  # how far generators are looked for inside samplers and datasets


@contextmanager
def unchanged(*loaders: Any) -> Iterator[None]:
    """Runs a block and puts every random state back: python, numpy, torch, its accelerators, and the loaders'
    own.

    The loaders' own are the generators held by loader, samplers and dataset, and the plain attributes of the
    samplers (a counter of epochs). What a dataset counts in its own attributes is not put back.
    """
    holders = [part for loader in loaders for part in _parts(loader)]
    generators = list(_generators(holders))
    samplers = [part for loader in loaders for part in _samplers(loader)]
    states = [_state(generator) for generator in generators]
    attributes = [dict(vars(sampler)) for sampler in samplers]
    everywhere = random.getstate(), np.random.get_state(), torch.get_rng_state(), _accelerators()
    try:
        yield
    finally:
        random.setstate(everywhere[0])
        np.random.set_state(everywhere[1])
        torch.set_rng_state(everywhere[2])
        if everywhere[3]:
            torch.cuda.set_rng_state_all(everywhere[3])
        for generator, state in zip(generators, states, strict=True):
            _put_back(generator, state)
        for sampler, saved in zip(samplers, attributes, strict=True):
            vars(sampler).update(saved)


def _accelerators() -> list[torch.Tensor]:
    cuda: Any = torch.cuda
    # asking for states would start CUDA where nobody uses it
    return list(cuda.get_rng_state_all()) if cuda.is_available() and cuda.is_initialized() else []


def _samplers(loader: Any) -> list[Any]:
    batches = getattr(loader, "batch_sampler", None)
    found = [getattr(loader, "sampler", None), batches, getattr(batches, "sampler", None)]
    return [sampler for sampler in found if hasattr(sampler, "__dict__")]


def _parts(loader: Any) -> list[Any]:
    return [getattr(loader, "generator", None), getattr(loader, "dataset", None), *_samplers(loader)]


def _generators(holders: Iterable[Any]) -> Iterator[Any]:
    """Every generator object that the holders reach, each once."""
    met: set[int] = set()
    pending = [(holder, 0) for holder in holders]
    while pending:
        value, depth = pending.pop()
        if id(value) in met:
            continue
        met.add(id(value))
        if isinstance(value, (torch.Generator, np.random.Generator, np.random.RandomState, random.Random)):
            yield value
        elif depth < _DEEPEST:
            pending.extend((child, depth + 1) for child in _children(value))


def _children(value: Any) -> list[Any]:
    if isinstance(value, (list, tuple)):
        return list(value[:_MOST])
    if isinstance(value, Mapping):
        return list(value.values())[:_MOST]
    if isinstance(value, (type, torch.Tensor, np.ndarray)) or not hasattr(value, "__dict__"):
        return []
    return list(vars(value).values())[:_MOST]


def _state(generator: Any) -> Any:
    if isinstance(generator, torch.Generator):
        return generator.get_state()
    if isinstance(generator, np.random.Generator):
        return generator.bit_generator.state
    return generator.get_state() if isinstance(generator, np.random.RandomState) else generator.getstate()


def _put_back(generator: Any, state: Any) -> None:
    if isinstance(generator, np.random.Generator):
        generator.bit_generator.state = state
    elif isinstance(generator, random.Random):
        generator.setstate(state)
    else:
        generator.set_state(state)
