from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

import datacheck as dc
from datacheck.store import ProfileStore


def day(seed: int, shift: float = 0.0) -> dc.Profile:
    values = np.random.default_rng(seed).normal(shift, size=2000)
    report = dc.profile({f"day{seed}": pa.table({"x": values})}, select=["constant-feature"])
    return next(iter(report.profile.splits.values()))


@pytest.fixture
def store(tmp_path: Path) -> ProfileStore:
    made = ProfileStore(tmp_path / "store")
    for i in range(1, 15):
        made.put(f"2026-03-{i:02d}", day(i, shift=3.0 * (i > 7)))
    return made


def test_a_window_is_the_sum_of_its_days(store: ProfileStore) -> None:
    week, _ = store.window("2026-03-01", "2026-03-07")
    every = np.concatenate([np.random.default_rng(i).normal(size=2000) for i in range(1, 8)])

    assert week.rows == 14_000
    assert week["x"].moments.mean == pytest.approx(every.mean(), rel=1e-12)
    assert week["x"].extrema.max == every.max()


def test_windows_compare(store: ProfileStore, tmp_path: Path) -> None:
    before = store.save_window("2026-03-01", "2026-03-07", tmp_path / "before.json")
    after = store.save_window("2026-03-08", "2026-03-14", tmp_path / "after.json")

    report = dc.compare(str(before), str(after))

    assert [f.split for f in report.findings if f.checker == "covariate-shift"] == ["new"]


def test_the_same_day_again_changes_nothing_and_other_rows_are_refused(store: ProfileStore) -> None:
    store.put("2026-03-01", day(1))

    with pytest.raises(dc.MergeError, match="holds other rows than these"):
        store.put("2026-03-01", day(99))
    assert len(store.days) == 14


def test_rows_of_another_day_are_refused(store: ProfileStore) -> None:
    with pytest.raises(dc.MergeError, match="2026-03-15 and 2026-03-03: rows 0 to 2,000 of"):
        store.put("2026-03-15", day(3))


def test_what_is_not_there_is_said(store: ProfileStore) -> None:
    with pytest.raises(dc.InputError, match="no profile from 2027-01-01"):
        store.window("2027-01-01", "2027-01-31")
    with pytest.raises(dc.InputError, match="expected for example 2026-03-01"):
        store.put("March", day(1))
