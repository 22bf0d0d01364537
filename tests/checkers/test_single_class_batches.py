from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from datacheck.checkers.single_class_batches import SingleClassBatches
from datacheck.errors import NotApplicable
from datacheck.finding import Finding
from datacheck.schema import Training
from datacheck.testing import make_profile, run_checker


def findings(labels: Any, batch: int = 32, shuffled: bool | None = None) -> list[Finding]:
    training = Training(batch_size=batch, shuffled=shuffled)
    data = make_profile({"train": {"label": labels}}, label="label", training=training, task="classification")
    return run_checker(SingleClassBatches(), data)


def severities(labels: Any, batch: int = 32, shuffled: bool | None = None) -> list[str]:
    return [f.severity.value for f in findings(labels, batch, shuffled)]


def draw(rng: np.random.Generator) -> np.ndarray:
    classes, rows = int(rng.integers(2, 21)), int(rng.integers(200, 3000))
    return rng.choice(classes, size=rows, p=rng.dirichlet(np.full(classes, 1.0)))


def spoil(labels: np.ndarray, share: float, rng: np.random.Generator) -> np.ndarray:
    """Shuffled, but this share of the batches of 32, anywhere, holds one class."""
    batches = labels[: len(labels) // 32 * 32].reshape(-1, 32).copy()
    chosen = rng.permutation(len(batches))[: round(share * len(batches))]
    batches[chosen] = np.arange(len(chosen))[:, None] % 5
    return batches.ravel()


def test_random_orders_are_never_above_info() -> None:
    rng = np.random.default_rng(0)

    worst = {s for _ in range(500) for s in severities(draw(rng), batch=int(rng.choice([4, 32, 128])))}

    assert worst <= {"info"}


@pytest.mark.parametrize(("share", "expected"), [(0.3, "warning"), (0.9, "error"), (1.0, "error")])
def test_spoiled_batches_are_found(share: float, expected: str) -> None:
    rng = np.random.default_rng(1)

    found = [severities(spoil(rng.integers(5, size=2000), share, rng)) for _ in range(200)]

    assert found == [[expected]] * 200


def test_two_classes_in_a_row_are_told_with_their_numbers() -> None:
    (found,) = findings([0] * 640 + [1] * 640)

    assert found.severity == "error"
    assert found.message == (
        "In file order 40 of 40 batches of 32 hold one class only; shuffled it would be <0.1 %. "
        "Without shuffling, each step unlearns the others' classes."
    )
    assert found.columns == ("label",)
    assert "shuffle=True" in found.fix
    assert found.evidence["classes"] == ["0", "1", "other"]
    assert found.evidence["first_batches"][0] == [32, 0, 0]
    assert len(found.evidence["first_batches"]) == 40
    assert found.evidence["missing_class_share"] == 0.5


def test_imbalance_is_told_apart_from_order() -> None:
    labels = (np.random.default_rng(2).random(4000) < 0.02).astype(int)

    (found,) = findings(labels)

    assert found.severity == "info"
    assert found.evidence["batch_for_all_classes"] > 100
    assert "WeightedRandomSampler" in found.fix


def test_no_more_than_info_where_the_loader_shuffles() -> None:
    assert severities([0] * 640 + [1] * 640, shuffled=True) == ["info"]


def test_a_billion_sorted_rows_cost_no_more_than_their_runs() -> None:
    data = make_profile({"train": {"label": [0] * 64 + [1] * 64}}, label="label")
    (stretch,) = data.train.label_order.stretches
    object.__setattr__(stretch, "lengths", (10**9, 10**9))
    object.__setattr__(stretch, "rows", 2 * 10**9)

    (found,) = run_checker(SingleClassBatches(), data)

    assert found.evidence["batches"] == 2 * 10**9 // 32
    assert len(found.evidence["first_batches"]) == 200


@pytest.mark.parametrize(
    ("labels", "reason"),
    [
        ([0, 1] * 10, "20 rows fill fewer than two batches of 32"),
        ([1] * 100, "there is one class only; class-imbalance reports it"),
        (pa.array([None] * 100, pa.int64()), "every label in 'label' is missing"),
    ],
)
def test_what_it_cannot_judge_is_said(labels: Any, reason: str) -> None:
    data = make_profile({"train": {"label": labels}}, label="label", task="classification")

    with pytest.raises(NotApplicable, match=reason):
        list(SingleClassBatches().check(data, "train"))


def test_a_target_has_no_classes() -> None:
    data = make_profile({"train": {"label": np.linspace(0, 1, 100)}}, label="label")

    with pytest.raises(NotApplicable, match="a number to predict"):
        list(SingleClassBatches().check(data, "train"))
