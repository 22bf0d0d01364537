"""Runs command lines of datacheck, each in a fork of its own under limits: `python worker.py JOBS.json`.

A job is {"folder", "arguments", "seconds", "bytes"}: the command runs in the folder with so much address space
and time. What it printed lies there in `stdout` and `stderr`; the answers, in the same order, are printed as
JSON: {"code" (negative: killed by that signal), "seconds", "peak_bytes" (of address space), "resident_bytes"}.
Importing everything once, before the forks, is what makes a case cost a tenth of a second and not two.
"""

import json
import os
import resource
import sys
import time
import warnings
from pathlib import Path
from typing import Any

import meanwhile
import pyarrow as pa

_PATIENCE = 60  # seconds of the clock beyond the limit of processor time, for machines that are busy


def main() -> None:
    pa.set_cpu_count(1)
    pa.set_io_thread_count(1)
    _import_everything()
    jobs = json.loads(Path(sys.argv[1]).read_text())
    print(json.dumps([_run(job) for job in jobs]))  # noqa: T201


def _import_everything() -> None:
    import PIL.Image  # noqa: F401

    import datacheck as dc
    from datacheck import cli, output  # noqa: F401
    from datacheck.reporters.base import reporters

    table = pa.table({"x": [float(i % 7) for i in range(40)], "y": [i % 2 for i in range(40)]})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        report = dc.profile({"train": table, "test": table}, label="y", threads=1)
    for reporter in reporters().values():
        reporter.render(report)


def _run(job: dict[str, Any]) -> dict[str, Any]:
    start = time.monotonic()
    child = os.fork()
    if not child:
        _child(job)
    status, usage = _wait(child, start + _PATIENCE + 4 * job["seconds"])
    peak = Path(job["folder"], "peak")
    return {
        "code": os.waitstatus_to_exitcode(status),
        "seconds": round(time.monotonic() - start, 2),
        "cpu_seconds": round(usage.ru_utime + usage.ru_stime, 2),
        "peak_bytes": int(peak.read_text()) if peak.exists() else None,
        "resident_bytes": usage.ru_maxrss * 1024,
    }


def _wait(child: int, until: float) -> tuple[int, resource.struct_rusage]:
    while True:
        found, status, usage = os.wait4(child, os.WNOHANG)
        if found:
            return status, usage
        if time.monotonic() > until:
            os.kill(child, 9)
        time.sleep(0.005)


def _child(job: dict[str, Any]) -> None:
    code = 70
    try:
        os.chdir(job["folder"])
        for number, name, flags in ((0, os.devnull, os.O_RDONLY), (1, "stdout", _NEW), (2, "stderr", _NEW)):
            os.dup2(os.open(name, flags, 0o600), number)
        resource.setrlimit(resource.RLIMIT_AS, (job["bytes"], job["bytes"]))
        resource.setrlimit(resource.RLIMIT_CPU, (job["seconds"], job["seconds"]))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        if job.get("meanwhile"):
            getattr(meanwhile, job["meanwhile"])()
        if job.get("user") is not None and not os.geteuid():
            os.seteuid(job["user"])
        code = _command(job["arguments"])
        os.seteuid(os.getuid())
        Path("peak").write_text(str(_peak()))
    finally:
        os._exit(code)


def _command(arguments: list[str]) -> int:
    """The exit code of the command as the installed script would have it."""
    from datacheck.cli import main

    try:
        main(arguments)
    except SystemExit as done:
        code = done.code if isinstance(done.code, int) else 1
    except BaseException:
        sys.excepthook(*sys.exc_info())
        code = 1
    else:
        code = 0
    for stream in (sys.stdout, sys.stderr):
        if not stream.closed:
            stream.flush()
    return code


def _peak() -> int:
    """Largest size of the address space so far, bytes."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmPeak"))


_NEW = os.O_WRONLY | os.O_CREAT | os.O_TRUNC

if __name__ == "__main__":
    main()
