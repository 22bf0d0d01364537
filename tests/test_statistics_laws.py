import inspect
import json
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datacheck import statistics
from datacheck._discover import classes
from datacheck.statistics.base import Statistic
from datacheck.statistics.comoments import Comoments
from datacheck.statistics.label_order import LabelOrder
from datacheck.statistics.row_hashes import RowHashes
from datacheck.statistics.row_sample import RowSample
from datacheck.statistics.row_window import RowWindow

ALL: list[type[Statistic]] = classes(statistics, Statistic)

MAKERS: dict[type[Statistic], Callable[[np.ndarray, int], Statistic]] = {
    RowSample: lambda x, row: RowSample.of(pa.table({"x": x}), part="p", first_row=row),
    RowWindow: lambda x, row: RowWindow.of(pa.table({"x": x}), part="p", first_row=row),
    Comoments: lambda x, row: Comoments.of(np.column_stack([x, x * x])),
    LabelOrder: lambda x, row: LabelOrder.of(np.sign(x), part="p", first_row=row),
    RowHashes: lambda x, row: RowHashes.of(np.round(x)),
}

values = st.lists(
    st.one_of(
        st.floats(-1e3, 1e3),
        st.integers(-3, 3).map(float),
        st.sampled_from([0.0, -0.0, 1e8, 1e8 + 1e-3, 3 + 1e-13]),
    ),
    max_size=40,
).map(np.array)


def make(cls: type[Statistic], x: np.ndarray, row: int = 0) -> Statistic:
    if cls in MAKERS:
        return MAKERS[cls](x.astype(float), row)
    keyed = "first_row" in inspect.signature(cls.of).parameters
    return cls.of(x.astype(float), part="p", first_row=row) if keyed else cls.of(x.astype(float))


def same(a: Any, b: Any, scale: float) -> bool:
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(same(a[key], b[key], scale) for key in a)
    if isinstance(a, list):
        return len(a) == len(b) and all(same(x, y, scale) for x, y in zip(a, b, strict=True))
    if isinstance(a, float) and isinstance(b, (int, float)):
        return math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-9 * scale)
    return a == b


def equal(a: Statistic, b: Statistic, x: np.ndarray) -> bool:
    # a fourth moment of numbers around 1e8 is around 1e32: the tolerance follows the data
    scale = max(1.0, float(np.max(np.abs(x), initial=0))) ** 4 * max(len(x), 1)
    if isinstance(a, RowSample) and isinstance(b, RowSample):
        return a == b
    return same(observed(a), observed(b), scale)


def observed(statistic: Statistic) -> Any:
    """What a reader sees: the mean is stored as two numbers, of which only the sum has a meaning."""
    content = statistic.to_json()
    if "rest" in content:
        content["mean_"] = np.add(content["mean_"], content.pop("rest")).tolist()
    return content


@pytest.mark.parametrize("cls", ALL)
@given(x=values)
@settings(max_examples=40, deadline=None)
def test_the_empty_one_is_neutral(cls: type[Statistic], x: np.ndarray) -> None:
    whole = make(cls, x)

    assert equal(whole + cls(), whole, x)
    assert equal(cls() + whole, whole, x)


@pytest.mark.parametrize("cls", ALL)
@given(x=values, cuts=st.tuples(st.integers(0, 40), st.integers(0, 40)))
@settings(max_examples=60, deadline=None)
def test_any_split_in_any_order_equals_the_whole(
    cls: type[Statistic], x: np.ndarray, cuts: tuple[int, int]
) -> None:
    first, second = sorted(min(cut, len(x)) for cut in cuts)
    a, b, c = make(cls, x[:first]), make(cls, x[first:second], first), make(cls, x[second:], second)

    whole = make(cls, x)

    assert equal((a + b) + c, whole, x)
    assert equal(a + (b + c), whole, x)
    assert equal((c + a) + b, whole, x)


@pytest.mark.parametrize("cls", [cls for cls in ALL if not issubclass(cls, RowSample)])
@given(x=values)
@settings(max_examples=30, deadline=None)
def test_json_gives_back_the_same(cls: type[Statistic], x: np.ndarray) -> None:
    whole = make(cls, x)

    again = cls.from_json(json.loads(json.dumps(whole.to_json())))

    assert again.to_json() == whole.to_json()


@pytest.mark.parametrize("cls", [cls for cls in ALL if not issubclass(cls, RowSample)])
def test_size_does_not_grow_with_rows(cls: type[Statistic]) -> None:
    rng = np.random.default_rng(0)
    sizes = []
    for rows in (200_000, 400_000):
        total = cls()
        for start in range(0, rows, 50_000):
            total = total + make(cls, rng.normal(size=50_000), start)
        saved = total.smallest() if isinstance(total, RowHashes) else total
        sizes.append(len(json.dumps(saved.to_json())))

    assert sizes[1] <= sizes[0] * 1.1


@pytest.mark.parametrize("cls", ALL)
def test_input_is_left_alone(cls: type[Statistic]) -> None:
    x = np.array([3.0, -0.0, 5.0])

    make(cls, x)

    assert x.tolist() == [3.0, -0.0, 5.0]
    assert np.signbit(x[1])
