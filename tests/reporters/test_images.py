"""Images in the page: channel histograms always, thumbnails where the user asks for them."""

import base64
import io
import json
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

import datacheck as dc
from datacheck.cli import app
from datacheck.errors import ConfigError
from datacheck.reporters.base import reporters
from datacheck.reporters.document import Document


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("images")
    rng = np.random.default_rng(0)
    for split, size in (("train", 12), ("test", 8)):
        for name, level in (("cat", 40), ("dog", 200)):
            (root / split / name).mkdir(parents=True)
            for i in range(size):
                pixels = rng.integers(level, level + 50, (80, 96, 3)).astype(np.uint8)
                Image.fromarray(pixels).save(root / split / name / f"{i}.png")
    (root / "train" / "cat" / "bad.png").write_bytes(b"no image")
    return root


def _page(folder: Path, out: Path, *options: str) -> str:
    result = CliRunner().invoke(app, ["profile", str(folder), "--out", str(out), "-q", *options])
    assert result.exit_code in (0, 1), result.output
    return (out / "report.html").read_text()


def test_channel_histograms_of_every_split(folder: Path, tmp_path: Path) -> None:
    page = _page(folder, tmp_path / "out")
    drawn = re.search(r"<svg[^>]*>(?:(?!</svg>).)*Pixels of each channel.*?</svg>", page, re.DOTALL)
    assert drawn is not None
    assert all(f">{split}</text>" in drawn[0] for split in ("train", "test"))
    assert drawn[0].count('class="outline s') == 6 and len(drawn[0]) <= 5000
    assert "<img" not in page and "thumbnails" not in (tmp_path / "out" / "report.json").read_text()


def test_thumbnails_are_small_and_encoded_anew(folder: Path, tmp_path: Path) -> None:
    page = _page(folder, tmp_path / "out", "--thumbnails", "4")
    sources = re.findall(r'<img src="data:image/png;base64,([^"]*)" alt="([^"]*)"', page)
    assert len(sources) == 7  # one of the four of train is unreadable
    assert all(name.endswith(".png") for _, name in sources)
    for encoded, _ in sources:
        image = Image.open(io.BytesIO(base64.b64decode(encoded)))
        assert max(image.size) == 64 and image.mode == "RGB"
    again = reporters()["html"].render(Document.load(tmp_path / "out"))
    assert again == page


@pytest.mark.parametrize("png", ["javascript:alert(1)", '"><script>alert(1)</script>', "PHN2Zz4=", ""])
def test_a_forged_thumbnail_is_not_shown(folder: Path, tmp_path: Path, png: str) -> None:
    _page(folder, tmp_path / "out", "--thumbnails", "1")
    path = tmp_path / "out" / "report.json"
    content = json.loads(path.read_text())
    content["thumbnails"] = {"train": [{"name": "<script>", "png": png}]}
    path.write_text(json.dumps(content))
    page = reporters()["html"].render(Document.load(path))
    assert "<img" not in page and "<script" not in page


def test_too_many_are_refused(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="0 to 60"):
        dc.profile(folder, thumbnails=1000)
