"""Finds the classes that a package's modules define: no registry, a file is enough."""

import importlib
import pkgutil
from types import ModuleType
from typing import Any


def classes(package: ModuleType, base: Any) -> list[Any]:
    """Concrete subclasses of `base` defined in the modules of `package`, in the order of their file names."""
    names = sorted(
        info.name for info in pkgutil.iter_modules(package.__path__) if not info.name.startswith("_")
    )
    modules = [importlib.import_module(f"{package.__name__}.{name}") for name in names]
    return [cls for module in modules for cls in vars(module).values() if _defined_here(cls, module, base)]


def _defined_here(cls: object, module: ModuleType, base: type) -> bool:
    return (
        isinstance(cls, type)
        and issubclass(cls, base)
        and cls.__module__ == module.__name__
        and not getattr(cls, "__abstractmethods__", None)
        and cls is not base
    )


def kebab(name: str) -> str:
    """The public name of a class.

    >>> kebab("ConstantFeature")
    'constant-feature'
    """
    return "".join(f"-{c.lower()}" if c.isupper() else c for c in name).lstrip("-")
