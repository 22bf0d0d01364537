"""Doctests of modules whose host has an environment of its own run there: see the Makefile."""

from importlib.util import find_spec

collect_ignore = [] if find_spec("airflow") else ["datacheck/integrations/airflow.py"]
