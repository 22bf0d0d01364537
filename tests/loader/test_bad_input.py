from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from torch.utils.data import DataLoader, Dataset, IterableDataset, TensorDataset

from datacheck.errors import ConfigError, InputError
from datacheck.finding import Finding
from datacheck.loader import audit_loader, drive, load_factory


class Failing(Dataset[Any]):
    def __len__(self) -> int:
        return 64

    def __getitem__(self, index: int) -> Any:
        if index == 37:
            raise ValueError("cannot decode 37.jpg")
        return torch.rand(3), index % 2


class Stream(IterableDataset[Any]):
    def __init__(self, samples: int | None) -> None:
        self.samples = samples

    def __iter__(self) -> Iterator[Any]:
        count = 0
        while self.samples is None or count < self.samples:
            yield torch.rand(3), count % 2
            count += 1


class Lying(Stream):
    def __len__(self) -> int:
        return 200


class Batches:
    def __init__(self, *batches: Any, length: int | None = None) -> None:
        self.batches = batches

    def __iter__(self) -> Iterator[Any]:
        return iter(self.batches)


def iteration(loader: Any, **options: Any) -> list[Finding]:
    return [f for f in audit_loader(loader, **options).findings if f.checker == "loader-iteration"]


@pytest.mark.parametrize("workers", [0, 2])
def test_an_error_is_traced_to_batch_and_sample(workers: int) -> None:
    (found,) = iteration(DataLoader(Failing(), batch_size=8, num_workers=workers))

    assert found.message == "the loader raises ValueError: cannot decode 37.jpg (epoch 0, batch 4, index 37)"
    assert found.rows.examples == (37,)


def test_an_error_by_chance_names_the_batch() -> None:
    class Once(Failing):
        raised = False

        def __getitem__(self, index: int) -> Any:
            if index == 9 and not self.raised:
                self.raised = True
                raise OSError("stale file handle")
            return torch.rand(3), 0

    (found,) = iteration(DataLoader(Once(), batch_size=8))

    assert "OSError: stale file handle (epoch 0, batch 1, 8 samples: 8, 9, 10, 11, 12, ...)" in found.message


def test_a_stream_without_end_stops_at_the_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drive, "ENDLESS", 60)
    report = audit_loader(DataLoader(Stream(None), batch_size=2), epochs=1)
    bounded = audit_loader(DataLoader(Stream(None), batch_size=2), max_batches=5)

    assert [f.message for f in report.findings if f.checker == "loader-iteration"] == [
        "the loader does not end (epoch 0, batch 60)"
    ]
    assert [f for f in bounded.findings if f.checker == "loader-iteration"] == []


@pytest.mark.parametrize(
    ("loader", "kind"),
    [
        (DataLoader(TensorDataset(torch.rand(5, 2)), batch_size=8, drop_last=True), "empty"),
        (DataLoader(Lying(100), batch_size=10), "short"),
        (DataLoader(Lying(210), batch_size=20), "longer"),
        (Batches((torch.rand(4, 2), torch.rand(4)), (torch.rand(4, 2), torch.rand(3))), "ragged"),
        (Batches({"x": torch.rand(4, 2)}, {"x": torch.rand(4, 2).double()}), "structure"),
        (Batches({"x": torch.rand(4, 2)}, {"z": torch.rand(4, 2)}), "structure"),
    ],
)
@pytest.mark.filterwarnings("ignore:Length of IterableDataset")
def test_each_failure_has_its_kind(loader: Any, kind: str) -> None:
    assert kind in [f.evidence["kind"] for f in iteration(loader)]


def test_a_loader_that_is_used_up_is_told() -> None:
    class Once(Batches):
        def __iter__(self) -> Iterator[Any]:
            batches, self.batches = self.batches, ()
            return iter(batches)

    (found,) = iteration(Once((torch.rand(4, 2), torch.zeros(4))))

    assert found.evidence["kind"] == "exhausted"


def test_a_failing_iter_is_told() -> None:
    class Broken:
        def __iter__(self) -> Iterator[Any]:
            raise RuntimeError("no disk")

    assert "RuntimeError: no disk" in iteration(Broken())[0].message


def test_objects_that_hold_no_array_are_named_and_not_checked() -> None:
    report = audit_loader(Batches([object(), object()], [object(), object()]))

    assert "object" in next(f for f in report.findings if f.checker == "loader-iteration").message
    assert {n.checker for n in report.not_checked} >= {
        "loader-composition",
        "loader-coverage",
        "loader-values",
    }
    assert not report.crashed


@pytest.mark.parametrize(
    ("loader", "message"),
    [
        (3, "a int is no loader"),
        (iter([torch.rand(2)]), "can be iterated only once"),
        ((torch.rand(2) for _ in range(3)), "can be iterated only once"),
    ],
)
def test_what_is_no_loader_is_refused(loader: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        audit_loader(loader)


@pytest.mark.parametrize(
    "options", [{"epochs": 0}, {"max_batches": 0}, {"epochs": True}, {"max_batches": 1.5}]
)
def test_numbers_below_one_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match="expected a whole number"):
        audit_loader([torch.rand(4, 2)], **options)


def test_a_label_that_does_not_exist_is_refused() -> None:
    with pytest.raises(InputError, match="did you mean 'label'"):
        audit_loader([{"image": torch.rand(4, 2), "label": torch.zeros(4)}], label="lable")


def test_a_data_module_gives_its_loaders_or_says_what_it_lacks() -> None:
    loader = DataLoader(TensorDataset(torch.rand(64, 2), torch.arange(64) % 2), batch_size=16, shuffle=True)
    ready = SimpleNamespace(train_dataloader=lambda: loader, val_dataloader=lambda: [loader])

    leaked = audit_loader(ready)

    assert any("validation loader (100 %)" in f.message for f in leaked.findings)
    with pytest.raises(InputError, match="there are 2 validation loaders"):
        audit_loader(loader, val_loader=[loader, loader])
    with pytest.raises(InputError, match=r"setup\('fit'\) first"):
        audit_loader(SimpleNamespace(train_dataloader=lambda: ready.train_set))


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("no_colon", "expected module:function"),
        ("no_such_module:make", "there is no module 'no_such_module'"),
        ("loaders_for_test:make_loder", "did you mean 'make_loader'"),
        ("loaders_for_test:size", "is a int; expected a function"),
    ],
)
def test_a_factory_that_cannot_be_had_is_told(
    name: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "loaders_for_test.py").write_text("size = 3\ndef make_loader():\n    return [1]\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.chdir(tmp_path)

    with pytest.raises(InputError, match=message):
        load_factory(name)

    assert load_factory("loaders_for_test:make_loader")() == [1]


def test_a_module_that_lacks_another_raises_its_own_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "needs_more_for_test.py").write_text("import not_installed_for_test\n")
    monkeypatch.syspath_prepend(str(tmp_path))

    with pytest.raises(ModuleNotFoundError, match="not_installed_for_test"):
        load_factory("needs_more_for_test:make")


def test_numpy_batches_of_odd_types_do_not_crash() -> None:
    batches = [
        {
            "x": np.ones((4, 2), np.float16),
            "name": ["a", "b", "c", "d"],
            "label": np.arange(4, dtype=np.uint8),
        }
    ]

    assert not audit_loader(batches * 3).crashed
