"""Whether the content of a profile file is one that a profile can be made of, and reckoned with."""

import base64
import binascii
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

from ._form import MAYBE_TEXT, TEXT, Exactly, brief, count, maybe, misfits, number
from .kinds import Kind

_BOUND = 2**64  # of the hashes of rows that a file holds


def _scalar(value: Any) -> bool:
    """A category or a class: text, number or null."""
    return value is None or isinstance(value, (str, bool)) or number(value)


def _hashes(value: Any) -> bool:
    """Numbers of 64 bits in base64."""
    if not (isinstance(value, dict) and value.keys() == {"uint64"} and isinstance(value["uint64"], str)):
        return False
    try:
        return len(base64.b64decode(value["uint64"], validate=True)) % 8 == 0
    except (binascii.Error, ValueError):
        return False


def _pair(value: Any) -> bool:
    """A level and how often it occurs."""
    known = isinstance(value, list) and len(value) == 2
    return known and value[0] is not None and _scalar(value[0]) and count(value[1])


def _place(value: Any) -> bool:
    """A part and a row in it."""
    return isinstance(value, list) and len(value) == 2 and isinstance(value[0], str) and count(value[1])


def _size(value: Any) -> bool:
    """What is not below 0."""
    return number(value) and value >= 0


def _exponent(value: Any) -> bool:
    """A power of two that scales float64."""
    return type(value) is int and -1024 <= value <= 1024


def _weights(value: Any) -> bool:
    """One weight of all knots, or one for each."""
    return all(map(_size, value if isinstance(value, list) else [value]))


_STATISTICS = ("extrema", "moments", "distinct", "levels", "first_rows")
_COUNTS = ("rows", "null", "nan", "positive_inf", "negative_inf", "zero", "negative")
_MOMENTS = {
    "n": [count],
    "exponent": [_exponent],
    "m2": [_size],
    **{key: [number] for key in ("mean_", "rest", "m3", "m4")},
}
_BLOCK = {
    "names": [TEXT],
    "dtype": TEXT,
    "kind": {kind.value for kind in Kind},
    "counts": {key: [count] for key in _COUNTS},
    "extrema": (None, {key: [maybe(number)] for key in ("min", "max")}),
    "moments": (None, _MOMENTS),
    "distinct": [{"hashes": _hashes}],
    "levels": [{"counts": (None, [_pair])}],
    "first_rows": [{"places": [_place]}],
}
_STRETCH = {
    "part": TEXT,
    "start": count,
    "rows": count,
    "changes": count,
    "last": _scalar,
    "values": [_scalar],
    "lengths": [count],
}
_PROFILE = {
    "schema": Exactly(label=MAYBE_TEXT, label_source=TEXT, task=MAYBE_TEXT, task_source=TEXT),
    "rows": count,
    "parts": [Exactly(name=TEXT, fingerprint=TEXT, start=count, rows=count)],
    "columns": [TEXT],
    "blocks": [_BLOCK],
    "quantiles": ("each", {"values": [number], "weights": _weights, "rank_error": _size}),
    "row_hashes": {
        **dict.fromkeys(("hashes", "counts", "label_min", "label_max"), _hashes),
        "bound": lambda value: type(value) is int and 0 < value <= _BOUND,
    },
    "label_order": {"stretches": [Exactly(_STRETCH)]},
}


def misfit(content: Mapping[str, Any]) -> str | None:
    """Where a profile's content has another form than it should, or contradicts itself; None if it fits.

    >>> misfit({"schema": None})
    'schema is None'
    """
    return next(misfits(content, _PROFILE, ""), None) or next(_contradictions(content), None)


def _contradictions(content: Mapping[str, Any]) -> Iterator[str]:
    """What no single field can tell."""
    names = [name for block in content["blocks"] for name in block["names"]]
    if sorted(names) != sorted(content["columns"]) or len(set(names)) < len(names):
        yield "its columns are not those of its blocks"
    if not content["quantiles"].keys() <= set(names):
        yield "it has quantiles of a column that it has not"
    if sum(part["rows"] for part in content["parts"]) != content["rows"]:
        yield "its rows are not those of its parts"
    for block in content["blocks"]:
        yield from _in_block(block, content)
    for name, knots in content["quantiles"].items():
        yield from _in_quantiles(knots, name)
    sizes = {len(value["uint64"]) for key, value in content["row_hashes"].items() if key != "bound"}
    if len(sizes) > 1:
        yield "its hashes of rows have different numbers"
    for stretch in content["label_order"]["stretches"]:
        yield from _in_stretch(stretch)


def _in_block(block: Mapping[str, Any], content: Mapping[str, Any]) -> Iterator[str]:
    where = f"the block of {brief(block['names'])}"
    if {name for name in _STATISTICS if block[name]} != _statistics(block):
        yield f"{where} has other statistics than columns of its kind"
    vectors = [v for name in ("counts", "extrema", "moments") for v in (block[name] or {}).values()]
    singles = [block[name] for name in ("distinct", "levels", "first_rows") if block[name]]
    if not block["names"] or any(len(values) != len(block["names"]) for values in (*vectors, *singles)):
        yield f"{where} has statistics of another number of columns"
    elif not _is_pixels(block) and set(block["counts"]["rows"]) - {content["rows"]}:
        yield f"{where} has another number of rows"
    else:
        yield from _in_columns(block, {part["name"] for part in content["parts"]}, where)


def _statistics(block: Mapping[str, Any]) -> set[str]:
    """The statistics that a block of its kind has."""
    if block["kind"] == Kind.OTHER:
        return set()
    texts = block["kind"] == Kind.TEXT or (block["kind"] == Kind.IMAGE and block["dtype"] == "string")
    return {"distinct", "levels"} if texts else {*_STATISTICS}


def _in_columns(block: Mapping[str, Any], parts: set[str], where: str) -> Iterator[str]:
    if any(place[0] not in parts for rows in block["first_rows"] for place in rows["places"]):
        yield f"{where} names rows of a part that is not there"
    for i, name in enumerate(block["names"]):
        counts = {key: values[i] for key, values in block["counts"].items()}
        some = counts["rows"] - counts["null"] - counts["nan"]
        finite = some - counts["positive_inf"] - counts["negative_inf"]
        if finite < 0 or not all(_agree(block, i, some, finite)):
            yield f"the statistics of {brief(name)} contradict each other"


def _agree(block: Mapping[str, Any], i: int, some: int, finite: int) -> Iterator[bool]:
    """Whether each statistic of a column is one of so many values, of which so many are finite."""
    if block["extrema"]:
        low, high = (block["extrema"][end][i] for end in ("min", "max"))
        yield (low is None) == (high is None) == (not finite)
        yield low is None or high is None or low <= high
        yield block["moments"]["n"][i] == finite
    if block["distinct"]:
        yield bool(block["distinct"][i]["hashes"]["uint64"]) or not finite
    if block["levels"] and block["levels"][i]["counts"] is not None:
        values, counts = [[pair[end] for pair in block["levels"][i]["counts"]] for end in (0, 1)]
        yield sum(counts) in (finite, some)  # infinities may or may not be levels
        yield len({isinstance(value, str) for value in values}) < 2 and len(set(values)) == len(values)


def _is_pixels(block: Mapping[str, Any]) -> bool:
    """Whether it counts the pixels of images, not rows."""
    return bool(block["kind"] == Kind.IMAGE and block["dtype"] == "uint8")


def _in_quantiles(knots: Mapping[str, Any], name: str) -> Iterator[str]:
    weights = knots["weights"]
    if isinstance(weights, list) and len(weights) != len(knots["values"]):
        yield f"the quantiles of {brief(name)} have another number of weights than of values"
    if any(a > b for a, b in pairwise(knots["values"])):
        yield f"the quantiles of {brief(name)} are not in ascending order"


def _in_stretch(stretch: Mapping[str, Any]) -> Iterator[str]:
    lengths = stretch["lengths"]
    if not lengths or len(lengths) != len(stretch["values"]) or 0 in lengths:
        yield "its sequence of labels has runs without a label or without rows"
    if sum(lengths) > stretch["rows"]:
        yield "its sequence of labels has more labels than rows"
