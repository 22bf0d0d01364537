import inspect
import subprocess
import sys

import pytest

import datacheck as dc


def test_all_is_sorted_and_complete() -> None:
    assert dc.__all__ == sorted(dc.__all__)
    assert set(dc.__all__) == set(dc._HOME)


@pytest.mark.parametrize(
    "name", [n for n in dc.__all__ if n not in ("audit_loader", "watch", "memorization_probe")]
)
def test_every_public_name_has_a_docstring(name: str) -> None:
    assert inspect.getdoc(getattr(dc, name))


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'profiel'"):
        dc.profiel  # noqa: B018


def test_import_pulls_in_nothing_heavy() -> None:
    code = "import datacheck, sys; print(sorted({m.split('.')[0] for m in sys.modules}))"

    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout

    for heavy in ("torch", "pandas", "scipy", "sklearn", "great_expectations", "jinja2", "rich", "typer"):
        assert f"'{heavy}'" not in loaded


def test_using_the_api_leaves_its_names_in_place() -> None:
    code = (
        "import datacheck as dc, pyarrow as pa\n"
        "for _ in range(2):\n"
        "    report = dc.profile(pa.table({'x': [1.0, 2.0]}))\n"
        "    dc.check(report.profile)\n"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
