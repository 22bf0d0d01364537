import ast
import inspect
from dataclasses import fields
from pathlib import Path

import pytest

from datacheck import checkers
from datacheck.checkers.base import Checker
from datacheck.config import checker_classes
from datacheck.testing import check_checker

SECTIONS = (
    "What it finds",
    "Why it matters for training",
    "How it decides",
    "When it is wrong",
    "What to do",
    "References",
)
CHECKERS = list(checker_classes().values())


@pytest.mark.parametrize("cls", CHECKERS, ids=lambda cls: cls.name)
def test_examples_are_judged_rightly_under_every_chunking(cls: type[Checker]) -> None:
    check_checker(cls)


@pytest.mark.parametrize("cls", CHECKERS, ids=lambda cls: cls.name)
def test_docstring_has_every_section_in_order(cls: type[Checker]) -> None:
    doc = inspect.getdoc(cls) or ""

    places = [doc.find(f"\n{section}:\n") for section in SECTIONS]

    assert -1 not in places, f"missing: {SECTIONS[places.index(-1)]}"
    assert places == sorted(places)


@pytest.mark.parametrize("cls", CHECKERS, ids=lambda cls: cls.name)
def test_name_is_file_name_is_class_name(cls: type[Checker]) -> None:
    file = Path(inspect.getfile(cls))

    assert file.stem.replace("_", "-") == cls.name
    assert file.parent == Path(checkers.__path__[0])


@pytest.mark.parametrize("cls", CHECKERS, ids=lambda cls: cls.name)
def test_every_threshold_says_where_it_comes_from(cls: type[Checker]) -> None:
    node = next(n for n in ast.walk(ast.parse(inspect.getsource(cls))) if isinstance(n, ast.ClassDef))
    documented = {
        first.target.id
        for first, second in zip(node.body, node.body[1:], strict=False)
        if isinstance(first, ast.AnnAssign)
        and isinstance(first.target, ast.Name)
        and isinstance(second, ast.Expr)
        and isinstance(second.value, ast.Constant)
    }

    assert {field.name for field in fields(cls)} <= documented
