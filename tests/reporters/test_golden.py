import difflib
import os
import re
from pathlib import Path

import pytest

import datacheck.run
from datacheck.config import Config, checker_classes
from datacheck.report import Report
from datacheck.reporters.base import reporters

SAMPLES = Path(__file__).parents[2] / "sample_data"
GOLDEN = Path(__file__).parent / "golden"
PAGES = ("wine", "wine-broken")
NAMES = sorted(path.name for path in SAMPLES.iterdir() if path.is_dir())


@pytest.fixture(scope="module")
def reports() -> dict[str, Report]:
    return {}


def _report(sample: str, known: dict[str, Report]) -> Report:
    if sample not in known:
        # the probes' numbers depend on the processor's linear algebra; their checkers have tests of their own
        probed = tuple(name for name, cls in checker_classes().items() if cls.requires)
        known[sample] = datacheck.run.profile(SAMPLES / sample, config=Config(ignore=probed))
    return known[sample]


@pytest.mark.parametrize("name", sorted(reporters()))
@pytest.mark.parametrize("sample", NAMES)
def test_golden(sample: str, name: str, reports: dict[str, Report]) -> None:
    if name == "html" and sample not in PAGES:
        pytest.skip("two pages are enough to review")
    reporter = reporters()[name]
    text = reporter.render(_report(sample, reports))
    path = GOLDEN / sample / f"{name}{reporter.suffix}"
    if os.environ.get("UPDATE_GOLDEN"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    wanted, text = _rounded(path.read_text(encoding="utf-8")), _rounded(text)
    changed = difflib.unified_diff(wanted.splitlines(), text.splitlines(), "golden", "now", n=0, lineterm="")
    assert text == wanted, "\n".join(list(changed)[:40]) + "\nmake golden rewrites the files; review the diff"


def _rounded(text: str) -> str:
    """Six digits of each number: what follows may differ between processors."""
    return re.sub(r"\d+\.\d{6,}(e[+-]\d+)?", lambda number: f"{float(number[0]):.6g}", text)
