"""What happens to a file after datacheck found it and before it reads it: `data.*` in the working folder."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from datacheck import run


def vanish() -> None:
    _before_reading(lambda file: file.unlink())


def shrink() -> None:
    _before_reading(lambda file: file.write_bytes(file.read_bytes()[: file.stat().st_size // 2]))


def empty() -> None:
    _before_reading(lambda file: file.write_bytes(b""))


def grow() -> None:
    _before_reading(lambda file: file.write_bytes(file.read_bytes() + b"9,9,ham\n" * 1000))


def turn_into_a_folder() -> None:
    def turn(file: Path) -> None:
        file.unlink()
        file.mkdir()

    _before_reading(turn)


def become_another_file() -> None:
    _before_reading(lambda file: file.write_bytes(Path("other").read_bytes()))


def _before_reading(change: Callable[[Path], Any]) -> None:
    reading = run.profile_dataset

    def changed(*args: Any, **options: Any) -> Any:
        change(next(Path().glob("data.*")))
        return reading(*args, **options)

    run.profile_dataset = changed
