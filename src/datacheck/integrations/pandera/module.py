"""A schema as a Python module, formatted by ourselves: pandera's own `to_script` needs black."""

from collections.abc import Iterator, Mapping
from typing import Any

from ..basis import Basis
from .schema import columns, questions

_PATHS = ("profile", "contract")


def module(basis: Basis, backend: str, title: str) -> str:
    """The module's text; the files beside it are found wherever the folder is moved."""
    return "\n".join([*_head(backend, title), *_body(basis), ""])


def _head(backend: str, title: str) -> Iterator[str]:
    yield f'"""{title}"""'
    yield ""
    yield "from pathlib import Path"
    yield ""
    yield f"import pandera.{backend} as pa"
    yield ""
    yield "from datacheck.integrations.pandera import whole  # registers the checks of datacheck as well"
    yield ""
    yield "HERE = Path(__file__).parent"
    yield ""


def _body(basis: Basis) -> Iterator[str]:
    yield "schema = whole("
    yield "    pa.DataFrameSchema("
    yield "        columns={"
    for name, column in columns(basis).items():
        yield f"            {name!r}: pa.Column("
        yield "                nullable=True,"
        yield f"                description={column.why!r},"
        yield "                checks=["
        yield from _checks(column.checks, 20)
        yield "                ],"
        yield "            ),"
    yield "        },"
    yield "        checks=["
    yield from _checks(questions(basis), 12)
    yield "        ],"
    yield f"        strict={basis.complete},"
    yield "    )"
    yield ")"


def _checks(checks: Mapping[str, Mapping[str, Any]], indent: int) -> Iterator[str]:
    for name, told in checks.items():
        yield f"{' ' * indent}pa.Check.{name}("
        for key, value in told.items():
            shown = f"str(HERE / {value!r})" if key in _PATHS else repr(value)
            yield f"{' ' * indent}    {key}={shown},"
        yield f"{' ' * indent}),"
