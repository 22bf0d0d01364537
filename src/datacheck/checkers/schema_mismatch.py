"""schema-mismatch."""

from collections.abc import Iterator
from dataclasses import dataclass

from .._format import listing, plural
from ..dataset_profile import DatasetProfile
from ..finding import Finding
from ..kinds import Kind
from ..profiles import ColumnProfile
from .base import Checker, Example


@dataclass(frozen=True, kw_only=True)
class SchemaMismatch(Checker):
    """Columns that another split lacks, adds, types otherwise or puts in another order.

    What it finds:
        Features and labels of the training split that this split does not have, columns that only this split
        has, columns of another kind (a number here, a text there) or width, and another order.

    Why it matters for training:
        The network's input has one place per feature. With a column missing it stops; with the columns in
        another order it runs, and reads the height where it learned to find the weight.

    How it decides:
        Exactly, from names, order and types. An error where training or evaluation stops: a column missing, a
        number that became a text. A warning where it may go wrong in silence: more columns, another order, or
        no label in a split that is not for validation. Info where only the width of the type differs.

    When it is wrong:
        Code that picks its columns by name is not harmed by more columns or another order. A test set may
        lack the label on purpose.

    What to do:
        Select the columns by name and in one order, for every split; read every split with one schema.

    References:
        Sculley et al. 2015, Hidden technical debt in machine learning systems (data dependencies).
    """

    scope = "others"
    clean = Example(
        splits={"train": {"a": [1.0, 2.0], "b": ["x", "y"]}, "test": {"a": [3.0, 4.0], "b": ["y", "y"]}}
    )
    dirty = Example(
        splits={
            "train": {"a": [1.0, 2.0], "b": [1.0, 3.0], "c": [1.0, 2.0]},
            "test": {"a": ["1", "2"], "c": [2.0, 1.0], "d": [1.0, 2.0]},
        },
        finds=("a", "b", "d"),
    )

    def check(self, data: DatasetProfile, split: str) -> Iterator[Finding]:
        """Findings for the label, missing and additional columns, types, and the order."""
        yield from self._label(data, split)
        yield from self._columns(data, split)
        yield from self._types(data, split)
        yield from self._order(data, split)

    def detectable(self, data: DatasetProfile, split: str) -> str:
        """Names and types are exact."""
        return "any difference in names, types or order"

    def _label(self, data: DatasetProfile, split: str) -> Iterator[Finding]:
        label = data.schema.label
        if label is None or (label in data.train) == (label in data.splits[split]):
            return
        missing = split if label in data.train else data.reference
        yield self.finding(
            split,
            "error" if missing in (data.reference, "val") else "warning",
            f"Split {missing!r} cannot be {'learned' if missing == data.reference else 'scored'}: "
            f"it has no label column {label!r}.",
            columns=[label],
            advice="Add the labels, or say which column holds them with --label.",
            fix=f"table[{label!r}] = labels",
        )

    def _columns(self, data: DatasetProfile, split: str) -> Iterator[Finding]:
        train, here = _features(data, data.reference), _features(data, split)
        missing, more = [n for n in train if n not in here], [n for n in here if n not in train]
        if missing:
            yield self.finding(
                split,
                "error",
                f"The network gets too few inputs: {split!r} lacks {plural(len(missing), 'column')} of "
                f"{data.reference!r}: {listing(missing)}.",
                columns=missing,
                evidence={"missing": missing, "additional": more},
                advice="Add them, or train without them.",
                fix=f"train = train.drop(columns={missing!r})",
            )
        if more:
            yield self.finding(
                split,
                "warning",
                f"Read as a whole, {split!r} has {plural(len(more), 'input')} too many: {listing(more)} "
                f"{'is' if len(more) == 1 else 'are'} not in {data.reference!r}.",
                columns=more,
                evidence={"missing": missing, "additional": more},
                advice="Select the training columns by name.",
                fix=f"{split} = {split}[list(train.columns)]",
            )

    def _types(self, data: DatasetProfile, split: str) -> Iterator[Finding]:
        common = [name for name in data.train.columns if name in data.splits[split]]
        for name in common:
            a, b = data.train[name], data.splits[split][name]
            if _same_type(a, b) or _filled_later(a, b) or _filled_later(b, a):
                continue
            yield self.finding(
                split,
                "error" if a.kind is not b.kind else "info",
                f"{name!r} is {b.dtype} here but {a.dtype} in {data.reference!r}"
                + (": what was fitted on one cannot read the other." if a.kind is not b.kind else "."),
                columns=[name],
                evidence={"type": b.dtype, "type_in_reference": a.dtype},
                advice="Read every split with one schema.",
                fix=f"{split}[{name!r}] = {split}[{name!r}].astype(train[{name!r}].dtype)",
            )

    def _order(self, data: DatasetProfile, split: str) -> Iterator[Finding]:
        train, here = _features(data, data.reference), _features(data, split)
        expected = [name for name in train if name in here]
        found = [name for name in here if name in train]
        moved = [name for name, other in zip(found, expected, strict=True) if name != other]
        if moved:
            yield self.finding(
                split,
                "warning",
                f"Turned into an array, {split!r} feeds the network with the wrong columns: "
                f"{plural(len(moved), 'column')} stand elsewhere in {data.reference!r} ({listing(moved)}).",
                columns=moved,
                evidence={"order": found, "order_in_reference": expected},
                advice="Select the columns by name, in the training order.",
                fix=f"{split} = {split}[list(train.columns)]",
            )


def _features(data: DatasetProfile, split: str) -> list[str]:
    return [column.name for column in data.features(split)]


def _same_type(a: ColumnProfile, b: ColumnProfile) -> bool:
    """Texts are alike however long the offsets between them are, in which data frames differ from files."""
    return a.dtype == b.dtype or a.kind is b.kind is Kind.TEXT


def _filled_later(a: ColumnProfile, b: ColumnProfile) -> bool:
    """Whether one side has no value at all: a reader of text files then guesses its type."""
    return a.counts.rows == a.counts.missing and (a.kind is not b.kind or a.kind is Kind.OTHER)
