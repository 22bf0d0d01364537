from dataclasses import replace

import numpy as np
import pytest

from datacheck.checkers.concept_shift import ConceptShift
from datacheck.dataset_profile import DatasetProfile
from datacheck.errors import NotApplicable
from datacheck.probes.measure.shift import measure
from datacheck.testing import make_profile, run_checker


def table(rng: np.random.Generator, rows: int, flip: float = 0.0) -> dict[str, np.ndarray]:
    x, z = rng.normal(size=(2, rows))
    label = (x + 0.5 * z + 0.7 * rng.normal(size=rows) > 0).astype(int)
    changed = (z > 0) & (rng.random(rows) < flip)
    return {"x": x, "z": z, "noise": rng.normal(size=rows), "y": np.where(changed, 1 - label, label)}


def measured(splits: dict[str, dict[str, np.ndarray]]) -> DatasetProfile:
    data = make_profile(splits, label="y")
    return replace(data, records={"shift": {name: measure(data, name) for name in data.others}})


def test_clean_splits_are_rarely_alarmed_about() -> None:
    rng = np.random.default_rng(0)

    alarms = [
        bool(run_checker(ConceptShift(), measured({"train": table(rng, 300), "test": table(rng, 150)})))
        for _ in range(40)
    ]

    assert sum(alarms) <= 3


def test_labels_changed_in_a_region_are_found() -> None:
    rng = np.random.default_rng(1)
    found = 0
    for _ in range(10):
        findings = run_checker(
            ConceptShift(), measured({"train": table(rng, 2000), "test": table(rng, 1000, 0.5)})
        )
        found += any("other labels" in f.message and f.columns == ("y",) for f in findings)
    assert found >= 9


def test_a_large_change_is_an_error() -> None:
    rng = np.random.default_rng(2)

    (found,) = run_checker(
        ConceptShift(), measured({"train": table(rng, 2000), "test": table(rng, 2000, 1.0)})
    )

    assert found.severity == "error"
    assert found.evidence["effect"] > 0.15


def test_a_pass_says_what_it_could_have_seen() -> None:
    rng = np.random.default_rng(3)

    told = ConceptShift().detectable(measured({"train": table(rng, 500), "test": table(rng, 500)}), "test")

    assert told is not None
    assert "points of label probability" in told


def test_without_labels_it_is_not_applicable() -> None:
    data = make_profile({"train": {"x": np.arange(100.0)}, "test": {"x": np.arange(100.0)}})
    data = replace(data, records={"shift": {"test": measure(data, "test")}})

    with pytest.raises(NotApplicable, match="no labels"):
        list(ConceptShift().check(data, "test"))


def test_without_the_probe_it_is_not_applicable() -> None:
    data = make_profile({"train": {"x": np.arange(100.0)}, "test": {"x": np.arange(100.0)}})

    with pytest.raises(NotApplicable, match="did not run"):
        list(ConceptShift().check(data, "test"))
