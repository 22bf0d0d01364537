import json
import tracemalloc

import pytest

from datacheck.errors import ContractError, InputError
from datacheck.normalization import Normalization, document


@pytest.fixture
def saved(fit, table, tmp_path):
    """The JSON of a contract of every action, and a function that saves an edited one and loads it."""
    contract = fit({**table, "grey": table["huge"]}, {"grey": "quantile", "count": {"clip": [-3, 3]}})
    data = json.loads(document.dump(contract.to_json()))

    def edited(change):
        change(data)
        path = tmp_path / "normalization.json"
        path.write_text(json.dumps(data))
        return Normalization.load(path)

    return edited


PLACES = ["tiny", "huge", "jitter", "rare", "skewed", "cauchy", "count", "colour", "vast", "grey"]


def feature(which, **fields):
    return lambda data: data["features"][PLACES.index(which)].update(fields)


def without(name, field):
    return lambda data: data["features"][PLACES.index(name)].pop(field)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            feature("tiny", std=-1.0),
            r"contract.features\[0\].std: -1.0 given, a number of at least 0 expected",
        ),
        (
            feature("tiny", std=0),
            r"features\[0\].std: 0 given, a number other than 0, by which 'standardize'",
        ),
        (feature("tiny", mean=float("nan")), "NaN is no number that a contract may hold"),
        (feature("tiny", mean=float("inf")), "Infinity is no number"),
        (feature("tiny", mean="3"), r"features\[0\].mean: '3' given, a number expected"),
        (feature("tiny", reason=3), r"features\[0\].reason: 3 given, a text expected"),
        (feature("tiny", mean=True), r"features\[0\].mean: True given, a number expected"),
        (
            feature("tiny", mean=10**400),
            r"features\[0\].mean: 1000.* given, a number within float64 expected",
        ),
        (feature("tiny", count=-1), r"features\[0\].count: -1 given, an integer of at least 0"),
        (feature("tiny", missing=5000), r"features\[0\].count: 2000 given, at least missing \+ finite"),
        (feature("tiny", min=7), r"features\[0\].min: 7 given, at most max"),
        (
            feature("tiny", action="normalize"),
            r"features\[0\].action: 'normalize' given, expected one of",
        ),
        (feature("tiny", decided_by="me"), r"features\[0\].decided_by: 'me' given"),
        (feature("tiny", stdev=1.0), r"features\[0\]: 'stdev' is no field; did you mean 'std'"),
        (feature("tiny", position=3), r"features\[0\].position: 3 given, 0, its place in the list"),
        (feature("tiny", name="huge"), r"features\[1\].name: 'huge' given, a name that no other feature has"),
        (feature("tiny", fill="much"), r"features\[0\].fill: 'much' given, a number expected"),
        (feature("tiny", action=["none"]), r"features\[0\].action: \['none'\] given"),
        (
            without("tiny", "mean"),
            r"features\[0\]: .* the field 'mean', which the action 'standardize' needs",
        ),
        (without("tiny", "reason"), r"features\[0\]: the field 'reason' is missing"),
        (
            feature("colour", categories=["a", "b", "a"]),
            r"categories: .* given, categories that do not overlap",
        ),
        (feature("colour", categories=[["a"]]), r"categories\[0\]: \['a'\] given, a number expected"),
        (feature("count", clip=[3, -3]), r"clip: \[3, -3\] given, two bounds in ascending order"),
        (feature("count", clip=3), r"clip: 3 given, a list expected"),
        (feature("count", missing_indicator=1), r"missing_indicator: 1 given, true or false expected"),
        (
            feature("cauchy", quantiles={"0.25": 1, "0.5": 1, "0.75": 1}),
            "quantiles 0.25, 0.5 and 0.75 that differ",
        ),
        (feature("cauchy", quantiles={"0.5": 2, "0.25": 1}), "probabilities and values in ascending order"),
        (feature("cauchy", quantiles={"half": 2}), "a probability from 0 to 1 as its key, not 'half'"),
        (feature("cauchy", quantiles=[1]), r"quantiles: \[1\] given, an object expected"),
        (feature("grey", quantiles={"0.0": 1, "1.0": 1}), "at least two different quantiles"),
        (feature("skewed", log_std=0), "a number other than 0, by which 'log1p"),
        (feature("tiny", action="minmax", min=1, max=1), "min below max, since 'minmax' divides"),
        (
            feature("tiny", channels=[{"name": "red", "mean": 0.5, "std": 0}]),
            "channels: .* given, no std of 0",
        ),
        (lambda d: d.update(format=2), r"contract.format: 2 given, format 1, the one that datacheck"),
        (lambda d: d.update(precision="float8"), "contract.precision: 'float8' given"),
        (lambda d: d.update(extra=1), "contract: 'extra' is no field"),
        (lambda d: d.update(features={}), "contract.features: {} given, a list expected"),
        (lambda d: d.update(label=[]), r"contract.label: \[\] given, an object expected"),
        (
            lambda d: d["label"].update(classes=[0, 0, 1]),
            "label.classes: .* given, classes that are all different",
        ),
        (
            lambda d: d["label"].update(counts=[1]),
            "label.counts: .* given, one count for each of the 3 classes",
        ),
        (
            lambda d: d["label"]["weights"].update(inverse_frequency=[1, 1, 9]),
            "label.weights: .* follow from",
        ),
    ],
)
def test_edits_of_no_sense_are_refused_with_their_path(saved, change, message):
    with pytest.raises(ContractError, match=message):
        saved(change)


@pytest.mark.parametrize(
    "change",
    [
        lambda data: None,
        feature("tiny", std=2e-4),
        feature("tiny", question=None),
        lambda data: data["label"].pop("weights"),
        lambda data: data.update(label=None),
    ],
)
def test_edits_of_sense_are_read(saved, change):
    assert len(saved(change)) == len(PLACES)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "not the JSON of a normalization contract"),
        (b"\xff\xfe", "not the JSON of a normalization contract"),
        (b"[1, 2", "not the JSON of a normalization contract"),
        (b"3", "contract: 3 given, an object expected"),
        (b'{"format": 1, "format": 1}', "the key 'format' stands twice in one object"),
        (b"[" * 10**6, "nested far deeper than a normalization contract is"),
        (b'{"a":' * 10**6, "nested far deeper than a normalization contract is"),
        (b"1" * 10**6, "not the JSON of a normalization contract"),
        (b'{"format": 1e999}', "the field 'features' is missing"),
        (b'{"format": "' + b"x" * 500 + b'"}', "the field 'features' is missing"),
    ],
)
def test_files_that_are_no_contract(tmp_path, content, message):
    path = tmp_path / "normalization.json"
    path.write_bytes(content)

    with pytest.raises(ContractError, match=message):
        Normalization.load(path)


def test_a_gigabyte_is_refused_in_bounded_memory(tmp_path):
    path = tmp_path / "normalization.json"
    with path.open("wb") as file:
        file.truncate(2**30)

    tracemalloc.start()
    with pytest.raises(ContractError, match="larger than 64 MiB"):
        Normalization.load(path)

    assert tracemalloc.get_traced_memory()[1] < 2.5 * document.MOST_BYTES
    tracemalloc.stop()


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(ContractError, match=r"normalization.json: the .* cannot be read: No such file"):
        Normalization.load(tmp_path / "normalization.json")


def test_saving_never_leaves_half_a_file(fit, tmp_path, monkeypatch):
    contract = fit({"x": [1.0, 2.0, 3.0]})
    path = tmp_path / "normalization.json"
    contract.save(path)
    before = path.read_bytes()
    monkeypatch.setattr(document.os, "fsync", lambda _: (_ for _ in ()).throw(OSError("disk full")))

    with pytest.raises(InputError, match=r"cannot write .*normalization.json: disk full; nothing was left"):
        contract.save(path)

    assert path.read_bytes() == before
    assert len(list(tmp_path.iterdir())) == 1


def test_too_many_features_to_save(fit, tmp_path, monkeypatch):
    monkeypatch.setattr(document, "MOST_BYTES", 100)

    with pytest.raises(ContractError, match="the contract of 1 features takes 0 MiB, more than"):
        fit({"x": [1.0, 2.0, 3.0]}).save(tmp_path / "n.json")


def test_one_field_a_line(fit, tmp_path):
    fit({"x": [1.0, 2.0, 3.0]}).save(tmp_path / "n.json")

    lines = (tmp_path / "n.json").read_text().splitlines()

    assert '      "mean": 2.0,' in lines
    assert lines[0] == "{"


def test_an_unknown_feature_names_the_nearest(fit):
    with pytest.raises(ContractError, match="no feature 'alpa' in the contract; did you mean 'alpha'"):
        fit({"alpha": [1.0, 2.0]})["alpa"]


def test_a_number_beyond_float64_is_not_finite(tmp_path, fit):
    path = tmp_path / "normalization.json"
    fit({"x": [1.0, 2.0, 3.0]}).save(path)
    path.write_text(path.read_text().replace('"mean": 2.0', '"mean": 1e999'))

    with pytest.raises(ContractError, match=r"features\[0\].mean: inf given, a finite number expected"):
        Normalization.load(path)


def test_others_may_read_what_is_saved(fit, tmp_path):
    fit({"x": [1.0, 2.0, 3.0]}).save(tmp_path / "n.json")
    (tmp_path / "other").touch()

    assert (tmp_path / "n.json").stat().st_mode == (tmp_path / "other").stat().st_mode


def test_a_place_that_cannot_be_written(fit, tmp_path):
    (tmp_path / "file").touch()

    with pytest.raises(InputError, match="cannot write"):
        fit({"x": [1.0, 2.0, 3.0]}).save(tmp_path / "file" / "n.json")


def test_half_a_character_is_refused(saved):
    with pytest.raises(ContractError, match="Unicode"):
        saved(feature("tiny", reason="\ud800"))
