"""Laws that hold whatever is given: configuration is taken or refused, contracts and profiles survive their files."""

import json
import warnings
from contextlib import suppress
from typing import Any

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from datacheck import Normalization, saved
from datacheck.config import Config
from datacheck.errors import ConfigError
from datacheck.normalization.document import Node, dump, parse
from datacheck.profiles import Profile, merge
from datacheck.schema import Schema, Training

KEYS = (
    "label",
    "task",
    "batch-size",
    "seed",
    "select",
    "ignore",
    "severity",
    "checkers",
    "features",
    "waivers",
    "out",
)
SCALARS = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5))
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
NUMBERS = st.lists(
    st.one_of(st.none(), st.floats(width=32), st.integers(-5, 5).map(float)), min_size=1, max_size=30
)


@given(table=st.dictionaries(st.sampled_from(KEYS) | st.text(max_size=8), VALUES, max_size=4))
@settings(max_examples=300, deadline=None)
def test_any_table_is_a_configuration_or_refused(table: dict[str, Any]) -> None:
    with suppress(ConfigError):
        Config.of(table).make_checkers()


def of(columns: tuple[list[Any], list[Any]]) -> Profile:
    rows = min(map(len, columns))
    arrays = {name: pa.array(column[:rows], pa.float64()) for name, column in zip("xy", columns, strict=True)}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        batch = pa.record_batch({**arrays, "t": pa.array([f"{i % 3}" for i in range(rows)])})
        return Profile.of(batch)


@given(columns=st.tuples(NUMBERS, NUMBERS))
@settings(max_examples=80, deadline=None)
def test_a_profile_survives_its_file(columns: tuple[list[Any], list[Any]]) -> None:
    content = json.loads(json.dumps(saved.to_json(of(columns)), allow_nan=False))
    assert json.loads(json.dumps(saved.to_json(*saved.from_json(content)))) == content


@given(columns=st.tuples(NUMBERS, NUMBERS))
@settings(max_examples=80, deadline=None)
def test_a_contract_survives_its_file(columns: tuple[list[Any], list[Any]]) -> None:
    contract = Normalization.of(of(columns), Schema(), Training())
    content = parse(dump(contract.to_json()).encode(), "it")
    assert Normalization.from_json(Node(content, "contract")).to_json() == contract.to_json()


@given(columns=st.tuples(NUMBERS, NUMBERS))
@settings(max_examples=20, deadline=None)
def test_the_sum_of_nothing_and_a_profile_is_the_profile(columns: tuple[list[Any], list[Any]]) -> None:
    profile = of(columns)
    assert saved.to_json(merge([Profile(), profile, Profile()])) == saved.to_json(profile)
