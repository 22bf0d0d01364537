import numpy as np
import pytest
from sklearn import datasets
from sklearn.model_selection import train_test_split

from datacheck.checkers.needs_decision import NeedsDecision
from datacheck.errors import NotApplicable
from datacheck.finding import Finding
from datacheck.schema import Training
from datacheck.testing import make_profile, run_checker


def findings(columns: dict[str, np.ndarray], precision: str = "float32") -> list[Finding]:
    return run_checker(
        NeedsDecision(), make_profile({"train": columns}, training=Training(precision=precision))
    )


@pytest.mark.parametrize("name", ["wine", "breast_cancer", "digits", "iris", "diabetes"])
def test_nothing_is_asked_about_real_data(name: str) -> None:
    x = getattr(datasets, f"load_{name}")().data
    asked = 0
    for seed in range(40):
        half, _ = train_test_split(x, train_size=0.5, random_state=seed)
        asked += len(findings({f"c{j}": half[:, j] for j in range(x.shape[1])}))

    assert asked == 0


def test_small_units_and_offsets_are_asked_about() -> None:
    rng = np.random.default_rng(0)
    hits = 0
    for _ in range(200):
        columns = {f"c{j}": rng.normal(3, 1, 200) * 2.0**j for j in range(5)}
        columns |= {"kilo": rng.normal(3, 1, 200) * 1e-4, "offset": 7000 + rng.normal(0, 0.01, 200)}
        hits += {f.columns for f in findings(columns)} == {("kilo",), ("offset",)}

    assert hits == 200


def test_both_options_are_offered() -> None:
    rng = np.random.default_rng(1)

    (finding,) = findings({"a": rng.normal(size=99), "b": rng.normal(size=99) * 1e-6})

    assert (finding.severity, finding.columns) == ("info", ("b",))
    assert finding.message.endswith("a small unit, or unimportant?")
    assert finding.fix == '[tool.datacheck.features]\n"b" = "standardize"  # or "drop_constant"'


def test_jitter_that_float32_loses_is_no_question() -> None:
    rng = np.random.default_rng(2)

    assert findings({"a": rng.normal(size=99), "b": 3 + 1e-13 * rng.normal(size=99)}) == []


def test_nothing_numeric() -> None:
    data = make_profile({"train": {"a": ["x", "y"]}})

    with pytest.raises(NotApplicable, match="no numeric feature that varies"):
        list(NeedsDecision().check(data, "train"))


def test_what_half_precision_loses_is_asked_about() -> None:
    years = 2000.0 + np.random.default_rng(3).integers(0, 21, 300)

    (finding,) = findings({"year": years}, precision="bfloat16")

    assert finding.message.endswith("is lost in bfloat16: normalise before the cast, or drop it?")
