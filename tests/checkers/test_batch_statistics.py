import numpy as np
import pytest

from datacheck.checkers.batch_statistics import BatchStatistics, variance_errors
from datacheck.errors import NotApplicable
from datacheck.finding import Finding
from datacheck.schema import Training
from datacheck.testing import make_profile, run_checker


def findings(values: object, batch: int = 32) -> list[Finding]:
    data = make_profile({"train": {"x": values}}, training=Training(batch_size=batch))
    return run_checker(BatchStatistics(), data)


@pytest.mark.parametrize("batch", [16, 32, 128])
def test_the_stated_error_is_that_of_drawn_batches(batch: int) -> None:
    rng = np.random.default_rng(0)
    draws = {"normal": rng.standard_normal, "uniform": rng.random, "exponential": rng.standard_exponential}
    for name, draw in draws.items():
        for _ in range(22):
            values = draw(20_000)
            data = make_profile({"train": {name: values}}, training=Training(batch_size=batch))
            drawn = rng.choice(values, size=(4000, batch)).var(axis=1)

            assert variance_errors(data, "train")[name] == pytest.approx(drawn.std() / values.var(), rel=0.15)


def test_ordinary_features_pass_at_ordinary_batches_and_heavy_tails_are_info() -> None:
    rng = np.random.default_rng(1)
    severities = {f.severity.value for _ in range(200) for f in findings(rng.standard_cauchy(300))}

    assert [findings(rng.normal(size=320)) for _ in range(200)] == [[]] * 200
    assert severities == {"info"}


@pytest.mark.parametrize(("batch", "expected"), [(2, "warning"), (4, "warning"), (8, "info"), (15, "info")])
def test_small_batches_are_judged_by_their_size(batch: int, expected: str) -> None:
    (found,) = findings(np.random.default_rng(2).normal(size=600), batch)

    assert found.severity == expected
    assert "With batch normalisation" in found.message


def test_a_last_batch_of_one_row_is_told() -> None:
    (found,) = findings(np.random.default_rng(3).normal(size=321))

    assert found.message == (
        "The last batch holds one row (321 = 10 x 32 + 1): a network with batch normalisation stops there "
        "with an error."
    )
    assert found.fix.endswith("shuffle=True, drop_last=True)")


def test_heavy_tails_are_named() -> None:
    (found,) = findings(np.exp(2 * np.random.default_rng(4).normal(size=3200)))

    assert found.columns == ("x",)
    assert found.evidence["variance_errors"]["x"] > 1


def test_constants_and_indicators_have_no_batch_variance_to_judge() -> None:
    data = make_profile({"train": {"flat": [1.0] * 40, "rare": [0] * 39 + [1]}})

    with pytest.raises(NotApplicable, match="no numeric feature varies"):
        list(BatchStatistics().check(data, "train"))
