"""The same function over many cases, on several cores, in the order of the cases."""

import multiprocessing as mp
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import Any, TypeVar

from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

T = TypeVar("T")
R = TypeVar("R")
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
_work: Callable[[Any], Any] | None = None


def each(work: Callable[[T], R], cases: Sequence[T], jobs: int) -> Iterator[tuple[T, R]]:
    """Every case with its result. One job stays in this process; processes share no state but `work`."""
    if jobs == 1 or len(cases) < 2:
        yield from ((case, work(case)) for case in cases)
        return
    with ProcessPoolExecutor(
        min(jobs, len(cases)), mp_context=mp.get_context("spawn"), initializer=_begin, initargs=(work,)
    ) as pool:
        try:
            yield from zip(cases, pool.map(_done, cases), strict=True)
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _begin(work: Callable[[Any], Any]) -> None:
    """Runs in each process: one thread of linear algebra, and an end when the parent has ended."""
    global _work
    _work = work
    os.environ.update(dict.fromkeys(_THREADS, "1"))  # for libraries that are loaded later
    threadpool_limits(1)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = mp.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _done(case: Any) -> Any:
    assert _work is not None
    return _work(case)
