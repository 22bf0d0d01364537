"""Learning curves on the given labels against the same labels shuffled."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import Any


@dataclass(frozen=True, kw_only=True, slots=True)
class LearningCurve:
    """Mean accuracy (classes) or R2 (numbers) of a group of networks after each epoch, on rows seen and
    held out."""

    train: tuple[float, ...]
    held_out: tuple[float, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class KernelCurves:
    """Training loss of an infinitely wide network, as a share of the loss at the start, at growing step
    counts.

    `ratio`: steps to half the loss, shuffled over given. `z`: y'H^-1 y of the given labels in standard
    deviations below shuffled ones. Arora et al. 2019.
    """

    steps: tuple[float, ...]
    given: tuple[float, ...]
    permuted: tuple[float, ...]
    ratio: float
    z: float
    p_value: float

    def picture(self) -> dict[str, Any]:
        """What a report draws: every third point of both curves, over steps on a log axis."""
        curves = {"these labels": self.given[::3], "the same labels shuffled": self.permuted[::3]}
        return {
            "curves": {name: list(values) for name, values in curves.items()},
            "steps": list(self.steps[::3]),
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class Memorization:
    """What networks of one size do with these labels, and with the same labels shuffled.

    `epochs_given` and `epochs_permuted` are the mean epochs to 90 % of a perfect fit on the rows seen;
    None when `epochs` of them did not suffice. `z`: how many standard deviations of shuffled labels the
    given ones are learnt faster. `metric` is 'accuracy' or 'R2'.
    """

    metric: str
    given: LearningCurve
    permuted: LearningCurve
    epochs: int
    epochs_given: float | None
    epochs_permuted: float | None
    z: float
    networks: int
    parameters: int
    n_used: int
    seed: int
    device: str
    kernel: KernelCurves | None = None

    @property
    def ratio(self) -> float | None:
        """How many times faster the given labels are fitted; a lower bound when shuffled ones never were."""
        if self.epochs_given is None:
            return None
        return (self.epochs_permuted or float(self.epochs)) / max(self.epochs_given, 0.5)

    @property
    def sentence(self) -> str:
        """What to tell a person."""
        slow = self.epochs_permuted is None
        memory = (
            f"does not memorise shuffled labels within {self.epochs} epochs"
            if slow
            else f"memorises these labels in {self.epochs_permuted:.0f} epochs whether or not they are right"
        )
        if self.ratio is None:
            return f"A network of this size {memory}; it does not fit yours either."
        speed = f"{'at least ' if slow else ''}{self.ratio:.1f} times as fast as on shuffled ones"
        return f"A network of this size {memory}; on yours it learns {speed}."

    def _repr_html_(self) -> str:
        """The learning curves as notebooks show them."""
        notebook = import_module("datacheck.reporters.notebook")
        return str(notebook.memorization_html(self))

    def to_json(self) -> dict[str, Any]:
        """The record as report.json writes it."""
        plain = {name: getattr(self, name) for name in _PLAIN}
        kernel = self.kernel
        return {
            **plain,
            "given": {"train": list(self.given.train), "held_out": list(self.given.held_out)},
            "permuted": {"train": list(self.permuted.train), "held_out": list(self.permuted.held_out)},
            "kernel": kernel and {"ratio": kernel.ratio, "z": kernel.z, "p_value": kernel.p_value},
        }


_PLAIN = (
    "metric", "epochs", "epochs_given", "epochs_permuted", "ratio", "z",
    "networks", "parameters", "n_used", "seed", "device", "sentence",
)  # fmt: skip
