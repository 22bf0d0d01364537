"""odd-split."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from .._format import listing
from ..dataset_profile import DatasetProfile
from ..finding import Finding
from ..records.shift import Shift
from .base import Checker, Example, need

_Y = [i * 37 % 101 // 51 for i in range(300)]
_CLEAN: Mapping[str, Sequence[float]] = {"x": [float(i * 37 % 101) for i in range(300)], "y": _Y}
_MOVED: Mapping[str, Sequence[float]] = {"x": [float(i * 37 % 101) + 40 for i in range(300)], "y": _Y}


@dataclass(frozen=True, kw_only=True)
class OddSplit(Checker):
    """One evaluation split that is unlike training while another is like it.

    What it finds:
        Validation that looks like training while test does not, or the other way round.

    Why it matters for training:
        Models are chosen on validation and judged on test. When only one of the two is shifted, the two
        scores will differ for a reason that has nothing to do with the model, and early stopping follows the
        split that says the least about the other.

    How it decides:
        By the verdicts of the shift probe: exactly one of the other splits is shifted against the reference
        and the rest show nothing. The two are also compared directly; where that finds no sure difference it
        is information. Measured on clean splits it says nothing more often than the probe alarms.

    When it is wrong:
        A small split hides a shift that a large one shows; see what each could have seen.

    What to do:
        Make the splits again from one pool, or keep the shifted one and say so beside its score.

    References:
        Rabanser, Günnemann & Lipton 2019, Failing Loudly.
    """

    scope = "train"
    requires = ("shift",)
    clean = Example(splits={"train": _CLEAN, "validation": _CLEAN, "test": _CLEAN}, label="y")
    dirty = Example(splits={"train": _CLEAN, "validation": _CLEAN, "test": _MOVED}, label="y", finds=("*",))

    def check(self, data: DatasetProfile, split: str) -> Iterator[Finding]:
        """At most one finding, about the split that is the odd one."""
        need(len(data.others) >= 2, "there are not two splits to hold against training")
        records: dict[str, Shift] = {name: data.record("shift", name) for name in data.others}
        odd = [name for name, shift in records.items() if shift.shifted]
        like = [name for name, shift in records.items() if shift.kind == "none"]
        if len(odd) != 1 or not like:
            return
        shift = records[odd[0]]
        direct = {name: found for name in like if (found := _direct(records, odd[0], name)) is not None}
        apart = not direct or any(found.shifted for found in direct.values())
        yield self.finding(
            odd[0],
            "warning" if apart else "info",
            f"{listing(like)} looks like {data.reference!r}, {odd[0]!r} does not ({shift.kind} shift"
            f"{_gap(shift)}): expect another score on {odd[0]!r} than on {listing(like)}{_said(direct)}",
            evidence={
                "kind": shift.kind,
                "effects": dict(shift.effects),
                "auc": shift.auc,
                "direct": {n: {"kind": d.kind, "effects": dict(d.effects)} for n, d in direct.items()},
            },
            advice=f"Do not choose a model on the one and promise its score on {odd[0]!r}.",
        )


def _direct(records: Mapping[str, Shift], one: str, other: str) -> Shift | None:
    """The direct comparison of two splits, whichever of them holds it."""
    return records[one].beside.get(other) or records[other].beside.get(one)


def _said(direct: Mapping[str, Shift]) -> str:
    """In words, what the direct comparisons found."""
    if not direct:
        return ""
    said = [
        f"{found.kind} shift{_gap(found)} against {name!r}"
        if found.shifted
        else f"no sure difference from {name!r}"
        for name, found in direct.items()
    ]
    return "; compared directly: " + ", ".join(said)


def _gap(shift: Shift) -> str:
    key = {"label": "y", "concept": "y_given_x"}.get(shift.kind, "x")
    effect = shift.effects.get(key)
    return "" if effect is None else f", {100 * effect:.0f} points"
