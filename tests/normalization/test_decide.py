import re
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from datacheck.errors import ConfigError
from datacheck.normalization import Normalization
from datacheck.profiles import Profile
from datacheck.schema import Schema, Training
from datacheck.statistics.row_sample import RowSample


def test_default_actions(fit, table):
    actions = {feature.name: feature.action for feature in fit(table)}

    assert actions == {
        "tiny": "standardize",
        "huge": "standardize",
        "jitter": "drop_constant",
        "rare": "none",
        "skewed": "log1p+standardize",
        "cauchy": "robust",
        "count": "standardize",
        "colour": "one_hot",
        "vast": "standardize",
    }


RNG = np.random.default_rng(1)


@pytest.mark.parametrize(
    ("values", "precision", "action", "reason"),
    [
        ([5.0, 5.0], "float32", "drop_constant", "constant: 5.0 in every row"),
        ([None, None], "float32", "drop_constant", "no finite value in the training rows"),
        (pa.nulls(2, pa.float64()), "float32", "drop_constant", "no finite value in the training rows"),
        ([np.nan, np.inf], "float32", "drop_constant", "no finite value in the training rows"),
        ([7.0], "float32", "drop_constant", "constant: 7.0 in every row"),
        ([1.0, 2.0, 1.0], "float32", "minmax", "two values, 1.0 and 2.0: made 0 and 1"),
        ([0, 1, 1], "float32", "none", "an indicator of 0 and 1"),
        ([True, False], "float32", "none", "an indicator of 0 and 1"),
        (1e8 + 1e-3 * RNG.normal(size=99), "float32", "drop_constant", "std 0.0.* below the rounding noise"),
        (1e8 + 1e-3 * RNG.normal(size=99), "float64", "standardize", "mean 1e.08"),
        (2000 + RNG.integers(0, 21, 99), "float16", "standardize", "mean 2.01e.03"),
        (2000 + RNG.integers(0, 21, 99), "bfloat16", "drop_constant", "rounding noise of bfloat16"),
        (1e-9 * RNG.normal(size=99), "float16", "standardize", "mean"),
        (RNG.normal(size=9999), "float32", "none", "standardised already"),
        (RNG.exponential(size=9999), "float32", "standardize", "mean 0.9.*|mean 1"),
        ([f"{i}" for i in range(40)], "float32", "none", "40 different texts, above 30"),
        ([f"{i}" for i in range(1400)], "float32", "none", "more than 1,000 different texts"),
        (["a", "a"], "float32", "drop_constant", "one text in every row"),
        (pa.array([0, 1], pa.timestamp("s")), "float32", "none", "no input of a network"),
    ],
)
def test_rules(fit, values, precision, action, reason):
    (feature,) = fit({"x": values}, precision=precision)

    assert feature.action == action
    assert re.search(reason, feature.reason)


def test_overrides_are_marked_with_the_rule_they_replace(fit, table):
    contract = fit(table, {"tiny": "drop_constant", "count": {"action": "minmax", "clip": [0, 1], "fill": 3}})

    assert (contract["tiny"].decided_by, contract["tiny"].action) == ("config", "drop_constant")
    assert contract["count"].clip == (0.0, 1.0)
    assert contract["count"].fill == 3
    assert contract["tiny"].reason.startswith("set by the configuration (by itself: standardize, mean")
    assert contract["huge"].decided_by == "default"


def test_an_override_cannot_divide_by_zero(fit):
    (feature,) = fit({"x": [5.0, 5.0]}, {"x": "standardize"})

    assert feature.action == "drop_constant"
    assert "'standardize', as configured, cannot divide" in feature.reason


def test_a_spread_that_only_the_cast_loses_can_be_kept(fit):
    years = 2000 + RNG.integers(0, 21, 500)

    kept = fit({"x": years}, {"x": "standardize"}, precision="bfloat16")

    assert kept.transform(years.reshape(-1, 1)).std() == pytest.approx(1, rel=1e-3)


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        ({"tny": "none"}, "names 'tny', which is no feature; did you mean 'tiny'?"),
        ({"tiny": "standardise"}, "no action 'standardise'; did you mean 'standardize'?"),
        ({"tiny": {"actoin": "none"}}, "'actoin' is no option; did you mean 'action'?"),
        ({"tiny": 3}, "3 given, an action or a table of action, clip"),
        ({"tiny": {"clip": [2, 1]}}, r"clip = \[2, 1\], two bounds in ascending order"),
        ({"tiny": {"action": "scale_by_constant", "constant": 0}}, "constant = 0, a number other than 0"),
        ({"tiny": {"fill": "x"}}, "fill = 'x', a number expected"),
        ({"colour": "standardize"}, "'standardize' needs numbers, the column is string"),
        ({"rare": "robust"}, "the quartiles are equal, 'robust' cannot divide"),
        ({"tiny": "one_hot"}, "more than 1,000 categories"),
    ],
)
def test_overrides_of_no_sense(fit, table, overrides, message):
    with pytest.raises(ConfigError, match=message):
        fit(table, overrides)


@pytest.mark.parametrize(
    ("columns", "feature", "question"),
    [
        ({"a": RNG.normal(size=99) * 1e-5, "b": RNG.normal(size=99)}, "a", "a small unit, or unimportant?"),
        ({"a": 300 + RNG.normal(size=99) * 1e-3}, "a", "a signal on a large offset, or measurement noise?"),
        ({"a": RNG.normal(size=99), "b": RNG.normal(size=99) * 20}, "a", None),
        ({"a": 3 + RNG.normal(size=99) * 1e-13, "b": RNG.normal(size=99)}, "a", None),
    ],
)
def test_what_a_person_should_decide(fit, columns, feature, question):
    given = fit(columns)[feature].question

    assert given is None if question is None else given.endswith(question)


def test_a_person_who_decided_is_not_asked_again(fit):
    columns = {"a": RNG.normal(size=99) * 1e-5, "b": RNG.normal(size=99)}

    assert fit(columns, {"a": "standardize"})["a"].question is None


def test_bfloat16_loss_is_a_question(fit):
    (feature,) = fit({"x": 2000 + RNG.integers(0, 21, 99)}, precision="bfloat16")

    assert feature.question.endswith("is lost in bfloat16: normalise before the cast, or drop it?")


def test_log_statistics_come_from_the_knots_when_the_rows_are_gone(fit, table):
    whole = Profile.of(pa.record_batch({"x": table["skewed"]}))
    saved = replace(whole, sample=RowSample(), saved_quantiles={"x": whole["x"].quantiles})

    near, exact = (Normalization.of(p, Schema(), Training())["x"] for p in (saved, whole))

    assert near.action == exact.action == "log1p+standardize"
    assert near.log_mean == pytest.approx(exact.log_mean, rel=2e-3)
    assert near.log_std == pytest.approx(exact.log_std, rel=2e-2)
