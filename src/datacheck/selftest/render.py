"""The figures as text: for a terminal, as Markdown, or as JSON."""

import json
import math
from collections.abc import Callable, Iterator

from ..errors import ConfigError, nearest
from .rates import CheckerRates, Rate, SelfTest


def render(result: SelfTest, form: str) -> str:
    """The result in one of FORMATS; raises ConfigError for another."""
    return _form(form)(result)


def check_format(form: str) -> None:
    """Raises ConfigError for a format that does not exist: before the work, not after it."""
    _form(form)


def _form(form: str) -> Callable[[SelfTest], str]:
    if form not in FORMATS:
        raise ConfigError(f"format {form!r} is unknown; {nearest(form, FORMATS)}")
    return FORMATS[form]


def _json(result: SelfTest) -> str:
    return json.dumps(result.to_json(), indent=1) + "\n"


def _terminal(result: SelfTest) -> str:
    lines = [_about(result), ""]
    for checker in result.checkers:
        lines.append(checker.checker)
        lines += [f"    {line}" for line in _lines(checker, result)]
    return "\n".join([*lines, "", _longer(result)]) + "\n"


def _lines(checker: CheckerRates, result: SelfTest) -> Iterator[str]:
    for rate in checker.clean:
        yield f"{_clean_title(checker, result)}, {rate.rows:,} rows: {_counted(rate)}"
    if checker.planted:
        yield f"finds, by {checker.unit}:"
    for rows in dict.fromkeys(rate.rows for rate in checker.planted):
        found = [f"{r.strength:g}: {_counted(r)}" for r in checker.planted if r.rows == rows]
        yield f"    {rows:,} rows  " + "   ".join(found)
    if checker.reason:
        yield f"not measured: {checker.reason}"


def _markdown(result: SelfTest) -> str:
    lines = [
        _about(result),
        "",
        "| checker | rows | false alarms | strength is the | found, by strength |",
        "| --- | ---: | --- | --- | --- |",
    ]
    for checker in result.checkers:
        lines += _rows(checker, result)
    return "\n".join(lines) + "\n"


def _rows(checker: CheckerRates, result: SelfTest) -> Iterator[str]:
    sizes = dict.fromkeys(rate.rows for rate in (*checker.clean, *checker.planted))
    unit = checker.unit
    name = f"**{checker.checker}**"
    for rows in sizes:
        clean = next((_counted(rate) for rate in checker.clean if rate.rows == rows), "")
        if clean and not _known_clean(checker, result):
            clean = f"as they are: {clean}"
        found = [f"**{r.strength:g}**: {_counted(r)}" for r in checker.planted if r.rows == rows]
        yield f"| {name} | {rows:,} | {clean} | {unit} | {'; '.join(found) or checker.reason} |"
        name, unit = "", ""
    if not sizes:
        yield f"| {name} | | | | not measured: {checker.reason} |"


def _counted(rate: Rate) -> str:
    """Counts, and the interval in per cent, its ends rounded away from the middle.

    >>> _counted(Rate(rows=1000, strength=0.2, found=97, draws=100))
    '97 of 100 (91-100 %)'
    """
    low, high = rate.interval
    return f"{rate.found} of {rate.draws} ({math.floor(100 * low)}-{math.ceil(100 * high)} %)"


def _clean_title(checker: CheckerRates, result: SelfTest) -> str:
    return "false alarms" if _known_clean(checker, result) else "found in the data as they are"


def _known_clean(checker: CheckerRates, result: SelfTest) -> bool:
    """Whether what is found without a planted fault is a false alarm."""
    return checker.resplit or not result.own


def _about(result: SelfTest) -> str:
    data = f"random re-splits of {result.data}" if result.own else "bundled data"
    return (
        f"Error rates on {data}: {result.draws} draws a case, {result.probe_draws} of checkers that need a probe, "
        f"seed {result.seed}. In brackets: 95 % intervals (Clopper-Pearson)."
    )


def _longer(result: SelfTest) -> str:
    return (
        f"Narrower intervals: --draws {10 * result.draws} takes ten times as long; "
        "--select CHECKER measures one, --rows N other sizes."
    )


FORMATS: dict[str, Callable[[SelfTest], str]] = {
    "terminal": _terminal,
    "json": _json,
    "markdown": _markdown,
}
