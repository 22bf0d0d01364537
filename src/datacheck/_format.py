"""One way to write a number for people, and one to write it to JSON."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np


def number(value: float | int | None, digits: int = 4) -> str:
    """A number in at most `digits` significant digits, as a person writes it.

    >>> number(1234567), number(0.00012345), number(3.0), number(None), number(1e12)
    ('1,234,567', '0.0001234', '3', 'undefined', '1e+12')
    """
    if value is None:
        return "undefined"
    if isinstance(value, (int, np.integer)) and abs(value) < 10**9:
        return f"{value:,}"
    try:
        text = f"{float(value):.{digits}g}"
    except OverflowError:
        return "beyond float64"
    if "e" in text:
        exponent = text.split("e")[1]
        return text if not -5 < int(exponent) < 9 else f"{float(value):,.0f}"
    whole, dot, fraction = text.partition(".")
    return f"{int(whole):,}{dot}{fraction}" if whole.lstrip("-").isdigit() and abs(int(whole)) > 999 else text


def percent(share: float | None, digits: int = 1) -> str:
    """A share as a percentage that is 0 % or 100 % only when it is exactly that.

    >>> percent(0.9996), percent(0.00001), percent(1.0), percent(0.123)
    ('>99.9 %', '<0.1 %', '100 %', '12.3 %')
    """
    if share is None:
        return "undefined"
    if share in (0, 1):
        return f"{share:.0%}".replace("%", " %")
    least = 10**-digits
    if share * 100 < least:
        return f"<{least:g} %"
    if share * 100 > 100 - least:
        return f">{100 - least:.{digits}f} %"
    return f"{share * 100:.{digits}f}".rstrip("0").rstrip(".") + " %" if digits else f"{share:.0%}"


def plural(count: int, noun: str) -> str:
    """A count with its noun.

    >>> plural(1, "row"), plural(2000, "row"), plural(3, "batch"), plural(2, "category")
    ('1 row', '2,000 rows', '3 batches', '2 categories')
    """
    if count == 1:
        return f"1 {noun}"
    if noun.endswith("y") and noun[-2] not in "aeiou":
        noun = noun[:-1] + "ies"
    else:
        noun += "es" if noun.endswith(("s", "x", "ch", "sh")) else "s"
    return f"{count:,} {noun}"


def listing(names: tuple[str, ...] | list[str], most: int = 5) -> str:
    """Names for a sentence, cut after `most`.

    >>> listing(["a", "b", "c"], most=2)
    "'a', 'b' and 1 more"
    """
    shown = [repr(name if len(name) <= 60 else name[:57] + "...") for name in names[:most]]
    more = len(names) - len(shown)
    return ", ".join(shown) + (f" and {more:,} more" if more else "")


def plain(value: Any) -> Any:
    """The value as JSON takes it: numbers to 12 significant digits, no NaN or infinity (they become text).

    Twelve digits are more than any statistic's meaning and fewer than the rounding of a sum in another order.

    >>> plain({"a": np.float64(0.1) + 0.2, "b": (np.int64(3), float("inf"))})
    {'a': 0.3, 'b': [3, 'inf']}
    """
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, np.ndarray)):
        return [plain(item) for item in value]
    if value is None or isinstance(value, (bool, np.bool_)):
        return None if value is None else bool(value)
    if isinstance(value, (int, np.integer)):
        return int(value)
    if isinstance(value, (float, np.floating)):
        return float(f"{value:.12g}") if math.isfinite(value) else str(float(value))
    return str(value)
