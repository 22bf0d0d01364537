"""From a profile to the expectations of a suite, each with a note that says where its bound comes from."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ...kinds import Kind
from ...profiles import ColumnProfile
from .. import bounds
from ..basis import MOST_LEVELS, Basis

_TYPES = {
    Kind.NUMERIC: [
        *("bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"),
        *("float16", "float32", "float64", "BooleanDtype", "Int8Dtype", "Int16Dtype", "Int32Dtype"),
        *("Int64Dtype", "UInt8Dtype", "UInt16Dtype", "UInt32Dtype", "UInt64Dtype", "Float32Dtype"),
        *("Float64Dtype", "BooleanType", "ByteType", "ShortType", "IntegerType", "LongType", "FloatType"),
        "DoubleType",
    ],
    Kind.TIMESTAMP: [
        *(f"datetime64[{unit}]" for unit in ("s", "ms", "us", "ns")),
        *("TimestampType", "TimestampNTZType"),
    ],
}
"""Names of pandas and Spark. Text is not among them: great_expectations 1.24 knows no name that the `str` of
pandas 3 answers to. The contract's expectation holds the kind of every column, text included."""
_UNTYPED = ("decimal", "date", "time32", "time64", "duration")  # pandas holds these as objects


@dataclass(frozen=True, kw_only=True)
class Expected:
    """One expectation: its type in great_expectations, its arguments, and where they come from."""

    type: str
    kwargs: Mapping[str, Any]
    why: str
    severity: str = "critical"


def expectations(basis: Basis) -> Iterator[Expected]:
    """Those of the table, then those of every column in its order."""
    yield from _shape(basis)
    yield from _questions(basis)
    for column in basis.columns:
        if column.name == basis.schema.label:
            yield from _label(basis, column)
        else:
            yield from _feature(basis, column)
        yield from _distribution(basis, column)


def _shape(basis: Basis) -> Iterator[Expected]:
    names = [column.name for column in basis.columns]
    yield Expected(
        type="expect_table_row_count_to_be_between",
        kwargs={"min_value": 1},
        why="an empty batch proves nothing",
    )
    if len(names) == len(basis.train.columns):
        yield Expected(
            type="expect_table_columns_to_match_set",
            kwargs={"column_set": names, "exact_match": True},
            why="the columns of the training split; their order is held by the contract's expectation",
        )
    yield from _unique(basis, names)


def _questions(basis: Basis) -> Iterator[Expected]:
    """What our checkers are asked of the whole table."""
    training = basis.training
    batch = {"batch_size": training.batch_size}
    yield Expected(
        type="expect_column_std_to_survive_normalization",
        kwargs={**basis.asked, **batch, "precision": training.precision},
        why="every feature, so that columns which come later are judged as well; thresholds of the checkers",
    )
    yield Expected(
        type="expect_feature_scales_to_be_comparable",
        kwargs={**basis.asked, "precision": training.precision},
        why="thresholds of the checker feature-scale-disparity",
    )
    if basis.schema.label is not None and basis.schema.classification:
        shuffled = {} if training.shuffled is None else {"shuffled": training.shuffled}
        yield Expected(
            type="expect_labels_to_be_mixed_across_batches",
            kwargs={**basis.asked, **batch, **shuffled},
            why="thresholds of the checkers sorted-labels and single-class-batches",
        )
    if basis.contract is not None:
        contract = {"contract": basis.contract[0], "contract_digest": basis.contract[1]}
        yield Expected(
            type="expect_table_to_match_normalization_contract",
            kwargs={**basis.asked, **_profile(basis), **contract},
            why="the contract fitted on the training split; judged as `datacheck check --contract` does",
        )


def _unique(basis: Basis, names: list[str]) -> Iterator[Expected]:
    """No more rows that occur twice than training has; great_expectations counts all of them, the first as well."""
    if len(names) != len(basis.train.columns) or not 1 < len(names) <= MOST_LEVELS:
        return
    bound = bounds.rate(
        min(2 * basis.train.row_hashes.duplicates, basis.train.rows), basis.train.rows, "duplicates"
    )
    if bound.most < 0.5:
        yield Expected(
            type="expect_compound_columns_to_be_unique",
            kwargs={"column_list": names, "mostly": _rest(bound.most)},
            why=bound.why,
            severity="warning",
        )


def _feature(basis: Basis, column: ColumnProfile) -> Iterator[Expected]:
    yield from _type(column)
    yield _not_null(column)
    if column.numeric and not column.binary:
        yield from _numbers(basis, column)
    else:
        yield from _levels(column)
    if column.numeric:
        precision = {"batch_size": basis.training.batch_size, "precision": basis.training.precision}
        yield Expected(
            type="expect_column_std_to_survive_normalization",
            kwargs={**basis.asked, "column": column.name, **precision},
            why="thresholds of the checkers constant-feature, near-constant-feature, non-finite-values, "
            "heavy-tail and precision-loss",
        )


def _label(basis: Basis, column: ColumnProfile) -> Iterator[Expected]:
    """Rules of the label: classes that training knows, and none missing where none was."""
    yield from _type(column)
    missing = int(column.counts.missing)
    if missing:
        yield _not_null(column)
    else:
        yield Expected(
            type="expect_column_values_to_not_be_null",
            kwargs={"column": column.name},
            why=f"no label of {basis.train.rows:,} is missing; a row without one cannot be learned or scored",
        )
    if not basis.schema.classification:
        yield from _numbers(basis, column)
    elif column.levels and column.levels.counts and len(column.levels.counts) <= MOST_LEVELS:
        yield Expected(
            type="expect_column_values_to_be_in_set",
            kwargs={"column": column.name, "value_set": list(column.levels.counts)},
            why=f"the {len(column.levels.counts)} classes of the training split; another has no output",
        )


def _type(column: ColumnProfile) -> Iterator[Expected]:
    zoned = column.kind is Kind.TIMESTAMP and "tz=" in column.dtype
    if column.kind in _TYPES and not zoned and not column.dtype.startswith(_UNTYPED):
        yield Expected(
            type="expect_column_values_to_be_in_type_list",
            kwargs={"column": column.name, "type_list": _TYPES[column.kind]},
            why=f"{column.dtype} in the training split; the kind is held and not the width, as in "
            "the checker schema-mismatch",
        )


def _not_null(column: ColumnProfile) -> Expected:
    bound = bounds.rate(int(column.counts.missing), int(column.counts.rows), "missing")
    return Expected(
        type="expect_column_values_to_not_be_null",
        kwargs={"column": column.name, "mostly": _rest(bound.most)},
        why=bound.why,
    )


def _numbers(basis: Basis, column: ColumnProfile) -> Iterator[Expected]:
    inside = bounds.value_range(column)
    if inside is not None:
        between = {"min_value": inside.low, "max_value": inside.high, "mostly": _rest(inside.most_outside)}
        yield Expected(
            type="expect_column_values_to_be_between",
            kwargs={"column": column.name, **between},
            why=inside.why,
            severity="warning",
        )
    for kind, band in (
        ("mean", bounds.mean_band(column, basis.batch_rows, basis.bands)),
        ("stdev", bounds.std_band(column, basis.batch_rows, basis.bands)),
    ):
        if band is not None:
            yield Expected(
                type=f"expect_column_{kind}_to_be_between",
                kwargs={"column": column.name, "min_value": band.low, "max_value": band.high},
                why=band.why,
                severity="warning",
            )


def _levels(column: ColumnProfile) -> Iterator[Expected]:
    """The categories, unless they are too many, unknown, or new ones must be reckoned with in every batch."""
    counts = column.levels.counts if column.levels else None
    if not counts or len(counts) > MOST_LEVELS:
        return
    unseen = bounds.unseen_level(counts)
    if unseen.most < 0.5:
        yield Expected(
            type="expect_column_values_to_be_in_set",
            kwargs={"column": column.name, "value_set": list(counts), "mostly": _rest(unseen.most)},
            why=f"the {len(counts)} categories of the training split; {unseen.why}",
        )


def _distribution(basis: Basis, column: ColumnProfile) -> Iterator[Expected]:
    if column.kind in (Kind.NUMERIC, Kind.TEXT):
        yield Expected(
            type="expect_column_distribution_to_match_profile",
            kwargs={**basis.asked, "column": column.name, **_profile(basis)},
            why="significant under Benjamini-Hochberg over all features and large enough to matter, by the "
            "checkers covariate-shift, label-shift and unseen-label",
        )


def _profile(basis: Basis) -> dict[str, str]:
    return {"profile": basis.profile[0], "profile_digest": basis.profile[1]}


def _rest(share: float) -> float:
    return round(1 - share, 10)
