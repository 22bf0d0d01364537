from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from sklearn.datasets import load_diabetes, load_iris, load_wine

from datacheck.checkers.sorted_labels import SortedLabels
from datacheck.errors import NotApplicable
from datacheck.finding import Finding
from datacheck.schema import Training
from datacheck.statistics.label_order import LabelOrder
from datacheck.testing import make_profile, run_checker


def findings(labels: Any, **options: Any) -> list[Finding]:
    return run_checker(SortedLabels(), make_profile({"train": {"label": labels}}, label="label", **options))


def severities(labels: Any, **options: Any) -> list[str]:
    return [f.severity.value for f in findings(labels, **options)]


def draw(rng: np.random.Generator) -> np.ndarray:
    classes, rows = int(rng.integers(2, 21)), int(rng.integers(100, 2000))
    return rng.choice(classes, size=rows, p=rng.dirichlet(np.full(classes, 2.0)))


def test_random_orders_are_left_alone() -> None:
    rng = np.random.default_rng(0)

    alarms = [bool(severities(draw(rng), task="classification")) for _ in range(500)]

    assert sum(alarms) == 0


def test_sorted_files_are_errors() -> None:
    rng = np.random.default_rng(1)

    found = [severities(np.sort(draw(rng)), task="classification") for _ in range(200)]

    assert found == [["error"]] * 200


def test_half_sorted_files_are_warnings() -> None:
    rng = np.random.default_rng(2)
    found = []
    for _ in range(200):
        labels = rng.integers(10, size=1000)
        labels[:650] = np.sort(labels[:650])
        found.append(severities(labels))

    assert found == [["warning"]] * 200


@pytest.mark.parametrize(("stickiness", "expected"), [(0.1, []), (0.35, ["info"]), (0.7, ["warning"])])
def test_a_drifting_label_is_judged_by_how_often_it_repeats(stickiness: float, expected: list[str]) -> None:
    rng = np.random.default_rng(3)
    fresh = rng.integers(4, size=5000)
    source = np.maximum.accumulate(np.where(rng.random(5000) >= stickiness, np.arange(5000), 0))

    assert severities(fresh[source]) == expected


def test_random_targets_are_left_alone_and_sorted_ones_are_errors() -> None:
    rng = np.random.default_rng(4)
    targets = [rng.lognormal(size=int(rng.integers(50, 1000))) for _ in range(200)]

    assert [severities(target) for target in targets] == [[]] * 200
    assert [severities(np.sort(target)) for target in targets] == [["error"]] * 200


def test_a_target_that_walks_is_a_warning() -> None:
    walk = np.cumsum(np.random.default_rng(5).normal(size=2000))

    (found,) = findings(walk - np.linspace(0, walk[-1], 2000))

    assert found.severity == "warning"
    assert found.evidence["effect"] > 0.9


def test_real_data_sorted_by_class_is_found_and_shuffled_is_not() -> None:
    rng = np.random.default_rng(6)
    for labels in (load_iris().target, load_wine().target):
        assert severities(labels) == ["error"]
        assert severities(rng.permutation(labels)) == []
    assert severities(load_diabetes().target) == []


def test_nothing_worse_than_info_where_the_loader_shuffles() -> None:
    (found,) = findings(np.repeat([0, 1], 100), training=Training(shuffled=True))

    assert found.severity == "info"
    assert found.message.endswith("The loader shuffles, so this does no harm.")


def test_missing_labels_do_not_count_as_changes() -> None:
    labels = pa.array([value for i in range(200) for value in (i // 100, None)])

    (found,) = findings(labels)

    assert found.evidence["changes"] == 1


def test_files_of_one_class_each_are_found_when_cut_anywhere() -> None:
    data = make_profile({"train": {"label": ["cat"] * 70 + ["dog"] * 50}}, label="label", batch_rows=7)

    (found,) = run_checker(SortedLabels(), data)

    assert found.severity == "error"
    assert found.evidence["changes"] == 1
    assert "shuffle=True" in found.fix


def test_more_classes_than_levels_are_kept_for() -> None:
    rng = np.random.default_rng(7)
    labels = np.repeat([f"class {i}" for i in range(1500)], 3)

    assert severities(labels) == ["error"]
    assert severities(rng.permutation(labels)) == []
    assert severities(rng.permutation(np.repeat(labels, 5))) == []


@pytest.mark.parametrize("target", [False, True])
def test_rows_without_an_order_are_not_judged(target: bool) -> None:
    labels = np.linspace(0, 1, 50) if target else np.repeat([0, 1], 25)
    data = make_profile({"train": {"label": labels}}, label="label")
    object.__setattr__(data.train, "label_order", LabelOrder())

    with pytest.raises(NotApplicable, match="no order of their own"):
        list(SortedLabels().check(data, "train"))


@pytest.mark.parametrize("labels", [[1], [1, 1, 1], [None, None], pa.array([None, None], pa.string())])
def test_nothing_is_said_where_there_is_no_order(labels: Any) -> None:
    assert findings(labels) == []
