"""Runs with and without Airflow: the host is hidden, or dressed up as an old one."""

import sys
from types import SimpleNamespace

import pytest

from datacheck.errors import DatacheckError, MissingExtraError


@pytest.fixture
def host(monkeypatch):
    def hide(module):
        monkeypatch.delitem(sys.modules, "datacheck.integrations.airflow", raising=False)
        monkeypatch.setitem(sys.modules, "airflow", module)

    return hide


def test_without_airflow_the_import_says_what_to_install(host):
    host(None)

    with pytest.raises(
        MissingExtraError, match=r"airflow is not installed.*pip install 'datacheck-ml\[airflow\]'"
    ):
        import datacheck.integrations.airflow  # noqa: F401


def test_an_airflow_that_is_too_old_is_named_with_what_to_install(host):
    host(SimpleNamespace(__version__="2.10.5"))

    with pytest.raises(
        DatacheckError, match=r"airflow 2.10.5 .*3.0 or newer: pip install 'datacheck-ml\[airflow\]'"
    ):
        import datacheck.integrations.airflow  # noqa: F401
