"""`nox`: the core of the suite with every interpreter that exists here, without the extras."""

import nox

nox.options.error_on_missing_interpreters = False
CORE = (
    "tests/test_*.py",
    "tests/sources",
    "tests/normalization",
    "tests/reporters",
    "tests/checkers",
    "tests/hostile",
)


@nox.session(python=["3.11", "3.12", "3.13"])
def core(session: nox.Session) -> None:
    """Installs the wheel with its run-time dependencies and Pillow, and runs what needs no more."""
    session.install("--constraint", "constraints.txt", ".[images]")
    session.install(
        "--constraint", "constraints.txt", "pytest", "hypothesis", "jsonschema", "polars", "duckdb"
    )
    session.run("sh", "-c", f"python -m pytest -q -m 'not slow' {' '.join(CORE)}", external=True)
