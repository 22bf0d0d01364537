"""The numbers behind a finding, as pairs of words that people read; every output takes them from here."""

from collections.abc import Mapping, Sequence
from typing import Any

from .._format import number, percent, plural
from ..finding import Finding, Rows
from .document import Document
from .visible import paragraph, visible

_SHARES = {"share", "shares", "rate", "fraction", "probability", "chance"}
_MOST_ROWS = 200  # of a table: some 20 kB
_FEW = 6  # entries of a list or mapping that are shown one by one


def facts(evidence: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Name and value of each piece of evidence; long lists are left to the picture and to report.json.

    >>> facts({"missing_rate": 0.99996, "std": 1e-13, "bins": list(range(40))})
    [('missing rate', '>99.9 %'), ('std', '1e-13')]
    """
    return [(_words(key), _value(key, value)) for key, value in evidence.items() if not _plotted(value)]


def tables(evidence: Mapping[str, Any]) -> list[tuple[str, list[str], list[list[str]]]]:
    """Lists of mappings as (name, column heads, rows): at most 200 rows, numbers as everywhere.

    >>> tables({"features": [{"column": "a", "spread": 2.0}]})
    [('features', ['column', 'spread'], [['a', '2']])]
    """
    listed = {key: value for key, value in evidence.items() if _listed(value)}
    return [(_words(key), *_table(value[:_MOST_ROWS])) for key, value in listed.items()]


def _plotted(value: Any) -> bool:
    if isinstance(value, Mapping):
        return bool(value) and all(map(_plotted, value.values()))
    if isinstance(value, str) or not isinstance(value, Sequence) or _listed(value):
        return False
    return len(value) > _FEW or any(isinstance(item, (list, tuple)) for item in value)


def _listed(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(item, Mapping) for item in value)


def _table(items: Sequence[Mapping[str, Any]]) -> tuple[list[str], list[list[str]]]:
    keys = list(dict.fromkeys(key for item in items for key in item))
    return [_words(key) for key in keys], [[_value(key, item.get(key, "")) for key in keys] for item in items]


def _words(key: str) -> str:
    return visible(key.replace("_", " "), 60)


def _value(key: str, value: Any) -> str:
    if isinstance(value, Mapping):
        shown = [f"{visible(name, 40)}: {_value(key, item)}" for name, item in value.items()]
        return _entries(shown, "entry")
    if isinstance(value, Sequence) and not isinstance(value, str):
        if _listed(value) and all("column" in item for item in value):
            value = [item["column"] for item in value]
        return _entries([_value(key, item) for item in value[: _FEW + 1]], "value", len(value))
    return _scalar(key, value)


def _entries(shown: list[str], noun: str, count: int | None = None) -> str:
    count = len(shown) if count is None else count
    if not count:
        return "none"
    return ", ".join(shown) if count <= _FEW else plural(count, noun)


def _scalar(key: str, value: Any) -> str:
    if isinstance(value, bool) or value is None:
        return {True: "yes", False: "no", None: "undefined"}[value]
    if isinstance(value, (int, float)):
        words = set(key.split("_"))
        if value == 0 and words & {"p", "pvalue"}:
            return "<1e-300"  # below the smallest float64, not impossible
        return percent(value) if words & _SHARES and 0 <= value <= 1 else number(value)
    return visible(value, 80)


def rows_text(found: Rows) -> str:
    """The rows of a finding: how many, and the first few.

    >>> from datacheck.finding import Rows
    >>> rows_text(Rows(count=3000, examples=(5, 17)))
    '3,000 rows: 5, 17, …'
    >>> rows_text(Rows(count=1, examples=(5,), names=("cat/5.png",)))
    '1 row: cat/5.png'
    """
    shown = found.names or found.examples
    first = ", ".join(visible(str(row), 200) for row in shown[:10])
    more = ", …" if found.count > min(len(shown), 10) else ""
    return f"{plural(found.count, 'row')}: {first}{more}" if first else plural(found.count, "row")


def story(finding: Finding) -> str:
    """A finding as plain lines: severity and message, the numbers, the rows, the advice and the fix."""
    lines = [f"{finding.severity.upper()}: {visible(finding.message, 2000)}"]
    lines += [f"  {name}: {value}" for name, value in facts(finding.evidence)]
    lines += [f"  {rows_text(finding.rows)}"] if finding.rows else []
    lines += [visible(finding.advice, 2000)] if finding.advice else []
    return "\n".join([*lines, *(f"    {line}" for line in paragraph(finding.fix).splitlines())])


def about(document: Document) -> list[tuple[str, str]]:
    """What the reader must know to trust the report and to run it again."""
    content = document.content
    training = content.get("training", {})
    orders = {True: "shuffled", False: "in file order", None: "shuffled or not: not said"}
    shuffled = orders[training.get("shuffled")]
    return [
        ("Label", _label(content)),
        ("Task", _task(content)),
        ("Reference split", visible(content.get("reference", ""))),
        ("Training", f"batches of {training.get('batch_size')}, {training.get('precision')}, {shuffled}"),
        ("Reproduce", f"datacheck {content['version']}, seed {content['seed']}"),
    ]


def _label(content: Mapping[str, Any]) -> str:
    if content["label"] is None:
        return "none known; name it with --label"
    return visible(content["label"]) + _how(content.get("label_source"), "--label names another")


def _task(content: Mapping[str, Any]) -> str:
    if content["task"] is None:
        return "none without a label"
    return str(content["task"]) + _how(content.get("task_source"), "--task changes it")


def _how(source: str | None, remedy: str) -> str:
    """How something is known, and the option that corrects a guess from files; loaders have no options."""
    if source in (None, "", "given"):
        return ""
    return f" ({visible(source)})" if "batches" in source else f" ({visible(source)}; {remedy})"


def actions(document: Document) -> str:
    """What normalization.json does, in one line."""
    if document.contract is None:
        return ""
    counts: dict[str, int] = {}
    for feature in document.contract:
        counts[feature.action] = counts.get(feature.action, 0) + 1
    what = ", ".join(f"{count:,} {action}" for action, count in sorted(counts.items()))
    reference = visible(document.content.get("reference", "training"))
    return f"normalization.json, fitted on the {reference} split: {what}"


def grouped(outcomes: Sequence[Mapping[str, Any]], key: str) -> list[tuple[str, str, tuple[str, ...]]]:
    """Outcomes as (checker, what it said, splits): one line where the splits agree."""
    lines: dict[tuple[str, str], list[str]] = {}
    for outcome in outcomes:
        lines.setdefault((outcome["checker"], str(outcome[key] or "")), []).append(outcome["split"])
    return [(checker, said, tuple(splits)) for (checker, said), splits in lines.items()]


def last_line(traceback: str) -> str:
    """What went wrong, without where."""
    return visible((traceback.strip().splitlines() or [""])[-1])
