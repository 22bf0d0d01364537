"""What the label probes found: verdict, stretches, noise, and the curves that a report draws."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from datacheck.records.label_noise import LabelNoise, Noise
from datacheck.records.memorization import KernelCurves

Verdict = Literal["aligned", "no evidence", "offset", "block", "partial"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Block:
    """A stretch of rows [first, last) whose labels do not belong to them.

    `kind` is 'shuffled' or 'offset'; of an offset block, the label of row i sits at y[i + offset]. `file`
    is the source file that the stretch fills, where there is one. `log_odds` in nats, for misaligned
    against aligned.
    """

    first: int
    last: int
    kind: Literal["shuffled", "offset"]
    offset: int | None = None
    file: str | None = None
    log_odds: float = 0.0

    def to_json(self) -> dict[str, Any]:
        """The block as report.json writes it."""
        return {"rows": [self.first, self.last], "kind": self.kind, "offset": self.offset, "file": self.file}


@dataclass(frozen=True, kw_only=True, slots=True)
class OffsetCurve:
    """Fit of features to the labels k rows on, in standard deviations of the fit at far shifts: plot data.

    `peak` is the best offset, `threshold` the largest value at any far shift.
    """

    offsets: tuple[int, ...]
    strength: tuple[float, ...]
    peak: int
    threshold: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Strip:
    """Mean log-likelihood ratio of the labels given their rows, nats a row, for stretches of rows: plot
    data."""

    starts: tuple[int, ...]
    nats: tuple[float, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Alignment:
    """Do the labels belong to the samples?

    `offset`: the label of row i sits at y[i + offset]; None unless that is the verdict. `p_value` of
    independence, `detectable_r2`: the share of label variance that would have been seen with 90 % power.
    `learning`: how fast a network learns these labels and shuffled ones, where there is no evidence.
    `suspicion`, shape (rows,): log-odds in nats that the label of a row is not its own; kept in memory,
    never written.
    """

    verdict: Verdict
    reason: str
    offset: int | None = None
    blocks: tuple[Block, ...] = ()
    label_noise: LabelNoise | None = field(default=None, compare=False, repr=False)
    p_value: float | None = None
    detectable_r2: float | None = None
    n_used: int = 0
    seed: int = 0
    curve: OffsetCurve | None = None
    strip: Strip | None = None
    learning: KernelCurves | None = None
    suspicion: npt.NDArray[np.float64] | None = field(default=None, compare=False, repr=False)

    @property
    def noise(self) -> Noise | None:
        """Share of wrong labels, where labels are aligned."""
        return self.label_noise.noise if self.label_noise else None

    @property
    def label(self) -> str:
        """The verdict in the words of the documentation.

        >>> Alignment(verdict="offset", offset=1, reason="").label
        'offset 1'
        """
        return f"offset {self.offset}" if self.verdict == "offset" else self.verdict

    def to_json(self) -> dict[str, Any]:
        """The record as report.json writes it.

        >>> Alignment(verdict="aligned", reason="", p_value=1e-9, n_used=500).to_json()["verdict"]
        'aligned'
        """
        return {
            "verdict": self.label,
            "reason": self.reason,
            "offset": self.offset,
            "blocks": [block.to_json() for block in self.blocks],
            "noise": self.noise.to_json() if self.noise else None,
            "p_value": self.p_value,
            "detectable_r2": self.detectable_r2,
            "n_used": self.n_used,
            "seed": self.seed,
        }
