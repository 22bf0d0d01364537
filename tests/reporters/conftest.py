from collections.abc import Callable
from functools import cache

import numpy as np
import pytest

from datacheck import testing
from datacheck.finding import Finding, Rows, Severity
from datacheck.normalization import Normalization
from datacheck.report import Crashed, NotChecked, Passed, Report, Waived

HOSTILE = (
    "<script>alert(1)</script>",
    "\"quoted\" & 'single'",
    "line\nbreak\r\ttab",
    "\u202egnp.exe\u2066x",
    "nul\x00 esc\x1b[31mred\x07",
    "x" * 10_000,
    "😀 𝒳 noncharacter\ufffe",
    "```\n# heading | pipe",
    "]]></style></svg></pre>",
    "::error::%0A,:",
    "{{ 7 * 7 }}{% raw %}",
    "[bold]x[/bold] [link=http://evil.example]y[/link]",
    "![x](http://evil.example/x.png) <img src=x onerror=alert(2)>",
    "@everyone http://evil.example www.evil.example",
    "مرحبا שלום",
)


def _finding(
    checker: str, severity: Severity, split: str, message: str, *columns: str, **more: object
) -> Finding:
    return Finding(checker=checker, severity=severity, split=split, message=message, columns=columns, **more)  # type: ignore[arg-type]


def _tables() -> dict[str, dict[str, np.ndarray]]:
    rng = np.random.default_rng(7)
    train = {
        "age": rng.normal(40, 12, 900).round(1),
        "income": (rng.lognormal(10, 1, 900) * 100).round(),
        "rate": rng.normal(0, 1e-4, 900),
        "flat": np.full(900, 7.0),
        "colour": rng.choice(["red", "green", "blue"], 900),
        "target": np.sort(rng.integers(0, 3, 900)),
    }
    test = {
        "age": rng.normal(46, 12, 300).round(1),
        "income": (rng.lognormal(10, 1, 300) * 100).round(),
        "rate": rng.normal(0, 1e-4, 300),
        "flat": np.full(300, 7.0),
        "colour": rng.choice(["red", "green"], 300),
        "target": rng.integers(0, 3, 300),
    }
    return {"train": train, "test": test}


FINDINGS = (
    _finding(
        "constant-feature",
        Severity.ERROR,
        "train",
        "'flat' holds one value only (7.0)",
        "flat",
        evidence={"min": 7, "max": 7, "std": 0.0, "precision": "float32"},
        advice="Drop it, or find out why it does not vary.",
        fix="features = features.drop(columns=['flat'])",
    ),
    _finding(
        "feature-scale-disparity",
        Severity.ERROR,
        "train",
        "the spreads lie 10 orders of magnitude apart",
        "rate",
        "income",
        evidence={
            "orders_of_magnitude": 10.54,
            "condition_number": 3.421e21,
            "features": [
                {"column": "rate", "spread": 9.83e-05, "offset": 0.0159},
                {"column": "age", "spread": 12.11, "offset": 3.323},
                {"column": "income", "spread": 3405209.0, "offset": 0.8067},
            ],
        },
        advice="Standardise every feature.",
        fix="contract = dc.Normalization.load('normalization.json')\nx = contract.transform(x)",
    ),
    _finding(
        "single-class-batches",
        Severity.ERROR,
        "train",
        "26 of 28 batches of 32 hold one class only",
        "target",
        evidence={
            "one_class": 26,
            "batches": 28,
            "share_shuffled": 0.9996,
            "classes": ["0", "1", "2", "other"],
            "first_batches": [[32, 0, 0, 0]] * 9
            + [[12, 20, 0, 0]]
            + [[0, 32, 0, 0]] * 9
            + [[0, 0, 32, 0]] * 9,
        },
    ),
    _finding(
        "sorted-labels",
        Severity.ERROR,
        "train",
        "the label changes 2 times from row to row",
        "target",
        evidence={"changes": 2, "expected_changes": 599, "p": 0.0},
        advice="Shuffle the training rows in every epoch.",
    ),
    _finding(
        "class-imbalance",
        Severity.WARNING,
        "train",
        "the classes differ",
        "target",
        evidence={"rarest_share": 0.00001},
    ),
    _finding(
        "covariate-shift",
        Severity.WARNING,
        "test",
        "'age' and 'colour' moved",
        "age",
        "colour",
        rows=Rows(count=2000, examples=(3, 4, 9)),
        evidence={"effect": 0.21, "interval": [0.17, 0.25]},
        advice="Look for a change of unit.",
    ),
    _finding("heavy-tail", Severity.INFO, "train", "'income' has a heavy tail", "income"),
)


@pytest.fixture(scope="session")
def report() -> Report:
    data = testing.make_profile(_tables(), label="target")
    return Report(
        profile=data,
        findings=FINDINGS,
        passed=(
            Passed(checker="missing-values", split="train", detectable="one empty cell"),
            Passed(checker="missing-values", split="test", detectable="one empty cell"),
            Passed(checker="unseen-label", split="test"),
        ),
        not_checked=(NotChecked(checker="target-scale", split="train", reason="the label is a class"),),
        waived=(Waived(finding=FINDINGS[-1], reason="incomes are like that"),),
        normalization=Normalization.of(data.train, data.schema, data.training),
        config={"select": (), "checkers": {"class-imbalance": {"ratio": 10.0}}},
    )


@pytest.fixture(params=range(len(HOSTILE)))
def hostile_name(request: pytest.FixtureRequest) -> str:
    return HOSTILE[request.param]


@pytest.fixture(scope="session")
def clean() -> Report:
    data = testing.make_profile({"train": {"x": [0.1, 0.5, 0.9, 0.2]}})
    return Report(profile=data, passed=(Passed(checker="missing-values", split="train"),))


@pytest.fixture(scope="session")
def crashed(report: Report) -> Report:
    broken = Crashed(
        checker="heavy-tail", split="test", traceback="Traceback\n  File x\nZeroDivisionError: oh <b>no</b>"
    )
    return Report(profile=report.profile, findings=FINDINGS[:1], crashed=(broken,))


@pytest.fixture(scope="session")
def hostile() -> Report:
    columns = {name: np.arange(60.0) * (i + 1) for i, name in enumerate(HOSTILE)}
    labels = np.array(HOSTILE * 4)
    split = "tr<b>ain\x1b[2J"
    data = testing.make_profile(
        {split: {**columns, "y": labels}, "test": {**columns, "y": labels[::-1]}},
        label="y",
        task="classification",
    )
    findings = [_hostile_finding(checker, split, name) for checker in _PICTURED for name in HOSTILE]
    text = "\ud800".join(HOSTILE)
    return Report(
        profile=data,
        findings=tuple(findings),
        passed=(Passed(checker="missing-values", split=split, detectable=text),),
        not_checked=(NotChecked(checker="target-scale", split=split, reason=text),),
        crashed=(Crashed(checker="heavy-tail", split=split, traceback=text),),
        waived=(Waived(finding=findings[0], reason=text),),
        ignored=HOSTILE,
        config={"checkers": {name: name for name in HOSTILE}},
    )


_PICTURED = ("constant-feature", "sorted-labels", "class-imbalance", "feature-scale-disparity", "made-up")


def _hostile_finding(checker: str, split: str, name: str) -> Finding:
    return Finding(
        checker=checker,
        severity=Severity.WARNING,
        split=split,
        message=f"{name!r} {name}",
        columns=(name,),
        rows=Rows(count=1, examples=(0,)),
        evidence={
            name: name,
            "features": [{"column": name, "spread": 1.0}, {"column": name, "spread": 1e9}],
            "list": [name, "\ud800"],
            "odd": ["inf", None, True],
        },
        advice=name,
        fix=f"x[{name!r}]\n{name}",
    )


@pytest.fixture(scope="session")
def wide() -> Callable[[int], Report]:
    @cache
    def make(features: int) -> Report:
        rng = np.random.default_rng(3)
        rows = {"train": 1000, "val": 500, "test": 500}
        tables = {
            split: {f"feature_{i:04d}": rng.normal(i, 1 + i, n) for i in range(features)}
            | {"y": rng.integers(0, 2, n)}
            for split, n in rows.items()
        }
        data = testing.make_profile(tables, label="y")
        found = [
            _finding("made-up", Severity.WARNING, "test", f"feature_{i:04d} moved", f"feature_{i:04d}")
            for i in range(0, features, 10)
        ]
        return Report(profile=data, findings=tuple(found))

    return make
