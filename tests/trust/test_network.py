"""No command opens a connection or asks for an address."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from runs import ENVIRONMENT

# every way out that Python has raises one of these events; what the commands do is recorded, not prevented
HOOKED = """
import json, sys
seen = []
def hook(event, args):
    if event.startswith(("socket.", "urllib.", "http.client.", "ftplib.", "smtplib.", "subprocess.", "os.exec",
                         "os.posix_spawn", "os.system", "webbrowser.", "pickle.find_class", "marshal.loads")):
        if event != "marshal.loads" and not (event == "socket.__new__" and args[1] == 1):
            seen.append([event, repr(args)[:200]])
sys.addaudithook(hook)
from datacheck.cli import main
codes = []
for arguments in json.loads(sys.argv[1]):
    try:
        main(arguments)
    except SystemExit as done:
        codes.append(done.code)
print(json.dumps({"seen": seen, "codes": codes}), file=sys.stderr)
"""

COMMANDS = [
    ["profile", "data", "--quiet", "--out", "out"],
    ["check", "data/test", "--reference", "out/profile/train.json", "--quiet"],
    ["compare", "data/train", "data/test", "--quiet"],
    ["merge", "out/profile/train.json", "out/profile/test.json", "--out", "both.json"],
    ["verify", "out/normalization.json", "data"],
    ["normalize", "data", "--contract", "out/normalization.json", "--out", "normalised"],
    *(
        ["report", "out", "--format", f"{name}=rendered"]
        for name in ("html", "github", "junit", "sarif", "markdown")
    ),
    ["diff", "out", "out"],
    ["explain", "constant-feature"],
    ["list"],
    ["init"],
    ["profile", "nothing"],
]


def test_no_command_uses_the_network_or_starts_a_program(data: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", HOOKED, json.dumps(COMMANDS)],
        cwd=data.parent,
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
    outcome = json.loads(done.stderr.splitlines()[-1])
    assert len(outcome["codes"]) == len(COMMANDS)
    assert all(code in (0, 1) for code in outcome["codes"][:-1]), done.stderr
    assert outcome["seen"] == []


def test_the_hook_sees_a_connection() -> None:
    script = HOOKED.replace(
        "from datacheck.cli import main", "import socket; main = lambda a: socket.getaddrinfo(*a)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, json.dumps([["localhost", 80]])],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        pytest.skip("there is no resolver here")
    assert "socket.getaddrinfo" in done.stderr
