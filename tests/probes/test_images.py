"""Folders of images through the probes: what they look like in small, and whether folders name them rightly."""

from pathlib import Path

import numpy as np
import pytest
from sklearn.datasets import load_digits

import datacheck as dc
from datacheck.cli import main

image_module = pytest.importorskip("PIL.Image")
filters = pytest.importorskip("PIL.ImageFilter")

ROWS = {"train": 400, "test": 250}


def scene(rng, side=24):
    """A smooth random picture with some noise, shape (side, side, 3)."""
    y, x = np.mgrid[:side, :side] / side
    waves = sum(
        np.cos(2 * np.pi * (a * x + b * y) + phase)[..., None] * rng.normal(0, 18, 3)
        for a, b, phase in rng.normal(0, 2, (4, 3))
    )
    return np.clip(128 + waves + rng.normal(0, 6, (side, side, 3)), 0, 255).astype(np.uint8)


def folders(path, change=lambda image: image, seed=0):
    for split, rows in ROWS.items():
        rng = np.random.default_rng([seed, len(split)])
        (path / split).mkdir(parents=True)
        for i in range(rows):
            image = image_module.fromarray(scene(rng))
            (change(image) if split == "test" else image).save(path / split / f"{i:03}.png")
    return path


def warmer(image):
    red, green, blue = image.split()
    return image_module.merge(
        "RGB", (red.point(lambda v: min(v + 8, 255)), green, blue.point(lambda v: max(v - 8, 0)))
    )


def vignetted(image):
    darker = np.hypot(*np.meshgrid(*[np.linspace(-1, 1, image.width)] * 2))[..., None] * 40
    return image_module.fromarray(np.clip(np.asarray(image) + 20 - darker, 0, 255).astype(np.uint8))


CHANGES = {
    "warmer": warmer,
    "vignetted": vignetted,
    "blurred": lambda image: image.filter(filters.GaussianBlur(0.6)),
    "noisier": lambda image: image_module.fromarray(
        np.clip(np.asarray(image) + np.random.default_rng(0).normal(0, 6, (24, 24, 3)), 0, 255).astype(
            np.uint8
        )
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_images_of_another_look_are_a_shift(tmp_path, change):
    found = dc.profile(folders(tmp_path, CHANGES[change])).shift["test"]
    assert found.kind == "covariate"
    assert any(name.startswith("image") for name in found.features)


def test_images_of_one_look_are_none(tmp_path):
    assert dc.profile(folders(tmp_path)).shift["test"].kind == "none"


def test_sharpness_is_seen_without_rows(tmp_path):
    """Of saved profiles: what describes images is compared like features."""
    folder = folders(tmp_path / "data", CHANGES["blurred"])
    with pytest.raises(SystemExit):
        main(["profile", str(folder), "--out", str(tmp_path / "report"), "--quiet"])
    saved = {split: tmp_path / f"report/profile/{split}.json" for split in ROWS}
    report = dc.compare(saved["train"], saved["test"])
    assert "image.sharpness" in {name for f in report.findings for name in f.columns}


def digits(path, labels):
    for i, (image, label) in enumerate(zip(load_digits().images, labels, strict=False)):
        (path / str(label)).mkdir(parents=True, exist_ok=True)
        image_module.fromarray((image * 15.9).astype(np.uint8)).save(path / str(label) / f"{i}.png")
    return path


def test_images_in_wrong_folders_are_label_noise(tmp_path):
    rng, truth = np.random.default_rng(0), load_digits().target[:900]
    wrong = np.where(rng.random(len(truth)) < 0.1, rng.integers(0, 10, len(truth)), truth)
    noisy = dc.profile(digits(tmp_path / "noisy", wrong))
    (found,) = (f for f in noisy.findings if f.checker == "label-noise")
    named = [(Path(name).parent.name, int(Path(name).stem)) for name in found.rows.names]
    assert len(named) == 10
    assert sum(str(truth[i]) != folder for folder, i in named) >= 9
    clean = dc.profile(digits(tmp_path / "clean", truth))
    assert next(iter(clean.alignment.values())).verdict == "aligned"
    assert not {"label-noise", "label-misalignment"} & {f.checker for f in clean.findings}


def test_equal_images_are_copies(tmp_path):
    for folder in ("train/a", "train/b", "test/a", "test/b"):
        (tmp_path / folder).mkdir(parents=True)
        rng = np.random.default_rng(len(folder) + ord(folder[-1]))
        for i in range(20):
            image_module.fromarray(scene(rng)).save(tmp_path / folder / f"{i}.png")
    twin = (tmp_path / "train/a/0.png").read_bytes()
    for place in ("train/a/again.png", "train/b/other.png", "test/a/leak.png"):
        (tmp_path / place).write_bytes(twin)
    found = {f.checker for f in dc.profile(tmp_path).findings}
    assert {"duplicate-rows", "conflicting-labels", "cross-split-duplicates"} <= found
