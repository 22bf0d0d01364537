"""Planted faults: for every checker, data with the fault that it looks for, graded in strength.

>>> import numpy as np, pyarrow as pa
>>> rng = np.random.default_rng(0)
>>> table = pa.table({"x": rng.normal(size=100), "z": rng.normal(size=100), "y": [0, 1] * 50})
>>> planted = find("missing-values")(table, 0.3, label="y", seed=1)
>>> planted.split, planted.columns, len(planted.rows)
('data', ('x',), 30)
"""

import sys
from functools import cache

from ..._discover import classes
from ...errors import ConfigError, nearest
from .base import Fault, Planted
from .splits import Splits

__all__ = ["Fault", "Planted", "Splits", "every", "find"]


@cache
def every() -> dict[str, Fault]:
    """Every planted fault by the name of the checker that looks for it, in alphabetical order."""
    return dict(sorted((cls.name, cls()) for cls in classes(sys.modules[__name__], Fault)))


def find(checker: str) -> Fault:
    """The fault that a checker looks for; raises ConfigError where there is none of that name.

    >>> find("missing-vaules")
    Traceback (most recent call last):
    datacheck.errors.ConfigError: no fault is planted for 'missing-vaules'; did you mean 'missing-values'?
    """
    if checker not in every():
        raise ConfigError(f"no fault is planted for {checker!r}; {nearest(checker, every())}")
    return every()[checker]
