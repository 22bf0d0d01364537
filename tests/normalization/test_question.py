from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import datacheck as dc

QUICK = ("missing-values",)


def rows(seed: int = 0, n: int = 400) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    return pd.DataFrame({"a": rng.normal(50, 9, n), "b": rng.exponential(3, n), "c": rng.normal(-7, 0.2, n)})


@pytest.fixture(scope="module")
def contract() -> dc.Normalization:
    made = dc.profile({"train": rows()}, select=QUICK).normalization
    assert made is not None
    return made


def asked(contract: Any, new: pd.DataFrame) -> dc.Report:
    return dc.compare(rows(), new, contract=contract, select=QUICK)


def test_raw_and_rightly_normalised_rows_pass(contract: dc.Normalization, tmp_path: Path) -> None:
    contract.save(tmp_path / "contract.json")

    for new in (rows(1), pd.DataFrame(contract.transform(rows(1)))):
        report = asked(tmp_path / "contract.json", new)
        assert [(p.checker, p.split) for p in report.passed if "contract" in p.checker] == [
            ("normalization-contract", "new")
        ]


def test_rows_of_another_unit_are_an_error_with_the_column_and_the_factor(contract: dc.Normalization) -> None:
    (found,) = asked(contract, rows(1).assign(a=rows(1)["a"] * 1000)).findings

    assert (found.checker, found.severity, found.split, found.columns) == (
        "normalization-contract", "error", "new", ("a",),
    )  # fmt: skip
    assert found.evidence["factor"] == 1000 and "scaled by" in found.message


def test_rows_without_a_column_of_the_contract_are_an_error(contract: dc.Normalization) -> None:
    (found,) = asked(contract, rows(1).drop(columns="b")).findings

    assert found.checker == "normalization-contract" and "no column 'b'" in found.message


def test_too_few_rows_are_not_checked(contract: dc.Normalization) -> None:
    report = asked(contract, rows(1, n=10))

    assert not report.findings
    assert [n.reason for n in report.not_checked] == ["10 rows are too few, 20 are needed"]


def test_without_a_contract_nobody_asks() -> None:
    report = dc.compare(rows(), rows(1), select=QUICK)

    assert not [o for o in (*report.passed, *report.not_checked) if o.checker == "normalization-contract"]
