"""unreadable-file."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from .._format import plural
from ..dataset_profile import DatasetProfile
from ..finding import Finding
from ..kinds import Kind
from ..profiles import ColumnProfile
from .base import Checker, Example

_SHOWN = 3  # reasons in the message; the evidence has all


@dataclass(frozen=True, kw_only=True)
class UnreadableFile(Checker):
    """Files and images that cannot be read, among others that can.

    What it finds:
        Data files that are truncated, damaged, of another format than their name says, or of other columns or
        types than the rest of their split; images that cannot be decoded.

    Why it matters for training:
        A data loader that meets such a file stops in the middle of an epoch, or skips it in silence: then
        nobody knows on how many rows the network was trained, and which class lost the most of them.

    How it decides:
        Exactly: a file is named when reading it failed, an image when decoding it failed. Bad files are looked
        for with `--on-bad-file skip`, which leaves them out and profiles the rest; without it the first one
        stops the run. An error in any case.

    When it is wrong:
        A file that is still being written, or a format that only your own reader understands, is named too.

    What to do:
        Write or fetch the files again; if they are lost, delete them and count what is left of each class.

    References:
        Exact, no estimate.
    """

    clean = Example(splits={"data": {"x": [1.0, 2.0]}})
    dirty = Example(
        splits={"data": {"x": [1.0, 2.0]}},
        unreadable={"data": {"b.parquet": "b.parquet is not a readable Parquet file (0 bytes)"}},
        finds=("*",),
    )

    def check(self, data: DatasetProfile, split: str) -> Iterator[Finding]:
        """One finding for the files of the split, and one for each column of images."""
        bad = data.unreadable.get(split, {})
        if bad:
            yield self._files(split, bad, len({part.name for part in data.splits[split].parts}))
        for column in data.splits[split]:
            if column.kind is Kind.IMAGE and column.name.endswith(".unreadable"):
                yield from self._images(split, column)

    def _files(self, split: str, bad: Mapping[str, str], good: int) -> Finding:
        return self.finding(
            split,
            "error",
            f"{len(bad):,} of {plural(good + len(bad), 'file')} cannot be read and "
            f"{'was' if len(bad) == 1 else 'were'} left out: {_some([*bad.values()], len(bad))}",
            evidence={"files": [*bad], "reasons": [*bad.values()]},
            advice="Write or fetch them again; all other findings are about the files that could be read.",
        )

    def _images(self, split: str, column: ColumnProfile) -> Iterator[Finding]:
        count = column.counts.rows - column.counts.null
        if not count:
            return
        reasons = [*column.levels.counts] if column.levels and column.levels.counts else []
        yield self.finding(
            split,
            "error",
            f"{count:,} of {plural(column.counts.rows, 'image')} cannot be read: {_some(reasons, count)}",
            columns=[column.name],
            evidence={"count": count, "images": reasons},
            advice="Fetch or export them again, or take them out of the dataset.",
        )


def _some(reasons: list[str], count: int) -> str:
    shown = [reason.rstrip(".") for reason in reasons[:_SHOWN]]
    more = [f"and {count - len(shown):,} more"] if count > len(shown) else []
    return "; ".join(shown + more) + "."
