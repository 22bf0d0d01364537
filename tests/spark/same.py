"""What it means that two engines gave the same: by field, floats to the last few digits."""

import json
import math
from typing import Any

from datacheck import Profile, Report
from datacheck.saved import to_json

CLOSE = 1e-9  # relative: sums of float64 in another order; third and fourth powers lose the most


def same_json(a: Any, b: Any, where: str = "") -> None:
    """Equal JSON, numbers up to CLOSE; the assertion names the place."""
    if isinstance(a, dict) and isinstance(b, dict):
        assert a.keys() == b.keys(), where
        for key in a:
            same_json(a[key], b[key], f"{where}.{key}")
    elif isinstance(a, list) and isinstance(b, list):
        assert len(a) == len(b), where
        for i, (x, y) in enumerate(zip(a, b, strict=True)):
            same_json(x, y, f"{where}[{i}]")
    elif isinstance(a, float) and isinstance(b, float):
        assert a == b or math.isclose(a, b, rel_tol=CLOSE, abs_tol=1e-9), f"{where}: {a} {b}"
    else:
        assert a == b, f"{where}: {a} {b}"


def exact(profile: Profile) -> dict[str, Any]:
    """The statistics that are exact and do not depend on the order of rows: no sample, no parts."""
    fields = to_json(profile)
    for block in fields["blocks"]:
        del block["first_rows"]
        for name in ("rest", "exponent"):
            (block["moments"] or {}).pop(name, None)
    kept = {name: fields[name] for name in ("rows", "columns", "blocks", "row_hashes")}
    return dict(json.loads(json.dumps(kept)))


def findings(report: Report, *, without: tuple[str, ...] = ()) -> list[Any]:
    """The findings as JSON, in the order of the report."""
    every = json.loads(json.dumps(report.to_json(), default=str))["findings"]
    return [finding for finding in every if finding["checker"] not in without]
