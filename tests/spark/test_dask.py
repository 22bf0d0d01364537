import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("dask.dataframe", reason="dask is in Spark's environment: make .venv/spark/.done")

import pandas as pd

from datacheck.engines.pieces import partial_profile

from .same import exact, same_json

PAGE = Path(__file__).parents[2] / "docs" / "scale.md"


def test_the_lines_of_the_page_profile_a_dask_dataframe() -> None:
    import dask
    import dask.dataframe as dd

    rng = np.random.default_rng(1)
    frame = pd.DataFrame({"x": rng.normal(size=5000), "label": rng.integers(0, 3, 5000)})
    lines = re.search(r"<!-- dask -->\n```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert lines is not None
    known: dict[str, Any] = {"frame": dd.from_pandas(frame, npartitions=7)}
    with dask.config.set(scheduler="threads"):
        exec(lines[1], known)

    whole = partial_profile(frame, "all", label="label")
    same_json(exact(known["profile"]), exact(whole))
    assert len(known["profile"].parts) == 7
