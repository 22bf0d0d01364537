"""`audit_loader`: a DataLoader iterated in its own order, and what that shows."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
from torch.utils.data import DataLoader

from ..errors import ConfigError, InputError
from ..report import Report
from .describe import base, describe
from .drive import Caught, Progress, run_epoch
from .judge import judge
from .randomness import unchanged
from .recorder import Recorder
from .seen import Epoch, Facts, Seen
from .spy import spied
from .worker_draws import close, draw_in_workers


def audit_loader(
    loader: Any,
    *,
    epochs: int = 2,
    max_batches: int | None = None,
    label: str | int | None = None,
    val_loader: Any = None,
    seed: int = 0,
    progress: Progress | None = None,
) -> Report:
    """What a training loader does to its data: order, composition, coverage, worker randomness, values,
    batches.

    `loader` is a torch DataLoader, any iterable of batches that can be iterated again, or a Lightning
    DataModule that is set up. It is iterated `epochs` times, at most `max_batches` batches each (a loader
    without a length stops after 10,000), in its own order and with its own workers; afterwards every random
    state is what it was, and no worker of the audit is left. A sampler with `set_epoch` is told the epoch, as
    a training loop must do. `label` names the label's place in a batch ("1", "target", "meta.label") where
    it is not found. `progress` is called with the epoch, the batches taken and their number if known.
    Means use every value of a batch; ranges and content hashes about 512 values of a sample.

    Raises InputError for what is no loader, and ConfigError for numbers below 1. What the loader itself
    raises is a finding.

    >>> import torch
    >>> from torch.utils.data import DataLoader, TensorDataset
    >>> data = TensorDataset(torch.linspace(-1, 1, 640).reshape(160, 4), torch.arange(160) // 40)
    >>> report = audit_loader(DataLoader(data, batch_size=16))
    >>> sorted({f.checker for f in report.findings if f.severity == "error"})
    ['loader-composition', 'loader-order']
    """
    loader, val_loader = _loaders(loader, val_loader)
    _check_numbers(epochs, max_batches)
    facts = describe(loader)
    recorder = Recorder(facts, label)
    with unchanged(loader, *([] if val_loader is None else [val_loader])):
        passes = tuple(_passes(loader, recorder, epochs, max_batches, progress))
        seen = Seen(facts=facts, epochs=passes, opaque=recorder.opaque, seed=seed)
        if not recorder.failures:
            seen = replace(seen, draws=draw_in_workers(loader, facts, label))
        if val_loader is not None:
            seen = _with_validation(seen, loader, val_loader, label, max_batches, recorder)
    return judge(finished(seen, recorder))


def finished(seen: Seen, recorder: Recorder) -> Seen:
    """The record with what the recorder learned of labels and failures."""
    named = None if recorder.label is None else replace(recorder.label, names=recorder.names)
    return replace(seen, label=named, failures=tuple(recorder.failures) + seen.failures)


def _passes(
    loader: Any, recorder: Recorder, epochs: int, max_batches: int | None, progress: Progress | None
) -> Iterator[Epoch]:
    copy, noting = spied(loader)
    try:
        for epoch in range(epochs):
            tell_epoch(loader, epoch)
            yield run_epoch(copy, noting, recorder, epoch=epoch, max_batches=max_batches, progress=progress)
            if any(failure.kind in ("raised", "empty", "exhausted") for failure in recorder.failures):
                return
    finally:
        if copy is not loader:
            close(copy)


def tell_epoch(loader: Any, epoch: int) -> None:
    """Tells the samplers the epoch, where they ask for it."""
    batches = getattr(loader, "batch_sampler", None)
    for sampler in (getattr(loader, "sampler", None), batches, getattr(batches, "sampler", None)):
        set_epoch = getattr(sampler, "set_epoch", None)
        if callable(set_epoch):
            set_epoch(epoch)


def _with_validation(
    seen: Seen,
    loader: Any,
    val_loader: Any,
    label: str | int | None,
    max_batches: int | None,
    train: Recorder,
) -> Seen:
    facts = describe(val_loader)
    recorder = Recorder(facts, label, split="validation")
    recorder.share_names(train)
    passes = tuple(_passes(val_loader, recorder, 1, max_batches, None))
    return replace(
        seen,
        validation=passes[0] if passes and passes[0].samples else None,
        validation_facts=facts,
        shared_indices=_shared(seen, loader, facts, val_loader, passes),
        failures=seen.failures + tuple(recorder.failures),
    )


def _shared(seen: Seen, loader: Any, facts: Facts, val_loader: Any, passes: tuple[Epoch, ...]) -> int | None:
    """Rows of one dataset that both loaders draw; None unless both draw from the same dataset by index."""
    if seen.first is None or not passes or not (facts.base and facts.base == seen.facts.base):
        return None
    if not (seen.first.kept.indexed and passes[0].kept.indexed):
        return None
    drawn = [_rows(loader, seen.first), _rows(val_loader, passes[0])]
    return len(np.intersect1d(*drawn))


def _rows(loader: Any, epoch: Epoch) -> Any:
    rows = base(loader.dataset)[1]
    return epoch.kept.index if rows is None else rows[epoch.kept.index]


def _loaders(loader: Any, val_loader: Any) -> tuple[Any, Any]:
    """The loaders themselves, out of a DataModule too; raises InputError for what cannot be audited."""
    if callable(getattr(loader, "train_dataloader", None)):
        module, loader = loader, _made(loader, "train_dataloader")
        if val_loader is None and callable(getattr(module, "val_dataloader", None)):
            val_loader = _made(module, "val_dataloader")
    val_loader = _only(val_loader)
    for what in (loader, *([] if val_loader is None else [val_loader])):
        check_iterable(what)
    return loader, val_loader


def _only(val_loader: Any) -> Any:
    """A validation loader, out of the list of one that a DataModule may give."""
    if not isinstance(val_loader, (list, tuple)) or not any(
        isinstance(one, DataLoader) for one in val_loader
    ):
        return val_loader
    if len(val_loader) > 1:
        raise InputError(f"there are {len(val_loader)} validation loaders; pass one of them as val_loader=")
    return val_loader[0]


def check_iterable(loader: Any) -> None:
    """Raises InputError for what is no loader, and for an iterator, which the audit would use up."""
    kind = type(loader).__name__
    if not hasattr(loader, "__iter__") and not hasattr(loader, "__getitem__"):
        raise InputError(f"a {kind} is no loader; expected a torch DataLoader or an iterable of batches")
    if hasattr(loader, "__next__"):
        raise InputError(
            f"a {kind} can be iterated only once, and the audit would use it up; "
            "pass the DataLoader itself, or an object whose __iter__ starts again"
        )


def _made(module: Any, name: str) -> Any:
    caught = Caught()
    with caught:
        return getattr(module, name)()
    raise InputError(
        f"{type(module).__name__}.{name}() failed: {caught.error}; call prepare_data() and setup('fit') first"
    ) from caught.error


def _check_numbers(epochs: int, max_batches: int | None) -> None:
    for name, value in (("epochs", epochs), ("max_batches", max_batches)):
        if value is not None and (type(value) is not int or value < 1):
            raise ConfigError(f"{name} is {value!r}; expected a whole number, 1 or more")
