"""missing-values."""

from collections.abc import Iterator
from dataclasses import dataclass

from .._format import percent, plural
from ..dataset_profile import DatasetProfile
from ..finding import Finding, Severity
from ..profiles import ColumnProfile
from .base import Checker, Example, need


@dataclass(frozen=True, kw_only=True)
class MissingValues(Checker):
    """Features with empty cells, and features without any value.

    What it finds:
        Nulls in features of any kind, and how many; and those that this split has while the training split
        has none.

    Why it matters for training:
        A network has no input for "missing": what fills the gap is learned as if it had been observed.
        Dropping the rows loses data and biases what is left, unless they are missing by chance alone. A gap
        that first shows up at test time meets a network that never saw the fill.

    How it decides:
        The share of nulls, exact: above `warning_rate` a warning, below for information; a feature without
        any value is a warning. NaN is counted by non-finite-values. The drift of the rate between splits is
        covariate-shift's business. Rates of 0 to 5 % in 200 to 2,000 rows: 0 warnings in 200; 15 % to 100 %:
        200 of 200.

    When it is wrong:
        Where missing is an answer in itself ("no second address"): encode it as a category.

    What to do:
        Fill with the training split's mean or mode, the same in every split, and add an indicator column if
        being missing may tell something. `normalization.json` states the fill.

    References:
        Schafer 1999, Multiple imputation: a primer, SMMR 8; Bennett 2001, How can I deal with missing data in
        my study?, ANZJPH 25; Little & Rubin 2019, Statistical Analysis with Missing Data, section 1.3.
    """

    clean = Example(splits={"train": {"x": [1.0, 2.0, 3.0], "city": ["a", "b", "a"]}})
    dirty = Example(
        splits={
            "train": {"x": [1.0, None, 3.0], "city": ["a", None, None], "y": [1, 2, 3], "void": [None] * 3}
        },
        finds=("x", "city", "void"),
    )

    warning_rate: float = 0.1
    """Share of missing values that is likely to bias results: Bennett 2001 puts it at 10 %, Schafer 1999
    calls 5 % and less inconsequential."""

    def check(self, data: DatasetProfile, split: str) -> Iterator[Finding]:
        """One finding per feature with nulls."""
        features = data.features(split)
        need(bool(features), "there are no features")
        need(data.splits[split].rows > 0, "there are no rows")
        for column in features:
            rate = float(column.counts.null / column.counts.rows)
            if rate:
                yield self._found(data, split, column, rate)

    def detectable(self, data: DatasetProfile, split: str) -> str | None:
        return "one empty cell"

    def _found(self, data: DatasetProfile, split: str, column: ColumnProfile, rate: float) -> Finding:
        return self.finding(
            split,
            Severity.WARNING if rate > self.warning_rate else Severity.INFO,
            _message(column, rate, _new(data, split, column)),
            columns=[column.name],
            evidence={"missing": column.counts.null, "rows": column.counts.rows, "rate": rate},
            advice=_advice(rate),
            fix=_fix(column, rate),
        )


def _new(data: DatasetProfile, split: str, column: ColumnProfile) -> bool:
    """Whether the training split has the feature, and every value of it."""
    return (
        split != data.reference and column.name in data.train and not data.train[column.name].counts.missing
    )


def _message(column: ColumnProfile, rate: float, new: bool) -> str:
    if rate == 1:
        return f"Nothing can be learned from {column.name!r}: it holds no value at all."
    effect = "The network never saw the fill" if new else "What fills the gaps is learned as if observed"
    also = ", and none in the training split" if new else ""
    count = plural(int(column.counts.null), "row")
    return f"{effect}: {column.name!r} is empty in {percent(rate)} of the rows ({count}){also}."


def _advice(rate: float) -> str:
    if rate == 1:
        return "Drop the column, or find out why it was never filled."
    return "Fill with the training split's statistics, and add a column that says where it was empty."


def _fix(column: ColumnProfile, rate: float) -> str:
    name = repr(column.name)
    if rate == 1:
        return f"features = features.drop(columns=[{name}])"
    fill = f"train[{name}].mean()" if column.numeric else "'missing'"
    indicator = repr(f"{column.name}_missing")
    return (
        f"features[{indicator}] = features[{name}].isna()\nfeatures[{name}] = features[{name}].fillna({fill})"
    )
