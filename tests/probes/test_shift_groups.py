import numpy as np
import pyarrow as pa
import pytest

from datacheck.probes.shift import shift
from datacheck.probes.shift_groups import groups_of, independent_share

Table = pa.Table


def sessions(rng: np.random.Generator, groups: int, moved: float = 0.0) -> Table:
    """Rows of sessions that differ from each other more than rows of one session do."""
    sizes = rng.integers(5, 20, groups)
    group = np.repeat(np.arange(groups), sizes)
    level = rng.normal(size=(groups, 2)) + moved
    x = level[group] + 0.5 * rng.normal(size=(len(group), 2))
    city = rng.choice(["a", "b", "c"], groups)[group]
    label = (x[:, 0] + rng.normal(size=groups)[group] > moved).astype(int)
    return pa.table({"a": x[:, 0], "b": x[:, 1], "city": city, "y": label, "session": group})


def series(rng: np.random.Generator, rows: int, moved: float = 0.0) -> Table:
    noise = rng.normal(size=(rows, 2)) * np.sqrt(1 - 0.9**2)
    for row in range(1, rows):
        noise[row] += 0.9 * noise[row - 1]
    label = (noise[:, 0] + rng.normal(size=rows) > 0).astype(int)
    order = rng.permutation(rows)
    columns = {"a": noise[:, 0] + moved, "b": noise[:, 1] + moved, "y": label, "when": np.arange(rows)}
    return pa.table({name: values[order] for name, values in columns.items()})


def alarms(make: object, sizes: tuple[int, int], times: int, moved: float = 0.0, **column: str) -> int:
    rng = np.random.default_rng(3)
    pairs = [(make(rng, sizes[0]), make(rng, sizes[1], moved)) for _ in range(times)]
    return sum(shift(*pair, label="y", task="classification", **column).shifted for pair in pairs)


def test_grouped_rows_alarm_unless_their_groups_are_named() -> None:
    assert alarms(sessions, (80, 60), 3) == 3
    assert alarms(sessions, (80, 60), 8, groups="session") <= 1


def test_a_shift_between_groups_is_found() -> None:
    assert alarms(sessions, (80, 60), 4, moved=1.0, groups="session") == 4


def test_rows_in_time_order_alarm_unless_the_time_is_named() -> None:
    assert alarms(series, (2400, 1800), 3) == 3
    assert alarms(series, (2400, 1800), 8, time="when") <= 1


def test_a_shift_in_time_is_found() -> None:
    assert alarms(series, (2400, 1800), 4, moved=1.0, time="when") == 4


def test_few_groups_are_too_few() -> None:
    rng = np.random.default_rng(4)

    found = shift(sessions(rng, 29), sessions(rng, 60), label="y", task="classification", groups="session")

    assert found.kind == "cannot tell"
    assert found.reason.startswith("29 groups (session) in a split; 30 are needed")


def test_the_record_counts_groups() -> None:
    rng = np.random.default_rng(5)

    found = shift(sessions(rng, 50), sessions(rng, 40), label="y", task="classification", groups="session")

    assert found.groups == (50, 40)
    assert found.to_json()["groups"] == [50, 40]


def test_independent_rows_get_blocks_of_one() -> None:
    rng = np.random.default_rng(6)
    table = pa.table({"x": rng.normal(size=500), "when": rng.permutation(500)})

    blocks = groups_of((table, table), None, "when")

    assert len(np.unique(blocks)) >= 400


@pytest.mark.parametrize(("within", "low", "high"), [(0.0, 0.09, 0.11), (1.0, 0.14, 0.24), (20.0, 0.8, 1.0)])
def test_groups_are_worth_the_less_the_more_alike_their_rows(within: float, low: float, high: float) -> None:
    rng = np.random.default_rng(7)
    group = np.repeat(np.arange(400), 10)
    values = rng.normal(size=400)[group] + within * rng.normal(size=4000)

    assert low <= independent_share(values[:, None], group) <= high
