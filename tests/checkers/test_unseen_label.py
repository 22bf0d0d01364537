from typing import Any

import numpy as np
import pytest

from datacheck.checkers.unseen_label import UnseenLabel
from datacheck.errors import NotApplicable
from datacheck.finding import Finding
from datacheck.testing import make_profile, run_checker


def findings(train: Any, test: Any, task: str | None = None) -> list[Finding]:
    data = make_profile({"train": {"label": train}, "test": {"label": test}}, label="label", task=task)
    return run_checker(UnseenLabel(), data)


def test_random_splits_pass_and_a_single_row_of_a_new_class_is_found() -> None:
    rng = np.random.default_rng(0)
    for _ in range(200):
        classes = int(rng.integers(2, 12))
        train = np.concatenate([np.arange(classes), rng.integers(classes, size=200)])
        test = rng.integers(classes, size=100)
        planted = test.copy()
        row = int(rng.integers(100))
        planted[row] = classes + 1

        assert findings(train, test, "classification") == []
        (found,) = findings(train, planted, "classification")
        assert found.rows is not None
        assert (found.severity, found.rows.count, found.rows.examples) == ("error", 1, (row,))


def test_a_sorted_file_cut_in_two_has_unseen_classes() -> None:
    (found,) = findings([0] * 50 + [1] * 50, [1] * 10 + [2] * 40)

    assert found.message == "40 rows (80 %) cannot be predicted: 'train' has no row of class '2'."
    assert found.columns == ("label",)
    assert "stratify=table['label']" in found.fix


@pytest.mark.parametrize("spelled", ["Cat ", "elephnat", "ELEPHANT"])
def test_a_class_spelled_otherwise_is_recognised(spelled: str) -> None:
    (found,) = findings(["cat", "elephant", "dog"], ["cat", spelled])

    meant = "cat" if "at " in spelled else "elephant"
    assert found.evidence["likely"] == {spelled: meant}
    assert f"{spelled!r} may be {meant!r}" in found.message
    assert found.fix == f"labels = labels.replace({ {spelled: meant}!r})"


def test_classes_missing_in_test_and_other_widths_of_the_same_number_pass() -> None:
    assert findings(np.array([0, 1, 2]), np.array([1.0, 0.0])) == []


@pytest.mark.parametrize(
    ("train", "reason"),
    [
        (np.linspace(0, 1, 50), "a number to predict"),
        ([f"c{i}" for i in range(1500)], "more than 1,000 classes"),
    ],
)
def test_what_it_cannot_judge_is_said(train: Any, reason: str) -> None:
    data = make_profile({"train": {"label": train}, "test": {"label": train}}, label="label")

    with pytest.raises(NotApplicable, match=reason):
        list(UnseenLabel().check(data, "test"))
