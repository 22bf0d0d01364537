import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

yaml = pytest.importorskip("yaml")

ROOT = Path(__file__).parents[3]
ACTION = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
_EXPRESSION = re.compile(r"\$\{\{\s*inputs\.([\w-]+)\s*\}\}")


@dataclass(frozen=True)
class Ran:
    """What a step of the action left behind."""

    code: int
    log: str
    summary: str
    outputs: Mapping[str, str]


@pytest.fixture
def data(folder: Path, sample_data: Path) -> Path:
    """A working folder with data, and one checker chosen so that the runs are quick."""
    (folder / "pyproject.toml").write_text(
        '[tool.datacheck]\nselect = ["constant-feature", "missing-values"]\n'
    )
    shutil.copytree(sample_data / "wine-broken", folder / "data")
    return folder


def tools(folder: Path, **stubs: str) -> str:
    """A PATH on which datacheck is this one; `stubs` are other commands, as bash scripts."""
    bin_ = folder / ".bin"
    bin_.mkdir(exist_ok=True)
    stubs.setdefault("datacheck", f'exec "{sys.executable}" -m datacheck "$@"')
    for name, script in stubs.items():
        (bin_ / name).write_text(f"#!/bin/bash\n{script}\n")
        (bin_ / name).chmod(0o755)
    return f"{bin_}:/usr/bin:/bin"


def run_step(step: Mapping[str, Any], folder: Path, inputs: Mapping[str, str], **stubs: str) -> Ran:
    """A step as the runner of GitHub runs `shell: bash`: its file, its environment, inputs put in their places."""
    defaults = {name: spec.get("default", "") for name, spec in ACTION["inputs"].items()}
    given = {**defaults, **inputs}
    files = {name: folder / f".{name.lower()}" for name in ("GITHUB_STEP_SUMMARY", "GITHUB_OUTPUT")}
    for file in files.values():
        file.write_text("")
    own = {k: _EXPRESSION.sub(lambda m: given[m[1]], v) for k, v in step.get("env", {}).items()}
    path = {"PATH": tools(folder, **stubs), "GITHUB_ACTION_PATH": str(ROOT), "GITHUB_ACTIONS": "true"}
    kept = {k: v for k, v in os.environ.items() if k in ("HOME", "PYTHONPATH", "LANG")}
    script = folder / ".step.sh"
    script.write_text(step["run"])
    done = subprocess.run(
        ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", str(script)],
        cwd=folder,
        env={**kept, **path, **{k: str(v) for k, v in files.items()}, **own},
        capture_output=True,
        text=True,
        timeout=300,
    )
    lines = files["GITHUB_OUTPUT"].read_text().splitlines()
    outputs = dict(line.split("=", 1) for line in lines)
    summary = files["GITHUB_STEP_SUMMARY"].read_text()
    return Ran(done.returncode, done.stdout + done.stderr, summary, outputs)


def step(name: str) -> Mapping[str, Any]:
    return next(step for step in ACTION["runs"]["steps"] if step["name"] == name)


def check(folder: Path, **inputs: str) -> Ran:
    return run_step(step("Check the data"), folder, {k.replace("_", "-"): v for k, v in inputs.items()})


def test_findings_are_annotations_summary_sarif_outputs_and_exit_code(data: Path) -> None:
    ran = check(data, data="data")

    assert ran.code == 1
    assert "::error title=constant-feature (train)::'batch_code'" in ran.log
    assert "batch_code" in ran.summary and "constant-feature" in ran.summary
    assert ran.outputs == {
        "exit-code": "1", "report": "datacheck-report", "sarif": "datacheck-report/datacheck.sarif",
    }  # fmt: skip
    assert {"report.html", "report.json", "datacheck.sarif", "normalization.json"} <= {
        path.name for path in (data / "datacheck-report").iterdir()
    }
    assert set(ACTION["outputs"]) == set(ran.outputs)


def test_every_input_reaches_datacheck(data: Path, sample_data: Path) -> None:
    told = run_step(
        step("Check the data"),
        data,
        {"data": "d", "label": "y", "fail-on": "info", "baseline": "b", "out": "o", "sarif": "s"},
        datacheck='printf "[%s]" "$@"; exit 3',
    )
    against = run_step(
        step("Check the data"),
        data,
        {"data": "d", "reference": "r", "contract": "c", "out": "o", "sarif": "s"},
        datacheck='printf "[%s]" "$@"',
    )

    common = "[--format][github][--format=markdown=o/summary.md][--format=sarif=s]"
    assert told.log == f"[profile]{common}[--label=y][--fail-on=info][--out=o][--baseline=b][--][d]"
    assert told.code == 3 and told.outputs["exit-code"] == "3"
    assert against.log == (
        f"[check]{common}[--reference=r][--format=json=o/report.json][--format=html=o/report.html]"
        "[--contract=c][--][d]"
    )
    used = {name for step in ACTION["runs"]["steps"] for name in _EXPRESSION.findall(str(step))}
    assert used | {"install"} == set(ACTION["inputs"])


@pytest.mark.parametrize(
    "name", ["data", "label", "fail-on", "baseline", "reference", "contract", "out", "sarif"]
)
@pytest.mark.parametrize(
    "value", ['"; touch pwned; "', "$(touch pwned)", "`touch pwned`", "'; touch pwned #", "-x && touch pwned"]
)
def test_an_input_is_never_run(data: Path, name: str, value: str) -> None:
    inputs = {"data": "data", name: value}

    ran = run_step(step("Check the data"), data, inputs, datacheck='printf "[%s]" "$@"; exit 2')

    assert not (data / "pwned").exists()
    assert value in ran.log or name == "contract"  # which needs a reference
    assert ran.code == 2


def test_a_line_break_in_an_input_writes_no_output_of_its_own(data: Path) -> None:
    ran = check(data, data="data", out="x\nexit-code=0")

    assert ran.code == 2 and not ran.outputs
    assert "holds a line break" in ran.log


def test_no_script_holds_an_expression() -> None:
    assert not [step["name"] for step in ACTION["runs"]["steps"] if "${{" in step["run"]]
    assert all(step["shell"] == "bash" for step in ACTION["runs"]["steps"])


def test_data_that_cannot_be_read_are_said_so_and_files_of_an_earlier_run_do_not_stay(data: Path) -> None:
    check(data, data="data")

    ran = check(data, data="nowhere")

    assert ran.code == 2 and "nowhere does not exist" in ran.log
    assert "could not check the data" in ran.summary
    assert ran.outputs == {"exit-code": "2", "report": "datacheck-report", "sarif": ""}


def test_new_data_are_held_against_a_profile_and_a_contract(data: Path) -> None:
    check(data, data="data", out="known", sarif="known/x.sarif", fail_on="never")

    ran = check(
        data,
        data="data/test.csv",
        reference="known/profile/train.json",
        contract="known/normalization.json",
        fail_on="never",
    )

    assert ran.code == 0, ran.log
    assert "normalization-contract" in ran.summary
    assert (data / "datacheck-report" / "report.html").is_file()


def test_this_very_version_is_installed(data: Path) -> None:
    install = step("Install datacheck")

    ran = run_step(install, data, {}, python='printf "[%s]" "$@"')

    assert ran.log == f"[-m][pip][install][--quiet][--disable-pip-version-check][{ROOT}]"
    assert install["if"] == "inputs.install == 'true'" and ACTION["inputs"]["install"]["default"] == "true"


def test_the_hook_of_pre_commit_checks_the_data(data: Path) -> None:
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())

    assert [bool(re.search(hook["files"], name)) for name in ("a/x.csv", "b.parquet", "c.py")] == [
        True,
        True,
        False,
    ]
    assert hook["language"] == "python" and hook["pass_filenames"] is False
    done = subprocess.run(
        [*hook["entry"].split(), *hook["args"]],
        env={**os.environ, "PATH": tools(data)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1 and "batch_code" in done.stdout


def test_the_recipes_of_gitlab_and_jenkins_write_junit(
    data: Path, blocks: Callable[[str, str], list[str]]
) -> None:
    recipes = [yaml.safe_load(text) for text in blocks("ci", "yaml")]
    gitlab = next(recipe["datacheck"] for recipe in recipes if "datacheck" in recipe)
    jenkins = re.findall(r"sh '([^']*)'", blocks("ci", "groovy")[0])
    path = tools(data, pip='echo "pip $*"', python=f'exec "{sys.executable}" "$@"')

    for script, file in (
        (gitlab["script"], gitlab["artifacts"]["reports"]["junit"]),
        (jenkins, "datacheck.xml"),
    ):
        (data / "datacheck.xml").unlink(missing_ok=True)
        codes = [
            subprocess.run(
                ["bash", "-c", line], env={**os.environ, "PATH": path}, capture_output=True
            ).returncode
            for line in script
        ]
        assert codes == [0, 1]
        assert "<failure" in (data / file).read_text()


def test_the_workflow_names_inputs_that_there_are(blocks: Callable[[str, str], list[str]]) -> None:
    workflow, *_, hooks = [yaml.safe_load(text) for text in blocks("ci", "yaml")]
    steps = workflow["jobs"]["data"]["steps"]
    ours = next(step for step in steps if step.get("id") == "datacheck")
    upload = next(step for step in steps if "upload-sarif" in step["uses"])

    assert set(ours["with"]) <= set(ACTION["inputs"])
    assert upload["with"]["sarif_file"] == ACTION["inputs"]["sarif"]["default"]
    named = {hook["id"] for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())}
    assert {hook["id"] for hook in hooks["repos"][0]["hooks"]} <= named


def test_the_page_on_contracts_is_one_line_without_training_data(
    data: Path, sample_data: Path, blocks: Callable[[str, str], list[str]]
) -> None:
    shutil.rmtree(data / "data")
    shutil.copytree(sample_data / "wine", data / "data")
    check(data, data="data", out="known", sarif="known/x.sarif")
    for name in ("profile", "normalization.json"):
        shutil.move(data / "known" / name, data / name)
    (data / "new").mkdir()
    shutil.move(data / "data" / "val.csv", data / "new" / "val.csv")
    shutil.rmtree(data / "data")
    (data / "Makefile").write_text(blocks("contract-check", "make")[0])
    env = {**os.environ, "PATH": tools(data)}

    (line,) = blocks("contract-check", "sh")
    clean = subprocess.run(["bash", "-c", line], env=env, capture_output=True, text=True)
    assert clean.returncode == 0 and "normalization-contract" in clean.stdout, clean.stderr

    frame = (data / "new" / "val.csv").read_text().replace(",class_", ",class_1")
    (data / "new" / "val.csv").write_text(frame)
    (data / "pyproject.toml").write_text('[tool.datacheck]\nselect = ["unseen-label"]\n')
    made = subprocess.run(["make", "score"], env=env, capture_output=True, text=True)
    assert made.returncode == 2 and "scoring" not in made.stdout
