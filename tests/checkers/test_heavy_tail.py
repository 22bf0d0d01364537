from dataclasses import replace

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits, load_iris, load_wine

from datacheck.checkers.heavy_tail import HeavyTail
from datacheck.finding import Finding
from datacheck.saved import from_json, to_json
from datacheck.statistics.row_sample import RowSample
from datacheck.testing import make_profile, run_checker


def findings(columns: dict) -> list[Finding]:
    return run_checker(HeavyTail(), make_profile({"train": columns}))


def warnings(columns: dict) -> list[str]:
    return [name for f in findings(columns) if f.severity != "info" for name in f.columns]


def clean(rng: np.random.Generator, rows: int) -> dict[str, np.ndarray]:
    return {
        "normal": rng.normal(size=rows),
        "uniform": rng.random(rows),
        "exponential": rng.exponential(size=rows),
        "student": rng.standard_t(3, rows),
        "lognormal": rng.lognormal(size=rows),
        "steps": rng.poisson(2.0, rows),
        "rare": np.where(rng.random(rows) < 0.1, rng.exponential(50, rows), 0.0),
    }


def test_light_and_moderate_tails_are_left_alone() -> None:
    rng = np.random.default_rng(0)

    alarms = sum(bool(warnings(clean(rng, int(rng.integers(200, 5000))))) for _ in range(200))

    assert alarms <= 1


def test_one_slip_of_the_unit_is_named_with_its_row() -> None:
    rng = np.random.default_rng(1)
    hits = 0
    for _ in range(200):
        values = rng.normal(50.0, 2.0, int(rng.integers(30, 5000)))
        row = int(rng.integers(len(values)))
        values[row] += rng.choice([-2000.0, 2000.0])
        found = findings({"slip": values, "x": rng.normal(size=len(values))})
        hits += [f.columns for f in found if f.severity == "warning"] == [("slip",)] and (
            found[0].rows is not None and found[0].rows.examples == (row,)
        )

    assert hits == 200


def test_cauchy_features_are_named() -> None:
    rng = np.random.default_rng(2)

    hits = sum(warnings({"x": rng.standard_cauchy(2000)}) == ["x"] for _ in range(200))

    assert hits >= 195


@pytest.mark.parametrize("load", [load_wine, load_breast_cancer, load_iris, load_digits, load_diabetes])
def test_real_data_stay_below_a_warning(load) -> None:
    values = load().data
    rng = np.random.default_rng(3)
    for _ in range(10):
        rows = rng.permutation(len(values))[: int(0.7 * len(values))]
        assert warnings({f"f{i}": values[rows, i] for i in range(values.shape[1])}) == []


def test_the_fix_fits_the_sign() -> None:
    rng = np.random.default_rng(4)
    positive = rng.lognormal(0, 2.5, 1000)

    (finding,) = findings({"x": positive})
    (other,) = findings({"x": rng.choice([-1, 1], 1000) * positive})

    assert "log1p" in finding.fix
    assert "clip" in other.fix


def test_few_rows_have_no_tail() -> None:
    assert findings({"x": [0.0, 1.0, 1e9]}) == []


def test_a_pass_says_what_it_would_have_seen() -> None:
    data = make_profile({"train": {"x": [1.0, 2.0], "label": [0.5, 1.5]}})

    assert (
        HeavyTail().detectable(data, "train") == "a standard deviation 2 times the spread of the middle 90 %"
    )


def test_saved_profiles_keep_the_verdict_without_the_rows() -> None:
    data = make_profile({"train": {"x": [*range(200), 1e6], "text": ["a"] * 201}})
    loaded = replace(data, splits={"train": from_json(to_json(data.train))[0]})

    (finding,) = run_checker(HeavyTail(), loaded)

    assert (finding.severity, finding.rows) == ("warning", None)


def test_columns_without_quantiles_are_passed_over() -> None:
    data = make_profile({"train": {"x": [*range(200), 1e6]}})
    bare = replace(data, splits={"train": replace(data.train, sample=RowSample())})

    assert run_checker(HeavyTail(), bare) == []
