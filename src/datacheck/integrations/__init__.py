"""datacheck as a step of other tools: one package or file for each host, imported only on use."""

import re
from importlib import import_module
from typing import Any

from ..errors import DatacheckError, MissingExtraError, nearest

# the floors of pyproject.toml, which the test compares: the metadata of an installation may be older
OLDEST = {
    "great_expectations": "1.13",
    "pandera": "0.31.1",
    "mlflow": "3",
    "airflow": "3.0",
    "pyspark": "4.0",
}


_HOSTS = ("airflow", "gx", "mlflow", "pandera", "pytest_plugin")


def __getattr__(name: str) -> Any:
    """A host's package when it is used: `datacheck.integrations.mlflow`."""
    if name not in _HOSTS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}; {nearest(name, _HOSTS)}")
    return import_module(f"{__name__}.{name}")


def need(module: str, extra: str) -> Any:
    """A module of an optional host; raises DatacheckError, with the command that installs it, where it is
    missing, older than datacheck works with, or does not import.

    >>> need("json", "gx").__name__
    'json'
    >>> need("no_such_host", "gx")
    Traceback (most recent call last):
    datacheck.errors.MissingExtraError: no_such_host is not installed; this needs it: pip install 'datacheck-ml[gx]'
    """
    package = module.split(".")[0]
    try:
        found = import_module(package)
    except ModuleNotFoundError as error:
        if error.name != package:
            raise _unusable(module, extra, error) from error
        raise MissingExtraError(package, extra=extra) from error
    except ImportError as error:
        raise _unusable(module, extra, error) from error
    _check_version(package, str(getattr(found, "__version__", "")), extra)
    try:
        return import_module(module)
    except ImportError as error:
        raise _unusable(module, extra, error) from error


def _check_version(package: str, version: str, extra: str) -> None:
    oldest = OLDEST.get(package)
    if oldest is not None and _numbers(version) < _numbers(oldest):
        raise DatacheckError(
            f"{package} {version or 'of unknown version'} is installed; this needs {oldest} or newer: "
            f"pip install 'datacheck-ml[{extra}]'"
        )


def _numbers(version: str) -> list[int]:
    """The leading numbers of a version, without trailing zeros: what follows them is a pre-release.

    >>> _numbers("0.31.1"), _numbers("3.0rc1"), _numbers("")
    ([0, 31, 1], [3], [])
    """
    numbers = [int(number) for number in re.findall(r"\d+", re.split(r"[^\d.]", version)[0])]
    while numbers and not numbers[-1]:
        numbers.pop()
    return numbers


def _unusable(module: str, extra: str, error: ImportError) -> DatacheckError:
    return DatacheckError(
        f"{module} is installed but does not import ({error}); install what it works with: "
        f"pip install 'datacheck-ml[{extra}]'"
    )
