"""datacheck: will this data break my training, and where?

>>> import pyarrow as pa
>>> import datacheck as dc
>>> report = dc.profile(pa.table({"x": [1.0, 2.0, 4.0] * 20, "site": [7.0] * 60}))
>>> [(finding.checker, finding.columns) for finding in report.findings if finding.severity == "error"]
[('constant-feature', ('site',))]
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from .checkers.base import Checker
    from .checking import check
    from .config import Config
    from .dataset_profile import DatasetProfile
    from .errors import (
        ConfigError,
        ContractError,
        DatacheckError,
        FormatError,
        InputError,
        MergeError,
        MissingExtraError,
        NotApplicable,
    )
    from .finding import Finding, Severity
    from .loader.audit import audit_loader
    from .loader.watch import watch
    from .normalization import Normalization
    from .probes.alignment import check_alignment
    from .probes.label_noise import estimate_label_noise
    from .probes.memorization import memorization_probe
    from .profiles import Profile
    from .report import Report
    from .run import compare, profile
    from .schema import Schema, Training

# the module of each public name: they are imported when they are used, so that `import datacheck` stays light
_HOME = {
    "Checker": "checkers.base",
    "Config": "config",
    "ConfigError": "errors",
    "ContractError": "errors",
    "DatacheckError": "errors",
    "DatasetProfile": "dataset_profile",
    "Finding": "finding",
    "FormatError": "errors",
    "InputError": "errors",
    "MergeError": "errors",
    "MissingExtraError": "errors",
    "Normalization": "normalization",
    "NotApplicable": "errors",
    "Profile": "profiles",
    "Report": "report",
    "Schema": "schema",
    "Severity": "finding",
    "Training": "schema",
    "audit_loader": "loader.audit",
    "check": "checking",
    "check_alignment": "probes.alignment",
    "compare": "run",
    "estimate_label_noise": "probes.label_noise",
    "memorization_probe": "probes.memorization",
    "profile": "run",
    "watch": "loader.watch",
}

__all__ = [
    "Checker",
    "Config",
    "ConfigError",
    "ContractError",
    "DatacheckError",
    "DatasetProfile",
    "Finding",
    "FormatError",
    "InputError",
    "MergeError",
    "MissingExtraError",
    "Normalization",
    "NotApplicable",
    "Profile",
    "Report",
    "Schema",
    "Severity",
    "Training",
    "audit_loader",
    "check",
    "check_alignment",
    "compare",
    "estimate_label_noise",
    "memorization_probe",
    "profile",
    "watch",
]


def __getattr__(name: str) -> Any:
    if name == "integrations":
        return import_module(f"{__name__}.integrations")
    if name not in _HOME:
        raise AttributeError(f"module 'datacheck' has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
