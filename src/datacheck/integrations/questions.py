"""The five questions that hosts of data tests ask of a batch, each answered by the checkers of `profile`."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ..checking import check
from ..config import Config
from ..dataset_profile import DatasetProfile
from ..errors import ConfigError
from ..normalization import Normalization
from ..profiles import Profile
from ..report import Report
from ..schema import Schema, Training


@dataclass(frozen=True, kw_only=True)
class Question:
    """What is asked: the `checkers` that answer, and whether they hold the batch `against` a profile."""

    checkers: tuple[str, ...]
    against: bool = False


QUESTIONS: Mapping[str, Question] = {
    "std_survives": Question(
        checkers=(
            "constant-feature",
            "heavy-tail",
            "near-constant-feature",
            "non-finite-values",
            "precision-loss",
        )
    ),
    "scales_comparable": Question(checkers=("feature-scale-disparity",)),
    "labels_mixed": Question(checkers=("single-class-batches", "sorted-labels")),
    "distribution_matches": Question(
        checkers=("covariate-shift", "label-shift", "unseen-label"), against=True
    ),
    "contract_holds": Question(checkers=("schema-mismatch", "split-normalised-apart"), against=True),
}
"""By name. `contract_holds` asks for the verdict of the contract as well (`normalization-contract`)."""


@dataclass(frozen=True, kw_only=True)
class Known:
    """What the answers rest on beside the batch: how it is trained on, thresholds, and the training split."""

    training: Training = field(default_factory=Training)
    thresholds: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    reference: tuple[Profile, Schema] | None = None
    contract: Normalization | None = None


def answer(name: str, batch: DatasetProfile, known: Known) -> Report:
    """What the checkers of a question say of a batch.

    As `datacheck profile --select` says it of the batch alone, or as `datacheck check --reference --contract
    --select` does. Raises ConfigError where a question needs a profile and none is known.

    >>> from datacheck.testing import make_profile
    >>> batch = make_profile({"data": {"x": [1.0, 2.0, 4.0] * 20, "site": [7.0] * 60}})
    >>> [finding.columns for finding in answer("std_survives", batch, Known()).findings]
    [('site',)]
    """
    question = QUESTIONS[name]
    settings = Config(select=question.checkers, checkers=known.thresholds)
    if not question.against:
        return check(replace(batch, training=known.training), settings)
    if known.reference is None:
        raise ConfigError(f"{name} holds a batch against a profile; give one that datacheck saved")
    profile, schema = known.reference
    both = {"reference": profile, "new": batch.train}
    data = DatasetProfile(splits=both, schema=schema, training=known.training, seed=batch.seed)
    return check(data, settings, contract=known.contract if name == "contract_holds" else None)
