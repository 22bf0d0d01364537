"""Doctests of hosts: one with an environment of its own is run there (see the Makefile)."""

from importlib.util import find_spec

import pytest

_HOSTS = {"airflow": ("integrations/airflow.py",), "pyspark": ("engines/spark.py", "sources/spark.py")}
collect_ignore = [
    f"datacheck/{path}" for host, paths in _HOSTS.items() if not find_spec(host) for path in paths
]


def pytest_configure(config: pytest.Config) -> None:
    # great_expectations imports modules that Python 3.11 deprecates
    config.addinivalue_line("filterwarnings", "ignore:module 'sre_:DeprecationWarning")
