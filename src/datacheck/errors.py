"""Every error that datacheck raises on purpose.

    DatacheckError
    ├── InputError        a path, a file or a dataframe that cannot be read or makes no dataset
    ├── ConfigError       an option or a key of [tool.datacheck] that does not exist or has no sensible value
    ├── ContractError     a normalization contract that is damaged or does not fit the data
    ├── FormatError       a file of ours (profile, report) that is damaged or too new
    ├── MergeError        two profiles that must not be added: the same part twice, or other columns
    ├── MissingExtraError an optional package that a feature needs
    └── NotApplicable     a checker's answer when its question has no meaning for these data

A message says what was given, what was expected and what to do next.
"""

import difflib
from collections.abc import Iterable


class DatacheckError(Exception):
    """Base of every error that datacheck raises on purpose; the command line prints it and exits with 2."""


class InputError(DatacheckError):
    """A path, a file or a dataframe that cannot be read or makes no dataset."""


class ConfigError(DatacheckError):
    """An option or a configuration key that does not exist or has no sensible value."""


class ContractError(DatacheckError):
    """A normalization contract that is damaged or does not fit the data."""


class FormatError(DatacheckError):
    """A file written by datacheck that is damaged, or newer than this version reads."""


class MergeError(DatacheckError):
    """Two profiles that must not be added: they share a part, or have different columns."""


class MissingExtraError(DatacheckError):
    """An optional package that a feature needs and that is not installed.

    >>> str(MissingExtraError("torch", extra="torch"))
    "torch is not installed; this needs it: pip install 'datacheck-ml[torch]'"
    """

    def __init__(self, package: str, *, extra: str) -> None:
        super().__init__(f"{package} is not installed; this needs it: pip install 'datacheck-ml[{extra}]'")


class NotApplicable(DatacheckError):
    """A checker's question has no meaning for these data; the message says why."""


def nearest(name: str, valid: Iterable[str]) -> str:
    """The end of an error message: the closest valid name, else all of them.

    >>> nearest("presicion", ["precision", "batch_size"])
    "did you mean 'precision'?"
    >>> nearest("zzz", ["precision", "batch_size"])
    'expected one of: batch_size, precision'
    """
    names = sorted(valid)
    close = difflib.get_close_matches(name, names, n=1)
    return f"did you mean {close[0]!r}?" if close else "expected one of: " + ", ".join(names)
