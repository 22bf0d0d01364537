"""The profile of what a loader yielded, so that its report reads like any other."""

from collections.abc import Mapping

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from .._batch import Origin
from ..dataset_profile import DatasetProfile
from ..profiles import Profile
from ..schema import Schema, Training
from .seen import Epoch, Seen


def profile_of(seen: Seen) -> DatasetProfile:
    """Profiles of the labels of the first epoch and of validation; all else is in `records["loader"]`.

    The rows of a profile are the samples whose labels were kept, one column: the label, or the batch number
    where there is none.
    """
    splits = {"train": _profile(seen, seen.first, "train")}
    if seen.validation is not None:
        splits["validation"] = _profile(seen, seen.validation, "validation")
    facts, first = seen.facts, seen.first
    size = facts.batch_size or (int(np.median(first.sizes)) if first is not None else 1)
    return DatasetProfile(
        splits=splits,
        schema=_schema(seen),
        training=Training(batch_size=max(size, 1), shuffled=facts.order not in ("sequential", "unknown")),
        seed=seen.seed,
        records={"loader": _records(seen)},
    )


def _records(seen: Seen) -> Mapping[str, Seen]:
    return {"train": seen}


def _schema(seen: Seen) -> Schema:
    if seen.label is None or seen.codes is None:
        return Schema()
    task = "classification" if seen.classes else "regression"
    source = f"the labels of the batches are {'few whole' if seen.classes else 'real'} numbers"
    return Schema(label=_name(seen), label_source="found in the batches", task=task, task_source=source)


def _name(seen: Seen) -> str:
    path = seen.label.path if seen.label is not None else ""
    return path if path and not path.isdigit() else "label"


def _profile(seen: Seen, epoch: Epoch | None, split: str) -> Profile:
    labels = epoch.labels if epoch is not None else None
    name = _name(seen) if labels is not None and seen.label is not None else "batch"
    values = _batch_numbers(epoch) if labels is None else _as_classes(seen, labels)
    batch = pa.record_batch({name: values})
    label = name if name != "batch" else None
    origin = Origin(part=split, fingerprint=split, row=0, label=label, seed=seen.seed)
    return Profile.of(origin.stamp(batch))


def _batch_numbers(epoch: Epoch | None) -> NDArray[np.int64]:
    return (
        np.empty(0, np.int64)
        if epoch is None
        else np.repeat(np.arange(len(epoch.sizes)), epoch.sizes)[: 1 << 20]
    )


def _as_classes(seen: Seen, labels: NDArray[np.float64]) -> pa.Array:
    if seen.label is not None and seen.label.names:
        return pa.array([seen.label.names[int(code)] for code in labels])
    return pa.array(labels.astype(np.int64) if seen.classes and np.isfinite(labels).all() else labels)
