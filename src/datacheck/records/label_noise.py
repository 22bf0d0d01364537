"""What the label-noise probe found: how many labels are wrong, which, and what they should be."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

NoiseModel = Literal["permutation", "uniform", "confusion"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Noise:
    """Share of labels that look exchanged for others, with its 90 % interval; `log_odds` in nats against
    none."""

    fraction: float
    interval: tuple[float, float]
    log_odds: float = 0.0

    def to_json(self) -> dict[str, Any]:
        """The estimate as report.json writes it."""
        return {"fraction": self.fraction, "interval": list(self.interval)}


@dataclass(frozen=True, kw_only=True, slots=True)
class Suspect:
    """A row of the split whose label is probably wrong; `score` is the chance of that, `suggested` a
    better label."""

    row: int
    score: float
    given: Any
    suggested: Any


@dataclass(frozen=True, kw_only=True, slots=True)
class Confusion:
    """About `rows` rows labelled `given` look like `suggested`."""

    given: Any
    suggested: Any
    rows: float


@dataclass(frozen=True, kw_only=True, slots=True)
class LabelNoise:
    """Share of wrong labels and a score for each row.

    `model` says where wrong labels come from: other rows ('permutation'), any class alike ('uniform') or
    preferred classes ('confusion'). `suspects` are the worst rows, `confusions` the most frequent
    exchanges. `rows`, `scores` and `suggested`, shape (n_used,), stay in memory: positions in the split,
    chances of a wrong label, better labels.
    """

    noise: Noise
    model: NoiseModel
    n_used: int
    seed: int
    suspects: tuple[Suspect, ...] = ()
    confusions: tuple[Confusion, ...] = ()
    rows: npt.NDArray[np.int64] = field(compare=False, repr=False)
    scores: npt.NDArray[np.float64] = field(compare=False, repr=False)
    suggested: npt.NDArray[np.object_] = field(compare=False, repr=False)

    def to_json(self) -> dict[str, Any]:
        """The record as report.json writes it: no scores but those of the listed suspects."""
        return {
            **self.noise.to_json(),
            "model": self.model,
            "n_used": self.n_used,
            "seed": self.seed,
            "suspects": [[s.row, round(s.score, 6), s.given, s.suggested] for s in self.suspects],
            "confusions": [[c.given, c.suggested, round(c.rows, 1)] for c in self.confusions],
        }
