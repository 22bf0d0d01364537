"""Does the loader run through, with batches of one structure?"""

from collections.abc import Iterator
from dataclasses import dataclass

from ..._format import listing, plural
from ...finding import Finding, Rows
from ..question import Question
from ..seen import Failure, Seen

# kind: severity, message, advice
_ANSWERS = {
    "raised": (
        "error",
        "raises {text}",
        "Make the dataset's __getitem__ accept this sample, or leave it out.",
    ),
    "empty": (
        "error",
        "yields nothing",
        "Check the length of the dataset; drop_last=True drops an only, small batch.",
    ),
    "endless": ("info", "does not end", "Pass max_batches to say how many batches are an epoch."),
    "ragged": ("error", "yields {text}", "Return inputs and labels of equal length from collate_fn."),
    "structure": (
        "error",
        "changes the structure of its batches; {text}",
        "Return one structure from collate_fn.",
    ),
    "short": (
        "info",
        "yields {text}",
        "Correct __len__: schedules of the learning rate are computed from it.",
    ),
    "longer": (
        "warning",
        "yields {text}",
        "Correct __len__: schedules of the learning rate are computed from it.",
    ),
    "exhausted": (
        "error",
        "yields nothing in the second epoch",
        "Make __iter__ start again: return a new iterator.",
    ),
    "filtered": (
        "info",
        "loses samples in collate_fn: {text}",
        "Filter the dataset before the loader instead.",
    ),
}


@dataclass(frozen=True, kw_only=True)
class LoaderIteration(Question):
    """Does the loader run through, with batches of one structure?

    What it finds:
        A loader that raises, yields nothing, does not end, ends after one epoch, yields labels and inputs of
        unequal length, changes the structure of its batches midway, or says a wrong length.

    Why it matters for training:
        Each stops a training run, often hours after its start, or lets it end early without a word.

    How it decides:
        By iterating. A loader without a length counts as endless after 10,000 batches, one with a length
        after twice that. An error is traced to the sample by drawing the batch's samples again one by one.

    When it is wrong:
        An error that depends on chance may not come back when the samples are drawn again; then the whole
        batch is named.

    What to do:
        See the advice of each finding.

    References:
        PyTorch documentation, torch.utils.data, "Dataset types" and "Working with collate_fn".
    """

    def ask(self, seen: Seen) -> Iterator[Finding]:
        """One finding per kind of failure."""
        for failure in seen.failures:
            severity, message, advice = _ANSWERS[failure.kind]
            what = (
                f"the {'validation ' * (failure.split != 'train')}loader {message.format(text=failure.text)}"
            )
            yield self.finding(
                severity,
                f"{what} ({_where(failure)})",
                split=failure.split,
                rows=Rows(count=len(failure.indices), examples=failure.indices[:5])
                if failure.indices
                else None,
                evidence={
                    "kind": failure.kind,
                    "epoch": failure.epoch,
                    "batch": failure.batch,
                    "text": failure.text,
                },
                advice=advice,
            )
        if seen.opaque:
            yield self.finding(
                "info",
                f"the batches hold objects that were not looked at: {listing(list(seen.opaque))}",
                evidence={"opaque": list(seen.opaque)},
            )


def _where(failure: Failure) -> str:
    place = f"epoch {failure.epoch}, batch {failure.batch}"
    if not failure.indices:
        return place
    known = ", ".join(str(index) for index in failure.indices[:5])
    noun = "index" if len(failure.indices) == 1 else f"{plural(len(failure.indices), 'sample')}:"
    return f"{place}, {noun} {known}{', ...' * (len(failure.indices) > 5)}"
