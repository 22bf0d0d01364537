"""unseen-label."""

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches

from .._format import listing, percent, plural
from ..dataset_profile import DatasetProfile
from ..finding import Finding, Rows
from ._places import rows_with
from .base import Checker, Example


@dataclass(frozen=True, kw_only=True)
class UnseenLabel(Checker):
    """Classes of another split that the training split does not have.

    What it finds:
        A class in the validation or test split of which training holds no row, and a class that looks like
        a training class spelled otherwise.

    Why it matters for training:
        The network has no output for the class: a label outside 0..K-1 stops cross-entropy, and where it
        does not, every such row is counted wrong.

    How it decides:
        Exactly, from the counts of all classes: no row of the split is misjudged.

    When it is wrong:
        In open-set or zero-shot evaluation the unseen classes are meant. A class of very few rows lands in
        one split by chance; the finding is true, and a stratified split heals it.

    What to do:
        Split by class (stratify), correct the spelling, or take the rows out of the split.

    References:
        Scheirer et al. 2013, Toward open set recognition (what a closed-set classifier does with them).
    """

    scope = "others"
    clean = Example(
        splits={
            "train": {"x": [1.0, 2.0, 3.0, 4.0], "label": ["a", "b", "c", "a"]},
            "test": {"x": [1.0, 2.0], "label": ["a", "c"]},
        },
        label="label",
    )
    dirty = Example(
        splits={
            "train": {"x": [1.0, 2.0, 3.0, 4.0], "label": ["a", "b", "c", "a"]},
            "test": {"x": [1.0, 2.0], "label": ["a", "d"]},
        },
        label="label",
        finds=("label",),
    )

    def check(self, data: DatasetProfile, split: str) -> Iterator[Finding]:
        """At most one finding, with all unseen classes."""
        known, here = data.classes(data.reference), data.classes(split)
        unseen = {value: count for value, count in here.items() if value not in known}
        if not unseen:
            return
        rows, names = sum(unseen.values()), [str(value) for value in unseen]
        likely = _likely(names, [str(value) for value in known])
        meant = "".join(f"; {name!r} may be {known_name!r}" for name, known_name in list(likely.items())[:3])
        yield self.finding(
            split,
            "error",
            f"{plural(rows, 'row')} ({percent(rows / data.splits[split].rows)}) cannot be predicted: "
            f"{data.reference!r} has no row of class {listing(names)}{meant}.",
            columns=[str(data.schema.label)],
            rows=Rows(count=rows, examples=rows_with(data.splits[split], unseen)),
            evidence={"unseen": {str(value): count for value, count in unseen.items()}, "likely": likely},
            advice="Split by class, correct the spelling, or leave these rows out of the split.",
            fix=_fix(data, likely),
        )

    def detectable(self, data: DatasetProfile, split: str) -> str:
        """Counts are exact."""
        return "a single row of a class that training does not have"


def _likely(names: list[str], known: list[str]) -> dict[str, str]:
    """Unseen names that differ from a known one by case, blanks or a letter."""
    plain = {name.strip().casefold(): name for name in known}
    found = {}
    for name in names:
        close = [name.strip().casefold()] if name.strip().casefold() in plain else []
        if not close and len(name) > 4:
            close = get_close_matches(name.strip().casefold(), plain, n=1, cutoff=0.85)
        if close:
            found[name] = plain[close[0]]
    return found


def _fix(data: DatasetProfile, likely: dict[str, str]) -> str:
    if likely:
        return f"labels = labels.replace({likely!r})"
    return f"train, test = train_test_split(table, stratify=table[{data.schema.label!r}])  # scikit-learn"
