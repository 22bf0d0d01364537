import json
import os
import shutil
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from xml.etree import ElementTree

import pytest

import datacheck as dc
from datacheck.integrations.pytest_plugin import findings

ROOT = Path(__file__).parents[3]
PLUGIN = "datacheck.integrations.pytest_plugin"


def run_pytest(*arguments: str, folder: Path) -> tuple[int, str, Mapping[str, ElementTree.Element]]:
    """A pytest of its own, with this plugin alone, in which warnings are errors: code, output, test cases."""
    options = ["--strict-markers", "--junitxml", "junit.xml", "-o", "junit_family=xunit1", *arguments]
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "pytest", "-p", PLUGIN, "-p", "no:cacheprovider", *options],
        cwd=folder,
        env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        timeout=300,
    )
    file = folder / "junit.xml"
    cases = ElementTree.parse(file).getroot().iter("testcase") if file.exists() else ()
    return done.returncode, done.stdout + done.stderr, {case.get("name", ""): case for case in cases}


def outcome(case: ElementTree.Element) -> str:
    return next((child.tag for child in case if child.tag in ("failure", "error", "skipped")), "passed")


@pytest.fixture
def broken(folder: Path, sample_data: Path) -> Path:
    shutil.copytree(sample_data / "wine-broken", folder / "data")
    return folder


@pytest.mark.slow
def test_every_answer_is_the_outcome_of_a_test_and_findings_come_back_from_junit(broken: Path) -> None:
    code, output, cases = run_pytest("--datacheck", "data", folder=broken)

    report = dc.profile(broken / "data")
    assert code == 1
    assert len(cases) == len(
        {(f.checker, f.split) for f in (*report.passed, *report.not_checked)}
        | {(f.checker, f.split) for f in report.findings if f.checker != "odd-split"}
        | {("odd-split", "train")}
    )
    assert Counter(map(outcome, cases.values())) == {
        "passed": len(cases) - 5 - len(report.not_checked),
        "failure": 5,
        "skipped": len(report.not_checked),
    }
    message = next(f.message for f in report.findings if f.columns == ("batch_code",))
    assert message in output
    assert "Traceback" not in output
    reason = next(n.reason for n in report.not_checked if n.checker == "target-scale")
    assert f"not checked: {reason}" in cases["target-scale[train]"].find("skipped").get("message")  # type: ignore[union-attr, operator]

    properties = [
        (p.get("name", ""), p.get("value")) for case in cases.values() for p in case.iter("property")
    ]
    told = Counter((f.checker, f.severity, f.split, f.columns) for f in findings(properties))
    assert told == Counter((f.checker, f.severity, f.split, f.columns) for f in report.findings)


def test_a_clean_dataset_passes_and_k_chooses(folder: Path, sample_data: Path) -> None:
    code, output, cases = run_pytest(
        "--datacheck", str(sample_data / "wine"), "-k", "constant-feature or target-scale", folder=folder
    )

    assert code == 0, output
    assert {name: outcome(case) for name, case in cases.items()} == {
        "near-constant-feature[train]": "passed",
        "target-scale[train]": "skipped",
        **{f"constant-feature[{split}]": "passed" for split in ("train", "val", "test")},
    }


def test_lesser_findings_fail_where_the_configuration_says_so(broken: Path) -> None:
    settings = '[tool.datacheck]\nselect = ["missing-values"]\n'

    (broken / "pyproject.toml").write_text(settings)
    code, output, _ = run_pytest("--datacheck", "data", "-rP", folder=broken)
    assert code == 0 and "WARNING: " in output and "'hue'" in output
    (broken / "pyproject.toml").write_text(settings + 'fail-on = "warning"\n')
    assert run_pytest("--datacheck", "data", folder=broken)[0] == 1


@pytest.mark.slow
def test_known_findings_are_expected_failures_as_the_page_says(
    broken: Path, blocks: Callable[[str, str], list[str]]
) -> None:
    for code in blocks("pytest", "toml") + blocks("pytest", "python"):
        (broken / code.splitlines()[0].removeprefix("# ")).write_text(code)

    command = blocks("pytest", "sh")[0].split()[1:]
    code, output, cases = run_pytest(*command, "-rx", folder=broken)

    assert outcome(cases["sorted-labels[train]"]) == "skipped", output
    assert "the loader shuffles" in output
    assert outcome(cases["constant-feature[train]"]) == "failure"  # the other constant is not waived
    assert "batch_code" not in "".join(cases["constant-feature[train]"].itertext())
    assert outcome(cases["test_no_other_constant"]) == outcome(cases["test_enough_rows"]) == "passed"
    assert code == 1


def test_a_waiver_of_all_findings_is_an_expected_failure(broken: Path) -> None:
    (broken / "pyproject.toml").write_text(
        '[tool.datacheck]\nselect = ["sorted-labels"]\n'
        '[[tool.datacheck.waivers]]\nchecker = "sorted-labels"\nreason = "shuffled later"\n'
    )

    code, output, cases = run_pytest("--datacheck", "data", "-rx", folder=broken)

    assert code == 0 and "1 xfailed" in output and "shuffled later" in output
    assert outcome(cases["sorted-labels[train]"]) == "skipped"


def test_without_the_option_nothing_is_collected_said_or_imported(folder: Path) -> None:
    (folder / "test_one.py").write_text(
        "import sys\n\n\ndef test_one():\n"
        "    heavy = {'numpy', 'pyarrow', 'datacheck.config', 'datacheck.run'}\n"
        "    assert not heavy & sys.modules.keys()\n\n\n"
        "def test_two(datacheck_report):\n    raise AssertionError\n"
    )

    code, output, cases = run_pytest(folder=folder)

    assert code == 0 and list(cases) == ["test_one", "test_two"]
    assert "give --datacheck DATA" in "".join(str(child.attrib) for child in cases["test_two"])
    assert "datacheck" not in output


def test_bad_input_is_one_line_and_no_test(folder: Path) -> None:
    code, output, _ = run_pytest("--datacheck", "nowhere", folder=folder)

    assert code == pytest.ExitCode.USAGE_ERROR
    assert "nowhere does not exist; expected a file or a folder of data" in output
    assert "Traceback" not in output


def test_data_that_cannot_be_read_to_the_end_fail_every_test_and_are_read_once(folder: Path) -> None:
    (folder / "data").mkdir()
    (folder / "data" / "train.csv").write_text("x,label\n")

    code, output, cases = run_pytest("--datacheck", "data", "-k", "missing", folder=folder)

    assert code == 1 and {outcome(case) for case in cases.values()} == {"failure"}
    assert "split 'train' has no rows" in output and "Traceback" not in output


def test_a_crash_fails_the_test_with_its_traceback(broken: Path) -> None:
    (broken / "conftest.py").write_text(
        "import pytest\n"
        "from datacheck.checkers.constant_feature import ConstantFeature\n"
        "from datacheck.probes.measure import shift\n\n\n"
        "def crash(*_):\n    raise ZeroDivisionError('planted')\n\n\n"
        "ConstantFeature.check = crash\nshift.measure = crash\n"
    )

    chosen = "constant-feature or odd or missing-values"
    _, output, cases = run_pytest("--datacheck", "data", "-k", chosen, folder=broken)

    assert outcome(cases["constant-feature[train]"]) == outcome(cases["odd-split[train]"]) == "failure"
    assert outcome(cases["missing-values[train]"]) == "passed"  # its warning fails nothing, as before
    assert "ZeroDivisionError: planted" in output


def test_a_marker_that_names_no_checker_is_told(broken: Path) -> None:
    (broken / "test_data.py").write_text(
        "import pytest\n\n\n@pytest.mark.known_finding('constant-featur', 'why')\n"
        "def test_one(datacheck_report):\n    pass\n"
    )

    code, output, _ = run_pytest("--datacheck", "data", "test_data.py", "-k", "test_one", folder=broken)

    assert code == 1 and "did you mean 'constant-feature'?" in output


def test_the_entry_point_names_this_plugin() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]

    assert project["entry-points"]["pytest11"] == {"datacheck": PLUGIN}
    assert hasattr(import_module(PLUGIN), "pytest_addoption")


def test_findings_are_read_from_their_own_property_alone() -> None:
    told = {
        "checker": "heavy-tail", "severity": "info", "split": "train", "columns": ["x"], "rows": None,
        "message": "m", "evidence": {}, "advice": "", "fix": "",
    }  # fmt: skip

    assert [f.columns for f in findings([("other", "{"), ("datacheck", json.dumps([told]))])] == [("x",)]
