"""Profiles by date in a folder: windows of days are sums, and no row counts twice."""

import json
import re
from dataclasses import dataclass
from pathlib import Path

from ._files import atomic
from .errors import InputError, MergeError
from .part import join
from .profiles import Profile, merge
from .saved import load, to_json
from .schema import Schema

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True)
class ProfileStore:
    """A folder with one saved profile a day, `2026-03-01.json`, of the new rows of that day.

    >>> import tempfile
    >>> import pyarrow as pa
    >>> store = ProfileStore(Path(tempfile.mkdtemp()))
    >>> day = Profile.of(pa.record_batch({"x": [1.0, 5.0]}))
    >>> store.put("2026-03-01", day).name, store.window("2026-03-01", "2026-03-31")[0].rows
    ('2026-03-01.json', 2)
    """

    folder: Path

    @property
    def days(self) -> tuple[str, ...]:
        """The days that have a profile, in order."""
        return tuple(sorted(path.stem for path in self.folder.glob("*.json") if _DAY.fullmatch(path.stem)))

    def put(self, day: str, profile: Profile, schema: Schema | None = None, *, values: bool = True) -> Path:
        """Saves a day's profile; the same again changes nothing.

        Raises MergeError where the day has another profile, or another day holds some of its rows.
        """
        path = self._path(day)
        if path.exists():
            known = load(path)[0]
            if known.fingerprint == profile.fingerprint:
                return path
            raise MergeError(f"{path} holds other rows than these; delete it to replace that day")
        for other in self.days:
            held = load(self._path(other))[0].parts
            try:
                join(held + profile.parts)
            except MergeError as error:
                raise MergeError(f"{day} and {other}: {error}") from error
        with atomic(path) as file:
            file.write(json.dumps(to_json(profile, schema, values=values)).encode())
        return path

    def window(self, first: str, last: str) -> tuple[Profile, Schema]:
        """The sum of the days from `first` to `last`, both included, and the schema of the earliest of them."""
        loaded = [load(self._path(day)) for day in self.days if first <= day <= last]
        if not loaded:
            raise InputError(
                f"{self.folder} has no profile from {first} to {last}; it holds {', '.join(self.days) or 'none'}"
            )
        return merge(profile for profile, _ in loaded), loaded[0][1]

    def save_window(self, first: str, last: str, path: Path) -> Path:
        """Writes a window as one profile, for `datacheck compare` and `datacheck check`."""
        profile, schema = self.window(first, last)
        with atomic(path) as file:
            file.write(json.dumps(to_json(profile, schema)).encode())
        return path

    def _path(self, day: str) -> Path:
        if not _DAY.fullmatch(day):
            raise InputError(f"the day {day!r} is not a date; expected for example 2026-03-01")
        return self.folder / f"{day}.json"
