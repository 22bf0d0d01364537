import importlib.util
import json
import re
from pathlib import Path

import pytest

from datacheck.config import checker_classes
from datacheck.output import explain
from datacheck.selftest import CheckerRates, SelfTest
from datacheck.testing import faults

ROOT = Path(__file__).parents[2]
FIGURES = json.loads((ROOT / "docs" / "error_rates.json").read_text(encoding="utf-8"))
RATES: dict[str, CheckerRates] = {
    checker.checker: checker for run in FIGURES["runs"] for checker in SelfTest.from_json(run).checkers
}
# the words of a checker's manual, and the largest rate of false alarms that they claim
FALSE_ALARMS = [
    ("class-imbalance", "300 of 300 balanced draws", 0.0),
    ("conflicting-labels", "no warning on 200 tables without copies", 0.0),
    (
        "covariate-shift",
        "Chance that clean splits alarm at all, of which two fifths go to single features",
        0.05,
    ),
    ("cross-split-duplicates", "no error on 200 random splits", 0.0),
    ("duplicate-rows", "no warning on 200 tables without copies", 0.0),
    ("feature-scale-disparity", "0 findings above info in 200", 0.0),
    ("heavy-tail", "at most 1 warning in 200", 0.005),
    ("identifier-feature", "has a chance of exp(-10)", 5e-5),
    ("input-range", "0 of 200 named", 0.0),
    ("label-noise", "chance 1e-3 by Wilks' theorem", 1e-3),
    ("label-shift", "Chance that clean splits alarm at all, of which a sixth goes to the label", 0.05 / 6),
    ("missing-values", "0 warnings in 200", 0.0),
    ("near-constant-feature", "0 findings above info in 200", 0.0),
    ("needs-decision", "nothing is asked", 0.0),
    ("non-finite-values", "No finite table is ever named", 0.0),
    ("odd-split", "it says nothing more often than the probe alarms", 0.05),
    ("precision-loss", "0 warnings in 200", 0.0),
    ("single-class-batches", "no false alarm in 500 random orders", 0.0),
    ("sorted-labels", "no finding in 500 random orders", 0.0),
    ("split-normalised-apart", "0 of 200 in the test and 1 of 1,500", 1 / 1500),
    ("target-scale", "0 of 200 named", 0.0),
    ("unseen-label", "no row of the split is misjudged", 0.0),
]
# the words, the strengths and rows that they are about, and the smallest share of finds that they claim
FINDS = [
    ("batch-statistics", "info below 16 rows", (12, 4), 0, 1.0),
    ("class-imbalance", "200 of 200 draws with a ratio of 150 were found", (200,), 0, 1.0),
    ("conflicting-labels", "200 of 200 tables in which 5 %", (0.05,), 0, 1.0),
    ("cross-split-duplicates", "200 of 200 splits with 5 %", (0.1,), 0, 1.0),
    ("duplicate-rows", "200 of 200 tables with 5 % copies found", (0.1,), 0, 1.0),
    ("feature-scale-disparity", "one feature 1,000 times as wide", (3,), 0, 1.0),
    ("heavy-tail", "at least 195 of 200", (1000,), 0, 0.975),
    ("input-range", "a feature in units of 1,000 or 0.001: 200 of 200", (1000,), 0, 1.0),
    ("missing-labels", "a single row is a finding", (0.001, 0.01, 0.1), 0, 1.0),
    ("missing-values", "15 % to 100 %: 200 of 200", (0.15, 0.5), 0, 1.0),
    ("near-constant-feature", "1 to 4 exceptions in 1,300 to 20,000 rows: 200 of 200", (1, 4), 1300, 1.0),
    ("non-finite-values", "every NaN or infinity is", (0.001, 0.01, 0.1), 0, 1.0),
    ("precision-loss", "Consecutive identifiers beyond the limit", (2, 8), 0, 1.0),
    ("schema-mismatch", "Exactly, from names, order and types", (1, 2, 3), 0, 1.0),
    ("single-class-batches", "600 of 600 files with 30, 90 or 100 %", (0.4, 1), 0, 1.0),
    ("sorted-labels", "400 of 400 sorted files", (1,), 0, 1.0),
    ("split-normalised-apart", "divided by 255: 200 of 200", (255,), 0, 1.0),
    ("target-scale", "targets in units of 1,000 or 0.001: 200 of 200", (1000,), 0, 1.0),
    ("unseen-label", "no row of the split is misjudged", (0.001, 0.01, 0.1), 0, 1.0),
]
# checkers whose manuals claim neither: their figures stand in the table alone
NO_CLAIM = {"concept-shift", "constant-feature", "label-encoding", "label-misalignment", "target-leakage"}

# faults whose figures the page still lacks, which it says
NOT_MEASURED: set[str] = set()


def said(checker: str) -> str:
    return re.sub(r"\s+", " ", explain(checker))


def test_the_page_is_made_of_the_figures() -> None:
    spec = importlib.util.spec_from_file_location(
        "error_rates", ROOT / "benchmarks" / "detection" / "error_rates.py"
    )
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)

    page = (ROOT / "docs" / "error_rates.md").read_text(encoding="utf-8")

    assert page == module.page(FIGURES), "run `python benchmarks/detection/error_rates.py --page`"


def test_the_figures_cover_every_fault_in_every_strength() -> None:
    strengths = {name: set(fault.strengths) for name, fault in faults.every().items()}

    measured = {name: {r.strength for r in rates.planted} for name, rates in RATES.items()}
    assert measured == {name: grades for name, grades in strengths.items() if name not in NOT_MEASURED}
    assert all(rates.unit == faults.find(name).unit for name, rates in RATES.items())


def test_every_checker_claims_something_or_is_known_not_to() -> None:
    claiming = {name for name, *_ in (*FALSE_ALARMS, *FINDS)}

    assert claiming | NO_CLAIM | (set(checker_classes()) - set(faults.every())) == set(checker_classes())
    assert not claiming & NO_CLAIM


@pytest.mark.parametrize(
    ("checker", "words", "most"), [claim for claim in FALSE_ALARMS if claim[0] not in NOT_MEASURED]
)
def test_no_more_false_alarms_than_claimed(checker: str, words: str, most: float) -> None:
    assert words in said(checker)
    assert RATES[checker].clean
    assert [rate for rate in RATES[checker].clean if rate.interval[0] > most] == []


@pytest.mark.parametrize(("checker", "words", "strengths", "rows", "least"), FINDS)
def test_no_fewer_finds_than_claimed(checker: str, words: str, strengths, rows: int, least: float) -> None:
    about = [r for r in RATES[checker].planted if r.strength in strengths and r.rows >= rows]

    assert words in said(checker)
    assert about
    assert [rate for rate in about if rate.interval[1] < least] == []
