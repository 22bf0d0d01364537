"""One thread for the probes: on a few thousand rows threads only wait for each other, and spin meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module

LEARNERS = ("sklearn.ensemble", "sklearn.linear_model")
"""Where the learners live; they take half a second to import, so only what learns imports them."""


@contextmanager
def one_thread(*libraries: str) -> Iterator[None]:
    """Keeps BLAS and OpenMP to one thread, here or as a decorator: then sums do not depend on the machine.

    What is loaded inside is not held: name the `libraries` that the body imports later. Measured on two busy
    cores: boosting 0.7 s with one thread, 54 s with two; all probes on 180 rows 3 s of CPU, 12 with two.
    """
    for library in libraries:
        import_module(library)
    with import_module("threadpoolctl").threadpool_limits(1):
        yield
