"""Reads the docstring that stands under a field."""

import ast
import inspect
import textwrap


def attribute_docs(cls: type) -> dict[str, str]:
    """The string under each annotated field of a class, by the field's name.

    >>> class Box:
    ...     width: int = 1
    ...     '''In metres.'''
    """
    body = next(
        n for n in ast.walk(ast.parse(textwrap.dedent(inspect.getsource(cls)))) if isinstance(n, ast.ClassDef)
    )
    pairs = zip(body.body, body.body[1:], strict=False)
    return {
        field.target.id: inspect.cleandoc(text.value.value)
        for field, text in pairs
        if isinstance(field, ast.AnnAssign)
        and isinstance(field.target, ast.Name)
        and isinstance(text, ast.Expr)
        and isinstance(text.value, ast.Constant)
        and isinstance(text.value.value, str)
    }
