"""The function that makes a loader, from its name on the command line."""

import importlib
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ..errors import InputError, nearest


def load_factory(name: str) -> Callable[[], Any]:
    """The function `module:function`, imported with the working directory on the path.

    The function takes no arguments and returns a DataLoader, or a pair of training and validation loader.
    Raises InputError for a name of another form, a module or function that does not exist, and what is no
    function; what the module raises while it is imported is passed on.

    >>> load_factory("collections:OrderedDict")()
    OrderedDict()
    """
    module_name, colon, path = name.partition(":")
    if not (module_name and colon and path):
        raise InputError(f"{name!r} names no function; expected module:function, as in project.data:loader")
    value = _module(module_name)
    for part in path.split("."):
        if not hasattr(value, part):
            known = [known for known in vars(value) if not known.startswith("_")]
            raise InputError(f"{module_name} has no function {path!r}; {nearest(part, known)}")
        value = getattr(value, part)
    if not callable(value):
        raise InputError(f"{name} is a {type(value).__name__}; expected a function that returns a DataLoader")
    return value  # type: ignore[no-any-return]


def make_loaders(name: str) -> tuple[Any, Any]:
    """The training loader that `module:function` makes, and the validation loader if it returns a pair."""
    made = load_factory(name)()
    return made if isinstance(made, tuple) and len(made) == 2 else (made, None)


def _module(name: str) -> Any:
    here = str(Path.cwd())
    if here not in sys.path:
        sys.path.insert(0, here)
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{name}.".startswith(f"{error.name}."):
            raise
        raise InputError(
            f"there is no module {error.name!r} in {here} or on the Python path; "
            "expected module:function, run where the module can be imported"
        ) from error
