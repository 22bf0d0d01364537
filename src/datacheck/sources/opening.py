"""Opens what was found: all of it, or what can be read, with the reasons why the rest cannot."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import pyarrow as pa

from ..errors import InputError
from .base import Found, Source

T = TypeVar("T")
Dress = Callable[[str, Source], Source]
SKIP = "skip"
ON_BAD_FILE = ("error", SKIP)
_HINT = "; to leave such files out and go on: --on-bad-file skip"


@dataclass(frozen=True, kw_only=True)
class Opened:
    """Sources, and for each file that was left out the reason."""

    sources: tuple[Source, ...]
    unreadable: Mapping[str, str] = field(default_factory=dict)


def open_all(found: Sequence[Found], split: str, dress: Dress, *, skip: bool) -> Opened:
    """The sources of a split; raises InputError for a bad file, with `skip` only where no file is good.

    `dress` turns a file's name and its source into the source that is wanted.
    """
    sources: list[Source] = []
    bad: dict[str, str] = {}
    for one in found:
        try:
            source = dress(one.name, _opened(one))
            if skip:
                _ = source.rows  # some formats read on for it
            sources.append(source)
        except InputError as error:
            if not skip:
                raise _hinted(error, len(found)) from error
            bad[one.name] = str(error)
    if skip:
        odd = _odd(sources)
        sources = [source for source in sources if source.name not in odd]
        bad |= odd
    if not sources:
        raise all_bad(split, bad)
    return Opened(sources=tuple(sources), unreadable=dict(sorted(bad.items())))


def all_bad(split: str, bad: Mapping[str, str]) -> InputError:
    """The error of a split of which nothing is left."""
    first = next(iter(bad.values()))
    several = f"none of the {len(bad):,} files of split {split!r} can be read; the first: "
    return InputError(first if len(bad) == 1 else several + first)


def _hinted(error: InputError, files: int) -> InputError:
    return type(error)(f"{error}{_HINT}") if files > 1 else error


def _opened(found: Found) -> Source:
    try:
        return found.open()
    except OSError as error:
        raise InputError(f"{found.name} cannot be read: {error.strerror or error}") from error
    except UnicodeEncodeError as error:
        raise InputError(f"{found.name} cannot be read: its name is not UTF-8; rename the file") from error


def _odd(sources: Sequence[Source]) -> dict[str, str]:
    """The sources that do not go with most others, and why: other columns, or types that nothing unites."""
    if len(sources) < 2:
        return {}
    usual = _commonest(frozenset(source.schema.names) for source in sources)
    odd = {s.name: _difference(s, usual) for s in sources if frozenset(s.schema.names) != usual}
    alike = [source for source in sources if source.name not in odd]
    for name in sorted(usual):
        wanted = _commonest(source.schema.field(name).type for source in alike)
        for source in alike:
            type_ = source.schema.field(name).type
            if type_ != wanted and not _unite(type_, wanted):
                odd[source.name] = (
                    f"{source.name}: column {name!r} is {type_}, but {wanted} in the other files"
                )
    return odd


def _commonest(values: Iterable[T]) -> T:
    """The commonest value, the first of several that are."""
    return Counter(values).most_common(1)[0][0]


def _difference(source: Source, usual: frozenset[str]) -> str:
    names = {*source.schema.names}
    if usual - names:
        return f"{source.name} has no column {min(usual - names)!r}, but the other files have"
    return f"{source.name} has a column {min(names - usual)!r}, which the other files have not"


def _unite(a: pa.DataType, b: pa.DataType) -> bool:
    plain = [type_.value_type if pa.types.is_dictionary(type_) else type_ for type_ in (a, b)]
    try:
        pa.unify_schemas([pa.schema([("", type_)]) for type_ in plain], promote_options="permissive")
    except pa.ArrowException:
        return False
    return True
