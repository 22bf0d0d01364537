"""Our own files, edited by a stranger: configuration, contract, profile, report, baseline."""

import copy
import json
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa
from case import PROFILE, Answered, Case, Printed, refused

import datacheck as dc
from datacheck import saved

_TABLE = pa.table(
    {"x": [i / 7 for i in range(40)], "t": ["ham", "eggs"] * 20, "label": [i % 2 for i in range(40)]}
)
_CSV = "x,t,label\n" + "".join(f"{i / 7},{('ham', 'eggs')[i % 2]},{i % 2}\n" for i in range(40))


@cache
def _report() -> Any:
    return dc.profile({"train": _TABLE, "test": _TABLE}, label="label", select=["constant-feature"])


@cache
def _documents() -> dict[str, Any]:
    report = _report()
    return {
        "contract": report.normalization.to_json(),
        "profile": saved.to_json(report.profile.splits["train"], report.profile.schema),
        "report": report.to_json(),
    }


def _changed(kind: str, *path: Any, to: Any) -> bytes:
    """The document with another value at a path."""
    document = copy.deepcopy(json.loads(json.dumps(_documents()[kind])))
    node = document
    for key in path[:-1]:
        node = node[key]
    node[path[-1]] = to
    return json.dumps(document).encode()


def _beside(name: str, content: Callable[[], bytes] | bytes) -> Callable[[Path], Any]:
    """Builds data and one file of ours."""

    def build(folder: Path) -> None:
        (folder / "data.csv").write_text(_CSV)
        (folder / name).write_bytes(content if isinstance(content, bytes) else content())

    return build


_COMMANDS = {
    "contract": ("verify", "file.json", "data"),
    "profile": ("check", "data", "--reference", "file.json", "--quiet"),
    "report": ("report", "file.json"),
    "baseline": (*PROFILE, "--baseline", "file.json"),
}
_TEXTS = {
    "no bytes": b"",
    "blanks": b"  \n",
    "no JSON": b"{'a': 1}",
    "half a document": b'{"format": 1, "version": ',
    "a list": b"[]",
    "a number": b"7",
    "null": b"null",
    "an empty object": b"{}",
    "lists nested 100,000 times": b"[" * 100_000 + b"]" * 100_000,
    "objects nested 100,000 times": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "an integer of 5,000 digits": b'{"format": ' + b"9" * 5000 + b"}",
    "UTF-16": '{"format": 1}'.encode("utf-16"),
    "no UTF-8": b'{"format": "\xff"}',
    "a pickle": b"\x80\x04\x95\x10\x00\x00\x00\x00\x00\x00\x00\x8c\x02os\x94.",
    "another format": b'{"format": 99, "kind": "profile", "version": "9"}',
}
_EDITS: dict[str, list[tuple[str, tuple[Any, ...], Any]]] = {
    "contract": [
        ("NaN", ("features", 0, "mean"), float("nan")),
        ("a number beyond float64", ("features", 0, "mean"), 10**400),
        ("a spread below zero", ("features", 0, "std"), -1.0),
        ("rows that are a text", ("fitted_on", "rows"), "many"),
        ("an action that is code", ("features", 0, "action"), "__import__('os').system('touch sprung')"),
        (
            "a label without counts",
            ("label",),
            {"name": "label", "task": "classification", "rows": 3, "classes": [0]},
        ),
        ("a name twice", ("features", 1, "name"), "x"),
    ],
    "profile": [
        ("NaN", ("blocks", 0, "counts", "rows", 0), float("nan")),
        ("rows beyond 64 bits", ("rows",), 2**64),
        ("rows below zero", ("parts", 0, "rows"), -1),
        ("a column that is no text", ("columns", 0), [1]),
        ("no blocks", ("blocks",), []),
        ("hashes that are no base64", ("row_hashes", "hashes"), {"uint64": "!!!"}),
        ("hashes that are numbers", ("row_hashes", "hashes"), [1, 2]),
        ("moments of nothing", ("blocks", 0, "moments"), {}),
        ("an unknown kind", ("blocks", 0, "kind"), "money"),
        ("a schema with more", ("schema", "more"), 1),
        ("labels without runs", ("label_order", "stretches", 0, "values"), []),
        ("weights below zero", ("quantiles", "x", "weights"), -1.0),
    ],
    "report": [
        ("findings that are a text", ("findings",), "none"),
        ("an unknown severity", ("findings",), [{"severity": "fatal"}]),
        ("rows that are a list", ("splits", "train", "rows"), [1]),
        ("an exit code of 7", ("exit_code",), 7),
    ],
}
_EDITS["baseline"] = _EDITS["report"]


def _bigger(kind: str) -> bytes:
    """68 MB of blanks around a document."""
    return json.dumps(_documents()[kind]).encode() + b" " * 68_000_000


def json_cases() -> Iterator[Case]:
    for kind, command in _COMMANDS.items():
        for what, text in _TEXTS.items():
            yield Case(f"{kind}: {what}", _beside("file.json", text), refused("file.json"), command)
        document = "report" if kind == "baseline" else kind
        for what, path, value in _EDITS[kind]:
            edited = _edit(document, path, value)
            words = refused() if kind == "contract" else refused("file.json")
            yield Case(f"{kind}: {what}", _beside("file.json", edited), words, command)
        good = _beside("file.json", lambda kind=document: json.dumps(_documents()[kind]).encode())
        answer = Answered(40) if kind == "baseline" else Printed()
        yield Case(f"{kind}: none the worse", good, answer, command)
    twice = _beside("file.json", b'{"format": 1, "format": 1}')
    yield Case("contract: a key twice", twice, refused("file.json", "twice"), _COMMANDS["contract"])
    big = _beside("file.json", lambda: _bigger("contract"))
    yield Case("contract: 68 MB", big, refused("file.json", "larger than"), _COMMANDS["contract"])


def _edit(kind: str, path: tuple[Any, ...], value: Any) -> Callable[[], bytes]:
    return lambda: _changed(kind, *path, to=value)


_TABLES = {
    "no TOML": ("[tool.datacheck", "TOML"),
    "lists nested 100,000 times": ("[tool.datacheck]\nlabel = " + "[" * 100_000, "pyproject.toml"),
    "an unknown key": ("[tool.datacheck]\nlabl = 'x'", "label"),
    "a label that is a number": ("[tool.datacheck]\nlabel = 7", "label"),
    "no rows in a batch": ("[tool.datacheck]\nbatch-size = 0", "batch-size"),
    "a seed below zero": ("[tool.datacheck]\nseed = -1", "seed"),
    "a seed that is a truth": ("[tool.datacheck]\nseed = true", "seed"),
    "a precision that is unknown": ("[tool.datacheck]\nprecision = 'float1024'", "precision"),
    "a checker that is unknown": ("[tool.datacheck]\nselect = ['../../etc/passwd']", "checker"),
    "checkers that are numbers": ("[tool.datacheck]\nselect = [1, 2]", "select"),
    "a threshold that is a text": ("[tool.datacheck.checkers.heavy-tail]\nkurtosis = 'big'", "heavy-tail"),
    "a severity that is unknown": ("[tool.datacheck.severity]\nheavy-tail = 'fatal'", "severity"),
    "a severity that is a list": ("[tool.datacheck.severity]\nheavy-tail = ['error']", "severity"),
    "a waiver without a reason": ("[[tool.datacheck.waivers]]\nchecker = 'heavy-tail'", "reason"),
    "a waiver that is a number": ("[tool.datacheck]\nwaivers = [1]", "pyproject.toml"),
    "waivers that are a number": ("[tool.datacheck]\nwaivers = 1", "table"),
    "a tool that is a number": ("tool = 1", "tool"),
    "a table that is a number": ("[tool]\ndatacheck = 1", "table"),
    "an action for no column": ("[tool.datacheck.features]\nnothing = 'none'", "nothing"),
    "an action that is unknown": ("[tool.datacheck.features]\nx = 'eval'", "eval"),
    "an action that is a list": ("[tool.datacheck.features]\nx = [[]]", "x"),
    "an output folder with NUL": ('[tool.datacheck]\nout = "o\\u0000ut"', "out"),
}


def config_cases() -> Iterator[Case]:
    command = ("profile", "data", "--quiet")
    for what, (text, word) in _TABLES.items():
        yield Case(f"config: {what}", _beside("pyproject.toml", text.encode()), refused(word), command)
    latin = "[tool.datacheck]\nlabel = 'é'".encode("latin-1")
    yield Case("config: no UTF-8", _beside("pyproject.toml", latin), refused("pyproject.toml"), command)
    nan = "[tool.datacheck.checkers.heavy-tail]\nkurtosis = nan"
    yield Case(
        "config: a threshold of NaN", _beside("pyproject.toml", nan.encode()), refused("heavy-tail"), command
    )


def cases() -> Iterator[Case]:
    """All of them."""
    yield from json_cases()
    yield from config_cases()
