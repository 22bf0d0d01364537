"""Labels that a loss refuses, or takes for something else."""

from collections.abc import Iterator
from dataclasses import dataclass

from ..._format import number
from ..seen import Label, Seen

IGNORED = -100  # cross_entropy's ignore_index


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """Severity and message, advice, and fix."""

    what: tuple[str, str]
    advice: str = ""
    fix: str = ""


def label_findings(seen: Seen) -> Iterator[Answer]:
    """What is wrong with the labels of the first epoch."""
    label = seen.label
    if label is None or label.dtype == "text":
        return
    yield from _shape(label, seen)
    if seen.classes and not label.one_hot:
        yield from _dtype(label, seen.classes)
        yield from _range(seen.classes)
    if label.dtype.startswith("float") and not seen.classes:
        yield from _number(seen)


def _shape(label: Label, seen: Seen) -> Iterator[Answer]:
    if label.shape != (1,):
        if label.shape == () and label.dtype.startswith("float") and not seen.classes:
            message = (
                "the labels are numbers of shape (n,): against outputs (n, 1) a loss broadcasts to (n, n)"
            )
            yield Answer(what=("info", message), fix="loss = loss_fn(outputs.squeeze(1), labels)")
        return
    if seen.classes and not (label.dtype.startswith("float") and len(seen.classes) <= 2):
        message = f"the labels are classes of shape (n, 1): cross_entropy expects (n,), {_broadcast(label)}"
        yield Answer(
            what=("warning", message), advice="Give labels of shape (n,).", fix="labels = labels.squeeze(1)"
        )
    else:
        message = "the labels have shape (n, 1): against outputs of shape (n,) a loss broadcasts to (n, n)"
        yield Answer(what=("info", message), fix="loss = loss_fn(outputs.reshape(labels.shape), labels)")


def _broadcast(label: Label) -> str:
    whole = not label.dtype.startswith("float")
    return (
        "and outputs == labels broadcasts to (n, n) in an accuracy"
        if whole
        else "other losses broadcast to (n, n)"
    )


def _dtype(label: Label, classes: tuple[float, ...]) -> Iterator[Answer]:
    if label.dtype in ("int64", "uint8", "bool"):
        return
    if label.dtype.startswith(("float", "bfloat")) and (len(classes) <= 2 or label.shape != ()):
        return  # what binary_cross_entropy takes
    message = f"the labels are {len(classes)} classes as {label.dtype}: cross_entropy expects int64"
    yield Answer(what=("warning", message), advice="Convert the labels.", fix="labels = labels.long()")


def _range(classes: tuple[float, ...]) -> Iterator[Answer]:
    named = tuple(value for value in classes if value != IGNORED)
    if not named:
        return
    low, high = named[0], named[-1]
    if low < 0 and named != (-1.0, 1.0):
        message = (
            f"the smallest class is {number(low)}: cross_entropy expects 0..K-1 and stops at negative ones"
        )
    elif low > 0 and len(named) > 1 and high - low + 1 == len(named):
        refused = f"with {len(named)} outputs cross_entropy stops at {number(high)}"
        message = f"the classes are {number(low)}..{number(high)}: {refused}"
    else:
        return
    yield Answer(
        what=("warning", message), advice="Count the classes from 0.", fix=f"labels = labels - ({low:g})"
    )


def _number(seen: Seen) -> Iterator[Answer]:
    labels = seen.first.labels if seen.first is not None else None
    if labels is not None and (bad := int((labels != labels).sum() + (abs(labels) == float("inf")).sum())):
        what = ("error", f"{bad} labels are NaN or infinite")
        yield Answer(what=what, advice="Leave these samples out.", fix="keep = torch.isfinite(labels)")
