"""non-finite-values."""

from collections.abc import Iterator
from dataclasses import dataclass

from .._format import percent
from ..dataset_profile import DatasetProfile
from ..finding import Finding, Rows
from ..profiles import ColumnProfile, Profile
from .base import Checker, Example, need


@dataclass(frozen=True, kw_only=True)
class NonFiniteValues(Checker):
    """NaN and infinities among the numbers.

    What it finds:
        Numeric columns with NaN, +inf or -inf: how many, and the first five rows.

    Why it matters for training:
        One of them makes the loss NaN, the gradients NaN, and with the next step every weight NaN. One
        infinity also makes the mean of its column infinite, and with it the whole normalised column NaN.

    How it decides:
        By counting; one such value is an error. Nulls are not counted: a null says that a value is missing
        (see missing-values), a NaN is what 0 / 0 leaves behind. NaN in the label is missing-labels' business.
        No finite table is ever named, and every NaN or infinity is: 0 and 200 of 200, by construction.

    When it is wrong:
        Where the training code fills or masks NaN itself. Arrays of numpy have no null, so NaN may stand for
        "missing" there; it breaks training all the same if it arrives there.

    What to do:
        Find the division or logarithm that made them. For missing values, write nulls, or fill with the
        training split's mean and add an indicator column; `normalization.json` states the fill.

    References:
        IEEE 754-2019, section 6.2 (NaN propagates through every operation).
    """

    clean = Example(splits={"train": {"x": [1.0, None, 3.0], "y": [1, 2, 3]}})
    dirty = Example(
        splits={
            "train": {"x": [1.0, float("nan"), 3.0], "y": [0.0, float("-inf"), 2.0], "z": [1.0, 2.0, 3.0]}
        },
        finds=("x", "y"),
    )

    def check(self, data: DatasetProfile, split: str) -> Iterator[Finding]:
        """One finding per column with such a value."""
        profile = data.splits[split]
        columns = [column for column in profile if column.numeric]
        need(bool(columns), "there are no numeric columns")
        for column in columns:
            is_label = column.name == data.schema.label
            count = int(column.counts.infinite + (0 if is_label else column.counts.nan))
            if count:
                yield self._found(profile, column, split, count)

    def _found(self, profile: Profile, column: ColumnProfile, split: str, count: int) -> Finding:
        counts = column.counts
        return self.finding(
            split,
            "error",
            f"One batch with it turns every weight NaN: {column.name!r} holds {_kinds(column)} "
            f"({percent(count / counts.rows)} of the rows).",
            columns=[column.name],
            rows=Rows(count=count, examples=_first(profile, column)),
            evidence={
                "nan": counts.nan,
                "positive_inf": counts.positive_inf,
                "negative_inf": counts.negative_inf,
                "rows": counts.rows,
            },
            advice="Find what made them. If they mean 'missing', fill them with the training split's mean.",
            fix=_FIX.format(name=column.name),
        )


_FIX = """finite = numpy.isfinite(train[{name!r}])
train[{name!r}] = train[{name!r}].where(finite, train.loc[finite, {name!r}].mean())"""


def _kinds(column: ColumnProfile) -> str:
    counts = {
        "NaN": column.counts.nan,
        "+inf": column.counts.positive_inf,
        "-inf": column.counts.negative_inf,
    }
    return ", ".join(f"{count:,} {name}" for name, count in counts.items() if count)


def _first(profile: Profile, column: ColumnProfile) -> tuple[int, ...]:
    return profile.positions(column.first_rows.places) if column.first_rows else ()
