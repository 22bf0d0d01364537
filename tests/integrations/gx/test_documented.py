import shlex
from collections.abc import Callable
from pathlib import Path

import pytest

from datacheck.cli import main

ROOT = Path(__file__).parents[3]


@pytest.mark.slow
def test_the_page_runs_as_written(
    blocks: Callable[[str, str], list[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sample_data").symlink_to(ROOT / "sample_data")
    (tmp_path / "pyproject.toml").write_text("[tool.datacheck]\n")
    monkeypatch.chdir(tmp_path)

    for line in "\n".join(blocks("gx", "sh")).splitlines():
        with pytest.raises(SystemExit) as stopped:
            main(shlex.split(line)[1:])
        assert not stopped.value.code
    names: dict[str, object] = {}
    for block in blocks("gx", "python"):
        exec(compile(block, "gx.md", "exec"), names)

    assert (tmp_path / "expectations/gx/expectations/wine.json").is_file()
    assert len(names["suite"].expectations) == 101  # type: ignore[attr-defined]
