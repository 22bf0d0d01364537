"""What a bad input is, and what datacheck may do with it."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LIMIT = 2_000_000_000  # bytes of address space
PROFILE = ("profile", "data", "--quiet", "--out", "out")


@dataclass(frozen=True)
class Refused:
    """One line on stderr with these words, exit code 2, nothing written."""

    words: tuple[str, ...] = ()

    def faults(self, outcome: "Outcome") -> Iterator[str]:
        lines = outcome.stderr.splitlines()
        if outcome.code != 2 or len(lines) != 1 or not lines[0].startswith("datacheck: "):
            yield f"not refused: exit code {outcome.code}, {outcome.stderr[-600:]!r}"
        yield from (
            f"{word!r} is not in {outcome.stderr!r}" for word in self.words if word not in outcome.stderr
        )
        if (outcome.folder / "out" / "report.json").exists():
            yield "a report was written all the same"


@dataclass(frozen=True)
class Answered:
    """A report of so many rows, without a crashed check, of which `holds` is true."""

    rows: int | None = None
    holds: Callable[[dict[str, Any]], Any] | None = None

    def faults(self, outcome: "Outcome") -> Iterator[str]:
        if outcome.code not in (0, 1) or outcome.stderr:
            yield f"not answered: exit code {outcome.code}, {outcome.stderr[-600:]!r}"
            return
        report = json.loads((outcome.folder / "out" / "report.json").read_text())
        yield from (crashed["traceback"] for crashed in report["crashed"])
        rows = sum(split["rows"] for split in report["splits"].values())
        if self.rows not in (None, rows):
            yield f"{rows} rows instead of {self.rows}"
        if self.holds is not None and not self.holds(report):
            yield f"the report is wrong: {json.dumps(report)[:600]}"


@dataclass(frozen=True)
class Either:
    """Refused or answered: for damage of which nobody can say whether it shows."""

    def faults(self, outcome: "Outcome") -> Iterator[str]:
        refused = list(Refused().faults(outcome))
        return iter(refused and list(Answered().faults(outcome)))


@dataclass(frozen=True)
class Printed:
    """Exit code 0 or 1, and no word about a fault: for commands that write no report."""

    def faults(self, outcome: "Outcome") -> Iterator[str]:
        if outcome.code not in (0, 1) or outcome.stderr:
            yield f"exit code {outcome.code}, {outcome.stderr[-600:]!r}"


@dataclass(frozen=True)
class Case:
    """A bad input: `build` makes it in an empty folder, usually as `data` or `data.<suffix>`.

    `seconds` are of processor time. `meanwhile` names what happens to the file between finding and reading it.
    """

    name: str
    build: Callable[[Path], Any]
    expected: Refused | Answered | Either | Printed
    arguments: tuple[str, ...] = PROFILE
    seconds: int = 30
    meanwhile: str | None = None
    user: int | None = None
    slow: bool = False

    def job(self, folder: Path) -> dict[str, Any]:
        """What the worker is told, once the input is built."""
        folder.mkdir()
        folder.chmod(0o777)
        self.build(folder)
        found = sorted(folder.glob("data*")) or [Path("data")]
        arguments = [found[0].name if word == "data" else word for word in self.arguments]
        return {
            "folder": str(folder),
            "arguments": arguments,
            "seconds": self.seconds,
            "bytes": LIMIT,
            "meanwhile": self.meanwhile,
            "user": self.user,
        }


@dataclass(frozen=True)
class Outcome:
    """What the command did."""

    folder: Path
    code: int

    @property
    def stderr(self) -> str:
        """What it printed about faults."""
        return (self.folder / "stderr").read_text(errors="replace")


def refused(*words: str) -> Refused:
    """The refusal with these words."""
    return Refused(words)


Content = bytes | Callable[[], bytes]


def file(name: str, content: Content) -> Callable[[Path], Any]:
    """Builds one file with this content, which a function makes where it is large."""
    return lambda folder: (folder / name).write_bytes(content() if callable(content) else content)


def flipped(content: bytes, seed: int) -> bytes:
    """The content with one to three bits changed, which ones a small generator says."""
    changed = bytearray(content)
    state = seed
    for _ in range(1 + seed % 3):
        state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
        changed[(state >> 20) % len(changed)] ^= 1 << (state >> 8) % 8
    return bytes(changed)
