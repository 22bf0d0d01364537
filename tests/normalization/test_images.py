import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from datacheck import run
from datacheck.cli import app
from datacheck.errors import ContractError, InputError
from datacheck.normalization import Normalization

RNG = np.random.default_rng(4)


@pytest.fixture
def pixels():
    return RNG.integers(0, [100, 200, 256], (20, 8, 8, 3)).astype(np.uint8)


@pytest.fixture
def contract(pixels):
    return Normalization.of_images([pixels[:5], pixels[5:]])


def test_channels_become_standard(contract, pixels):
    given = contract.transform(pixels)

    assert given.dtype == np.float32
    assert given.mean(axis=(0, 1, 2)) == pytest.approx(0, abs=1e-5)
    assert given.std(axis=(0, 1, 2)) == pytest.approx(1, abs=1e-5)
    assert contract["image"].channels[0].mean == pytest.approx(pixels[..., 0].mean() / 255)


def test_torchvision_transform_equals_numpy(contract, pixels):
    torch = pytest.importorskip("torch")
    module = contract.to_torchvision()

    given = module(torch.tensor(pixels).permute(0, 3, 1, 2))

    np.testing.assert_allclose(
        given.permute(0, 2, 3, 1).numpy(), contract.transform(pixels), rtol=1e-6, atol=1e-7
    )
    np.testing.assert_array_equal(module(pixels[0]).numpy(), given[0].numpy())


def test_grey_images_without_channel_axis(pixels):
    pytest.importorskip("torch")
    contract = Normalization.of_images([pixels[..., :1]], precision="bfloat16")

    given = contract.to_torchvision()(pixels[0, :, :, 0])

    assert given.shape == (1, 8, 8)
    assert str(given.dtype) == "torch.bfloat16"


def test_images_in_another_form_are_refused(contract, pixels):
    torch = pytest.importorskip("torch")
    module = contract.to_torchvision("image")

    with pytest.raises(ContractError, match="floats were scaled before, and divided twice"):
        contract.transform(pixels / 255)
    with pytest.raises(ContractError, match="put this transform in the place of ToTensor"):
        module(torch.zeros(3, 8, 8))
    with pytest.raises(ContractError, match=r"\(…, red, green, blue; height, width\) expected"):
        module(torch.zeros(1, 8, 8, dtype=torch.uint8))


def test_save_and_load(contract, pixels, tmp_path):
    contract.save(tmp_path / "n.json")

    loaded = Normalization.load(tmp_path / "n.json")

    np.testing.assert_array_equal(loaded.transform(pixels), contract.transform(pixels))


@pytest.mark.parametrize(
    ("batches", "channels", "message"),
    [
        ([], (), "no pixel given"),
        ([np.zeros((2, 2, 2, 3))], (), r"shape \(2, 2, 2, 3\) and type float64 given, integers"),
        ([np.zeros((2, 2, 2), np.uint8)], (), "integers of shape"),
        ([np.zeros((2, 2, 2, 3), np.uint8)], ("r", "g"), "2 names given for 3 channels"),
    ],
)
def test_training_images_of_another_sort(batches, channels, message):
    with pytest.raises(InputError, match=message):
        Normalization.of_images(batches, channels=channels)


def test_a_black_channel_is_centred():
    contract = Normalization.of_images([np.zeros((2, 2, 2, 5), np.uint8) + np.uint8(7)])

    assert contract["image"].channels[4].name == "channel 4"
    assert (contract.transform(np.full((1, 2, 2, 5), 7, np.uint8)) == 0).all()


def test_a_contract_without_an_image(fit, contract):
    pytest.importorskip("torch")

    with pytest.raises(ContractError, match="the contract has no image; fit one with"):
        fit({"x": [1.0, 2.0]}).to_torchvision()
    with pytest.raises(ContractError, match="'picture' given for the image"):
        contract.to_torchvision("picture")


@pytest.fixture
def folder(tmp_path):
    rng = np.random.default_rng(0)
    for split, size in (("train", 30), ("test", 15)):
        for label in ("cat", "dog"):
            (tmp_path / "data" / split / label).mkdir(parents=True)
            for i in range(size):
                pixels = rng.integers(0, [90, 150, 256], (12, 16, 3)).astype(np.uint8)
                Image.fromarray(pixels).save(tmp_path / "data" / split / label / f"{i}.png")
    return tmp_path / "data"


def _pixels(folder):
    return np.stack([np.asarray(Image.open(path)) for path in sorted(folder.rglob("*.png"))])


def test_a_folder_of_images_leads_to_the_contract_of_its_pixels(folder, tmp_path):
    CliRunner().invoke(app, ["profile", str(folder), "--out", str(tmp_path), "-q"])
    found = Normalization.load(tmp_path / "normalization.json")

    wanted = Normalization.of_images([_pixels(folder / "train")])["image"]
    assert found.names == ("image",) and found["image"].constant == 255
    for channel, other in zip(found["image"].channels, wanted.channels, strict=True):
        assert channel.name == other.name
        assert (channel.mean, channel.std) == pytest.approx((other.mean, other.std), rel=1e-9)
    normalised = found.transform(_pixels(folder / "train"))
    assert np.allclose(normalised.mean((0, 1, 2)), 0, atol=1e-4)


def test_folders_are_verified_by_their_pixels(folder, tmp_path):
    contract = run.profile(folder).normalization
    assert run.verify(contract, folder / "test")["data"].state == "raw"
    for path in (folder / "test").rglob("*.png"):
        Image.fromarray(np.asarray(Image.open(path))[..., ::-1].copy()).save(path)
    assert run.verify(contract, folder / "test")["data"].state == "channels swapped"
    with pytest.raises(ContractError, match="to_torchvision"):
        run.normalize(folder, contract, tmp_path / "out")
