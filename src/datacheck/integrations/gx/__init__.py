"""Suites for great_expectations, written from a profile, and five expectations that ask our checkers.

Importing this package registers the expectations: without it great_expectations drops them from a suite with
no more than a line in its log, and validates what is left.
"""

import os

from .. import need

# versions before 1.9 were not looked at; since then there is no telemetry left to switch off
os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")
need("great_expectations", "gx")

from .expectations import (  # noqa: E402
    ExpectColumnDistributionToMatchProfile,
    ExpectColumnStdToSurviveNormalization,
    ExpectFeatureScalesToBeComparable,
    ExpectLabelsToBeMixedAcrossBatches,
    ExpectTableToMatchNormalizationContract,
)
from .project import export  # noqa: E402
from .running import Found, Outcome, Unmet, findings, load_suite, run  # noqa: E402

__all__ = [
    "ExpectColumnDistributionToMatchProfile",
    "ExpectColumnStdToSurviveNormalization",
    "ExpectFeatureScalesToBeComparable",
    "ExpectLabelsToBeMixedAcrossBatches",
    "ExpectTableToMatchNormalizationContract",
    "Found",
    "Outcome",
    "Unmet",
    "export",
    "findings",
    "load_suite",
    "run",
]
