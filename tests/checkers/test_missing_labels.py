from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from datacheck.checkers.missing_labels import MissingLabels
from datacheck.errors import NotApplicable
from datacheck.finding import Finding
from datacheck.testing import make_profile, run_checker


def findings(labels: Any, **splits: Any) -> list[Finding]:
    tables = {name: {"label": values} for name, values in {"train": labels, **splits}.items()}
    return run_checker(MissingLabels(), make_profile(tables, label="label"))


def test_whole_labels_pass_and_a_single_missing_one_is_found() -> None:
    rng = np.random.default_rng(0)
    for draw in range(200):
        labels = rng.normal(size=100) if draw % 2 else rng.integers(5, size=100).astype(float)
        row = int(rng.integers(100))
        missing = labels.copy()
        missing[row] = rng.choice([np.nan, np.inf, -np.inf])

        assert findings(labels) == []
        (found,) = findings(missing)
        assert found.rows is not None
        assert (found.severity, found.rows.count, found.rows.examples) == ("error", 1, (row,))


@pytest.mark.parametrize("array", [pa.array([1, None, 0, None]), pa.array(["a", None, "b", None])])
def test_nulls_of_any_type_are_counted(array: pa.Array) -> None:
    (found,) = findings(array)

    assert found.message == "2 rows (50 %) have no usable label: their loss is NaN, then every weight."
    assert found.rows is not None
    assert found.rows.examples == (1, 3)
    assert found.fix == "table = table.dropna(subset=['label'])"


def test_texts_that_mean_missing_are_warnings() -> None:
    (found,) = findings(["cat", "", "NaN", "?", "none", "dog"])

    assert found.severity == "warning"
    assert found.evidence["texts"] == {"": 1, "?": 1, "NaN": 1}
    assert found.rows is not None
    assert found.rows.examples == (1, 2, 3)


def test_a_test_set_without_labels_is_info_but_training_without_them_is_an_error() -> None:
    (found,) = findings([0, 1, 1, 0], test=pa.array([None, None], pa.int64()))
    (all_missing,) = findings(pa.array([None, None], pa.float64()))

    assert (found.severity, found.split) == ("info", "test")
    assert all_missing.severity == "error"


def test_without_a_label_it_says_how_to_name_one() -> None:
    data = make_profile({"train": {"x": [1, 2]}})

    with pytest.raises(NotApplicable, match="--label"):
        list(MissingLabels().check(data, "train"))
