from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pytest
from sklearn.datasets import load_breast_cancer, load_digits, load_iris, load_wine
from sklearn.model_selection import train_test_split

from datacheck._batch import image_field
from datacheck.checkers._coincidence import chance_of_equal, row_hashes
from datacheck.checkers.conflicting_labels import ConflictingLabels
from datacheck.checkers.cross_split_duplicates import CrossSplitDuplicates
from datacheck.checkers.duplicate_rows import DuplicateRows
from datacheck.errors import NotApplicable
from datacheck.finding import Finding
from datacheck.statistics.row_sample import RowSample
from datacheck.testing import make_profile, run_checker

Table = dict[str, np.ndarray]


def normal(rng: np.random.Generator, rows: int) -> Table:
    return {f"x{i}": rng.normal(size=rows) for i in range(6)}


def classes(rng: np.random.Generator, rows: int) -> Table:
    """Coarse categories that depend on a hidden class."""
    hidden = rng.choice(5, size=rows, p=rng.dirichlet(np.ones(5)))
    shares = [rng.dirichlet(np.ones(4), size=5).cumsum(axis=1)[hidden] for _ in range(8)]
    return {f"c{i}": (rng.random((rows, 1)) > share).sum(axis=1) for i, share in enumerate(shares)}


def ratings(rng: np.random.Generator, rows: int) -> Table:
    """Answers from 0 to 4 that share one opinion."""
    opinion = np.sqrt(0.6) * rng.normal(size=(rows, 1)) + np.sqrt(0.4) * rng.normal(size=(rows, 8))
    return {f"q{i}": column for i, column in enumerate(np.clip(np.floor(opinion * 1.25 + 2.5), 0, 4).T)}


def dummies(rng: np.random.Generator, rows: int) -> Table:
    table = list(classes(rng, rows).items())[:4]
    return {f"{name}={level}": (values == level).astype(int) for name, values in table for level in range(5)}


KINDS: list[Callable[[np.random.Generator, int], Table]] = [normal, classes, ratings, dummies]


def copied(table: Table, sources: np.ndarray) -> Table:
    return {name: np.concatenate([values, values[sources]]) for name, values in table.items()}


def cut(table: Table, rows: int) -> tuple[Table, Table]:
    return {n: v[:rows] for n, v in table.items()}, {n: v[rows:] for n, v in table.items()}


def worst(found: list[Finding]) -> str:
    return max((f.severity for f in found), key=lambda s: s.rank, default="none")


@pytest.mark.parametrize("kind", KINDS)
def test_tables_without_copies_raise_no_alarm(kind: Callable[[np.random.Generator, int], Table]) -> None:
    rng = np.random.default_rng(0)
    for _ in range(50):
        rows = int(rng.integers(200, 2000))
        table = kind(rng, rows) | {"label": rng.integers(2, size=rows)}
        train, test = cut(table, rows * 3 // 4)
        data = make_profile({"train": train, "test": test}, label="label")

        for checker in (DuplicateRows(), CrossSplitDuplicates(), ConflictingLabels()):
            assert worst(run_checker(checker, data)) in ("none", "info"), checker.name


def test_copies_within_and_across_splits_are_found() -> None:
    rng = np.random.default_rng(1)
    for _ in range(200):
        rows = int(rng.integers(100, 1000))
        table = normal(rng, rows) | {"label": rng.integers(3, size=rows)}
        few = rng.permutation(rows)[: -(-rows // 20)]
        train = copied(table, few)
        test = copied(normal(rng, rows) | {"label": rng.integers(3, size=rows)}, few)
        for name in test:
            test[name][rows:] = table[name][few]
        flipped = copied(table, few)
        flipped["label"][rows:] = (flipped["label"][rows:] + 1) % 3
        data = make_profile({"train": train, "test": test, "val": flipped}, label="label")

        assert [f.severity.value for f in DuplicateRows().check(data, "train")] == ["warning"]
        assert [f.severity.value for f in CrossSplitDuplicates().check(data, "test")] == ["error"]
        assert [f.severity.value for f in ConflictingLabels().check(data, "val")] == ["warning"]


@pytest.mark.parametrize("load", [load_iris, load_wine, load_breast_cancer, load_digits])
def test_real_data_in_random_splits_raise_no_alarm(
    load: Callable[..., tuple[np.ndarray, np.ndarray]],
) -> None:
    x, y = load(return_X_y=True)
    for seed in range(5):
        parts = train_test_split(x, y, test_size=0.3, random_state=seed, stratify=y)
        tables = [
            {f"f{i}": column for i, column in enumerate(features.T)} | {"label": labels}
            for features, labels in zip(parts[:2], parts[2:], strict=True)
        ]
        data = make_profile({"train": tables[0], "test": tables[1]}, label="label")

        for checker in (DuplicateRows(), CrossSplitDuplicates(), ConflictingLabels()):
            assert worst(run_checker(checker, data)) in ("none", "info"), checker.name


@pytest.mark.parametrize("kind", KINDS[1:])
def test_the_estimate_is_near_the_pairs_that_are_equal(
    kind: Callable[[np.random.Generator, int], Table],
) -> None:
    profile = make_profile({"train": kind(np.random.default_rng(2), 20_000)}).train

    expected = chance_of_equal(profile, None) * 20_000 * 19_999 / 2

    assert profile.row_hashes.pairs / 3 < expected < 8 * profile.row_hashes.pairs


def test_copies_hardly_move_the_estimate() -> None:
    rng = np.random.default_rng(3)
    table = classes(rng, 4000)
    before, after = (
        make_profile({"train": t}).train for t in (table, copied(table, rng.integers(4000, size=200)))
    )

    assert chance_of_equal(after, None) == pytest.approx(chance_of_equal(before, None), rel=0.1)


def test_hashes_of_the_sample_are_those_of_the_profile() -> None:
    table = normal(np.random.default_rng(4), 50) | {"kind": np.array(["a", "b"] * 25), "label": np.arange(50)}
    profile = make_profile({"train": table}, label="label").train

    assert np.array_equal(np.sort(row_hashes(profile, "label")), profile.row_hashes.hashes)


def test_a_saved_profile_has_no_rows_to_judge_chance_from() -> None:
    table = normal(np.random.default_rng(5), 40)
    profile = make_profile({"train": copied(table, np.arange(4))}).train
    object.__setattr__(profile, "sample", RowSample())

    for judge in (chance_of_equal, row_hashes):
        with pytest.raises(NotApplicable, match="saved without its rows"):
            judge(profile, None)


def test_equal_images_are_no_coincidence() -> None:
    schema = pa.schema([image_field("image", pa.int64()), pa.field("width", pa.int64())])
    profile = make_profile({"train": pa.table({"image": [1, 2, 1], "width": [8, 8, 8]}, schema=schema)}).train

    assert chance_of_equal(profile, None) == 0
    assert len(row_hashes(profile, None)) == 0


def test_wide_tables_are_cut_into_blocks() -> None:
    rng = np.random.default_rng(6)
    wide = {f"w{i}": (rng.random(100) < 0.001).astype(int) for i in range(1500)}
    profile = make_profile({"train": wide}).train

    expected = chance_of_equal(profile, None) * 100 * 99 / 2

    assert profile.row_hashes.pairs / 3 < expected < 8 * profile.row_hashes.pairs
