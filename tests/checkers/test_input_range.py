import numpy as np
import pytest

from datacheck.checkers.input_range import InputRange
from datacheck.finding import Finding
from datacheck.testing import make_profile, run_checker

DRAWS = {
    "normal": lambda rng, n: rng.normal(size=n),
    "unit": lambda rng, n: rng.random(n),
    "symmetric": lambda rng, n: rng.uniform(-1, 1, n),
}


def findings(columns: dict[str, np.ndarray]) -> list[Finding]:
    return run_checker(InputRange(), make_profile({"train": columns, "test": columns}))


def clean(rng: np.random.Generator) -> dict[str, np.ndarray]:
    rows = int(rng.integers(20, 500))
    return {name: draw(rng, rows) for name, draw in DRAWS.items()} | {"flag": rng.integers(0, 2, rows)}


def test_usual_ranges_are_left_alone() -> None:
    rng = np.random.default_rng(0)

    assert sum(bool(findings(clean(rng))) for _ in range(200)) == 0


@pytest.mark.parametrize("unit", [1000.0, 0.001])
def test_other_units_are_named_for_information(unit: float) -> None:
    rng = np.random.default_rng(1)
    hits = 0
    for _ in range(200):
        columns = clean(rng)
        columns["odd"] = rng.normal(1.0, 1.0, len(columns["flag"])) * unit
        (finding,) = findings(columns)
        hits += finding.columns == ("odd",) and finding.severity == "info"

    assert hits == 200


def test_the_message_gives_the_sizes_and_the_evidence_the_picture() -> None:
    (finding,) = findings({"grams": np.array([4000.0, 4500.0, 5000.0]), "x": np.array([0.0, 0.5, 1.0])})

    assert "1 of 2 numeric features, 'grams', is far from the size 1" in finding.message
    assert finding.evidence["features"] == [
        {"column": "grams", "root_mean_square": pytest.approx(4518.48, rel=1e-5)}
    ]


def test_a_pass_says_what_it_would_have_seen() -> None:
    data = make_profile({"train": {"x": [1.0, 2.0], "label": [0.5, 1.5]}})

    assert InputRange().detectable(data, "train") == "values typically above 10 or below 0.1"
