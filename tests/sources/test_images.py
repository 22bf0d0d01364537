import io
import subprocess
import sys

import numpy as np
import pytest

from datacheck.errors import InputError
from datacheck.run import profile

image_module = pytest.importorskip("PIL.Image")
RNG = np.random.default_rng(3)


def picture(shape=(8, 6, 3), low=0, high=256, dtype=np.uint8):
    return image_module.fromarray(RNG.integers(low, high, shape).astype(dtype))


def save(path, image, **options):
    path.parent.mkdir(parents=True, exist_ok=True)
    image.save(path, **options)
    return np.asarray(image)


def pixels(p):
    return {
        c: (p[f"image[{c}]"].moments.mean, p[f"image[{c}]"].moments.std) for c in ("red", "green", "blue")
    }


def test_statistics_of_the_channels(tmp_path):
    arrays = [
        save(tmp_path / f"train/{'cat' if i % 2 else 'dog'}/{i}.png", picture((8, 5 + i, 3), 0, 9 * i + 9))
        for i in range(20)
    ]
    report = profile(tmp_path)
    assert not report.crashed
    p = report.profile.train
    assert (p.rows, report.profile.schema.label, report.profile.schema.task) == (
        20,
        "label",
        "classification",
    )
    assert p["label"].levels.counts == {"cat": 10, "dog": 10}
    every = np.concatenate([a.reshape(-1, 3) for a in arrays]).astype(float)
    for i, channel in enumerate(("red", "green", "blue")):
        found = p[f"image[{channel}]"]
        assert found.moments.mean == pytest.approx(every[:, i].mean(), rel=1e-12)
        assert found.moments.std == pytest.approx(every[:, i].std(), rel=1e-12)
        assert (found.extrema.min, found.extrema.max) == (every[:, i].min(), every[:, i].max())
        assert (found.counts.rows, found.counts.zero) == (len(every), np.count_nonzero(every[:, i] == 0))
        assert found.quantiles.at(0.5) == pytest.approx(np.median(every[:, i]), abs=1)
    assert (p["image.width"].extrema.min, p["image.width"].extrema.max) == (5, 24)
    brightness = sorted(a.mean() for a in arrays)
    assert p["image.brightness"].extrema.max == pytest.approx(brightness[-1])
    assert p["image.mode"].levels.counts == {"RGB": 20}


def test_clean_images_of_one_size_give_no_warning(tmp_path):
    for i in range(200):
        save(
            tmp_path / f"{'train' if i % 4 else 'test'}/{'cat' if i % 3 else 'dog'}/{i}.png",
            picture(high=int(RNG.integers(100, 256))),
        )
    report = profile(tmp_path)
    assert {f.checker for f in report.findings if f.severity == "error"} == set()
    assert not report.crashed


def test_grey_images_have_one_channel(tmp_path):
    for i in range(3):
        save(tmp_path / f"{i}.png", picture((4, 4)))
    p = profile(tmp_path).profile.train
    assert "image[grey]" in p
    assert "label" not in p


def test_colour_that_comes_late(tmp_path):
    grey = [save(tmp_path / f"a/{i:03}.png", picture((4, 4))) for i in range(30)]
    colour = save(tmp_path / "b/999.png", picture((4, 4, 3)))
    p = profile(tmp_path).profile.train
    red = np.concatenate([*(g.ravel() for g in grey), colour[..., 0].ravel()]).astype(float)
    assert p["image[red]"].moments.mean == pytest.approx(red.mean(), rel=1e-12)
    assert p["image.mode"].levels.counts == {"L": 30, "RGB": 1}


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "YCbCr", "I;16"])
def test_modes(tmp_path, mode):
    image = picture((4, 4), 0, 65_536, np.uint16) if mode == "I;16" else picture((4, 4, 3)).convert(mode)
    image.save(tmp_path / ("d.jpg" if mode in ("CMYK", "YCbCr") else "d.png"))
    p = profile(tmp_path).profile.train
    assert p["image.mode"].levels.counts in ({mode: 1}, {"RGB": 1})
    assert p["image.unreadable"].counts.null == 1


def test_sixteen_bits_are_scaled_to_eight(tmp_path):
    values = save(tmp_path / "d.png", picture((64, 64), 0, 65_536, np.uint16))
    found = profile(tmp_path).profile.train["image[grey]"]
    assert found.moments.mean == pytest.approx(values.mean() / 257, abs=0.05)


@pytest.mark.parametrize("suffix", ["png", "jpg", "bmp", "tiff", "webp", "gif"])
def test_formats(tmp_path, suffix):
    save(tmp_path / f"d.{suffix}", picture((16, 16, 3)))
    assert profile(tmp_path).profile.train["image.width"].extrema.max == 16


def test_animated_images_are_their_first_frame(tmp_path):
    frames = [picture((4, 4)) for _ in range(3)]
    frames[0].save(tmp_path / "d.gif", save_all=True, append_images=frames[1:])
    p = profile(tmp_path).profile.train
    assert next(iter(p["image.mode"].levels.counts)).endswith("3 frames")


def test_images_that_cannot_be_read_are_named(tmp_path):
    for i in range(10):
        save(tmp_path / f"{'ab'[i % 2]}/{i}.png", picture())
    (tmp_path / "a/bad.png").write_bytes(b"no image")
    (tmp_path / "a/empty.jpg").write_bytes(b"")
    whole = io.BytesIO()
    picture((64, 64, 3)).save(whole, "png")
    (tmp_path / "b/cut.png").write_bytes(whole.getvalue()[:2000])
    report = profile(tmp_path)
    assert not report.crashed
    p = report.profile.train
    assert p.rows == 13
    assert sorted(text.partition(":")[0] for text in p["image.unreadable"].levels.counts) == [
        "a/bad.png", "a/empty.jpg", "b/cut.png",
    ]  # fmt: skip
    assert p["image[red]"].counts.rows == 10 * 48
    assert p["image.brightness"].counts.null == 3


def test_sharpness_of_images_of_many_sizes(tmp_path):
    shapes = [(1, 1), (1, 9), (9, 1), (31, 7), (32, 300), (33, 8), (100, 20)] * 6
    expected = []
    for i, (height, width) in enumerate(shapes):
        pixels = save(tmp_path / f"{i:02}.png", picture((height, width))).astype(int)
        rows = (2 * np.arange(min(height, 32)) + 1) * height // (2 * min(height, 32))
        expected.append(np.abs(np.diff(pixels[rows])).mean() if width > 1 else 0)
    for i in (3, 33, 99):
        (tmp_path / f"{i:02}x.png").write_bytes(b"no image")
    found = profile(tmp_path).profile.train["image.sharpness"]
    assert (found.counts.rows, found.counts.null) == (len(shapes) + 3, 3)
    assert found.moments.mean == pytest.approx(np.mean(expected), rel=1e-12)
    assert found.extrema.max == pytest.approx(max(expected), rel=1e-12)


def test_reasons_are_the_same_in_every_run(tmp_path):
    (tmp_path / "a.png").write_bytes(b"no image")
    save(tmp_path / "b.png", picture())
    reasons = profile(tmp_path).profile.train["image.unreadable"].levels.counts
    assert list(reasons) == ["a.png: cannot identify image file"]


def test_pandas_is_not_imported(tmp_path):
    for i in range(4):
        save(tmp_path / f"{'ab'[i % 2]}/{i}.png", picture())
    code = (
        "import sys, pathlib\n"
        "from datacheck.dataset import find\n"
        "from datacheck.engines.assemble import profile_dataset\n"
        "profile_dataset(find(pathlib.Path(sys.argv[1])))\n"
        "assert 'pandas' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=True)


def test_image_whose_header_lies_about_its_size(tmp_path):
    whole = io.BytesIO()
    picture((4, 4, 3)).save(whole, "bmp")
    lie = bytearray(whole.getvalue())
    lie[18:26] = (2**20).to_bytes(4, "little") * 2
    (tmp_path / "d.bmp").write_bytes(lie)
    report = profile(tmp_path)
    assert report.profile.train["image.unreadable"].counts.null == 0


def test_same_image_under_two_labels(tmp_path):
    image = picture()
    for name in ("a/1.png", "b/2.png"):
        save(tmp_path / name, image)
    for i in range(20):
        save(tmp_path / f"{'ab'[i % 2]}/x{i}.png", picture())
    hashes = profile(tmp_path).profile.train.row_hashes
    assert (hashes.duplicates, hashes.conflicting) == (1, 2)


def test_images_that_vanish(tmp_path):
    from datacheck.dataset import find
    from datacheck.engines.assemble import profile_dataset

    save(tmp_path / "d.png", picture())
    dataset = find(tmp_path)
    (tmp_path / "d.png").unlink()
    with pytest.raises(InputError, match=r"d\.png"):
        profile_dataset(dataset)


def test_images_of_a_torch_dataset_and_of_a_shard(tmp_path):
    torch = pytest.importorskip("torch")
    import tarfile

    images = [picture() for _ in range(5)]

    class Rows(torch.utils.data.Dataset):
        def __len__(self):
            return 5

        def __getitem__(self, i):
            return images[i], i % 2

    with tarfile.open(tmp_path / "d.tar", "w") as archive:
        for i, image in enumerate(images):
            save(tmp_path / f"x/{i}.png", image)
            archive.add(tmp_path / f"x/{i}.png", f"{i}.png")
    expected = pixels(profile(tmp_path / "x").profile.train)
    assert pixels(profile(tmp_path / "d.tar").profile.train) == expected
    p = profile(Rows()).profile.train
    assert p["x[red]"].moments.mean == expected["red"][0]
