"""Whether a report that was read from a file has the form that reporters rely on."""

from collections.abc import Iterator, Mapping
from typing import Any

from ..report import FAIL_ON

_TEXT = (str,)
_COUNT = (int,)
_MAYBE_TEXT = (str, type(None))
_WHO = {"checker": _TEXT, "split": _TEXT}
_ROWS = {"count": _COUNT, "examples": [_COUNT]}
_FINDING = {
    **_WHO,
    "severity": {"info", "warning", "error"},
    "columns": [_TEXT],
    "rows": (None, _ROWS),
    "message": _TEXT,
    "evidence": (dict,),
    "advice": _TEXT,
    "fix": _TEXT,
}
_SPLIT = {"rows": _COUNT, "columns": [_TEXT], "fingerprint": _TEXT, "files": [_TEXT]}
_REPORT = {
    "version": _TEXT,
    "seed": _COUNT,
    "label": _MAYBE_TEXT,
    "task": _MAYBE_TEXT,
    "splits": ("each", _SPLIT),
    "findings": [_FINDING],
    "not_checked": [{**_WHO, "reason": _TEXT}],
    "passed": [{**_WHO, "detectable": _MAYBE_TEXT}],
    "crashed": [{**_WHO, "traceback": _TEXT}],
    "waived": [{**_FINDING, "reason": _TEXT}],
    "exit_code": {0, 1, 2},
}
_OPTIONAL = {
    "label_source": _TEXT,
    "task_source": _TEXT,
    "reference": _TEXT,
    "training": {"batch_size": _COUNT, "precision": _TEXT, "shuffled": (bool, type(None))},
    "ignored_files": [_TEXT],
    "config": (dict,),
    "fail_on": set(FAIL_ON),
}


def misfit(content: Any) -> str | None:
    """Where a report's content has another form than it should; None if it fits.

    >>> misfit({"version": 3})
    'version is 3'
    """
    optional = {
        key: spec for key, spec in _OPTIONAL.items() if isinstance(content, Mapping) and key in content
    }
    return next(_misfits(content, _REPORT | optional, ""), None)


def _misfits(value: Any, spec: Any, path: str) -> Iterator[str]:
    """Every place where `value` does not fit.

    A spec is a mapping of keys, a list of one spec, a set of values, a tuple of types, (None, spec) for what
    may be null, or ("each", spec) for a mapping with free keys.
    """
    if isinstance(spec, dict):
        yield from _fields(value, spec, path)
    elif isinstance(spec, list):
        yield from _items(value, spec[0], path)
    elif isinstance(spec, tuple) and spec[0] == "each":
        yield from _fields(value, dict.fromkeys(value, spec[1]) if isinstance(value, dict) else {}, path)
    elif isinstance(spec, tuple) and spec[0] is None:
        yield from () if value is None else _misfits(value, spec[1], path)
    elif not _plain_fits(value, spec):
        yield f"{path.lstrip('.')} is {_brief(value)}"


def _fields(value: Any, spec: Mapping[str, Any], path: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{path.lstrip('.') or 'the content'} is {_brief(value)}"
    else:
        for key, wanted in spec.items():
            if key not in value:
                yield f"{path.lstrip('.')}.{key} is missing".lstrip(".")
            else:
                yield from _misfits(value[key], wanted, f"{path}.{key}")


def _items(value: Any, spec: Any, path: str) -> Iterator[str]:
    if not isinstance(value, list):
        yield f"{path.lstrip('.')} is {_brief(value)}"
    else:
        for place, item in enumerate(value):
            yield from _misfits(item, spec, f"{path}[{place}]")


def _plain_fits(value: Any, spec: Any) -> bool:
    if isinstance(value, (list, dict)) and spec != (dict,):
        return False
    if isinstance(spec, set):
        return value in spec
    return isinstance(value, spec) and (bool in spec or not isinstance(value, bool))


def _brief(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 40 else text[:37] + "..."
