from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import hypergeom

from datacheck._precision import LIMITS
from datacheck.checkers.near_constant_feature import NearConstantFeature, batch_without
from datacheck.finding import Finding
from datacheck.schema import Training
from datacheck.statistics.row_sample import RowSample
from datacheck.testing import make_profile, run_checker


def findings(columns: dict[str, np.ndarray], batch_size: int = 32) -> list[Finding]:
    return run_checker(
        NearConstantFeature(), make_profile({"train": columns}, training=Training(batch_size=batch_size))
    )


def test_indicators_that_come_up_and_numbers_are_left_alone() -> None:
    rng = np.random.default_rng(0)
    alarms = 0
    for _ in range(200):
        rows = int(rng.integers(300, 5000))
        columns = {
            "flag": (rng.random(rows) < rng.uniform(0.02, 0.98)).astype(int),
            "x": rng.normal(size=rows),
        }
        alarms += any(f.severity != "info" for f in findings(columns))

    assert alarms == 0


def test_a_handful_of_exceptions_is_named() -> None:
    rng = np.random.default_rng(1)
    hits = 0
    for _ in range(200):
        rows = int(rng.integers(1300, 20000))
        where = rng.choice(rows, int(rng.integers(1, 5)), replace=False)
        rare = np.zeros(rows)
        rare[where] = rng.choice([1.0, 250.0])
        (finding,) = findings({"rare": rare, "x": rng.random(rows)})
        hits += (
            finding.columns == ("rare",)
            and finding.severity == "warning"
            and finding.rows is not None
            and finding.rows.examples == tuple(sorted(where))
        )

    assert hits == 200


def test_three_ones_in_five_thousand_rows() -> None:
    rare = np.zeros(5000, int)
    rare[[10, 700, 3000]] = 1

    (finding,) = findings({"rare": rare})

    assert finding.severity == "warning"
    assert finding.rows is not None
    assert finding.rows.examples == (10, 700, 3000)
    assert finding.evidence["largest_z"] == pytest.approx(40.8, abs=0.05)
    assert finding.evidence["constant_in_batch"] == pytest.approx(0.9809, abs=1e-4)
    assert finding.evidence["overflows_float16"] is False


@pytest.mark.parametrize(("batch_size", "severity"), [(32, ["warning"]), (256, ["info"]), (2048, [])])
def test_the_batch_size_decides(batch_size: int, severity: list[str]) -> None:
    rare = np.zeros(5000)
    rare[:3] = 1

    assert [f.severity for f in findings({"rare": rare}, batch_size)] == severity


def test_a_small_but_real_standard_deviation_is_fine() -> None:
    rng = np.random.default_rng(2)

    assert findings({"tiny": rng.normal(size=1000) * 1e-9}) == []


def test_chance_of_a_batch_without_exceptions_is_hypergeometric() -> None:
    for exceptions, rows, batch in [(1, 10, 3), (30, 1000, 64), (5, 100, 96), (2, 40, 38), (0, 10, 5)]:
        expected = hypergeom(rows, exceptions, batch).pmf(0)
        assert batch_without(exceptions, rows, batch) == pytest.approx(expected, rel=1e-9)


def test_saved_profiles_name_no_rows() -> None:
    rare = np.zeros(2000)
    rare[3] = 1
    data = make_profile({"train": {"rare": rare}})
    without = replace(data, splits={"train": replace(data.train, sample=RowSample())})
    (finding,) = run_checker(NearConstantFeature(), without)

    assert finding.rows is not None
    assert (finding.rows.count, finding.rows.examples) == (1, ())


def test_a_pass_says_what_it_would_have_seen() -> None:
    data = make_profile({"train": {"x": [1.0, 2.0], "label": [0.5, 1.5]}})

    assert NearConstantFeature().detectable(data, "train") == "a constant in 50 % of the batches of 32 rows"


def test_a_z_beyond_the_training_precision_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    # sqrt(n - 1) bounds |z|, so float16 overflows from 4.3e9 rows on: a narrower format stands in for it
    narrow = replace(LIMITS["float16"], max=30.0)
    monkeypatch.setitem(LIMITS, "float32", narrow)
    rare = np.zeros(2000)
    rare[3] = 1

    (finding,) = findings({"rare": rare})

    assert finding.severity == "error"
