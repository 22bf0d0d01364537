"""Where files lie: links, pipes, names, rights, and files that change while they are read."""

import os
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from case import PROFILE, Answered, Case, Either, refused

NOBODY = 65534
_CSV = "a,b,label\n" + "".join(f"{i},{i * i % 7},{'ham' if i % 2 else 'eggs'}\n" for i in range(40))


def _write(path: Path, text: str = _CSV) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def _named(name: str | bytes) -> Callable[[Path], Any]:
    """Builds a folder with one CSV of this name."""

    def build(folder: Path) -> None:
        (folder / "data").mkdir()
        (folder / "data" / os.fsdecode(name)).write_text(_CSV)

    return build


def _link_loop(folder: Path) -> None:
    (folder / "data.csv").symlink_to("other.csv")
    (folder / "other.csv").symlink_to("data.csv")


def _loops_in_a_folder(folder: Path) -> None:
    _write(folder / "data" / "good.csv")
    (folder / "data" / "self.csv").symlink_to("self.csv")
    (folder / "data" / "up").symlink_to("..", target_is_directory=True)
    (folder / "data" / "gone.csv").symlink_to("nothing.csv")


def _pipe_in_a_folder(folder: Path) -> None:
    _write(folder / "data" / "good.csv")
    os.mkfifo(folder / "data" / "pipe.csv")
    with socket.socket(socket.AF_UNIX) as plug:
        here = Path.cwd()
        os.chdir(folder / "data")  # the path of a socket may have 108 bytes
        plug.bind("plug.csv")
        os.chdir(here)


def _unreadable(name: str) -> Callable[[Path], Any]:
    def build(folder: Path) -> None:
        _write(folder / "data" / "d.csv")
        (folder / name).chmod(0)

    return build


def _unwritable(folder: Path) -> None:
    _write(folder / "data.csv")
    (folder / "out").mkdir(mode=0o555)


def _deep(folder: Path) -> None:
    _write(folder.joinpath("data", *["d"] * 300) / "d.csv")


def _parquet(folder: Path) -> None:
    table = pa.table({"x": [i / 7 for i in range(200_000)]})
    pq.write_table(
        table, folder / "data.parquet", compression="none", use_dictionary=False, row_group_size=50_000
    )


def _arrow(folder: Path) -> None:
    table = pa.table({"x": [i / 7 for i in range(200_000)]})
    with pa.ipc.new_file(folder / "data.arrow", table.schema) as writer:
        writer.write_table(table, max_chunksize=50_000)


def _npy(folder: Path) -> None:
    import numpy as np

    np.save(folder / "data.npy", np.arange(200_000.0))


def _with_other(folder: Path) -> None:
    _write(folder / "data.csv")
    _write(folder / "other", "p;q\n1;x\n")


def link_cases() -> Iterator[Case]:
    yield Case(
        "place: a link to itself", lambda f: (f / "data.csv").symlink_to("data.csv"), refused("data.csv")
    )
    yield Case("place: two links in a ring", _link_loop, refused("data.csv"))
    yield Case("place: a link to nothing", lambda f: (f / "data.csv").symlink_to("gone"), refused("data.csv"))
    yield Case("place: rings within a folder", _loops_in_a_folder, Answered(40))
    yield Case("place: a pipe", lambda f: os.mkfifo(f / "data.csv"), refused("data.csv"))
    yield Case("place: a pipe and a socket within a folder", _pipe_in_a_folder, Answered(40))
    yield Case("place: a device", lambda f: (f / "data.csv").symlink_to("/dev/zero"), refused("data.csv"))
    yield Case(
        "place: a file of the kernel",
        lambda f: (f / "data.csv").symlink_to("/proc/self/mem"),
        refused("data.csv"),
    )
    yield Case("place: nothing", lambda f: None, refused("data", "does not exist"))
    yield Case(
        "place: a name with NUL", lambda f: None, refused("data"), ("profile", "da\0ta", "--out", "out")
    )
    yield Case(
        "place: a name that is too long", lambda f: None, refused(), ("profile", "x" * 5000, "--out", "out")
    )
    yield Case("place: a folder called CSV", lambda f: (f / "data.csv").mkdir(), refused("data.csv", "empty"))


def name_cases() -> Iterator[Case]:
    names = {
        "a line break": "da\nta.csv",
        "colours of a terminal": "\x1b[31md.csv",
        "right to left": "d\u202evsc.csv",
        "a script": "<script>alert(1)<&script>.csv",
        "200 letters": "d" * 200 + ".csv",
        "a command": "$(touch sprung).csv",
        "an option": "--out.csv",
    }
    for what, name in names.items():
        yield Case(f"name: {what}", _named(name), Answered(40))
    yield Case("name: bytes that are no UTF-8", _named(b"d\xff\xfe.csv"), refused("not UTF-8"))
    yield Case("name: only a suffix", _named(".csv"), refused("data"))
    yield Case("place: 300 folders deep", _deep, Answered(40))


def right_cases() -> Iterator[Case]:
    words = ("Permission denied",)
    yield Case(
        "right: a file that may not be read", _unreadable("data/d.csv"), refused("d.csv", *words), user=NOBODY
    )
    yield Case("right: a folder that may not be read", _unreadable("data"), refused("data"), user=NOBODY)
    yield Case(
        "right: an output folder that may not be written",
        _unwritable,
        refused("out", "cannot write"),
        user=NOBODY,
    )

    def file_as_out(folder: Path) -> None:
        _write(folder / "data.csv")
        _write(folder / "out")

    yield Case("right: an output folder that is a file", file_as_out, refused("out", "cannot write"))
    full = ("profile", "data", "--quiet", "--out", "/dev/full/out")
    yield Case(
        "right: an output folder below a device", lambda f: _write(f / "data.csv"), refused("/dev/full"), full
    )


def changing_cases() -> Iterator[Case]:
    gone = refused("data.")
    for suffix, build in (
        ("csv", lambda f: _write(f / "data.csv")),
        ("parquet", _parquet),
        ("arrow", _arrow),
        ("npy", _npy),
    ):
        for change in ("vanish", "empty", "turn_into_a_folder"):
            kind = Either() if suffix == "npy" and change != "empty" else gone
            yield Case(f"change: {suffix}, {change}", build, kind, PROFILE, meanwhile=change)
        yield Case(f"change: {suffix}, shrink", build, Either(), PROFILE, meanwhile="shrink")
        yield Case(f"change: {suffix}, grow", build, Either(), PROFILE, meanwhile="grow")
    yield Case("change: csv, another file", _with_other, Either(), PROFILE, meanwhile="become_another_file")


def cases() -> Iterator[Case]:
    """All of them."""
    yield from link_cases()
    yield from name_cases()
    yield from right_cases()
    yield from changing_cases()
