"""`[tool.datacheck]` of pyproject.toml."""

import os
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, dataclass, field, fields, replace
from functools import cache
from pathlib import Path
from typing import Any, Self

from . import checkers
from ._discover import classes
from .checkers.base import Checker
from .engines.assemble import TASKS
from .errors import ConfigError, nearest
from .finding import Finding, Severity
from .report import FAIL_ON
from .sources.opening import ON_BAD_FILE

PRECISIONS = ("float32", "float16", "bfloat16", "float64")

MOST_THUMBNAILS = 60
"""Images of a split shown at most: 12 kB each before compression."""


@dataclass(frozen=True, kw_only=True)
class Waiver:
    """Accepts the findings of a checker, in one column or split if named, for a reason that is printed."""

    checker: str
    reason: str
    column: str | None = None
    split: str | None = None

    def covers(self, finding: Finding) -> bool:
        """Whether the finding is accepted: a waiver for a column covers only what names no other column."""
        return (
            finding.checker == self.checker
            and (self.column is None or finding.columns == (self.column,))
            and (self.split is None or finding.split == self.split)
        )


@dataclass(frozen=True, kw_only=True)
class Config:
    """Everything that can be set; the defaults suit a first run."""

    label: str | None = None
    task: str | None = None
    split_column: str | None = None
    group: str | None = None
    time: str | None = None
    batch_size: int = 32
    precision: str = "float32"
    shuffled: bool | None = None
    seed: int = 0
    fail_on: str = "error"
    on_bad_file: str = "error"
    cache: bool = True
    out: str = "datacheck-report"
    thumbnails: int = 0
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    severity: Mapping[str, str] = field(default_factory=dict)
    checkers: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    features: Mapping[str, Any] = field(default_factory=dict)
    waivers: tuple[Waiver, ...] = ()

    def __post_init__(self) -> None:
        _one_of("precision", self.precision, PRECISIONS)
        _one_of("fail-on", self.fail_on, FAIL_ON)
        _one_of("on-bad-file", self.on_bad_file, ON_BAD_FILE)
        _one_of("task", self.task, (*TASKS, None))
        if self.group is not None and self.time is not None:
            raise ConfigError(
                f"group is {self.group!r} and time is {self.time!r}; expected one of them: rows of a group "
                "are taken together whenever they were recorded"
            )
        if type(self.batch_size) is not int or self.batch_size < 1:
            raise ConfigError(
                f"batch-size is {self.batch_size!r}; expected a whole number of rows, 1 or more"
            )
        if type(self.thumbnails) is not int or not 0 <= self.thumbnails <= MOST_THUMBNAILS:
            raise ConfigError(
                f"thumbnails is {self.thumbnails!r}; expected a number of images, 0 to {MOST_THUMBNAILS}"
            )
        if type(self.seed) is not int or self.seed < 0:
            raise ConfigError(f"seed is {self.seed!r}; expected a whole number, 0 or more")
        for name in (
            *self.select,
            *self.ignore,
            *self.severity,
            *self.checkers,
            *(w.checker for w in self.waivers),
        ):
            if name not in checker_classes():
                raise ConfigError(f"there is no checker {name!r}; {nearest(name, checker_classes())}")
        for value in self.severity.values():
            _one_of("severity", value, tuple(Severity))

    @classmethod
    def load(cls, start: Path) -> Self:
        """The configuration in the nearest pyproject.toml at or above `start`; the defaults without one.

        Raises ConfigError for a file that is no TOML, an unknown key or a value of the wrong type.
        """
        folder = start.resolve()
        for path in (parent / "pyproject.toml" for parent in (folder, *folder.parents)):
            if os.path.isfile(path):  # noqa: PTH113  Path.is_file raises where a folder may not be entered
                table = _mapping(_read(path).get("tool", {}), f"{path}: tool").get("datacheck")
                if table is not None:
                    return cls.of(table, str(path))
        return cls()

    @classmethod
    def of(cls, table: Mapping[str, Any], where: str = "[tool.datacheck]") -> Self:
        """From the table's keys, written with hyphens or underscores."""
        values = {key.replace("-", "_"): value for key, value in _mapping(table, where).items()}
        known = {f.name: f for f in fields(cls)}
        for key, value in values.items():
            if key not in known:
                name = key.replace("_", "-")
                raise ConfigError(
                    f"{where}: unknown key {name!r}; {nearest(name, [k.replace('_', '-') for k in known])}"
                )
            values[key] = _typed(key, value, known[key], where)
        return cls(**values)

    def with_options(self, **options: Any) -> Self:
        """This configuration with the options that are not None."""
        return replace(self, **{key: value for key, value in options.items() if value is not None})

    def make_checkers(self) -> list[Checker]:
        """The selected checkers with their thresholds."""
        chosen = [
            cls
            for name, cls in checker_classes().items()
            if (not self.select or name in self.select) and name not in self.ignore
        ]
        return [_make(cls, self.checkers.get(cls.name, {})) for cls in chosen]


@cache
def checker_classes() -> dict[str, type[Checker]]:
    """Every checker by name, in alphabetical order."""
    return dict(sorted((cls.name, cls) for cls in classes(checkers, Checker)))


def _make(cls: type[Checker], thresholds: Mapping[str, Any]) -> Checker:
    known = {f.name: f for f in fields(cls)}
    values = {}
    for key, value in _mapping(thresholds, cls.name).items():
        name = key.replace("-", "_")
        if name not in known:
            raise ConfigError(f"checker {cls.name} has no threshold {key!r}; {nearest(key, known)}")
        values[name] = _typed(name, value, known[name], cls.name)
    return cls(**values)


def _typed(key: str, value: Any, spec: Any, where: str) -> Any:
    """The value, if it is of the sort that the field's default is."""
    if key == "waivers":
        items = value if isinstance(value, (list, tuple)) else [value]
        return tuple(item if isinstance(item, Waiver) else _waiver(item, where) for item in items)
    default = spec.default if spec.default is not MISSING else spec.default_factory()
    names = key not in ("select", "ignore") or all(isinstance(item, str) for item in _items(value))
    if isinstance(default, tuple) and isinstance(value, list) and names:
        return tuple(value)
    if isinstance(default, float) and type(value) is int:
        return float(value)
    expected = type(default)
    if default is None:
        expected = bool if key == "shuffled" else str
    if isinstance(value, expected) and isinstance(value, bool) == (expected is bool):
        return value
    raise ConfigError(f"{where}: {key.replace('_', '-')} is {value!r}; expected a {expected.__name__}")


def _items(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _waiver(item: Any, where: str) -> Waiver:
    names = {f.name for f in fields(Waiver)}
    unknown = sorted(set(_mapping(item, where)) - names)
    if unknown:
        raise ConfigError(f"{where}: a waiver has no key {unknown[0]!r}; {nearest(unknown[0], names)}")
    if not (item.get("checker") and item.get("reason")):
        raise ConfigError(f"{where}: a waiver needs a checker and a reason; found {sorted(item)}")
    odd = next((key for key, value in item.items() if not isinstance(value, str)), None)
    if odd is not None:
        raise ConfigError(f"{where}: {odd} of a waiver is {item[odd]!r:.60}; expected a text")
    return Waiver(**item)


def _mapping(value: Any, where: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise ConfigError(f"{where}: expected a table of keys and values, found {value!r}")
    return value


def _one_of(key: str, value: Any, valid: Iterable[Any]) -> None:
    if value not in tuple(valid):
        names = [str(name) for name in valid if name is not None]
        raise ConfigError(f"{key} {value!r} is unknown; {nearest(str(value), names)}")


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError, RecursionError) as error:
        raise ConfigError(f"{path} cannot be read as TOML: {error}") from error
