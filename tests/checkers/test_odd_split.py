from dataclasses import replace

import pytest

from datacheck.checkers.odd_split import OddSplit
from datacheck.dataset_profile import DatasetProfile
from datacheck.errors import NotApplicable
from datacheck.records.shift import Shift
from datacheck.testing import make_profile, run_checker


def profile(**kinds: str) -> DatasetProfile:
    splits = {name: {"x": [1.0, 2.0]} for name in ("train", *kinds)}
    effects = {"x": 0.2, "y": 0.1, "x_given_y": 0.2, "y_given_x": 0.07}
    records = {
        name: Shift(reference="train", rows=(2, 2), seed=0, kind=kind, effects=effects)
        for name, kind in kinds.items()
    }
    return replace(make_profile(splits), records={"shift": records})


@pytest.mark.parametrize(
    ("kind", "points"), [("covariate", "20"), ("label", "10"), ("concept", "7"), ("mixed", "20")]
)
def test_the_one_shifted_split_is_named_with_the_size_of_the_gap(kind: str, points: str) -> None:
    (found,) = run_checker(OddSplit(), profile(val="none", test=kind))

    assert found.split == "test"
    assert f"{kind} shift, {points} points" in found.message


@pytest.mark.parametrize(
    "kinds",
    [
        {"val": "none", "test": "none"},
        {"val": "label", "test": "label"},
        {"val": "cannot tell", "test": "label"},
    ],
)
def test_no_odd_one_is_named_where_there_is_none(kinds: dict[str, str]) -> None:
    assert run_checker(OddSplit(), profile(**kinds)) == []


def test_two_splits_are_too_few() -> None:
    with pytest.raises(NotApplicable, match="not two splits"):
        list(OddSplit().check(profile(test="label"), "train"))


@pytest.mark.parametrize(("kind", "severity"), [("covariate", "warning"), ("none", "info")])
def test_the_direct_comparison_decides_how_loud_it_is(kind: str, severity: str) -> None:
    data = profile(val="none", test="covariate")
    direct = Shift(reference="val", rows=(2, 2), seed=0, kind=kind, effects={"x": 0.19})
    records = {
        **data.records["shift"],
        "test": replace(data.records["shift"]["test"], beside={"val": direct}),
    }

    (found,) = run_checker(OddSplit(), replace(data, records={"shift": records}))

    assert found.severity == severity
    assert "compared directly" in found.message
