import numpy as np
import pyarrow as pa

from datacheck.checkers.non_finite_values import NonFiniteValues
from datacheck.finding import Finding
from datacheck.testing import make_profile, run_checker


def findings(columns: dict, label: str | None = None, batch_rows: int | None = None) -> list[Finding]:
    return run_checker(
        NonFiniteValues(), make_profile({"train": columns}, label=label, batch_rows=batch_rows)
    )


def test_finite_tables_are_left_alone() -> None:
    rng = np.random.default_rng(0)
    alarms = 0
    for _ in range(200):
        values = rng.normal(size=int(rng.integers(1, 300))) * 10 ** rng.uniform(-300, 300)
        nulls = pa.array(values, mask=rng.random(len(values)) < 0.2)
        alarms += bool(findings({"x": values, "with nulls": nulls, "n": np.arange(len(values))}))

    assert alarms == 0


def test_every_nan_and_infinity_is_named_with_its_first_rows() -> None:
    rng = np.random.default_rng(1)
    hits = 0
    for _ in range(200):
        values = rng.normal(size=int(rng.integers(10, 300)))
        where = np.sort(rng.choice(len(values), int(rng.integers(1, 9)), replace=False))
        values[where] = rng.choice([np.nan, np.inf, -np.inf], len(where))
        (finding,) = findings({"x": values, "sound": np.zeros(len(values))}, batch_rows=100)
        rows = finding.rows
        hits += (
            finding.columns == ("x",)
            and finding.severity == "error"
            and rows is not None
            and (rows.count, rows.examples) == (len(where), tuple(where[:5]))
        )

    assert hits == 200


def test_the_message_tells_the_kinds_apart() -> None:
    (finding,) = findings({"x": [np.inf, -np.inf, np.nan, np.nan, 1.0]})

    assert "'x' holds 2 NaN, 1 +inf, 1 -inf (80 % of the rows)" in finding.message


def test_nan_in_the_label_is_left_to_missing_labels_but_infinity_is_not() -> None:
    assert findings({"x": [1.0, 2.0], "y": [np.nan, 1.5]}, label="y") == []
    assert len(findings({"x": [1.0, 2.0], "y": [np.inf, 1.5]}, label="y")) == 1


def test_text_is_not_judged() -> None:
    assert findings({"city": ["nan", "inf"]}) == []
