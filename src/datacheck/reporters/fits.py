"""Whether a report that was read from a file has the form that reporters rely on."""

from collections.abc import Mapping
from typing import Any

from .._form import MAYBE_TEXT, TEXT, misfits
from ..report import FAIL_ON

_COUNT = (int,)
_WHO = {"checker": TEXT, "split": TEXT}
_ROWS = {"count": _COUNT, "examples": [_COUNT]}
_FINDING = {
    **_WHO,
    "severity": {"info", "warning", "error"},
    "columns": [TEXT],
    "rows": (None, _ROWS),
    "message": TEXT,
    "evidence": (dict,),
    "advice": TEXT,
    "fix": TEXT,
}
_SPLIT = {"rows": _COUNT, "columns": [TEXT], "fingerprint": TEXT, "files": [TEXT]}
_REPORT = {
    "version": TEXT,
    "seed": _COUNT,
    "label": MAYBE_TEXT,
    "task": MAYBE_TEXT,
    "splits": ("each", _SPLIT),
    "findings": [_FINDING],
    "not_checked": [{**_WHO, "reason": TEXT}],
    "passed": [{**_WHO, "detectable": MAYBE_TEXT}],
    "crashed": [{**_WHO, "traceback": TEXT}],
    "waived": [{**_FINDING, "reason": TEXT}],
    "exit_code": {0, 1, 2},
}
_OPTIONAL = {
    "label_source": TEXT,
    "task_source": TEXT,
    "reference": TEXT,
    "training": {"batch_size": _COUNT, "precision": TEXT, "shuffled": (bool, type(None))},
    "ignored_files": [TEXT],
    "thumbnails": ("each", [{"name": TEXT, "png": TEXT}]),
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
    return next(misfits(content, _REPORT | optional, ""), None)
