"""Doctests of hosts: one with an environment of its own is run there (see the Makefile)."""

from importlib.util import find_spec

import pytest

collect_ignore = [] if find_spec("airflow") else ["datacheck/integrations/airflow.py"]


def pytest_configure(config: pytest.Config) -> None:
    # great_expectations imports modules that Python 3.11 deprecates
    config.addinivalue_line("filterwarnings", "ignore:module 'sre_:DeprecationWarning")
