import numpy as np
import pyarrow as pa
import pytest

from datacheck.normalization import Normalization
from datacheck.profiles import Profile
from datacheck.schema import Schema, Training


@pytest.fixture
def fit():
    """The contract of columns, `y` being the label where there is one."""

    def make(columns, overrides=None, precision="float32", task="classification"):
        label = "y" if "y" in columns else None
        return Normalization.of(
            Profile.of(pa.record_batch(columns)),
            Schema(label=label, task=task if label else None),
            Training(precision=precision),
            overrides,
        )

    return make


@pytest.fixture
def table():
    """Every kind of column, 2,000 rows."""
    rng = np.random.default_rng(0)
    n = 2000
    rare = np.zeros(n)
    rare[:3] = 1
    return {
        "tiny": rng.normal(size=n) * 1e-4,
        "huge": rng.normal(3e7, 1e7, size=n).astype(np.float32),
        "jitter": 3 + 1e-13 * rng.normal(size=n),
        "rare": rare,
        "skewed": rng.lognormal(size=n) * 1000,
        "cauchy": rng.standard_cauchy(n),
        "count": rng.integers(0, 50, n),
        "colour": rng.choice(["blue", "green", "red"], n).tolist(),
        "vast": rng.normal(size=n) * 1e307,
        "y": rng.integers(0, 3, n),
    }
